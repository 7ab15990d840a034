"""Queue tickets of the screening at the door: a number, a language, a need, and how it went."""

from __future__ import annotations

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField, IntegerField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField
from app.models.places import Language, Office


class TicketState(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    LEFT = "left"


class TicketRoll(BaseModel):
    """The last number given at an office on a day; whoever gives one raises it first."""

    office = ForeignKeyField(Office, on_delete="CASCADE")
    date = DateField()
    """Of the office's wall clock."""
    last = IntegerField()

    class Meta:
        indexes = ((("office", "date"), True),)


class Ticket(BaseModel):
    """One visitor's place in the queue, with nothing that tells who it is; let go after a week."""

    office = ForeignKeyField(Office, backref="tickets", on_delete="CASCADE")
    date = DateField()
    number = IntegerField()
    press = CharField(max_length=64)
    """Names the reception's press that gave it: sent twice, it gives one."""
    language = ForeignKeyField(Language, on_delete="RESTRICT")
    need = CharField(max_length=32)
    taken_at = InstantField()
    state = EnumField(TicketState, default=TicketState.WAITING)
    call_press = CharField(max_length=64, null=True)
    """Names the press that called it."""
    counter = CharField(max_length=32, default="")
    """Where to go, as the screen says it."""
    called_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    called_at = InstantField(null=True)
    ended_at = InstantField(null=True)

    class Meta:
        indexes = (
            (("office", "date", "number"), True),
            (("office", "press"), True),
            (("office", "call_press"), True),
            (("office", "state"), False),
        )
