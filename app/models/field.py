"""The mobile unit and field teams: routes by date, their stops, and who goes along."""

from __future__ import annotations

from peewee import CharField, DateField, DoubleField, ForeignKeyField, IntegerField, TextField

from app.models.accounts import User
from app.models.base import BaseModel, InstantField
from app.models.people import Mediator
from app.models.places import Office


class FieldRoute(BaseModel):
    """One outing of one date: from leaving the base to being back there."""

    office = ForeignKeyField(Office, backref="field_routes", on_delete="RESTRICT")
    """The mobile unit, or the office that sends a team."""
    date = DateField(index=True)
    """Of the office's wall clock."""
    name = CharField()
    starts_at = InstantField()
    ends_at = InstantField()
    uid = CharField(max_length=32, unique=True)
    created_at = InstantField()
    created_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    changed_at = InstantField()
    cancelled_at = InstantField(null=True)


class FieldStop(BaseModel):
    """A place on the way. One taken off the route is kept for the feeds that show it cancelled."""

    route = ForeignKeyField(FieldRoute, backref="stops", on_delete="CASCADE")
    position = IntegerField()
    place = CharField()
    address = TextField(default="")
    latitude = DoubleField(null=True)
    longitude = DoubleField(null=True)
    starts_at = InstantField()
    ends_at = InstantField()
    languages = CharField(default="")
    """Codes of those wanted there, with a space between."""
    uid = CharField(max_length=32, unique=True)
    sequence = IntegerField(default=0)
    changed_at = InstantField()
    cancelled_at = InstantField(null=True)


class FieldSeat(BaseModel):
    """A mediator who goes along. One who no longer does is kept, as a stop is."""

    route = ForeignKeyField(FieldRoute, backref="seats", on_delete="CASCADE")
    mediator = ForeignKeyField(Mediator, backref="field_seats", on_delete="CASCADE")
    sequence = IntegerField(default=0)
    assigned_at = InstantField()
    assigned_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    cancelled_at = InstantField(null=True)

    class Meta:
        indexes = ((("route", "mediator"), True),)
