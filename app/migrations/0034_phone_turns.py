# Hours in which somebody at work in a centre answers for a telephone service.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    class Office(Model):
        class Meta:
            database = db
            table_name = "office"

    class Mediator(Model):
        class Meta:
            database = db
            table_name = "mediator"

    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class PhoneTurn(Model):
        office = ForeignKeyField(Office, on_delete="CASCADE")
        centre = ForeignKeyField(Office, backref="+", on_delete="CASCADE")
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        date = DateField(index=True)
        starts_at = InstantField()
        ends_at = InstantField()
        uid = CharField(max_length=32, unique=True)
        sequence = IntegerField()
        given_at = InstantField()
        given_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        changed_at = InstantField()
        cancelled_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "phone_turn"
            indexes = ((("mediator", "starts_at", "ends_at"), True),)

    db.create_tables([PhoneTurn])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("phone_turn"))
