# The mobile unit and field teams: routes by date, their stops, who goes along.
from peewee import *
from app.models.base import InstantField


def up(migrator, db):
    class Office(Model):
        class Meta:
            database = db
            table_name = "office"

    class User(Model):
        class Meta:
            database = db
            table_name = "user"

    class Mediator(Model):
        class Meta:
            database = db
            table_name = "mediator"

    class FieldRoute(Model):
        office = ForeignKeyField(Office, on_delete="RESTRICT")
        date = DateField(index=True)
        name = CharField()
        starts_at = InstantField()
        ends_at = InstantField()
        uid = CharField(max_length=32, unique=True)
        created_at = InstantField()
        created_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        changed_at = InstantField()
        cancelled_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "field_route"

    class FieldStop(Model):
        route = ForeignKeyField(FieldRoute, on_delete="CASCADE")
        position = IntegerField()
        place = CharField()
        address = TextField(default="")
        latitude = DoubleField(null=True)
        longitude = DoubleField(null=True)
        starts_at = InstantField()
        ends_at = InstantField()
        languages = CharField(default="")
        uid = CharField(max_length=32, unique=True)
        sequence = IntegerField(default=0)
        changed_at = InstantField()
        cancelled_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "field_stop"

    class FieldSeat(Model):
        route = ForeignKeyField(FieldRoute, on_delete="CASCADE")
        mediator = ForeignKeyField(Mediator, on_delete="CASCADE")
        sequence = IntegerField(default=0)
        assigned_at = InstantField()
        assigned_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        cancelled_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "field_seat"
            indexes = ((("route", "mediator"), True),)

    db.create_tables([FieldRoute, FieldStop, FieldSeat])


def down(migrator, db):
    for table in ("field_seat", "field_stop", "field_route"):
        migrator.migrate(migrator.drop_table(table))
