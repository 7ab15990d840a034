"""Who signs in, with which roles; the audit log."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField

from app.models.base import BaseModel, EnumField, InstantField
from app.models.people import Association, Mediator
from app.models.places import Office


class MailChoice(StrEnum):
    """How a person wants by mail what the application tells them."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"
    """In the application only."""


class User(BaseModel):
    email = CharField(unique=True)
    name = CharField()
    password_hash = CharField()
    locale = CharField(max_length=5, default="pt")
    active = BooleanField(default=True)
    mediator = ForeignKeyField(Mediator, null=True, unique=True, on_delete="SET NULL")
    session_epoch = IntegerField(default=0)
    """Up by one ends every session of the user."""
    mail_choice = EnumField(MailChoice, default=MailChoice.AT_ONCE)
    digest_hour = IntegerField(default=7)
    """Hour of the wall clock at the person's office at which a daily mail goes out."""
    created_at = InstantField()
    stopped_at = InstantField(null=True)
    """Since when it lets nobody in; null while it does."""
    erased_at = InstantField(null=True)
    """When who they are was taken out of the account; it opens nothing any more."""


class Role(StrEnum):
    COORDINATOR = "coordinator"
    MEDIATOR = "mediator"
    TRAINER = "trainer"
    ASSOCIATION = "association"
    ADMINISTRATOR = "administrator"


class UserRole(BaseModel):
    user = ForeignKeyField(User, backref="roles", on_delete="CASCADE")
    role = EnumField(Role)
    office = ForeignKeyField(Office, null=True, on_delete="CASCADE")
    """A coordinator's one office; null for the whole network."""
    association = ForeignKeyField(Association, null=True, on_delete="CASCADE")
    """The association a contact speaks for."""

    class Meta:
        indexes = ((("user", "role", "office", "association"), True),)


class AuditEntry(BaseModel):
    """Who did what to which object; appended only, each entry chained to the one before."""

    at = InstantField()
    user = ForeignKeyField(User, null=True, on_delete="SET NULL")
    action = CharField(max_length=64)
    object_kind = CharField(max_length=32)
    object_id = CharField(max_length=64)
    details = JSONField(default=dict)
    previous_hash = CharField(max_length=64)
    hash = CharField(max_length=64, unique=True)
