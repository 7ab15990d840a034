# A session held on several dates. Those there were are one part each: their own span, without rows.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    class CourseSession(Model):
        class Meta:
            database = db
            table_name = "course_session"

    class SessionPart(Model):
        session = ForeignKeyField(CourseSession, on_delete="CASCADE")
        starts_at = InstantField()
        ends_at = InstantField()
        uid = CharField(max_length=32)

        class Meta:
            database = db
            table_name = "session_part"
            indexes = ((("session", "starts_at"), True),)

    db.create_tables([SessionPart])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("session_part"))
