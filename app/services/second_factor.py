"""The second step of signing in: one-time codes (RFC 6238), and recovery codes for a lost phone."""

from __future__ import annotations

import datetime as dt
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

import pyotp

from app.i18n import _
from app.models import OneTimeSecret, Passkey, RecoveryCode, Role, User, database
from app.services import audit, limits, outbox
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.keyring import Keyring
from app.services.rights import Actor

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A phone's clock may be off by so many steps either way."""
CODES = 10
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
ISSUER = "Escala"


class Policy(StrEnum):
    """Of whom a second factor is asked (ESCALA_SECOND_FACTOR)."""

    OPTIONAL = "optional"
    COORDINATORS = "coordinators"
    """And administrators, who may do all that coordinators do."""
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class FactorView:
    """What a person has set up."""

    code: bool
    passkeys: int
    recovery_left: int

    @property
    def any(self) -> bool:
        return self.code or self.passkeys > 0


@dataclass(frozen=True, slots=True)
class NewSecret:
    """What goes into the authenticator application; shown until the first code is right."""

    secret: str
    uri: str


def is_required(actor: Actor, policy: str) -> bool:
    """Whether this person may do nothing before a second factor."""
    if policy == Policy.EVERYONE:
        return True
    return policy == Policy.COORDINATORS and bool(
        actor.roles & {Role.COORDINATOR, Role.ADMINISTRATOR}
    )


def factors_of(user_id: int) -> FactorView:
    return FactorView(
        code=_confirmed(user_id) is not None,
        passkeys=Passkey.select().where(Passkey.user == user_id).count(),
        recovery_left=RecoveryCode.select()
        .where(RecoveryCode.user == user_id, RecoveryCode.used_at.is_null())
        .count(),
    )


def begin(actor: Actor, keys: Keyring, now: dt.datetime) -> NewSecret:
    """The secret to set up with; the same until it is confirmed. Raises Conflict when it was."""
    user = User.get_by_id(actor.user_id)
    row = OneTimeSecret.get_or_none(OneTimeSecret.user == user)
    if row is not None and row.confirmed_at is not None:
        raise Conflict(_("Codes are set up already; stop them first."))
    secret = keys.unseal(row.sealed) if row else None
    if secret is None:
        secret = pyotp.random_base32()
        OneTimeSecret.insert(user=user, sealed=keys.seal(secret), created_at=now).on_conflict(
            conflict_target=[OneTimeSecret.user],
            update={OneTimeSecret.sealed: keys.seal(secret), OneTimeSecret.created_at: now},
        ).execute()
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return NewSecret(secret, uri)


def confirm(actor: Actor, code: str, keys: Keyring, now: dt.datetime) -> tuple[str, ...]:
    """Turn codes on with a first right one; the recovery codes, shown this once. Raises Invalid."""
    limits.count(limits.SECOND_STEP, keys.disguise(f"user {actor.user_id}"), now)
    row = OneTimeSecret.get_or_none(
        OneTimeSecret.user == actor.user_id, OneTimeSecret.confirmed_at.is_null()
    )
    if row is None:
        raise NotFound
    with database.atomic():
        if not _take_step(row, code, keys, now):
            raise Invalid([InputFault("code", "…", _("the six digits that the phone shows now"))])
        OneTimeSecret.update(confirmed_at=now).where(OneTimeSecret.id == row.id).execute()
        audit.record(actor, "second_factor.on", "user", actor.user_id, now)
        outbox.queue_letter(_id(actor), "factors_changed", {}, now)
        return _new_codes(_id(actor), keys, now)


def take_code(user_id: int, code: str, keys: Keyring, now: dt.datetime) -> bool:
    """Whether `code` is the person's one-time code of now, or an unused recovery code; each works
    once. Raises TooManyTries."""
    subject = keys.disguise(f"user {user_id}")
    limits.count(limits.SECOND_STEP, subject, now)
    row = _confirmed(user_id)
    taken = row is not None and _take_step(row, code, keys, now)
    taken = taken or _take_recovery(user_id, code, keys, now)
    if taken:
        limits.forget(limits.SECOND_STEP, subject)
    return taken


def new_recovery_codes(actor: Actor, keys: Keyring, now: dt.datetime) -> tuple[str, ...]:
    """Ten codes in place of all earlier ones; shown this once."""
    if not factors_of(_id(actor)).any:
        raise Conflict(_("Set up codes or a passkey first."))
    with database.atomic():
        audit.record(actor, "recovery_codes.new", "user", actor.user_id, now)
        return _new_codes(_id(actor), keys, now)


def stop_codes(actor: Actor, now: dt.datetime) -> None:
    """One-time codes are asked for no more. Raises NotFound where they never were."""
    with database.atomic():
        gone = (
            OneTimeSecret.delete()
            .where(OneTimeSecret.user == actor.user_id, OneTimeSecret.confirmed_at.is_null(False))
            .execute()
        )
        if not gone:
            raise NotFound
        RecoveryCode.delete().where(RecoveryCode.user == actor.user_id).execute()
        audit.record(actor, "second_factor.off", "user", actor.user_id, now)
        outbox.queue_letter(_id(actor), "factors_changed", {}, now)


def clear(user_id: int) -> None:
    """Forget codes, recovery codes and passkeys of a person who lost them. In a transaction."""
    for table in (OneTimeSecret, RecoveryCode, Passkey):
        table.delete().where(table.user == user_id).execute()


def _id(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFound
    return actor.user_id


def _confirmed(user_id: int) -> OneTimeSecret | None:
    found: OneTimeSecret | None = OneTimeSecret.get_or_none(
        OneTimeSecret.user == user_id, OneTimeSecret.confirmed_at.is_null(False)
    )
    return found


def _take_step(row: OneTimeSecret, code: str, keys: Keyring, now: dt.datetime) -> bool:
    """Whether the code is of a step around now that was not taken before; it is taken now."""
    digits = re.sub(r"\s", "", code)
    secret = keys.unseal(row.sealed)
    if secret is None or not re.fullmatch(r"[0-9]{6}", digits):
        return False
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS), digits):
            taken = (
                OneTimeSecret.update(last_step=step)
                .where(OneTimeSecret.id == row.id, OneTimeSecret.last_step < step)
                .execute()
            )
            return bool(taken)
    return False


def _take_recovery(user_id: int, code: str, keys: Keyring, now: dt.datetime) -> bool:
    taken = (
        RecoveryCode.update(used_at=now)
        .where(
            RecoveryCode.user == user_id,
            RecoveryCode.code_hash == _recovery_hash(user_id, code, keys),
            RecoveryCode.used_at.is_null(),
        )
        .execute()
    )
    return bool(taken)


def _new_codes(user_id: int, keys: Keyring, now: dt.datetime) -> tuple[str, ...]:
    RecoveryCode.delete().where(RecoveryCode.user == user_id).execute()
    codes = tuple(
        "-".join("".join(secrets.choice(_ALPHABET) for _letter in range(5)) for _part in range(2))
        for _number in range(CODES)
    )
    for code in codes:
        RecoveryCode.create(
            user=user_id, code_hash=_recovery_hash(user_id, code, keys), created_at=now
        )
    return codes


def _recovery_hash(user_id: int, code: str, keys: Keyring) -> str:
    """Keyed: ten letters alone could be guessed from a plain hash."""
    plain = re.sub(r"[^A-Z0-9]", "", code.upper())
    return keys.derive("recovery", user_id, plain).hex()
