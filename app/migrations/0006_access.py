# Sessions, links by mail, passkeys, one-time codes, rate counts.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class UserSession(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        token_hash = CharField(max_length=64, unique=True)
        epoch = IntegerField()
        device = CharField(max_length=80, default="")
        strong = BooleanField(default=False)
        created_at = InstantField()
        seen_at = InstantField()
        proven_at = InstantField()
        ended_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "user_session"

    class AccountLink(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        kind = CharField(max_length=16)
        nonce = CharField(max_length=32)
        token_hash = CharField(max_length=64, unique=True)
        created_at = InstantField()
        created_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        expires_at = InstantField()
        used_at = InstantField(null=True)
        withdrawn_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "account_link"

    class PasswordRequest(Model):
        email = CharField(max_length=255)
        asked_at = InstantField()

        class Meta:
            database = db
            table_name = "password_request"

    class Passkey(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        credential_id = CharField(max_length=1400, unique=True)
        public_key = TextField()
        sign_count = IntegerField(default=0)
        transports = JSONField(default=list)
        name = CharField(max_length=80)
        created_at = InstantField()
        used_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "passkey"

    class PasskeyChallenge(Model):
        challenge_hash = CharField(max_length=64, unique=True)
        user = ForeignKeyField(User, null=True, backref="+", on_delete="CASCADE")
        expires_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "passkey_challenge"

    class OneTimeSecret(Model):
        user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
        sealed = TextField()
        created_at = InstantField()
        confirmed_at = InstantField(null=True)
        last_step = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "one_time_secret"

    class RecoveryCode(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        code_hash = CharField(max_length=64, unique=True)
        created_at = InstantField()
        used_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "recovery_code"

    class RateCount(Model):
        key = CharField(max_length=100, unique=True)
        count = IntegerField()
        ends_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "rate_count"

    db.create_tables(
        [
            UserSession,
            AccountLink,
            PasswordRequest,
            Passkey,
            PasskeyChallenge,
            OneTimeSecret,
            RecoveryCode,
            RateCount,
        ]
    )


def down(migrator, db):
    for table in (
        "rate_count",
        "recovery_code",
        "one_time_secret",
        "passkey_challenge",
        "passkey",
        "password_request",
        "account_link",
        "user_session",
    ):
        migrator.migrate(migrator.drop_table(table))
