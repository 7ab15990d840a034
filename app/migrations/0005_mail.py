# Mail to people, how each wants it, addresses that fail; the register of late changes.
from peewee import *
from playhouse.migrate import PostgresqlMigrator
from app.models.base import InstantField


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class Roster(Model):
        class Meta:
            database = db
            table_name = "roster"

    class Mediator(Model):
        class Meta:
            database = db
            table_name = "mediator"

    class Mail(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        kind = CharField(max_length=32)
        details = JSONField(default=dict)
        uid = CharField(max_length=64, unique=True)
        status = CharField(max_length=255, default="waiting", index=True)
        due_at = InstantField(index=True)
        attempts = IntegerField(default=0)
        owner = CharField(max_length=255, default="")
        lease_until = InstantField(null=True)
        created_at = InstantField()
        give_up_at = InstantField()
        address = CharField(max_length=255, default="")
        sent_at = InstantField(null=True)
        answer = TextField(default="")

        class Meta:
            database = db
            table_name = "mail"

    class DeadAddress(Model):
        address = CharField(max_length=255, unique=True)
        since = InstantField()
        answer = TextField()

        class Meta:
            database = db
            table_name = "dead_address"

    class DailyTask(Model):
        name = CharField(max_length=32, unique=True)
        done_on = DateField()

        class Meta:
            database = db
            table_name = "daily_task"

    class LateChange(Model):
        roster = ForeignKeyField(Roster, on_delete="RESTRICT")
        mediator = ForeignKeyField(Mediator, on_delete="RESTRICT")
        date = DateField(index=True)
        before = JSONField(null=True)
        after = JSONField(null=True)
        notice_days = IntegerField()
        cause = CharField(max_length=255)
        reason = TextField(default="")
        published_at = InstantField()
        published_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "late_change"

    db.create_tables([Mail, DeadAddress, DailyTask, LateChange])
    postgresql = isinstance(migrator, PostgresqlMigrator)
    # Columns added in place: making a table anew would, in SQLite, take what hangs on it along.
    instant = "TIMESTAMP" if postgresql else "DATETIME"
    for statement in (
        "ALTER TABLE \"user\" ADD COLUMN \"mail_choice\" VARCHAR(255) NOT NULL DEFAULT 'at_once'",
        'ALTER TABLE "user" ADD COLUMN "digest_hour" INTEGER NOT NULL DEFAULT 7',
        f'ALTER TABLE "message" ADD COLUMN "mail_due_at" {instant}',
        'ALTER TABLE "message" ADD COLUMN "mail_id" INTEGER'
        ' REFERENCES "mail" ("id") ON DELETE SET NULL',
        'CREATE INDEX "message_mail_due_at" ON "message" ("mail_due_at")',
        'CREATE INDEX "message_mail_id" ON "message" ("mail_id")',
        'ALTER TABLE "message" DROP COLUMN "mailed_at"',
        'ALTER TABLE "message" DROP COLUMN "attempts"',
        'ALTER TABLE "message" DROP COLUMN "last_error"',
        *(_append_only_postgresql() if postgresql else _append_only_sqlite()),
    ):
        db.execute_sql(statement)


def _append_only_sqlite():
    for verb in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER late_change_no_{verb.lower()} BEFORE {verb} ON late_change "
            "BEGIN SELECT RAISE(ABORT, 'the register of late changes is appended only'); END"
        )


def _append_only_postgresql():
    yield (
        "CREATE FUNCTION late_change_append_only() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION 'the register of late changes is appended only'; END $$ LANGUAGE plpgsql"
    )
    yield (
        "CREATE TRIGGER late_change_append_only BEFORE UPDATE OR DELETE ON late_change "
        "FOR EACH ROW EXECUTE FUNCTION late_change_append_only()"
    )


def down(migrator, db):
    postgresql = isinstance(migrator, PostgresqlMigrator)
    instant = "TIMESTAMP" if postgresql else "DATETIME"
    for statement in (
        f'ALTER TABLE "message" ADD COLUMN "mailed_at" {instant}',
        'ALTER TABLE "message" ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0',
        "ALTER TABLE \"message\" ADD COLUMN \"last_error\" TEXT NOT NULL DEFAULT ''",
        'DROP INDEX "message_mail_id"',
        'DROP INDEX "message_mail_due_at"',
        'ALTER TABLE "message" DROP COLUMN "mail_id"',
        'ALTER TABLE "message" DROP COLUMN "mail_due_at"',
        'ALTER TABLE "user" DROP COLUMN "digest_hour"',
        'ALTER TABLE "user" DROP COLUMN "mail_choice"',
    ):
        db.execute_sql(statement)
    for table in ("late_change", "daily_task", "dead_address", "mail"):
        migrator.migrate(migrator.drop_table(table))
    if postgresql:
        db.execute_sql("DROP FUNCTION late_change_append_only()")
