"""Calendar feeds and what is kept of them; a mediator's own calendar; the last look at a week."""

from __future__ import annotations

from peewee import (
    BlobField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from app.models.accounts import User
from app.models.base import BaseModel, InstantField
from app.models.people import Association, Mediator
from app.models.places import Office
from app.models.training import Course


class FeedToken(BaseModel):
    """One device's address of a calendar feed. The token itself is shown once and not kept.

    One of `mediator`, `office`, `course` and `association` says whose calendar it is.
    """

    user = ForeignKeyField(User, backref="feed_tokens", on_delete="CASCADE")
    mediator = ForeignKeyField(Mediator, null=True, on_delete="CASCADE")
    office = ForeignKeyField(Office, null=True, backref="+", on_delete="CASCADE")
    course = ForeignKeyField(Course, null=True, backref="+", on_delete="CASCADE")
    association = ForeignKeyField(Association, null=True, backref="+", on_delete="CASCADE")
    name = CharField()
    token_hash = CharField(unique=True, max_length=64)
    locale = CharField(max_length=5, default="pt")
    details = BooleanField(default=True)
    keep_cancelled = BooleanField(default=False)
    created_at = InstantField()
    revoked_at = InstantField(null=True)
    fetched_at = InstantField(null=True)
    fetched_version = CharField(default="")


class FeedDocument(BaseModel):
    """A feed as it was last written. It holds while `rendered` equals `changes`.

    The database itself counts `changes` up (app/feed_triggers.py) when a row behind the feed does.
    """

    token = ForeignKeyField(FeedToken, primary_key=True, backref="+", on_delete="CASCADE")
    changes = IntegerField(default=0)
    rendered = IntegerField(default=-1)
    """The `changes` that were there before its rows were read."""
    maker = CharField(max_length=16, default="")
    """Fingerprint of the code and the texts that wrote it."""
    stands_until = InstantField(null=True)
    """When the passing of time alone calls for a new one."""
    etag = CharField(max_length=32, default="")
    modified = InstantField(null=True)
    size = IntegerField(default=0)
    """Bytes before compression."""
    gzipped = BlobField(default=b"")


class CalledOffTraining(BaseModel):
    """A session called off, as it stood: for the whole course, and for each who was enrolled."""

    session_uid = CharField(max_length=32, index=True)
    course = ForeignKeyField(Course, backref="+", on_delete="CASCADE")
    mediator = ForeignKeyField(Mediator, null=True, backref="+", on_delete="CASCADE")
    office = ForeignKeyField(Office, null=True, backref="+", on_delete="SET NULL")
    link = CharField(default="")
    starts_at = InstantField()
    ends_at = InstantField()
    sequence = IntegerField()
    created_at = InstantField()
    cancelled_at = InstantField()


class OwnCalendar(BaseModel):
    """A mediator's own calendar: its address, or nothing of a file but the times it held busy."""

    mediator = ForeignKeyField(Mediator, unique=True, backref="+", on_delete="CASCADE")
    url = TextField(default="")
    """Sealed with the service's key; empty for an uploaded file."""
    etag = CharField(default="")
    last_modified = CharField(default="")
    added_at = InstantField()
    checked_at = InstantField(null=True)
    """When it was last asked, whatever came of it."""
    read_at = InstantField(null=True)
    """When its busy times were last known to be right."""
    due_at = InstantField(null=True, index=True)
    """When to ask again; null for a file."""
    failures = IntegerField(default=0)
    """In a row."""
    fault = TextField(default="")
    unread = IntegerField(default=0)
    """Events that could not be read."""
    covers_until = InstantField(null=True)


class BusyTime(BaseModel):
    """Time that is taken in somebody's own calendar, [starts_at, ends_at): never why."""

    calendar = ForeignKeyField(OwnCalendar, backref="times", on_delete="CASCADE")
    starts_at = InstantField()
    ends_at = InstantField()

    class Meta:
        indexes = ((("calendar", "starts_at"), False),)


class WeekLook(BaseModel):
    """What a mediator last confirmed to have seen: shifts, training, field routes."""

    mediator = ForeignKeyField(Mediator, unique=True, backref="+", on_delete="CASCADE")
    at = InstantField()
    shifts = JSONField(default=dict)
    """UID of a shift, `training-ID[.DATE]` or `route-ID` → `[name, zone, starts_at, ends_at,
    breaks]`, instants in ISO form; a training's title in English comes last."""
