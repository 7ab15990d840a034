# One standing result of a person, course and day; certifications that nothing stands behind; results
# recorded by mistake.
from playhouse.migrate import PostgresqlMigrator

_INDEX = "completion_standing_once"


def up(migrator, db):
    is_postgresql = isinstance(migrator, PostgresqlMigrator)
    no = "BOOLEAN NOT NULL DEFAULT FALSE" if is_postgresql else "INTEGER NOT NULL DEFAULT 0"
    db.execute_sql(f'ALTER TABLE "certification" ADD COLUMN "groundless" {no}')
    db.execute_sql(f'ALTER TABLE "completion" ADD COLUMN "mistaken" {no}')
    # Two at once could be recorded before: the later one stands.
    db.execute_sql(
        'UPDATE "completion" SET "replaced_at" = "recorded_at" WHERE "replaced_at" IS NULL AND '
        '"id" NOT IN (SELECT MAX("id") FROM "completion" WHERE "replaced_at" IS NULL '
        'GROUP BY "mediator_id", "course_id", "completed_on")'
    )
    db.execute_sql(
        f'CREATE UNIQUE INDEX "{_INDEX}" ON "completion" ("mediator_id", "course_id", '
        '"completed_on") WHERE "replaced_at" IS NULL'
    )


def down(migrator, db):
    db.execute_sql(f'DROP INDEX "{_INDEX}"')
    db.execute_sql('ALTER TABLE "completion" DROP COLUMN "mistaken"')
    db.execute_sql('ALTER TABLE "certification" DROP COLUMN "groundless"')
