# Who serves the telephone from home: an office without walls is wherever its mediator is.
from playhouse.migrate import PostgresqlMigrator


def up(migrator, db):
    # By a statement of our own: making the table anew would trip over the feeds' triggers.
    no = "BOOLEAN NOT NULL DEFAULT FALSE"
    if not isinstance(migrator, PostgresqlMigrator):
        no = "INTEGER NOT NULL DEFAULT 0"
    db.execute_sql(f'ALTER TABLE "mediator" ADD COLUMN "phone_from_home" {no}')


def down(migrator, db):
    db.execute_sql('ALTER TABLE "mediator" DROP COLUMN "phone_from_home"')
