# Trainers of a session, whether mediators enrol themselves, what a result says besides.
from peewee import *
from playhouse.migrate import PostgresqlMigrator


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class CourseSession(Model):
        class Meta:
            database = db
            table_name = "course_session"

    class SessionTrainer(Model):
        session = ForeignKeyField(CourseSession, on_delete="CASCADE")
        user = ForeignKeyField(User, on_delete="CASCADE")

        class Meta:
            database = db
            table_name = "session_trainer"
            indexes = ((("session", "user"), True),)

    db.create_tables([SessionTrainer])
    # A column added in place: making the table anew would, in SQLite, take the enrolments with it.
    yes = "BOOLEAN NOT NULL DEFAULT TRUE"
    if not isinstance(migrator, PostgresqlMigrator):
        yes = "INTEGER NOT NULL DEFAULT 1"
    db.execute_sql(f'ALTER TABLE "course_session" ADD COLUMN "self_enrol" {yes}')
    db.execute_sql('ALTER TABLE "completion" ADD COLUMN "minutes" INTEGER')
    db.execute_sql('ALTER TABLE "completion" ADD COLUMN "note" TEXT NOT NULL DEFAULT \'\'')


def down(migrator, db):
    db.execute_sql('ALTER TABLE "completion" DROP COLUMN "note"')
    db.execute_sql('ALTER TABLE "completion" DROP COLUMN "minutes"')
    db.execute_sql('ALTER TABLE "course_session" DROP COLUMN "self_enrol"')
    migrator.migrate(migrator.drop_table("session_trainer"))
