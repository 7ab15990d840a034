"""The coordinator's desk: screens, what visitors said, what a published week came to, files in."""

from __future__ import annotations

from enum import StrEnum

from peewee import BlobField, CharField, DateField, ForeignKeyField, IntegerField, JSONField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField
from app.models.places import Language, Office
from app.models.rosters import Roster


class Shows(StrEnum):
    """What a screen shows: who is here, to the reception; or numbers called, to who waits."""

    NOW = "now"
    WAITING = "waiting"


class Screen(BaseModel):
    """A screen that is read without signing in. Only the secret's hash is kept."""

    name = CharField()
    office = ForeignKeyField(Office, backref="screens", on_delete="CASCADE")
    locale = CharField(max_length=5, default="pt")
    shows = EnumField(Shows, default=Shows.NOW, max_length=16)
    token_hash = CharField(unique=True, max_length=64)
    created_at = InstantField()
    created_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    revoked_at = InstantField(null=True)
    used_at = InstantField(null=True)


class FeedbackKind(StrEnum):
    COMPLAINT = "complaint"
    PRAISE = "praise"
    SATISFACTION = "satisfaction"
    """Answers of a survey, each at a level."""


class Feedback(BaseModel):
    """What visitors said of an office on a day: counts by choices, no words of theirs, no names."""

    office = ForeignKeyField(Office, backref="feedback", on_delete="CASCADE")
    received_on = DateField(index=True)
    kind = EnumField(FeedbackKind)
    need = CharField(max_length=32)
    language = ForeignKeyField(Language, null=True, backref="+", on_delete="RESTRICT")
    topic = CharField(max_length=32, default="")
    """What a complaint or praise is about."""
    level = IntegerField(null=True)
    """Of satisfaction: 4 high, 3 fair, 2 little, 1 none."""
    count = IntegerField(default=1)
    recorded_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    recorded_at = InstantField()


class RosterFigures(BaseModel):
    """What a published roster came to, counted once: its assignments never change again."""

    roster = ForeignKeyField(Roster, unique=True, backref="figures", on_delete="CASCADE")
    cover = JSONField(default=list)
    """[office code, label, local date, needed minutes, missing minutes] each."""
    wishes = JSONField(default=list)
    """[mediator code, wishes, met] each."""


class Upload(BaseModel):
    """A file on its way in: kept as it came until it is brought in or let go."""

    user = ForeignKeyField(User, null=True, backref="+", on_delete="CASCADE")
    purpose = CharField(max_length=16)
    """`people`, `board`."""
    target = CharField(max_length=32, default="")
    """The roster's id, of a board."""
    name = CharField()
    content = BlobField()
    sha256 = CharField(max_length=64)
    created_at = InstantField()
