# Equivalences, due dates, renewal courses, check-in at the door, what people thought of a session.
from peewee import *
from app.models.base import InstantField
from playhouse.migrate import PostgresqlMigrator


def up(migrator, db):
    class Course(Model):
        class Meta:
            database = db
            table_name = "course"

    class CourseSession(Model):
        class Meta:
            database = db
            table_name = "course_session"

    class Mediator(Model):
        class Meta:
            database = db
            table_name = "mediator"

    class CourseEquivalent(Model):
        course = ForeignKeyField(Course, on_delete="CASCADE")
        counts_code = CharField(max_length=32)

        class Meta:
            database = db
            table_name = "course_equivalent"
            indexes = ((("course", "counts_code"), True),)

    class CheckIn(Model):
        session = ForeignKeyField(CourseSession, on_delete="CASCADE")
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        at = InstantField()

        class Meta:
            database = db
            table_name = "check_in"
            indexes = ((("session", "mediator"), True),)

    class SessionOpinion(Model):
        session = ForeignKeyField(CourseSession, on_delete="CASCADE")
        score = IntegerField()
        comment = TextField(default="")

        class Meta:
            database = db
            table_name = "session_opinion"

    db.create_tables([CourseEquivalent, CheckIn, SessionOpinion])
    # Columns added in place: making a table anew would, in SQLite, take what refers to it with it.
    no = "BOOLEAN NOT NULL DEFAULT FALSE"
    if not isinstance(migrator, PostgresqlMigrator):
        no = "INTEGER NOT NULL DEFAULT 0"
    text = "VARCHAR(%d) NOT NULL DEFAULT ''"
    db.execute_sql('ALTER TABLE "course" ADD COLUMN "older_due_on" DATE')
    kind = text % 32
    db.execute_sql(f'ALTER TABLE "certification_kind" ADD COLUMN "renewal_course" {kind}')
    db.execute_sql(f'ALTER TABLE "course_session" ADD COLUMN "languages" {text % 255}')
    db.execute_sql(f'ALTER TABLE "enrolment" ADD COLUMN "opinion_given" {no}')
    db.execute_sql(f'ALTER TABLE "mediator" ADD COLUMN "gender" {text % 16}')


def down(migrator, db):
    db.execute_sql('ALTER TABLE "mediator" DROP COLUMN "gender"')
    db.execute_sql('ALTER TABLE "enrolment" DROP COLUMN "opinion_given"')
    db.execute_sql('ALTER TABLE "course_session" DROP COLUMN "languages"')
    db.execute_sql('ALTER TABLE "certification_kind" DROP COLUMN "renewal_course"')
    db.execute_sql('ALTER TABLE "course" DROP COLUMN "older_due_on"')
    migrator.migrate(migrator.drop_table("session_opinion"))
    migrator.migrate(migrator.drop_table("check_in"))
    migrator.migrate(migrator.drop_table("course_equivalent"))
