"""How visits ended, what coordinators decide over a requirement, and who may send counts."""

from __future__ import annotations

from peewee import (
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from app.models.accounts import User
from app.models.base import BaseModel, InstantField
from app.models.places import Language, Office


class ArrivalOutcome(BaseModel):
    """How the visits of one half hour, language and need ended: counts, nothing personal."""

    office = ForeignKeyField(Office, backref="outcomes", on_delete="CASCADE")
    starts_at = InstantField()
    language = ForeignKeyField(Language, on_delete="RESTRICT")
    need = CharField(max_length=32)
    source = CharField(max_length=32, default="desk")
    served = IntegerField(default=0)
    by_phone = IntegerField(default=0)
    left = IntegerField(default=0)
    waits = IntegerField(default=0)
    """Visits whose wait was noted."""
    waited_minutes = IntegerField(default=0)
    """Minutes they waited, all together."""
    services = IntegerField(default=0)
    """Visits of which it was noted how long they were received."""
    service_minutes = IntegerField(default=0)
    """Minutes they were received, all together."""

    class Meta:
        indexes = ((("office", "starts_at", "language", "need", "source"), True),)


class RequirementOverride(BaseModel):
    """A coordinator's word over the derived requirements of `[starts_at, ends_at)`.

    Kept apart from `Requirement`, so that it holds when the derivation runs again.
    """

    office = ForeignKeyField(Office, backref="overrides", on_delete="CASCADE")
    week_starts_on = DateField(index=True)
    starts_at = InstantField()
    ends_at = InstantField()
    label = CharField(max_length=32)
    """As `Requirement.label`: a language's code, `any`, a desk's need."""
    count = IntegerField()
    note = TextField()
    user = ForeignKeyField(User, null=True, on_delete="SET NULL")
    at = InstantField()

    class Meta:
        indexes = ((("office", "week_starts_on"), False),)


class ApiKey(BaseModel):
    """Lets another system send arrivals of some offices. Only the secret's hash is kept."""

    name = CharField()
    key_hash = CharField(unique=True, max_length=64)
    offices = JSONField(default=list)
    """Codes of the offices it may send for."""
    created_at = InstantField()
    created_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    revoked_at = InstantField(null=True)
    used_at = InstantField(null=True)
    window_starts_at = InstantField(null=True)
    """The minute in which `window_requests` were counted."""
    window_requests = IntegerField(default=0)


class IdempotencyKey(BaseModel):
    """A request that was carried out, with its answer: sent again, it is not done again."""

    scope = CharField(max_length=32)
    """Who sent it: an API key, a reception."""
    key = CharField(max_length=64)
    request_hash = CharField(max_length=64)
    status = IntegerField()
    answer = JSONField(default=dict)
    created_at = InstantField(index=True)

    class Meta:
        indexes = ((("scope", "key"), True),)
