# Feeds of offices, courses and associations with their kept bodies; sessions that move or are
# called off; a mediator's own calendar; the last look at one's week; swaps approved by themselves.
from peewee import *
from app.models.base import InstantField
from playhouse.migrate import PostgresqlMigrator


def up(migrator, db):
    class Mediator(Model):
        class Meta:
            database = db
            table_name = "mediator"

    class Office(Model):
        class Meta:
            database = db
            table_name = "office"

    class Course(Model):
        class Meta:
            database = db
            table_name = "course"

    class FeedToken(Model):
        class Meta:
            database = db
            table_name = "feed_token"

    class FeedDocument(Model):
        token = ForeignKeyField(FeedToken, primary_key=True, backref="+", on_delete="CASCADE")
        changes = IntegerField(default=0)
        rendered = IntegerField(default=-1)
        maker = CharField(max_length=16, default="")
        stands_until = InstantField(null=True)
        etag = CharField(max_length=32, default="")
        modified = InstantField(null=True)
        size = IntegerField(default=0)
        gzipped = BlobField(default=b"")

        class Meta:
            database = db
            table_name = "feed_document"

    class CalledOffTraining(Model):
        session_uid = CharField(max_length=32, index=True)
        course = ForeignKeyField(Course, backref="+", on_delete="CASCADE")
        mediator = ForeignKeyField(Mediator, null=True, backref="+", on_delete="CASCADE")
        office = ForeignKeyField(Office, null=True, backref="+", on_delete="SET NULL")
        link = CharField(max_length=255, default="")
        starts_at = InstantField()
        ends_at = InstantField()
        sequence = IntegerField()
        created_at = InstantField()
        cancelled_at = InstantField()

        class Meta:
            database = db
            table_name = "called_off_training"

    class OwnCalendar(Model):
        mediator = ForeignKeyField(Mediator, unique=True, backref="+", on_delete="CASCADE")
        url = TextField(default="")
        etag = CharField(max_length=255, default="")
        last_modified = CharField(max_length=255, default="")
        added_at = InstantField()
        checked_at = InstantField(null=True)
        read_at = InstantField(null=True)
        due_at = InstantField(null=True, index=True)
        failures = IntegerField(default=0)
        fault = TextField(default="")
        unread = IntegerField(default=0)
        covers_until = InstantField(null=True)

        class Meta:
            database = db
            table_name = "own_calendar"

    class BusyTime(Model):
        calendar = ForeignKeyField(OwnCalendar, backref="times", on_delete="CASCADE")
        starts_at = InstantField()
        ends_at = InstantField()

        class Meta:
            database = db
            table_name = "busy_time"
            indexes = ((("calendar", "starts_at"), False),)

    class WeekLook(Model):
        mediator = ForeignKeyField(Mediator, unique=True, backref="+", on_delete="CASCADE")
        at = InstantField()
        shifts = JSONField(default=dict)

        class Meta:
            database = db
            table_name = "week_look"

    # Columns added in place: making a table anew would, in SQLite, take what refers to it with it.
    for name in ("office", "course", "association"):
        db.execute_sql(
            f'ALTER TABLE "feed_token" ADD COLUMN "{name}_id" INTEGER '
            f'REFERENCES "{name}" ("id") ON DELETE CASCADE'
        )
        migrator.migrate(migrator.add_index("feed_token", (f"{name}_id",)))
    is_postgresql = isinstance(migrator, PostgresqlMigrator)
    instant = "TIMESTAMP" if is_postgresql else "DATETIME"
    no = "BOOLEAN NOT NULL DEFAULT FALSE" if is_postgresql else "INTEGER NOT NULL DEFAULT 0"
    for table in ("course_session", "enrolment"):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "sequence" INTEGER NOT NULL DEFAULT 0')
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "changed_at" {instant}')
    # Numbers of rows may be given again; what stood in calendars must not be. Old ones keep theirs.
    db.execute_sql(
        'ALTER TABLE "course_session" ADD COLUMN "uid" VARCHAR(32) NOT NULL DEFAULT \'\''
    )
    db.execute_sql('UPDATE "course_session" SET "uid" = CAST("id" AS VARCHAR(32))')
    db.execute_sql(f'ALTER TABLE "office" ADD COLUMN "auto_approve_swaps" {no}')
    db.create_tables([FeedDocument, CalledOffTraining, OwnCalendar, BusyTime, WeekLook])
    db.execute_sql(
        'INSERT INTO "feed_document" ("token_id", "changes", "rendered", "maker", "etag", "size", '
        '"gzipped") SELECT "id", 0, -1, \'\', \'\', 0, \'\' FROM "feed_token"'
    )


def down(migrator, db):
    for table in ("week_look", "busy_time", "own_calendar", "called_off_training", "feed_document"):
        migrator.migrate(migrator.drop_table(table))
    db.execute_sql('ALTER TABLE "office" DROP COLUMN "auto_approve_swaps"')
    db.execute_sql('ALTER TABLE "course_session" DROP COLUMN "uid"')
    for table in ("enrolment", "course_session"):
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "changed_at"')
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "sequence"')
    for name in ("association", "course", "office"):
        db.execute_sql(f'DROP INDEX "feed_token_{name}_id"')
        db.execute_sql(f'ALTER TABLE "feed_token" DROP COLUMN "{name}_id"')
