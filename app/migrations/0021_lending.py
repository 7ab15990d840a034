# People lent from one office to another for a day.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    def table(name):
        class Referred(Model):
            class Meta:
                database = db
                table_name = name

        return Referred

    Office, User, Mediator = table("office"), table("user"), table("mediator")
    Assignment, Roster = table("assignment"), table("roster")

    class Loan(Model):
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        date = DateField(index=True)
        lender = ForeignKeyField(Office, backref="+", on_delete="RESTRICT")
        borrower = ForeignKeyField(Office, backref="+", on_delete="RESTRICT")
        given = ForeignKeyField(Assignment, null=True, backref="+", on_delete="SET NULL")
        shift = CharField()
        starts_at = InstantField()
        ends_at = InstantField()
        reason = CharField(max_length=500)
        asks = ForeignKeyField(Office, backref="+", on_delete="RESTRICT")
        status = CharField(max_length=255, index=True)
        asked_at = InstantField()
        asked_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        decided_at = InstantField(null=True)
        decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        roster = ForeignKeyField(Roster, null=True, backref="+", on_delete="SET NULL")

        class Meta:
            database = db
            table_name = "loan"

    db.create_tables([Loan])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("loan"))
