"""Calendar feeds: one secret address a device, and the calendar behind it.

The token is shown once and kept only as its SHA-256: whoever reads the database cannot read
anyone's calendar. It is 32 random bytes, so a plain fast hash is enough.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache

from peewee import fn

from app.i18n import LOCALES, _, in_language
from app.models import (
    FeedToken,
    Mediator,
    Office,
    Roster,
    RosterStatus,
    User,
    database,
)
from app.services import audit
from app.services.errors import InputFault, Invalid, NotFound
from app.services.feed_events import events_of, settings_of
from app.services.my_shifts import own_mediator
from app.services.rights import Actor
from calendars.feed import (
    MAX_FEED_BYTES,
    FeedEvent,
    FeedSettings,
    etag,
    fit_feed,
    render_feed,
    window,
)

NAME_MOST = 60
DEVICES_MOST = 20
SEEN_EVERY = dt.timedelta(minutes=1)
"""A feed that is read again within this time is not noted again, to spare writes."""
_NEVER = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_KEPT_DAYS = 124
"""Reaches past the edge of `calendars.feed.window`, which decides exactly."""


@dataclass(frozen=True, slots=True)
class FeedView:
    """One device's feed as its owner sees it; never the token."""

    id: int
    name: str
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


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A rendered feed. The same rows give the same bytes, plain and compressed."""

    body: bytes
    gzipped: bytes
    etag: str
    modified: dt.datetime


def list_feeds(actor: Actor) -> tuple[FeedView, ...]:
    """The actor's feeds in use, oldest first. Raises Forbidden for who is no mediator."""
    mediator = own_mediator(actor)
    newest = _newest_version(mediator)
    return tuple(_feed_view(row, newest) for row in _live_tokens(actor))


def create_feed(
    actor: Actor, *, name: str, locale: str, details: bool, keep_cancelled: bool, now: dt.datetime
) -> NewFeed:
    """A new address for one device. Raises Invalid with every fault."""
    mediator = own_mediator(actor)
    name = name.strip()
    faults = []
    if not 1 <= len(name) <= NAME_MOST:
        faults.append(InputFault("name", name, _("a name of 1 to %(n)d characters", n=NAME_MOST)))
    if locale not in LOCALES:
        faults.append(InputFault("locale", locale, ", ".join(LOCALES)))
    in_use = list(_live_tokens(actor))
    if name.casefold() in {row.name.casefold() for row in in_use}:
        faults.append(InputFault("name", name, _("a name that no other device of yours has")))
    if len(in_use) >= DEVICES_MOST:
        faults.append(
            InputFault("name", name, _("at most %(n)d devices; revoke one first", n=DEVICES_MOST))
        )
    if faults:
        raise Invalid(faults)
    token = secrets.token_urlsafe(32)
    with database.atomic():
        row = FeedToken.create(
            user=actor.user_id,
            mediator=mediator,
            name=name,
            token_hash=_hash(token),
            locale=locale,
            details=details,
            keep_cancelled=keep_cancelled,
            created_at=now,
        )
        audit.record(actor, "feed.create", "feed", row.id, now, name=name)
    return NewFeed(row.id, name, token)


def rotate_feed(actor: Actor, feed_id: int, now: dt.datetime) -> NewFeed:
    """A new address in place of the old one, which stops at once; settings stay."""
    row = _own_token(actor, feed_id)
    token = secrets.token_urlsafe(32)
    with database.atomic():
        FeedToken.update(
            token_hash=_hash(token), created_at=now, fetched_at=None, fetched_version=""
        ).where(FeedToken.id == row.id).execute()
        audit.record(actor, "feed.rotate", "feed", row.id, now, name=row.name)
    return NewFeed(row.id, row.name, token)


def revoke_feed(actor: Actor, feed_id: int, now: dt.datetime) -> str:
    """The address stops at once and for good; the device's name."""
    row = _own_token(actor, feed_id)
    with database.atomic():
        FeedToken.update(revoked_at=now).where(FeedToken.id == row.id).execute()
        audit.record(actor, "feed.revoke", "feed", row.id, now, name=row.name)
    return str(row.name)


def read_feed(token: str, now: dt.datetime, note: bool = True) -> FeedDocument:
    """The calendar behind `token`, and a note that it was fetched.

    Raises NotFound for a token that is unknown or revoked, or whose owner may no longer sign in.
    """
    row = (
        FeedToken.select(FeedToken, User, Mediator, Office)
        .join(User)
        .switch(FeedToken)
        .join(Mediator)
        .join(Office)
        .where(FeedToken.token_hash == _hash(token), FeedToken.revoked_at.is_null(), User.active)
        .first()
    )
    if row is None or row.user.mediator_id != row.mediator_id:
        raise NotFound
    since = now - dt.timedelta(days=_KEPT_DAYS)
    mediator: Mediator = row.mediator
    with in_language(row.locale):
        events = tuple(events_of(row, mediator, since))
        settings = settings_of(row, mediator)
    document = _rendered(window(events, now), settings)
    if len(document.body) > MAX_FEED_BYTES:
        document = _document(fit_feed(events, settings, now), events)
    if note:
        _note_fetch(row, mediator, now)
    return document


def _live_tokens(actor: Actor) -> list[FeedToken]:
    return list(
        FeedToken.select()
        .where(FeedToken.user == actor.user_id, FeedToken.revoked_at.is_null())
        .order_by(FeedToken.id)
    )


def _own_token(actor: Actor, feed_id: int) -> FeedToken:
    own_mediator(actor)
    for row in _live_tokens(actor):
        if row.id == feed_id:
            return row
    raise NotFound


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=2048)
def _rendered(events: tuple[FeedEvent, ...], settings: FeedSettings) -> FeedDocument:
    """Most fetches find nothing new: the same events are written and compressed once."""
    return _document(render_feed(events, settings), events)


def _document(body: bytes, events: tuple[FeedEvent, ...]) -> FeedDocument:
    return FeedDocument(
        body=body,
        gzipped=gzip.compress(body, compresslevel=6, mtime=0),
        etag=etag(body).strip('"'),
        modified=max((one.modified for one in events), default=_NEVER),
    )


def _note_fetch(row: FeedToken, mediator: Mediator, now: dt.datetime) -> None:
    seen = _newest_version(mediator)
    recent = row.fetched_at is not None and now - row.fetched_at < SEEN_EVERY
    if recent and seen == row.fetched_version:
        return
    FeedToken.update(fetched_at=now, fetched_version=seen).where(
        FeedToken.id == row.id, FeedToken.token_hash == row.token_hash
    ).execute()


def _newest_version(mediator: Mediator) -> str:
    """The roster published last in the mediator's group, as `2026-03-09/2`; empty for none."""
    row = (
        Roster.select(Roster.week_starts_on, Roster.version)
        .where(
            Roster.group == mediator.home_office.group_id,
            Roster.status == RosterStatus.PUBLISHED,
        )
        .order_by(fn.COALESCE(Roster.published_at, Roster.created_at).desc(), Roster.id.desc())
        .first()
    )
    return f"{row.week_starts_on.isoformat()}/{row.version}" if row else ""


def _feed_view(row: FeedToken, newest: str) -> FeedView:
    week, _slash, version = row.fetched_version.partition("/")
    return FeedView(
        id=row.id,
        name=row.name,
        locale=row.locale,
        details=row.details,
        keep_cancelled=row.keep_cancelled,
        created_at=row.created_at,
        fetched_at=row.fetched_at,
        seen_week=dt.date.fromisoformat(week) if week else None,
        seen_version=int(version) if version else None,
        current=row.fetched_at is not None and row.fetched_version == newest,
    )
