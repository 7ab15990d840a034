"""Signing in by password, and the sessions that follow: one row a device."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from dataclasses import dataclass
from typing import Any

from app.models import User, UserSession, database
from app.models.written import written
from app.services import audit, limits, passwords
from app.services.errors import NotFound
from app.services.keyring import Keyring, hash_of
from app.services.rights import Actor

IDLE = dt.timedelta(hours=12)
"""A session that nobody used for so long is over."""
SEEN_EVERY = dt.timedelta(minutes=1)
"""Used again within this time, it is not noted again, to spare writes."""
PROVEN_FOR = dt.timedelta(minutes=15)
"""How long after showing who they are a person may change how they sign in."""
_KEPT = dt.timedelta(days=30)

_BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "Mac"),
    (r"CrOS", "ChromeOS"),
    (r"Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SessionView:
    id: int
    device: str
    """Browser and system, `Firefox · Android`; empty when it told neither."""
    created_at: dt.datetime
    seen_at: dt.datetime
    strong: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A session that holds, and whose it is."""

    id: int
    user: User
    strong: bool
    proven_at: dt.datetime


def check_password(
    email: str, password: str, origin: str, keys: Keyring, now: dt.datetime
) -> User | None:
    """The active user of that address and password, else None. Raises TooManyTries.

    An unknown address takes as long as a wrong password, and is limited alike, so that neither can
    be told apart. `origin` is where the request came from.
    """
    address = email.strip().lower()
    place, account = keys.disguise(origin), keys.disguise(address)
    pair = keys.disguise(f"{origin} {address}")
    counted = (
        (limits.SIGN_IN_PAIR, pair),
        (limits.SIGN_IN_FROM, place),
        (limits.SIGN_IN_FOR, account),
    )
    for limit, subject in counted:
        limits.count(limit, subject, now)
    user = User.get_or_none(User.email == address)
    right = passwords.is_right(user.password_hash if user else None, password)
    if not right or user is None or not user.active:
        return None
    limits.forget(limits.SIGN_IN_PAIR, pair)
    for limit, subject in counted[1:]:
        limits.give_back(limit, subject)
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hashed(password)
        user.save(only=[User.password_hash])
    return user


def active_user(user_id: int, epoch: int) -> User | None:
    """The user while their account is open and their sessions were not ended since `epoch`."""
    found: User | None = User.get_or_none(
        User.id == user_id, User.session_epoch == epoch, User.active
    )
    return found


def start(user: User, agent: str, strong: bool, now: dt.datetime) -> str:
    """Begin a session of `user`; its token, which only the device keeps."""
    token = secrets.token_urlsafe(32)
    with database.atomic():
        UserSession.create(
            user=user,
            token_hash=hash_of(token),
            epoch=user.session_epoch,
            device=device_of(agent),
            strong=strong,
            created_at=now,
            seen_at=now,
            proven_at=now,
        )
        UserSession.delete().where(
            UserSession.user == user, UserSession.seen_at < now - _KEPT
        ).execute()
    return token


def find(token: str, now: dt.datetime) -> Found | None:
    """The session of that token while it holds, and a note that it was used."""
    row = next(iter(_standing(hash_of(token))), None)
    if row is None or row.seen_at < now - IDLE:
        return None
    if now - row.seen_at >= SEEN_EVERY:
        UserSession.update(seen_at=now).where(UserSession.id == row.id).execute()
    return Found(row.id, row.user, row.strong, row.proven_at)


@written
def _standing(token_hash: Any) -> Any:
    query = UserSession.select(UserSession, User).join(User)
    return query.where(
        UserSession.token_hash == token_hash,
        UserSession.ended_at.is_null(),
        UserSession.epoch == User.session_epoch,
        User.active,
    )


def list_sessions(user_id: int, current_id: int, now: dt.datetime) -> tuple[SessionView, ...]:
    """The person's sessions that hold, this one first, then the last used."""
    rows = sorted(
        _live(user_id, now), key=lambda row: (row.id != current_id, -row.seen_at.timestamp())
    )
    return tuple(
        SessionView(
            row.id, row.device, row.created_at, row.seen_at, row.strong, row.id == current_id
        )
        for row in rows
    )


def end(actor: Actor, session_id: int, now: dt.datetime) -> None:
    """End one session of the actor's own. Raises NotFound for any other."""
    with database.atomic():
        changed = (
            UserSession.update(ended_at=now)
            .where(
                UserSession.id == session_id,
                UserSession.user == actor.user_id,
                UserSession.ended_at.is_null(),
            )
            .execute()
        )
        if not changed:
            raise NotFound
        audit.record(actor, "session.end", "user", actor.user_id, now)


def end_others(actor: Actor, current_id: int, now: dt.datetime) -> int:
    """End all sessions of the actor's but this one; how many."""
    with database.atomic():
        ended = end_all(actor.user_id, now, but=current_id)
        audit.record(actor, "session.end_others", "user", actor.user_id, now, ended=ended)
    return ended


def end_all(user_id: int | None, now: dt.datetime, but: int | None = None) -> int:
    """End every session of a user, except perhaps one; how many. Within a transaction."""
    chosen = (UserSession.user == user_id) & UserSession.ended_at.is_null()
    if but is not None:
        chosen &= UserSession.id != but
    return int(UserSession.update(ended_at=now).where(chosen).execute())


def note_proof(session_id: int, now: dt.datetime, strong: bool | None = None) -> None:
    """The person has just shown again who they are, perhaps by a second factor."""
    columns: dict[str, object] = {"proven_at": now}
    if strong:
        columns["strong"] = True
    UserSession.update(columns).where(UserSession.id == session_id).execute()


def is_proven(session: Found, now: dt.datetime) -> bool:
    return now - session.proven_at <= PROVEN_FOR


def device_of(agent: str) -> str:
    """Browser and system of a User-Agent, for its owner to know the device again."""
    found = [
        next((name for pattern, name in table if re.search(pattern, agent)), "")
        for table in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(one for one in found if one)


def _live(user_id: int, now: dt.datetime) -> list[UserSession]:
    return list(
        UserSession.select()
        .join(User)
        .where(
            UserSession.user == user_id,
            UserSession.ended_at.is_null(),
            UserSession.epoch == User.session_epoch,
            UserSession.seen_at >= now - IDLE,
        )
    )
