# How visits ended, overrides of requirements, imports, API keys.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    class Office(Model):
        class Meta:
            database = db
            table_name = "office"

    class Language(Model):
        code = CharField(primary_key=True, max_length=32)

        class Meta:
            database = db
            table_name = "language"

    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class ArrivalOutcome(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        starts_at = InstantField()
        language = ForeignKeyField(Language, on_delete="RESTRICT")
        need = CharField(max_length=32)
        source = CharField(max_length=32, default="desk")
        served = IntegerField(default=0)
        by_phone = IntegerField(default=0)
        left = IntegerField(default=0)
        waits = IntegerField(default=0)
        waited_minutes = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "arrival_outcome"
            indexes = ((("office", "starts_at", "language", "need", "source"), True),)

    class RequirementOverride(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        week_starts_on = DateField(index=True)
        starts_at = InstantField()
        ends_at = InstantField()
        label = CharField(max_length=32)
        count = IntegerField()
        note = TextField()
        user = ForeignKeyField(User, null=True, on_delete="SET NULL")
        at = InstantField()

        class Meta:
            database = db
            table_name = "requirement_override"
            indexes = ((("office", "week_starts_on"), False),)

    class ArrivalImport(Model):
        user = ForeignKeyField(User, null=True, on_delete="CASCADE")
        name = CharField()
        content = BlobField()
        sha256 = CharField(max_length=64)
        created_at = InstantField()

        class Meta:
            database = db
            table_name = "arrival_import"

    class ApiKey(Model):
        name = CharField()
        key_hash = CharField(unique=True, max_length=64)
        offices = JSONField(default=list)
        created_at = InstantField()
        created_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        revoked_at = InstantField(null=True)
        used_at = InstantField(null=True)
        window_starts_at = InstantField(null=True)
        window_requests = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "api_key"

    class IdempotencyKey(Model):
        scope = CharField(max_length=32)
        key = CharField(max_length=64)
        request_hash = CharField(max_length=64)
        status = IntegerField()
        answer = JSONField(default=dict)
        created_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "idempotency_key"
            indexes = ((("scope", "key"), True),)

    db.create_tables([ArrivalOutcome, RequirementOverride, ArrivalImport, ApiKey, IdempotencyKey])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("idempotency_key"))
    migrator.migrate(migrator.drop_table("api_key"))
    migrator.migrate(migrator.drop_table("arrival_import"))
    migrator.migrate(migrator.drop_table("requirement_override"))
    migrator.migrate(migrator.drop_table("arrival_outcome"))
