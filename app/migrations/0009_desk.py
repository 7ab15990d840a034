# Screens, feedback of visitors, figures of published rosters, files on their way in.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class Office(Model):
        class Meta:
            database = db
            table_name = "office"

    class Language(Model):
        code = CharField(primary_key=True, max_length=16)

        class Meta:
            database = db
            table_name = "language"

    class Roster(Model):
        class Meta:
            database = db
            table_name = "roster"

    class Screen(Model):
        name = CharField()
        office = ForeignKeyField(Office, backref="screens", on_delete="CASCADE")
        locale = CharField(max_length=5, default="pt")
        token_hash = CharField(unique=True, max_length=64)
        created_at = InstantField()
        created_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        revoked_at = InstantField(null=True)
        used_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "screen"

    class Feedback(Model):
        office = ForeignKeyField(Office, backref="feedback", on_delete="CASCADE")
        received_on = DateField(index=True)
        kind = CharField(max_length=255)
        need = CharField(max_length=32)
        language = ForeignKeyField(Language, null=True, backref="+", on_delete="RESTRICT")
        topic = CharField(max_length=32, default="")
        level = IntegerField(null=True)
        count = IntegerField(default=1)
        recorded_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        recorded_at = InstantField()

        class Meta:
            database = db
            table_name = "feedback"

    class RosterFigures(Model):
        roster = ForeignKeyField(Roster, unique=True, backref="figures", on_delete="CASCADE")
        cover = JSONField(default=list)
        wishes = JSONField(default=list)

        class Meta:
            database = db
            table_name = "roster_figures"

    class Upload(Model):
        user = ForeignKeyField(User, null=True, backref="+", on_delete="CASCADE")
        purpose = CharField(max_length=16)
        target = CharField(max_length=32, default="")
        name = CharField()
        content = BlobField()
        sha256 = CharField(max_length=64)
        created_at = InstantField()

        class Meta:
            database = db
            table_name = "upload"

    db.create_tables([Screen, Feedback, RosterFigures, Upload])


def down(migrator, db):
    for table in ("upload", "roster_figures", "feedback", "screen"):
        migrator.migrate(migrator.drop_table(table))
