# Who came to which date of a session, and since when a seat in it is had.
from playhouse.migrate import PostgresqlMigrator

_ONCE = "checkin_session_id_mediator_id"
_ONCE_A_DATE = "check_in_session_id_mediator_id_part"


def up(migrator, db):
    instant = "TIMESTAMP" if isinstance(migrator, PostgresqlMigrator) else "DATETIME"
    db.execute_sql(f'ALTER TABLE "enrolment" ADD COLUMN "had_at" {instant}')
    db.execute_sql("ALTER TABLE \"check_in\" ADD COLUMN \"part\" VARCHAR(32) NOT NULL DEFAULT ''")
    # The date that was under way or the next one then; of a session of one date, that.
    db.execute_sql(
        'UPDATE "check_in" SET "part" = COALESCE((SELECT part."uid" FROM "session_part" AS part'
        ' WHERE part."session_id" = "check_in"."session_id" AND part."ends_at" > "check_in"."at"'
        ' ORDER BY part."starts_at" LIMIT 1), (SELECT whole."uid" FROM "course_session" AS whole'
        ' WHERE whole."id" = "check_in"."session_id"))'
    )
    db.execute_sql(f'DROP INDEX "{_ONCE}"')
    db.execute_sql(
        f'CREATE UNIQUE INDEX "{_ONCE_A_DATE}" ON "check_in" ("session_id", "mediator_id", "part")'
    )


def down(migrator, db):
    db.execute_sql(
        'DELETE FROM "check_in" WHERE "id" NOT IN'
        ' (SELECT MIN("id") FROM "check_in" GROUP BY "session_id", "mediator_id")'
    )
    db.execute_sql(f'DROP INDEX "{_ONCE_A_DATE}"')
    db.execute_sql(f'CREATE UNIQUE INDEX "{_ONCE}" ON "check_in" ("session_id", "mediator_id")')
    db.execute_sql('ALTER TABLE "check_in" DROP COLUMN "part"')
    db.execute_sql('ALTER TABLE "enrolment" DROP COLUMN "had_at"')
