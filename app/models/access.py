"""How people get in and stay in: sessions, links by mail, passkeys, one-time codes, rate counts.

Nothing here opens a door by itself: tokens and codes are kept as hashes, the secret of one-time
codes is sealed with the service's key.
"""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField


class UserSession(BaseModel):
    """One device on which somebody is signed in."""

    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    token_hash = CharField(unique=True, max_length=64)
    epoch = IntegerField()
    """The user's `session_epoch` when it began; another one now, and the session is over."""
    device = CharField(max_length=80, default="")
    """Browser and system in words; no address is kept."""
    strong = BooleanField(default=False)
    """Began with a second factor: a one-time code, or a passkey that knew its owner."""
    created_at = InstantField()
    seen_at = InstantField()
    proven_at = InstantField()
    """When the person last showed who they are, by password or passkey."""
    ended_at = InstantField(null=True)


class LinkKind(StrEnum):
    INVITATION = "invitation"
    NEW_PASSWORD = "new_password"  # noqa: S105 - no password


class AccountLink(BaseModel):
    """A link sent by mail that opens an account once. The token follows from `nonce` and the
    service's key, so that it is kept nowhere and can still be written into the mail."""

    user = ForeignKeyField(User, backref="links", on_delete="CASCADE")
    kind = EnumField(LinkKind, max_length=16)
    nonce = CharField(max_length=32)
    token_hash = CharField(unique=True, max_length=64)
    created_at = InstantField()
    created_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    expires_at = InstantField()
    used_at = InstantField(null=True)
    withdrawn_at = InstantField(null=True)


class PasswordRequest(BaseModel):
    """Somebody wrote this address under "forgotten password". Whether an account has it is looked
    up later, by a worker, so that asking takes as long either way."""

    email = CharField()
    asked_at = InstantField()


class Passkey(BaseModel):
    user = ForeignKeyField(User, backref="passkeys", on_delete="CASCADE")
    credential_id = CharField(unique=True, max_length=1400)
    """Base64url; an authenticator may make it as long as 1,023 bytes."""
    public_key = TextField()
    """COSE, base64url."""
    sign_count = IntegerField(default=0)
    transports = JSONField(default=list)
    name = CharField(max_length=80)
    created_at = InstantField()
    used_at = InstantField(null=True)


class PasskeyChallenge(BaseModel):
    """What an authenticator has to sign, answered once and soon."""

    challenge_hash = CharField(unique=True, max_length=64)
    user = ForeignKeyField(User, null=True, backref="+", on_delete="CASCADE")
    """Whose passkey is made; null where one signs in."""
    expires_at = InstantField(index=True)


class OneTimeSecret(BaseModel):
    """What the person's authenticator application and the service share (RFC 6238)."""

    user = ForeignKeyField(User, unique=True, backref="one_time_secrets", on_delete="CASCADE")
    sealed = TextField()
    created_at = InstantField()
    confirmed_at = InstantField(null=True)
    """Null until the first code was right: only then it is asked for."""
    last_step = IntegerField(default=0)
    """Of the last code that was taken; it and earlier ones are not taken again."""


class RecoveryCode(BaseModel):
    user = ForeignKeyField(User, backref="recovery_codes", on_delete="CASCADE")
    code_hash = CharField(unique=True, max_length=64)
    created_at = InstantField()
    used_at = InstantField(null=True)


class RateCount(BaseModel):
    """How often something was tried, by whom; the subject is a keyed hash, gone with the window."""

    key = CharField(unique=True, max_length=100)
    count = IntegerField()
    ends_at = InstantField(index=True)
