"""Links by mail that open an account once: an invitation, a new password.

Asking for a new password writes down the address and nothing else; a worker looks up whether an
account has it (`answer_requests`). So the page answers the same, and as fast, for every address.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.models import AccountLink, LinkKind, PasswordRequest, User, database
from app.services import audit, limits, outbox, passkeys, passwords, second_factor, sign_ins
from app.services.errors import InputFault, Invalid, NotFound
from app.services.keyring import Keyring, hash_of
from app.services.passkeys import RelyingParty
from app.services.rights import SYSTEM, Actor, actor_of

INVITATION_FOR = dt.timedelta(days=7)
NEW_PASSWORD_FOR = dt.timedelta(hours=1)
_LIFE = {LinkKind.INVITATION: INVITATION_FOR, LinkKind.NEW_PASSWORD: NEW_PASSWORD_FOR}
_ANSWERED_WITHIN = dt.timedelta(hours=1)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class LinkView:
    """What an open link may show to whoever holds it."""

    user_id: int
    kind: LinkKind
    name: str
    email: str
    locale: str
    expires_at: dt.datetime


def send(
    actor: Actor, user_id: int, kind: LinkKind, keys: Keyring, now: dt.datetime
) -> AccountLink:
    """Make a link of that kind, in place of earlier ones, and queue its mail. In a transaction."""
    AccountLink.update(withdrawn_at=now).where(
        AccountLink.user == user_id, AccountLink.kind == kind, *is_open()
    ).execute()
    nonce = secrets.token_hex(16)
    link: AccountLink = AccountLink.create(
        user=user_id,
        kind=kind,
        nonce=nonce,
        token_hash=hash_of(_token(nonce, keys)),
        created_at=now,
        created_by=actor.user_id,
        expires_at=now + _LIFE[kind],
    )
    outbox.queue_letter(user_id, str(kind), {"link": link.id}, now)
    audit.record(actor, f"link.{kind}", "user", user_id, now)
    return link


def withdraw_all(user_id: int, now: dt.datetime) -> None:
    """No link of the user opens anything any more. In a transaction."""
    AccountLink.update(withdrawn_at=now).where(AccountLink.user == user_id, *is_open()).execute()


def token_of(link_id: int, keys: Keyring) -> tuple[LinkKind, str, dt.datetime]:
    """Kind, token and end of a link, for the mail that carries it."""
    link = AccountLink.get_or_none(AccountLink.id == link_id)
    if link is None:
        raise NotFound
    return link.kind, _token(link.nonce, keys), link.expires_at


def look_up(token: str, kind: LinkKind, now: dt.datetime) -> LinkView:
    """The link of a token while it is open. Raises NotFound: unknown, used, withdrawn, too old."""
    link = _find(token, kind, now)
    user = link.user
    return LinkView(user.id, link.kind, user.name, user.email, user.locale, link.expires_at)


def invited(now: dt.datetime) -> set[int]:
    """The users for whom an invitation is open."""
    query = AccountLink.select(AccountLink.user).where(
        AccountLink.kind == LinkKind.INVITATION, AccountLink.expires_at > now, *is_open()
    )
    return {row.user_id for row in query}


def use_with_password(
    token: str, kind: LinkKind, password: str, again: str, now: dt.datetime
) -> User:
    """Take the link's one use and set the password; the user. Raises NotFound and Invalid.

    Every session of the account ends: whoever asked for this may have lost a device.
    """
    link = _find(token, kind, now)
    user: User = link.user
    _check_new(password, again, user)
    kept = passwords.hashed(password)
    with database.atomic():
        take(link.id, now)
        User.update(password_hash=kept).where(User.id == user.id).execute()
        sign_ins.end_all(user.id, now)
        withdraw_all(user.id, now)
        audit.record(actor_of(user), f"link.use.{kind}", "user", user.id, now)
        if kind is LinkKind.NEW_PASSWORD:
            outbox.queue_letter(user.id, "password_changed", {}, now)
    return User.get_by_id(user.id)


def use_with_passkey(
    party: RelyingParty, token: str, credential: Any, name: str, now: dt.datetime
) -> User:
    """Take an invitation's one use and keep the passkey made for it; the user.

    Raises NotFound, and Invalid or Conflict as `passkeys.keep` does: then the link stays open.
    """
    link = _find(token, LinkKind.INVITATION, now)
    with database.atomic():
        take(link.id, now)
        passkeys.keep(party, link.user_id, credential, name, now)
        audit.record(actor_of(link.user), "link.use.passkey", "user", link.user_id, now)
    found: User = User.get_by_id(link.user_id)
    return found


def take(link_id: int, now: dt.datetime) -> None:
    """Of two that use a link at once, one does. Raises NotFound for the other."""
    taken = AccountLink.update(used_at=now).where(AccountLink.id == link_id, *is_open()).execute()
    if not taken:
        raise NotFound


def ask_new_password(email: str, origin: str, keys: Keyring, now: dt.datetime) -> None:
    """Write down that a new password was asked for. Raises TooManyTries, for any address alike."""
    address = email.strip().lower()[:255]
    limits.count(limits.FORGOTTEN_FROM, keys.disguise(origin), now)
    limits.count(limits.FORGOTTEN_FOR, keys.disguise(address), now)
    PasswordRequest.create(email=address, asked_at=now)


def answer_requests(keys: Keyring, now: dt.datetime) -> int:
    """Queue the mail of each new password asked for where an account has the address; how many.

    Called by a worker. Request and mail change hands in one transaction.
    """
    if not PasswordRequest.select().exists():
        return 0
    queued = 0
    for request in list(PasswordRequest.select().order_by(PasswordRequest.id).limit(_AT_ONCE)):
        with database.atomic():
            mine = PasswordRequest.delete().where(PasswordRequest.id == request.id).execute()
            user = User.get_or_none(User.email == request.email, User.active)
            if mine and user is not None and request.asked_at >= now - _ANSWERED_WITHIN:
                send(SYSTEM, user.id, LinkKind.NEW_PASSWORD, keys, now)
                queued += 1
    return queued


def unanswered(now: dt.datetime) -> int:
    """How many new passwords were asked for that `answer_requests` still has to look at."""
    recent = PasswordRequest.asked_at >= now - _ANSWERED_WITHIN
    return int(PasswordRequest.select().where(recent).count())


def change_password(
    actor: Actor,
    session_id: int,
    old: str,
    new: str,
    again: str,
    keys: Keyring,
    now: dt.datetime,
) -> None:
    """Put a new password in place of the old one; every other session of the person ends.

    Who has none yet writes none. It shows again who they are, unless codes are set up: then a
    password alone does not. Raises Invalid with every fault, and TooManyTries.
    """
    user = User.get_by_id(actor.user_id)
    subject = keys.disguise(f"user {user.id}")
    limits.count(limits.CONFIRM, subject, now)
    faults = []
    if user.password_hash and not passwords.is_right(user.password_hash, old):
        faults.append(InputFault("old", "…", _("the password you sign in with now")))
    try:
        _check_new(new, again, user)
    except Invalid as error:
        faults += error.faults
    if faults:
        raise Invalid(faults)
    limits.forget(limits.CONFIRM, subject)
    kept = passwords.hashed(new)
    with database.atomic():
        User.update(password_hash=kept).where(User.id == user.id).execute()
        sign_ins.end_all(user.id, now, but=session_id)
        if not second_factor.factors_of(user.id).code:
            sign_ins.note_proof(session_id, now)
        withdraw_all(user.id, now)
        audit.record(actor, "password.change", "user", user.id, now)
        outbox.queue_letter(user.id, "password_changed", {}, now)


def _check_new(password: str, again: str, user: User) -> None:
    found = passwords.faults("password", password, user.name, user.email.partition("@")[0])
    if password != again:
        found.append(InputFault("again", "…", _("the same password twice")))
    if found:
        raise Invalid(found)


def is_open() -> tuple[object, object]:
    """The conditions of a link that was neither used nor withdrawn."""
    return AccountLink.used_at.is_null(), AccountLink.withdrawn_at.is_null()


def _find(token: str, kind: LinkKind, now: dt.datetime) -> AccountLink:
    link = (
        AccountLink.select(AccountLink, User)
        .join(User, on=(AccountLink.user == User.id))
        .where(
            AccountLink.token_hash == hash_of(token),
            AccountLink.kind == kind,
            AccountLink.expires_at > now,
            User.active,
            *is_open(),
        )
        .first()
    )
    if link is None:
        raise NotFound
    found: AccountLink = link
    return found


def _token(nonce: str, keys: Keyring) -> str:
    return keys.token("link", nonce)
