"""The telephone service: external translators on call, hours answered from centres, its calls."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField
from app.models.people import Mediator
from app.models.places import Language, Office


class Translator(BaseModel):
    """Somebody outside the network who translates when called. Paid by the minute, never rostered,
    and therefore no mediator: no contract, no shift, no certification."""

    office = ForeignKeyField(Office, backref="translators", on_delete="CASCADE")
    """The telephone service that calls on them; their hours are of its wall clock."""
    name = CharField()
    phone = CharField(max_length=32, default="")
    price_cents = IntegerField()
    """For each minute begun."""
    active = BooleanField(default=True)
    ended_on = DateField(null=True)
    """The last day they could be called; empty while it has no end."""
    erased_at = InstantField(null=True)


class TranslatorLanguage(BaseModel):
    translator = ForeignKeyField(Translator, backref="languages", on_delete="CASCADE")
    language = ForeignKeyField(Language, on_delete="RESTRICT")

    class Meta:
        indexes = ((("translator", "language"), True),)


class TranslatorHours(BaseModel):
    """Hours of a weekday in which a translator is on call."""

    translator = ForeignKeyField(Translator, backref="hours", on_delete="CASCADE")
    weekday = IntegerField()
    """0 Monday … 6 Sunday."""
    opens_minute = IntegerField()
    closes_minute = IntegerField()

    class Meta:
        indexes = ((("translator", "weekday", "opens_minute"), True),)


class PhoneTurn(BaseModel):
    """Hours in which somebody at work in a centre answers for a telephone service, beside the
    roster: it holds while their shift at that centre does. One taken back, or fallen with the
    shift, is kept for the feeds that show it cancelled."""

    office = ForeignKeyField(Office, backref="phone_turns", on_delete="CASCADE")
    """The telephone service."""
    centre = ForeignKeyField(Office, backref="+", on_delete="CASCADE")
    """Whose quiet hours these are: where the shift is that they stand beside."""
    mediator = ForeignKeyField(Mediator, backref="phone_turns", on_delete="CASCADE")
    date = DateField(index=True)
    """Of the network's wall clock."""
    starts_at = InstantField()
    ends_at = InstantField()
    uid = CharField(max_length=32, unique=True)
    sequence = IntegerField(default=0)
    given_at = InstantField()
    given_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    changed_at = InstantField()
    cancelled_at = InstantField(null=True)

    class Meta:
        indexes = ((("mediator", "starts_at", "ends_at"), True),)


class HelpedBy(StrEnum):
    """Who helped a caller; `NOBODY` where the call was not met."""

    MEDIATOR = "mediator"
    COLLEAGUE = "colleague"
    TRANSLATOR = "translator"
    NOBODY = "nobody"


class Call(BaseModel):
    """One call, with nothing that tells who called."""

    office = ForeignKeyField(Office, backref="calls", on_delete="CASCADE")
    press = CharField(max_length=64)
    """Names the press that logged it: sent twice, it counts once."""
    starts_at = InstantField()
    """The half hour it came in, as arrivals are counted."""
    language = ForeignKeyField(Language, on_delete="RESTRICT")
    need = CharField(max_length=32)
    minutes = IntegerField()
    three_way = BooleanField(default=False)
    """Between a caller and a service, translated; else somebody called the support line."""
    helped_by = EnumField(HelpedBy)
    translator = ForeignKeyField(Translator, null=True, on_delete="SET NULL")
    cents = IntegerField(default=0)
    """What an external translator was paid for it."""

    class Meta:
        indexes = ((("office", "press"), True), (("office", "starts_at"), False))
