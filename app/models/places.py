"""Offices of every kind, their hours, holidays and desks; languages and kinds of certification."""

from __future__ import annotations

from enum import StrEnum

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

from app.models.base import BaseModel, EnumField


class OfficeKind(StrEnum):
    CENTRE = "centre"
    LOCAL_CENTRE = "local_centre"
    TELEPHONE = "telephone"
    MOBILE_UNIT = "mobile_unit"


class Language(BaseModel):
    code = CharField(primary_key=True, max_length=16)
    """BCP 47: pt, uk, kea, pov, ff…"""
    name_pt = CharField()
    name_en = CharField()
    position = IntegerField(default=0)


class CertificationKind(BaseModel):
    """What a completed course may certify, and for how long (the rule of `training`)."""

    code = CharField(primary_key=True, max_length=32)
    name_pt = CharField()
    name_en = CharField()
    validity_months = IntegerField(null=True)
    grace_days = IntegerField(default=0)
    renewal_window_days = IntegerField(default=90)
    renewal_course = CharField(max_length=32, default="")
    """Code of a shorter course that only renews what is held; empty for none."""


class PlanningGroup(BaseModel):
    """Offices planned together: one roster a week holds them all."""

    code = CharField(unique=True, max_length=32)
    name = CharField()


class Office(BaseModel):
    code = CharField(unique=True, max_length=32)
    name = CharField()
    kind = EnumField(OfficeKind)
    group = ForeignKeyField(PlanningGroup, backref="offices", on_delete="RESTRICT")
    zone = CharField(default="Europe/Lisbon")
    district = CharField(default="11")
    """Subdivision code of the `holidays` package, for the municipal day."""
    address = TextField(default="")
    latitude = DoubleField(null=True)
    longitude = DoubleField(null=True)
    capacity = IntegerField(null=True)
    """Most mediators serving at once; null for no limit (the telephone service)."""
    target_share_percent = IntegerField(default=80)
    target_wait_minutes = IntegerField(default=15)
    unsocial_from_minute = IntegerField(default=18 * 60)
    """Wall-clock minute of the day after which a shift counts as unsocial."""
    auto_approve_swaps = BooleanField(default=False)
    """A swap that both agreed to is published by itself where no cover is lost."""
    gives_tickets = BooleanField(default=False)
    """Whether the reception gives each visitor a number, and desks call by it."""
    likes = JSONField(default=list)
    """Ids of the offices it is foreseen like while it has hardly opened; empty for those that are
    found by kind and size."""
    active = BooleanField(default=True)
    position = IntegerField(default=0)


class OpeningHours(BaseModel):
    """Wall-clock opening of one weekday; an office may open twice in a day."""

    office = ForeignKeyField(Office, backref="opening_hours", on_delete="CASCADE")
    weekday = IntegerField()
    """0 Monday … 6 Sunday."""
    opens_minute = IntegerField()
    closes_minute = IntegerField()

    class Meta:
        indexes = ((("office", "weekday", "opens_minute"), True),)


class Closure(BaseModel):
    """A date on which an office is shut, for a reason of its own."""

    office = ForeignKeyField(Office, backref="closures", on_delete="CASCADE")
    date = DateField()
    reason = CharField(default="")

    class Meta:
        indexes = ((("office", "date"), True),)


class ExtraHoliday(BaseModel):
    """A municipal holiday that the `holidays` package does not know: the same day every year."""

    office = ForeignKeyField(Office, backref="extra_holidays", on_delete="CASCADE")
    month = IntegerField()
    day = IntegerField()
    name = CharField()

    class Meta:
        indexes = ((("office", "month", "day"), True),)


class Admission(StrEnum):
    """How a desk receives."""

    WALK_IN = "walk_in"
    APPOINTMENT = "appointment"
    BOTH = "both"


class Desk(BaseModel):
    """A support office inside an office: legal, social…; or the desk of a partner agency."""

    office = ForeignKeyField(Office, backref="desks", on_delete="CASCADE")
    need = CharField(max_length=32)
    """The need it answers, as logged with arrivals (`legal`, `social`, …)."""
    name_pt = CharField()
    name_en = CharField()
    certification = ForeignKeyField(CertificationKind, null=True, on_delete="RESTRICT")
    opens_minute = IntegerField()
    closes_minute = IntegerField()
    weekdays = CharField(default="01234")
    """Digits of the weekdays it opens on, 0 Monday."""
    least = IntegerField(default=0)
    wanted = IntegerField(default=1)
    admission = EnumField(Admission, default=Admission.WALK_IN, max_length=16)
    partner = CharField(max_length=64, default="")
    """The agency whose own people sit there; empty for a desk of the network's."""

    class Meta:
        indexes = ((("office", "need"), True),)
