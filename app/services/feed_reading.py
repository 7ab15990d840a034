"""The calendar behind a feed's address, as often and as fast as it is asked for.

A fetch is one look-up by the token's hash: whether the address leads anywhere, whether its owner
still has the right to it, and whether what was last written still holds (`FeedDocument`). Only
where it does not are the rows read and the calendar written anew.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import calendars.content_lines
import calendars.feed
import calendars.right_to_left
import calendars.words
from app.database import is_postgresql
from app.i18n import in_language, language_called
from app.models import FeedDocument, FeedToken, database
from app.services import feed_events, feed_notes
from app.services.errors import NotFound
from app.services.keyring import hash_of
from calendars.feed import MAX_FEED_BYTES, etag, fit_feed, render_feed, stands_until, window

SEEN_EVERY = dt.timedelta(minutes=1)
"""A feed that is read again within this time is not noted again, to spare writes."""
_NEVER = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_KEPT_DAYS = 124
"""Reaches past the edge of `calendars.feed.window`, which decides exactly."""
_SECOND = dt.timedelta(seconds=1)
_APP = Path(__file__).resolve().parent.parent

_LOOK_UP = """
SELECT t.id, t.fetched_at, d.changes, d.rendered, d.maker, d.stands_until, d.etag, d.modified,
       d.size
FROM feed_token t
JOIN "user" u ON u.id = t.user_id
LEFT JOIN feed_document d ON d.token_id = t.id
WHERE t.token_hash = ? AND t.revoked_at IS NULL AND u.active
AND (t.mediator_id = u.mediator_id OR (t.mediator_id IS NULL AND EXISTS (
    SELECT 1 FROM user_role r WHERE r.user_id = u.id AND (
        (t.office_id IS NOT NULL AND (r.role = 'administrator'
            OR (r.role = 'coordinator' AND (r.office_id IS NULL OR r.office_id = t.office_id))))
        OR (t.course_id IS NOT NULL AND (r.role = 'administrator'
            OR (r.role = 'coordinator' AND r.office_id IS NULL)
            OR (r.role = 'trainer' AND EXISTS (SELECT 1 FROM course_trainer c
                WHERE c.course_id = t.course_id AND c.user_id = u.id))))
        OR (t.association_id IS NOT NULL AND r.role = 'association'
            AND r.association_id = t.association_id)))))
