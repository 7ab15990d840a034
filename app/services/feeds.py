"""Calendar feeds: one secret address a device, and the calendar behind it.

The token is shown once and kept only as its SHA-256: whoever reads the database cannot read
anyone's calendar. It is 32 random bytes, so a plain fast hash is enough.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from app.i18n import LANGUAGES, _
from app.models import FeedDocument, FeedToken, Mediator, Office, database
from app.services import audit
from app.services.checks import is_printable
from app.services.errors import Forbidden, InputFault, Invalid, NotFound
from app.services.feed_notes import newest_version
from app.services.feed_reading import SEEN_EVERY, WrittenFeed, read_feed
from app.services.feed_subjects import (
    NamedSubject,
    Subject,
    SubjectKind,
    require_may_follow,
    subject_name,
    subject_of,
    subjects_of,
)
from app.services.keyring import hash_of
from app.services.my_duties import own_mediator
from app.services.rights import Actor

__all__ = [
    "DEVICES_MOST",
    "NAME_MOST",
    "SEEN_EVERY",
    "FeedView",
    "NamedSubject",
    "NewFeed",
    "Subject",
    "SubjectKind",
    "WrittenFeed",
    "change_feed",
    "create_feed",
    "get_feed",
    "list_feeds",
    "read_feed",
    "revoke_feed",
    "rotate_feed",
    "subjects",
]

NAME_MOST = 60
DEVICES_MOST = 20


@dataclass(frozen=True, slots=True)
class FeedView:
    """One device's feed as its owner sees it; never the token."""

    id: int
    name: str
    subject: Subject
    of: str
    """The name of the office, course or association; empty for one's own shifts."""
    locale: str
    details: bool
    keep_cancelled: bool
    created_at: dt.datetime
    fetched_at: dt.datetime | None
    seen_week: dt.date | None
    """Week of the newest roster at the last fetch."""
    seen_version: int | None
    current: bool
    """The device has seen the newest published roster."""


@dataclass(frozen=True, slots=True)
class NewFeed:
    id: int
    name: str
    token: str
    """Shown once; not kept anywhere."""


def subjects(actor: Actor) -> tuple[NamedSubject, ...]:
    """Whose calendars the actor may follow. Raises Forbidden where there is none."""
    found = subjects_of(actor)
    if not found:
        raise Forbidden
    return found


def list_feeds(actor: Actor) -> tuple[FeedView, ...]:
    """The actor's feeds in use, oldest first. Raises Forbidden for who can have none."""
    subjects(actor)
    newest: dict[int | None, str] = {}
    return tuple(_feed_view(row, newest) for row in _live_tokens(actor))


def get_feed(actor: Actor, feed_id: int) -> FeedView:
    """One of the actor's feeds. Raises NotFound for another's."""
    return _feed_view(_own_token(actor, feed_id), {})


def create_feed(
    actor: Actor,
    *,
    name: str,
    locale: str,
    details: bool,
    keep_cancelled: bool,
    now: dt.datetime,
    subject: Subject | None = None,
) -> NewFeed:
    """A new address for one device, of one's own shifts or of `subject`.

    Raises Invalid with every fault, Forbidden where the subject is not the actor's to follow.
    """
    subject = subject or Subject(SubjectKind.MEDIATOR, own_mediator(actor).id)
    require_may_follow(actor, subject)
    name = name.strip()
    faults = _faults(actor, name, locale)
    if len(_live_tokens(actor)) >= DEVICES_MOST:
        faults.append(
            InputFault("name", name, _("at most %(n)d devices; revoke one first", n=DEVICES_MOST))
        )
    if faults:
        raise Invalid(faults)
    token = secrets.token_urlsafe(32)
    with database.atomic():
        row = FeedToken.create(
            user=actor.user_id,
            name=name,
            token_hash=hash_of(token),
            locale=locale,
            details=details,
            keep_cancelled=keep_cancelled,
            created_at=now,
            **{str(subject.kind): subject.id},
        )
        FeedDocument.insert(token=row.id).execute()
        audit.record(actor, "feed.create", "feed", row.id, now, of=str(subject))
    return NewFeed(row.id, name, token)


