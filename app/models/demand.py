"""Arrivals, what is foreseen of them, and the mediators they require."""

from __future__ import annotations

from peewee import (
    BooleanField,
    CharField,
    DateField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from app.models.base import BaseModel, InstantField
from app.models.places import Language, Office


class Arrival(BaseModel):
    """How many came in one half hour for one language and need. Nothing personal."""

    office = ForeignKeyField(Office, backref="arrivals", on_delete="CASCADE")
    starts_at = InstantField()
    language = ForeignKeyField(Language, on_delete="RESTRICT")
    need = CharField(max_length=32)
    count = IntegerField()
    source = CharField(max_length=32, default="desk")

    class Meta:
        indexes = ((("office", "starts_at", "language", "need", "source"), True),)


class DemandEvent(BaseModel):
    """A known cause that multiplies demand on some dates."""

    name = CharField()
    starts_on = DateField()
    ends_on = DateField()
    factor_percent = IntegerField()
    """100 leaves demand as it is."""
    offices = JSONField(default=list)
    """Office codes; empty for all. Likewise `languages` and `needs`."""
    languages = JSONField(default=list)
    needs = JSONField(default=list)


class ForecastSlot(BaseModel):
    """Arrivals foreseen in one half hour, by language, and of all together."""

    # A week is written whole: each index of its own would be a third more to write. Weeks are
    # asked for with their offices, by the unique one.
    office = ForeignKeyField(Office, backref="forecasts", on_delete="CASCADE", index=False)
    week_starts_on = DateField()
    starts_at = InstantField()
    language = ForeignKeyField(Language, null=True, on_delete="CASCADE", index=False)
    """Null for the office's total."""
    mean = DoubleField()
    q50 = DoubleField()
    q80 = DoubleField()
    q90 = DoubleField()
    q95 = DoubleField()
    made_at = InstantField()

    class Meta:
        indexes = ((("office", "week_starts_on", "starts_at", "language"), True),)


class Requirement(BaseModel):
    """Mediators needed at an office in each slot of `[starts_at, ends_at)`; see the contract."""

    office = ForeignKeyField(Office, backref="requirements", on_delete="CASCADE")
    week_starts_on = DateField(index=True)
    starts_at = InstantField()
    ends_at = InstantField()
    needs = JSONField(default=list)
    """Skills, as the solver names them: `lang:uk`, `cert:legal`."""
    label = CharField(default="")
    """What it is for: a language code, a desk's need, `presence`."""
    count = IntegerField()
    minimum = IntegerField()
    cost = IntegerField()
    minimum_cost = IntegerField()
    exclusive = BooleanField(default=True)
    excess_cost = IntegerField(default=0)
    reason = JSONField(default=dict)
    """The numbers that made it."""
    note = TextField(default="")

    class Meta:
        indexes = ((("office", "week_starts_on", "starts_at"), False),)
