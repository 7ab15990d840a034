# An association proposes a person who is no mediator yet: name, languages, the office wished.
from peewee import *
from playhouse.migrate import PostgresqlMigrator, migrate


def up(migrator, db):
    postgresql = isinstance(migrator, PostgresqlMigrator)
    text = "VARCHAR(255) NOT NULL DEFAULT ''"
    languages = "JSONB NOT NULL DEFAULT '[]'" if postgresql else "TEXT NOT NULL DEFAULT '[]'"
    # Nothing refers to a nomination, so that SQLite may make its table anew here.
    migrate(migrator.drop_not_null("nomination", "mediator_id"))
    for column, kind in (
        ("name", text),
        ("email", text),
        ("languages", languages),
        ("office_id", 'INTEGER REFERENCES "office" ("id") ON DELETE SET NULL'),
        ("note", "TEXT NOT NULL DEFAULT ''"),
        ("proposed_by_id", 'INTEGER REFERENCES "user" ("id") ON DELETE SET NULL'),
        ("decided_by_id", 'INTEGER REFERENCES "user" ("id") ON DELETE SET NULL'),
    ):
        db.execute_sql(f'ALTER TABLE "nomination" ADD COLUMN "{column}" {kind}')
    for column in ("office_id", "proposed_by_id", "decided_by_id"):
        db.execute_sql(f'CREATE INDEX "nomination_{column}" ON "nomination" ("{column}")')


def down(migrator, db):
    for column in ("office_id", "proposed_by_id", "decided_by_id"):
        db.execute_sql(f'DROP INDEX "nomination_{column}"')
    db.execute_sql('DELETE FROM "nomination" WHERE "mediator_id" IS NULL')
    for column in ("decided_by_id", "proposed_by_id", "note", "office_id", "languages", "email",
                   "name"):  # fmt: skip
        db.execute_sql(f'ALTER TABLE "nomination" DROP COLUMN "{column}"')
    migrate(migrator.add_not_null("nomination", "mediator_id"))
