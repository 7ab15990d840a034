"""The dates of a session: one, its own span, or several parts with nothing in between.

A session's row spans all of it, from the start of its first part to the end of its last. Parts are
rows once a session was given several; each keeps its UID, whatever moves. The first part of a
session bears the session's own, so that its event in calendars stays the one it was.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from peewee import JOIN, ModelSelect

from app.models import CourseSession, Office, SessionPart
from app.models.written import written
from app.services.session_rows import zone_of

Span = tuple[dt.datetime, dt.datetime]
A_DAY = dt.timedelta(days=1)
DOOR_OPENS_BEFORE = dt.timedelta(minutes=30)
"""How long before each date people can check in."""


@dataclass(frozen=True, slots=True)
class Part:
    uid: str
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def span(self) -> Span:
        return self.starts_at, self.ends_at


def parts_of(row: CourseSession) -> list[Part]:
    """Its parts, in order; at least one."""
    return parts_by_session([row])[row.id]


def parts_by_session(rows: Iterable[CourseSession]) -> dict[int, list[Part]]:
    """The parts of each session, read in one query."""
    sessions = {row.id: row for row in rows}
    found: defaultdict[int, list[Part]] = defaultdict(list)
    for session_id, *part in _parts(list(sessions)) if sessions else ():
        found[session_id].append(Part(*part))
    return {
        session_id: found.get(session_id) or [Part(row.uid, row.starts_at, row.ends_at)]
        for session_id, row in sessions.items()
    }


@written
def _parts(session_ids: Any) -> Any:
    columns = SessionPart.session, SessionPart.uid, SessionPart.starts_at, SessionPart.ends_at
    query = SessionPart.select(*columns).where(SessionPart.session.in_(session_ids))
    return query.order_by(SessionPart.starts_at).tuples()


def sessions_with_dates(first: dt.date, last: dt.date) -> ModelSelect[SessionPart]:
    """The sessions of several dates of which one may lie on these days: a query of their ids."""
    since, until = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in (first, last))
    return SessionPart.select(SessionPart.session).where(
        SessionPart.starts_at >= since - A_DAY, SessionPart.starts_at < until + 2 * A_DAY
    )


def minutes_by_day(session_ids: Iterable[int]) -> dict[int, dict[dt.date, int]]:
    """The minutes of each day, where it is held, of those sessions that have several dates."""
    rows = list(
        CourseSession.select(CourseSession, Office)
        .join(Office, JOIN.LEFT_OUTER)
        .where(CourseSession.id.in_(list(session_ids)))
    )
    found: dict[int, dict[dt.date, int]] = {}
    zones = {row.id: ZoneInfo(zone_of(row)) for row in rows}
    for session_id, parts in parts_by_session(rows).items():
        if len(parts) > 1:
            days = found.setdefault(session_id, defaultdict(int))
            for one in parts:
                day = one.starts_at.astimezone(zones[session_id]).date()
                days[day] += (one.ends_at - one.starts_at) // dt.timedelta(minutes=1)
    return found


def replace_parts(row: CourseSession, spans: Sequence[Span]) -> None:
    """Give a session these dates. Call before its own span changes, in the same transaction.

    A part that begins when one began before is that one; the others go on in their order, and
    those that are more than before are new.
    """
    before = parts_of(row)
    listed = sorted(spans)
    known = {one.starts_at: one.uid for one in before}
    left = [one.uid for one in before if one.starts_at not in {start for start, _end in listed}]
    uids = [known.get(start) or (left.pop(0) if left else None) for start, _end in listed]
    SessionPart.delete().where(SessionPart.session == row.id).execute()
    if uids == [row.uid]:
        return
    for (start, end), uid in zip(listed, uids, strict=True):
        named = {"uid": uid} if uid else {}
        SessionPart.create(session=row.id, starts_at=start, ends_at=end, **named)


def meets(row: CourseSession, spans: Iterable[Span]) -> bool:
    """Whether a part of the session falls on one of these."""
    parts = parts_of(row)
    return any(one.starts_at < end and one.ends_at > start for start, end in spans for one in parts)


def results_day(row: CourseSession) -> dt.date:
    """The first day a result can be of: the one its last part begins on, where it is held."""
    return parts_of(row)[-1].starts_at.astimezone(ZoneInfo(zone_of(row))).date()
