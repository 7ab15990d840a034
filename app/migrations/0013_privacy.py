# When a person's record was erased; triggers of registers are put in place by app/triggers.py.
from playhouse.migrate import PostgresqlMigrator


def up(migrator, db):
    postgresql = isinstance(migrator, PostgresqlMigrator)
    instant = "TIMESTAMP" if postgresql else "DATETIME"
    db.execute_sql(f'ALTER TABLE "mediator" ADD COLUMN "erased_at" {instant}')
    db.execute_sql(f'ALTER TABLE "user" ADD COLUMN "erased_at" {instant}')
    if postgresql:
        db.execute_sql("DROP TRIGGER late_change_append_only ON late_change")
        db.execute_sql("DROP FUNCTION late_change_append_only()")
    else:
        db.execute_sql("DROP TRIGGER late_change_no_update")
        db.execute_sql("DROP TRIGGER late_change_no_delete")


def down(migrator, db):
    db.execute_sql('ALTER TABLE "user" DROP COLUMN "erased_at"')
    db.execute_sql('ALTER TABLE "mediator" DROP COLUMN "erased_at"')
    if isinstance(migrator, PostgresqlMigrator):
        db.execute_sql(
            "CREATE FUNCTION late_change_append_only() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION "
            "'the register of late changes is appended only'; END $$ LANGUAGE plpgsql"
        )
        db.execute_sql(
            "CREATE TRIGGER late_change_append_only BEFORE UPDATE OR DELETE ON late_change "
            "FOR EACH ROW EXECUTE FUNCTION late_change_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        db.execute_sql(
            f"CREATE TRIGGER late_change_no_{verb.lower()} BEFORE {verb} ON late_change "
            "BEGIN SELECT RAISE(ABORT, 'the register of late changes is appended only'); END"
        )