"""
"""Plain SQL: building the query anew would cost more than running it does."""


@dataclass(frozen=True, slots=True)
class KeptFeed:
    """What is known of a feed without reading its calendar."""

    token_id: int
    token_hash: str
    fetched_at: dt.datetime | None
    holds: bool
    """What was last written is what would be written now."""
    etag: str
    modified: dt.datetime
    size: int
    """Bytes, uncompressed."""


@dataclass(frozen=True, slots=True)
class WrittenFeed:
    """A written feed. The same rows give the same bytes, plain and compressed."""

    gzipped: bytes
    etag: str
    modified: dt.datetime
    size: int

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.gzipped)


def look_up(token: str, now: dt.datetime) -> KeptFeed:
    """What is kept of the feed behind `token`.

    Raises NotFound for a token that is unknown or revoked, or whose owner may no longer sign in
    or no longer has a right to what it shows.
    """
    token_hash = hash_of(token)
    query = _LOOK_UP.replace("?", "%s") if is_postgresql() else _LOOK_UP
    row = database.execute_sql(query, (token_hash,)).fetchone()
    if row is None:
        raise NotFound
    token_id, fetched, changes, rendered, maker, until, tag, modified, size = row
    holds = changes is not None and changes == rendered and maker == _maker()
    return KeptFeed(
        token_id=token_id,
        token_hash=token_hash,
        fetched_at=_instant(fetched),
        holds=holds and now < (_instant(until) or _NEVER),
        etag=tag or "",
        modified=_instant(modified) or _NEVER,
        size=size or 0,
    )


def kept_document(token_id: int) -> WrittenFeed | None:
    """What was last written for this feed: all of one moment."""
    query = "SELECT gzipped, etag, modified, size FROM feed_document WHERE token_id = "
    query += "%s" if is_postgresql() else "?"
    row = database.execute_sql(query, (token_id,)).fetchone()
    if row is None or not row[0]:
        return None
    gzipped, tag, modified, size = row
    return WrittenFeed(bytes(gzipped), tag, _instant(modified) or _NEVER, size)


def read_feed(token: str, now: dt.datetime, note: bool = True) -> WrittenFeed:
    """The calendar behind `token`, and a note that it was fetched. Raises NotFound."""
    kept = look_up(token, now)
    document = kept_document(kept.token_id) if kept.holds else None
    if document is None:
        document = _written(kept.token_id, now)
        if note:
            feed_notes.write({kept.token_id: (kept.token_hash, now)})
    elif note and is_due(kept, now):
        feed_notes.write({kept.token_id: (kept.token_hash, now)})
    return document


def is_due(kept: KeptFeed, now: dt.datetime) -> bool:
    """Whether this fetch is to be noted."""
    return kept.fetched_at is None or now - kept.fetched_at >= SEEN_EVERY


def _written(token_id: int, now: dt.datetime) -> WrittenFeed:
    """The calendar from its rows, kept for the next who asks."""
    FeedDocument.insert(token=token_id).on_conflict_ignore().execute()
    # The number before the rows: a change that comes between is then seen by the next fetch.
    changes = FeedDocument.get_by_id(token_id).changes
    row = FeedToken.get_by_id(token_id)
    since = now - dt.timedelta(days=_KEPT_DAYS)
    with in_language(language_called(row.locale).code):
        events = tuple(feed_events.events_of(row, since))
        settings = feed_events.settings_of(row)
    body = render_feed(window(events, now), settings)
    fitted = len(body) > MAX_FEED_BYTES
    if fitted:
        body = fit_feed(events, settings, now)
    newest = max((one.modified for one in events), default=_NEVER)
    _keep(token_id, changes, body, newest, stands_until(now, fitted), now)
    document = kept_document(token_id)
    if document is None:
        raise NotFound
    return document


def _keep(
    token_id: int,
    changes: int,
    body: bytes,
    newest: dt.datetime,
    until: dt.datetime,
    now: dt.datetime,
) -> None:
    """Put a body in place of the kept one, unless another process has kept a later one.

    The date of change moves on whenever the bytes differ, so that who asks by date alone
    (If-Modified-Since) is told too of a shift that has gone and left no date behind.
    """
    tag = etag(body).strip('"')
    with database.atomic():
        query = FeedDocument.select().where(FeedDocument.token == token_id)
        before = (query.for_update() if is_postgresql() else query).get()
        if before.rendered > changes:
            return
        modified = newest.replace(microsecond=0)
        if before.modified is not None and before.etag == tag:
            modified = before.modified
        elif before.modified is not None:
            modified = max(modified, before.modified + _SECOND, now.replace(microsecond=0))
        FeedDocument.update(
            rendered=changes,
            maker=_maker(),
            stands_until=until,
            etag=tag,
            modified=modified,
            size=len(body),
            gzipped=gzip.compress(body, compresslevel=6, mtime=0),
        ).where(FeedDocument.token == token_id).execute()


@cache
def _maker() -> str:
    """Fingerprint of what writes feeds: a new release of it writes them all anew."""
    parts = [
        Path(str(calendars.content_lines.__file__)),
        Path(str(calendars.feed.__file__)),
        Path(str(calendars.right_to_left.__file__)),
        Path(str(calendars.words.__file__)),
        *sorted(_APP.glob("services/feed_*.py")),
        _APP / "services" / "phone_turns.py",
        _APP / "services" / "published.py",
        *sorted((_APP / "translations").glob("*/LC_MESSAGES/messages.mo")),
    ]
    made = hashlib.sha256()
    for part in parts:
        made.update(part.read_bytes())
    return made.hexdigest()[:16]


def _instant(value: Any) -> dt.datetime | None:
    """A column's instant: naive UTC, as text on SQLite."""
    if value is None:
        return None
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    found: dt.datetime = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return found
