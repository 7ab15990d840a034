# Drafts of a week kept beside one another: which is worked on, which are put aside, how each was
# asked for.
from peewee import *
from playhouse.migrate import PostgresqlMigrator


def up(migrator, db):
    postgresql = isinstance(migrator, PostgresqlMigrator)
    # Columns added in place: making the table anew would, in SQLite, take the assignments with it.
    instant = "TIMESTAMP" if postgresql else "DATETIME"
    options = "JSONB NOT NULL DEFAULT '{}'" if postgresql else "TEXT NOT NULL DEFAULT '{}'"
    db.execute_sql(f'ALTER TABLE "roster" ADD COLUMN "chosen_at" {instant}')
    db.execute_sql(f'ALTER TABLE "roster" ADD COLUMN "discarded_at" {instant}')
    db.execute_sql(f'ALTER TABLE "roster" ADD COLUMN "options" {options}')


def down(migrator, db):
    for column in ("options", "discarded_at", "chosen_at"):
        db.execute_sql(f'ALTER TABLE "roster" DROP COLUMN "{column}"')