def change_feed(
    actor: Actor,
    feed_id: int,
    *,
    name: str,
    locale: str,
    details: bool,
    keep_cancelled: bool,
    now: dt.datetime,
) -> None:
    """Other contents behind the same address. Raises Invalid with every fault."""
    row = _own_token(actor, feed_id)
    name = name.strip()
    faults = _faults(actor, name, locale, feed_id)
    if faults:
        raise Invalid(faults)
    with database.atomic():
        FeedToken.update(
            name=name, locale=locale, details=details, keep_cancelled=keep_cancelled
        ).where(FeedToken.id == row.id).execute()
        audit.record(actor, "feed.change", "feed", row.id, now)


def rotate_feed(actor: Actor, feed_id: int, now: dt.datetime) -> NewFeed:
    """A new address in place of the old one, which stops at once; settings stay."""
    row = _own_token(actor, feed_id)
    require_may_follow(actor, subject_of(row))
    token = secrets.token_urlsafe(32)
    with database.atomic():
        FeedToken.update(
            token_hash=hash_of(token), created_at=now, fetched_at=None, fetched_version=""
        ).where(FeedToken.id == row.id).execute()
        audit.record(actor, "feed.rotate", "feed", row.id, now)
    return NewFeed(row.id, row.name, token)


def revoke_feed(actor: Actor, feed_id: int, now: dt.datetime) -> str:
    """The address stops at once and for good; the device's name."""
    row = _own_token(actor, feed_id)
    with database.atomic():
        FeedToken.update(revoked_at=now).where(FeedToken.id == row.id).execute()
        audit.record(actor, "feed.revoke", "feed", row.id, now)
    return str(row.name)


def _live_tokens(actor: Actor) -> list[FeedToken]:
    return list(
        FeedToken.select()
        .where(FeedToken.user == actor.user_id, FeedToken.revoked_at.is_null())
        .order_by(FeedToken.id)
    )


def _own_token(actor: Actor, feed_id: int) -> FeedToken:
    """A feed of the actor's. What they no longer may follow they may still stop."""
    for row in _live_tokens(actor):
        if row.id == feed_id:
            return row
    raise NotFound


def _faults(actor: Actor, name: str, locale: str, feed_id: int = 0) -> list[InputFault]:
    faults = []
    if not 1 <= len(name) <= NAME_MOST:
        faults.append(InputFault("name", name, _("a name of 1 to %(n)d characters", n=NAME_MOST)))
    elif not is_printable(name):
        faults.append(InputFault("name", name, _("one line without control characters")))
    if locale not in LANGUAGES:
        faults.append(InputFault("locale", locale, ", ".join(LANGUAGES)))
    others = {row.name.casefold() for row in _live_tokens(actor) if row.id != feed_id}
    if name.casefold() in others:
        faults.append(InputFault("name", name, _("a name that no other device of yours has")))
    return faults


def _feed_view(row: FeedToken, newest: dict[int | None, str]) -> FeedView:
    subject = subject_of(row)
    group_id = _group_of(subject)
    if group_id not in newest:
        newest[group_id] = newest_version(group_id)
    week, _slash, version = row.fetched_version.partition("/")
    return FeedView(
        id=row.id,
        name=row.name,
        subject=subject,
        of=subject_name(subject),
        locale=row.locale,
        details=row.details,
        keep_cancelled=row.keep_cancelled,
        created_at=row.created_at,
        fetched_at=row.fetched_at,
        seen_week=dt.date.fromisoformat(week) if week else None,
        seen_version=int(version) if version else None,
        current=row.fetched_at is not None and row.fetched_version == newest[group_id],
    )


def _group_of(subject: Subject) -> int | None:
    """The planning group whose rosters it shows; None for any."""
    if subject.kind is SubjectKind.MEDIATOR:
        return int(Mediator.get_by_id(subject.id).home_office.group_id)
    if subject.kind is SubjectKind.OFFICE:
        return int(Office.get_by_id(subject.id).group_id)
    return None
