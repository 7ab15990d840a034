"""When each feed was last fetched, and which roster it saw then.

Thousands of fetches a second are noted together: the first of a second at once, those that follow
in one transaction a second later. A process that is killed loses at most that second's notes.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from peewee import JOIN, fn

from app.models import FeedToken, Mediator, Office, Roster, RosterStatus, database

EVERY_SECONDS = 1.0
_AT_ONCE = 500
log = logging.getLogger("escala.feeds")

Notes = Mapping[int, tuple[str, dt.datetime]]
"""Feed's id → its token's hash and the instant of the fetch."""


class FetchNotes:
    """Gathers the notes of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[str, dt.datetime]] = {}
        self._written = 0.0
        self._timer: threading.Timer | None = None

    def add(self, token_id: int, token_hash: str, now: dt.datetime) -> None:
        """Note a fetch: at once when the last note is a second old, else with the next."""
        with self._lock:
            self._waiting[token_id] = (token_hash, now)
            if self._timer is not None:
                return
            wait = self._written + EVERY_SECONDS - time.monotonic()
            if wait > 0:
                self._timer = threading.Timer(wait, self._flush_apart)
                self._timer.daemon = True
                self._timer.start()
                return
        self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            self._written = time.monotonic()
            self._timer = None
        write(waiting)

    def _flush_apart(self) -> None:
        try:
            with database.connection_context():
                self.flush()
        except Exception:
            log.exception("fetches could not be noted")


def write(notes: Notes) -> None:
    """Note these fetches with the roster each has seen. A token rotated meanwhile is left out."""
    newest: dict[tuple[int | None, dt.datetime], str] = {}
    ids = sorted(notes)
    with database.atomic():
        for start in range(0, len(ids), _AT_ONCE):
            for token_id, group_id in _groups(ids[start : start + _AT_ONCE]):
                token_hash, now = notes[token_id]
                if (group_id, now) not in newest:
                    newest[group_id, now] = newest_version(group_id, now)
                FeedToken.update(fetched_at=now, fetched_version=newest[group_id, now]).where(
                    FeedToken.id == token_id, FeedToken.token_hash == token_hash
                ).execute()


def newest_version(group_id: int | None, at: dt.datetime | None = None) -> str:
    """The roster published last in a group, or in any, as `2026-03-09/2`; empty for none.

    With `at`, the one published last by then: what came after a fetch was not in it, though its
    note is written later.
    """
    query = Roster.select(Roster.week_starts_on, Roster.version)
    last = fn.COALESCE(Roster.published_at, Roster.created_at)
    if at is None:
        query = query.where(Roster.status == RosterStatus.PUBLISHED)
    else:
        # What has been superseded since was published then.
        was_public = (Roster.status == RosterStatus.SUPERSEDED) & Roster.published_at.is_null(False)
        query = query.where((Roster.status == RosterStatus.PUBLISHED) | was_public, last <= at)
    if group_id is not None:
        query = query.where(Roster.group == group_id)
    row = query.order_by(last.desc(), Roster.id.desc()).first()
    return f"{row.week_starts_on.isoformat()}/{row.version}" if row else ""


def _groups(token_ids: list[int]) -> list[tuple[int, int | None]]:
    """Each feed with the planning group it is of; None for a course's or an association's."""
    home = Office.alias()
    rows: Any = (
        FeedToken.select(FeedToken.id, fn.COALESCE(home.group, Office.group))
        .join(Mediator, JOIN.LEFT_OUTER, on=(FeedToken.mediator == Mediator.id))
        .join(home, JOIN.LEFT_OUTER, on=(Mediator.home_office == home.id))
        .switch(FeedToken)
        .join(Office, JOIN.LEFT_OUTER, on=(FeedToken.office == Office.id))
        .where(FeedToken.id.in_(token_ids))
        .order_by(FeedToken.id)
        .tuples()
    )
    return [(int(one[0]), one[1]) for one in rows]
