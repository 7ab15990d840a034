# Published shifts that mediators hand over or swap.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    class Assignment(Model):
        class Meta:
            database = db
            table_name = "assignment"

    class Mediator(Model):
        class Meta:
            database = db
            table_name = "mediator"

    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class Swap(Model):
        given = ForeignKeyField(Assignment, backref="+", on_delete="CASCADE")
        asked = ForeignKeyField(Mediator, null=True, backref="+", on_delete="CASCADE")
        taker = ForeignKeyField(Mediator, null=True, backref="+", on_delete="CASCADE")
        returned = ForeignKeyField(Assignment, null=True, backref="+", on_delete="CASCADE")
        status = CharField(max_length=255, default="offered", index=True)
        offered_at = InstantField()
        offered_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        accepted_at = InstantField(null=True)
        decided_at = InstantField(null=True)
        decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")

        class Meta:
            database = db
            table_name = "swap"

    db.create_tables([Swap])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("swap"))
