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
    # One date is what is left room for: the first.
    db.execute_sql(
        "UPDATE course_session SET ends_at = (SELECT MIN(part.ends_at) FROM session_part AS part"
        " WHERE part.session_id = course_session.id)"
        " WHERE id IN (SELECT session_id FROM session_part)"
    )
    migrator.migrate(migrator.drop_table("session_part"))
