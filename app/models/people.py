"""Mediators, the associations that nominate them, their contracts, skills and times."""

from __future__ import annotations

from enum import StrEnum

from peewee import (
    BooleanField,
    CharField,
    DateField,
    DeferredForeignKey,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from app.models.base import BaseModel, EnumField, InstantField
from app.models.places import Language, Office


class Association(BaseModel):
    code = CharField(unique=True, max_length=32)
    name = CharField()
    contact_name = CharField(default="")
    contact_email = CharField(default="")


class Protocol(BaseModel):
    """The yearly protocol between the State and an association: places for mediators."""

    association = ForeignKeyField(Association, backref="protocols", on_delete="CASCADE")
    starts_on = DateField()
    ends_on = DateField()
    """The last day of the protocol."""
    places = IntegerField()

    class Meta:
        indexes = ((("association", "starts_on"), True),)


class ContractRegime(BaseModel):
    """The legal limits of a kind of contract; each figure with its article (`articles`)."""

    code = CharField(unique=True, max_length=32)
    name_pt = CharField()
    name_en = CharField()
    day_minutes = IntegerField()
    """Ordinary working day."""
    week_minutes = IntegerField()
    longest_day_minutes = IntegerField()
    """Most work in a day, training included."""
    days_a_week = IntegerField(default=5)
    rest_minutes = IntegerField(default=11 * 60)
    consecutive_days = IntegerField(default=6)
    longest_stretch_minutes = IntegerField(default=5 * 60)
    """Most work without a break."""
    break_minutes = IntegerField(default=60)


class RegimeArticle(BaseModel):
    """The source of one figure of a regime, shown beside a broken rule."""

    regime = ForeignKeyField(ContractRegime, backref="articles", on_delete="CASCADE")
    rule = CharField(max_length=32)
    """The solver's name of the rule: min_rest, max_day_slots…"""
    article = CharField()

    class Meta:
        indexes = ((("regime", "rule"), True),)


class Gender(StrEnum):
    WOMAN = "woman"
    MAN = "man"
    OTHER = "other"


class Mediator(BaseModel):
    code = CharField(unique=True, max_length=32)
    name = CharField()
    called_name = CharField(default="")
    """The name the person uses; what pages show."""
    email = CharField(default="")
    association = ForeignKeyField(Association, backref="mediators", on_delete="RESTRICT")
    regime = ForeignKeyField(ContractRegime, on_delete="RESTRICT")
    week_minutes = IntegerField()
    """Contracted work in a week."""
    shift_least_minutes = IntegerField()
    shift_most_minutes = IntegerField()
    home_office = ForeignKeyField(Office, backref="mediators", on_delete="RESTRICT")
    starts_on = DateField()
    ends_on = DateField(null=True)
    active = BooleanField(default=True)
    fictional = BooleanField(default=False)
    """Made up for the demonstration; shown wherever the person is."""
    gender = CharField(max_length=16, default="")
    """A `Gender` where the person gave it, else empty; for the reports to funders only."""
    phone_from_home = BooleanField(default=False)
    """Serves the telephone from home; who does not sits in their centre meanwhile."""
    erased_at = InstantField(null=True)
    """When who they are was taken out of the record; what they worked stays as counts."""


class LanguageLevel(StrEnum):
    NATIVE = "native"
    FLUENT = "fluent"
    WORKING = "working"


class MediatorLanguage(BaseModel):
    mediator = ForeignKeyField(Mediator, backref="languages", on_delete="CASCADE")
    language = ForeignKeyField(Language, on_delete="RESTRICT")
    level = EnumField(LanguageLevel)

    class Meta:
        indexes = ((("mediator", "language"), True),)


class MediatorOffice(BaseModel):
    """An office besides the home one where a mediator may work, and the cost of each shift."""

    mediator = ForeignKeyField(Mediator, backref="other_offices", on_delete="CASCADE")
    office = ForeignKeyField(Office, on_delete="CASCADE")
    cost = IntegerField(default=3)

    class Meta:
        indexes = ((("mediator", "office"), True),)


class NominationStatus(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """Taken back by the association before anyone answered."""


class Nomination(BaseModel):
    """Whom an association proposes: a mediator, or a person who becomes one once accepted."""

    mediator = ForeignKeyField(Mediator, null=True, backref="nominations", on_delete="CASCADE")
    association = ForeignKeyField(Association, on_delete="CASCADE")
    proposed_on = DateField()
    status = EnumField(NominationStatus)
    decided_on = DateField(null=True)
    reason = TextField(default="")
    name = CharField(default="")
    """Of a person who was no mediator when proposed; empty for a mediator."""
    email = CharField(default="")
    languages = JSONField(default=list)
    """`[code, level]` of each language proposed."""
    office = ForeignKeyField(Office, null=True, backref="+", on_delete="SET NULL")
    """The office wished."""
    note = TextField(default="")
    proposed_by = DeferredForeignKey("User", null=True, backref="+", on_delete="SET NULL")
    decided_by = DeferredForeignKey("User", null=True, backref="+", on_delete="SET NULL")


class Availability(BaseModel):
    """Hours in which a mediator cannot work, wall clock of the home office: of every such weekday,
    or of one date."""

    mediator = ForeignKeyField(Mediator, backref="unavailabilities", on_delete="CASCADE")
    weekday = IntegerField()
    date = DateField(null=True)
    """The date they are of; None for every week."""
    from_minute = IntegerField()
    until_minute = IntegerField()


class AbsenceKind(StrEnum):
    LEAVE = "leave"
    SICKNESS = "sickness"
    OTHER = "other"


class RequestStatus(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"


class Absence(BaseModel):
    """Time away. Its kind may be health data: shown to the person and coordinators only."""

    mediator = ForeignKeyField(Mediator, backref="absences", on_delete="CASCADE")
    starts_at = InstantField()
    ends_at = InstantField()
    kind = EnumField(AbsenceKind)
    status = EnumField(RequestStatus)

    class Meta:
        indexes = ((("mediator", "starts_at"), False),)


class WishKind(StrEnum):
    OFF = "off"
    ON = "on"


class Wish(BaseModel):
    mediator = ForeignKeyField(Mediator, backref="wishes", on_delete="CASCADE")
    starts_at = InstantField()
    ends_at = InstantField()
    kind = EnumField(WishKind)
    cost = IntegerField(default=4)
