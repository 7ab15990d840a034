"""Mail to people: what waits to be sent, what was sent, addresses that no longer work."""

from __future__ import annotations

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField


class MailStatus(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    """A worker has it in hand; nothing of it counts as received yet."""
    HANDED = "handed"
    """The worker was about to end the message: the server may have it."""
    SENT = "sent"
    """The server has taken it over."""
    REFUSED = "refused"
    """For good; a retry is a person's decision."""
    GIVEN_UP = "given_up"
    """Tried until it was too old to be of use."""
    IN_DOUBT = "in_doubt"
    """The worker died while handing it over: it has almost surely arrived, and is not sent again
    unless somebody asks for it."""


class Mail(BaseModel):
    """One mail to one person. This row is the truth of it; its text is made when it is sent."""

    user = ForeignKeyField(User, backref="mails", on_delete="CASCADE")
    kind = CharField(max_length=32)
    """`message`, `digest`, or the kind of a letter."""
    details = JSONField(default=dict)
    """What a letter says; emptied once it is sent. Messages keep their own."""
    uid = CharField(max_length=64, unique=True)
    """The stable part of its Message-ID: the same at every attempt."""
    status = EnumField(MailStatus, default=MailStatus.WAITING, index=True)
    due_at = InstantField(index=True)
    attempts = IntegerField(default=0)
    owner = CharField(default="")
    lease_until = InstantField(null=True)
    created_at = InstantField()
    give_up_at = InstantField()
    address = CharField(default="")
    """Where it was last sent to."""
    sent_at = InstantField(null=True)
    answer = TextField(default="")
    """What the server last said, or why it could not be asked."""


class DeadAddress(BaseModel):
    """An address that a mail server has refused for good."""

    address = CharField(unique=True)
    since = InstantField()
    answer = TextField()


class DailyTask(BaseModel):
    """Something done once a day by whichever worker is first."""

    name = CharField(max_length=32, unique=True)
    done_on = DateField()
    held_until = InstantField(null=True)
    """Until when a worker has it in hand that commits part after part."""
