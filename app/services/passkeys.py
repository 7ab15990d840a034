"""Passkeys (WebAuthn): made on the account page, signed in with. Each counts as both factors,
since the authenticator must have known its owner (user verification).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.i18n import _
from app.models import OneTimeSecret, Passkey, PasskeyChallenge, RecoveryCode, User, database
from app.services import audit, outbox
from app.services.checks import is_printable
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.keyring import Keyring, hash_of
from app.services.rights import Actor, actor_of

CHALLENGE_FOR = dt.timedelta(minutes=5)
MOST = 20
NAME_MOST = 60
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,1400}")
"""A credential's id as browsers write it: base64url of at most 1,023 bytes."""
_TRANSPORTS = {"usb", "nfc", "ble", "hybrid", "internal", "smart-card", "cable"}


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The service as authenticators know it."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class PasskeyView:
    id: int
    name: str
    created_at: dt.datetime
    used_at: dt.datetime | None


def relying_party(public_url: str) -> RelyingParty | None:
    """The service at that address; None where browsers take no passkey: without https (but on
    localhost), or at an address that is a number."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost"):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return RelyingParty(host, f"{parts.scheme}://{parts.netloc}")
    return None


def list_passkeys(user_id: int) -> tuple[PasskeyView, ...]:
    rows = Passkey.select().where(Passkey.user == user_id).order_by(Passkey.id)
    return tuple(PasskeyView(row.id, row.name, row.created_at, row.used_at) for row in rows)


def making_options(party: RelyingParty, user_id: int, keys: Keyring, now: dt.datetime) -> str:
    """What the browser is asked with to make a passkey for that person, as JSON."""
    user = User.get_by_id(user_id)
    known = [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id))
        for row in Passkey.select().where(Passkey.user == user)
    ]
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name="Escala",
        user_name=user.email,
        user_display_name=user.name,
        # The authenticator keeps this; it tells nothing of the person.
        user_id=keys.derive("passkey-user", user.id),
        challenge=_new_challenge(user.id, now),
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return webauthn.options_to_json(options)


def keep(party: RelyingParty, user_id: int, credential: Any, name: str, now: dt.datetime) -> int:
    """Keep the passkey the browser made for `making_options`; its id. Raises Invalid, Conflict."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_MOST:
        raise Invalid([InputFault("name", name, _("a name of 1 to %(n)d characters", n=NAME_MOST))])
    if not is_printable(name):
        raise Invalid([InputFault("name", name, _("one line without control characters"))])
    if Passkey.select().where(Passkey.user == user_id).count() >= MOST:
        raise Invalid([InputFault("name", name, _("at most %(n)d passkeys", n=MOST))])
    challenge = _take_challenge(credential, user_id, now)
    if challenge is None:
        raise _not_understood()
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        raise _not_understood() from None
    identifier = bytes_to_base64url(made.credential_id)
    if Passkey.get_or_none(Passkey.credential_id == identifier) is not None:
        raise Conflict(_("This passkey is known already."))
    actor = actor_of(User.get_by_id(user_id))
    with database.atomic():
        row = Passkey.create(
            user=user_id,
            credential_id=identifier,
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
            transports=_transports(credential),
            name=name,
            created_at=now,
        )
        audit.record(actor, "passkey.create", "passkey", row.id, now)
        outbox.queue_letter(user_id, "factors_changed", {}, now)
    return int(row.id)


def asking_options(party: RelyingParty, now: dt.datetime, user_id: int | None = None) -> str:
    """What the browser is asked with to show a passkey, as JSON; of one person's, or of any."""
    known = Passkey.select().where(Passkey.user == user_id) if user_id is not None else ()
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=_new_challenge(user_id, now),
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id)) for row in known
        ],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def check(
    party: RelyingParty, credential: Any, now: dt.datetime, user_id: int | None = None
) -> User | None:
    """The active user whose passkey answered `asking_options`, else None. An answer works once."""
    challenge = _take_challenge(credential, user_id, now)
    identifier = credential.get("id") if isinstance(credential, dict) else None
    if challenge is None or not isinstance(identifier, str):
        return None
    if not _IDENTIFIER.fullmatch(identifier):
        return None
    row = (
        Passkey.select(Passkey, User)
        .join(User)
        .where(Passkey.credential_id == identifier, User.active)
        .first()
    )
    if row is None or (user_id is not None and row.user_id != user_id):
        return None
    try:
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        return None
    Passkey.update(sign_count=shown.new_sign_count, used_at=now).where(
        Passkey.id == row.id
    ).execute()
    user: User = row.user
    return user


def remove(actor: Actor, passkey_id: int, now: dt.datetime) -> str:
    """The passkey opens nothing any more; its name. Raises NotFound for another's, and Conflict
    where nothing else would be left to sign in with."""
    row = Passkey.get_or_none(Passkey.id == passkey_id, Passkey.user == actor.user_id)
    if row is None:
        raise NotFound
    others = Passkey.select().where(Passkey.user == actor.user_id, Passkey.id != row.id).exists()
    if not others and not row.user.password_hash:
        raise Conflict(_("It is the only way you can sign in. Set a password first."))
    with database.atomic():
        row.delete_instance()
        codes = OneTimeSecret.user == actor.user_id
        if not others and not OneTimeSecret.select().where(codes).exists():
            RecoveryCode.delete().where(RecoveryCode.user == actor.user_id).execute()
        audit.record(actor, "passkey.remove", "passkey", passkey_id, now)
        outbox.queue_letter(row.user_id, "factors_changed", {}, now)
    return str(row.name)


def _not_understood() -> Invalid:
    return Invalid([InputFault("passkey", "…", _("a passkey made on this page just now"))])


def _new_challenge(user_id: int | None, now: dt.datetime) -> bytes:
    challenge = secrets.token_bytes(32)
    PasskeyChallenge.delete().where(PasskeyChallenge.expires_at <= now).execute()
    PasskeyChallenge.create(
        challenge_hash=hash_of(bytes_to_base64url(challenge)),
        user=user_id,
        expires_at=now + CHALLENGE_FOR,
    )
    return challenge


def _take_challenge(credential: Any, user_id: int | None, now: dt.datetime) -> bytes | None:
    """The challenge that an answer names, if it was ours, for this person, and not yet answered."""
    try:
        told = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        text = str(told["challenge"])
        challenge = base64url_to_bytes(text)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    whose = PasskeyChallenge.user.is_null() if user_id is None else PasskeyChallenge.user == user_id
    taken = (
        PasskeyChallenge.delete()
        .where(
            PasskeyChallenge.challenge_hash == hash_of(bytes_to_base64url(challenge)),
            PasskeyChallenge.expires_at > now,
            whose,
        )
        .execute()
    )
    return challenge if taken else None


def _transports(credential: Any) -> list[str]:
    told = credential.get("response", {}).get("transports", [])
    return [one for one in told if one in _TRANSPORTS] if isinstance(told, list) else []
