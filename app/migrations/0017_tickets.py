# Queue tickets of the screening at the door; what a screen shows.
from peewee import *
from playhouse.migrate import PostgresqlMigrator

from app.models.base import InstantField


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class Office(Model):
        class Meta:
            database = db
            table_name = "office"

    class Language(Model):
        code = CharField(primary_key=True, max_length=16)

        class Meta:
            database = db
            table_name = "language"

    class TicketRoll(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        date = DateField()
        last = IntegerField()

        class Meta:
            database = db
            table_name = "ticket_roll"
            indexes = ((("office", "date"), True),)

    class Ticket(Model):
        office = ForeignKeyField(Office, backref="tickets", on_delete="CASCADE")
        date = DateField()
        number = IntegerField()
        press = CharField(max_length=64)
        language = ForeignKeyField(Language, backref="+", on_delete="RESTRICT")
        need = CharField(max_length=32)
        taken_at = InstantField()
        state = CharField(max_length=255)
        call_press = CharField(max_length=64, null=True)
        counter = CharField(max_length=32, default="")
        called_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        called_at = InstantField(null=True)
        ended_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "ticket"
            indexes = (
                (("office", "date", "number"), True),
                (("office", "press"), True),
                (("office", "call_press"), True),
                (("office", "state"), False),
            )

    db.create_tables([TicketRoll, Ticket])
    # Columns added in place: making a table anew would, in SQLite, take what refers to it with it.
    is_postgresql = isinstance(migrator, PostgresqlMigrator)
    no = "BOOLEAN NOT NULL DEFAULT FALSE" if is_postgresql else "INTEGER NOT NULL DEFAULT 0"
    db.execute_sql(f'ALTER TABLE "office" ADD COLUMN "gives_tickets" {no}')
    db.execute_sql(
        'ALTER TABLE "screen" ADD COLUMN "shows" VARCHAR(16) NOT NULL DEFAULT \'now\''
    )


def down(migrator, db):
    db.execute_sql('ALTER TABLE "screen" DROP COLUMN "shows"')
    db.execute_sql('ALTER TABLE "office" DROP COLUMN "gives_tickets"')
    for table in ("ticket", "ticket_roll"):
        migrator.migrate(migrator.drop_table(table))
