"""The offices that one which has hardly opened is foreseen like: those that a coordinator named,
else those of its kind and of its size."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.models import Arrival, Office
from app.models.written import written
from forecast.network import WARM_DAYS

LIKES_MOST = 3
DAYS_NEEDED = WARM_DAYS
"""Days counted with which an office is foreseen by itself."""
LOOKED_AT_MOST = 12
"""Offices asked whether they have counted enough, the likest first."""
SLOTS_LOOKED_AT = WARM_DAYS * 48
SCALE_RANGE = (0.25, 4.0)


@dataclass(frozen=True, slots=True)
class Like:
    """An office, and how large the new one is expected to be against it."""

    office: Office
    scale: float
    named: bool = False
    """By a coordinator."""


def counted_days(office: Office, before: dt.date) -> int:
    """Days before a date on which anybody was counted; those beyond WARM_DAYS are not told."""
    zone = ZoneInfo(office.zone)
    midnight = dt.datetime.combine(before, dt.time(), zone)
    days = {at.astimezone(zone).date() for (at,) in _slots_counted(office.id, midnight)}
    return min(len(days), WARM_DAYS)


@written
def _slots_counted(office_id: Any, before: Any) -> Any:
    query = Arrival.select(Arrival.starts_at).distinct()
    query = query.where(Arrival.office == office_id, Arrival.starts_at < before)
    return query.order_by(Arrival.starts_at.desc()).limit(SLOTS_LOOKED_AT).tuples()


def likes_of(office: Office, before: dt.date) -> tuple[Like, ...]:
    """Up to LIKES_MOST offices that have counted enough before a date to stand on their own.

    Those that a coordinator named, where any of them has; else as `_found` finds them. The
    expected size is scaled by how many can serve at once.
    """
    return _named(office, before) or _found(office, before)


def _named(office: Office, before: dt.date) -> tuple[Like, ...]:
    rows = {row.id: row for row in Office.select().where(Office.id.in_(office.likes))}
    known = [rows[office_id] for office_id in office.likes if office_id in rows]
    return tuple(
        Like(one, _scale(office, one), named=True)
        for one in known
        if counted_days(one, before) >= WARM_DAYS
    )


def _found(office: Office, before: dt.date) -> tuple[Like, ...]:
    """Offices of its kind; those planned together with it come first, then those nearest in how
    many can serve at once."""
    others = Office.select().where(
        Office.kind == office.kind, Office.active, Office.id != office.id
    )
    nearest = sorted(
        others,
        key=lambda one: (one.group_id != office.group_id, _distance(office, one), one.position),
    )
    found: list[Like] = []
    for one in nearest[:LOOKED_AT_MOST]:
        if len(found) < LIKES_MOST and counted_days(one, before) >= WARM_DAYS:
            found.append(Like(one, _scale(office, one)))
    return tuple(found)


def _scale(office: Office, other: Office) -> float:
    """The size of an office against another's; 1 where how many serve there is not limited."""
    if not (office.capacity and other.capacity):
        return 1.0
    least, most = SCALE_RANGE
    return min(max(office.capacity / other.capacity, least), most)


def _distance(office: Office, other: Office) -> float:
    scale = _scale(office, other)
    return max(scale, 1 / scale)


@dataclass(frozen=True, slots=True)
class HardlyOpened:
    """Why an office is foreseen like others: days it has counted, days it needs, names of those."""

    days: int
    needed: int
    likes: tuple[str, ...]
    """Empty where no office of its kind has counted enough either."""
    named: bool
    """Whether a coordinator chose them."""


def hardly_opened(office_id: int, week_starts_on: dt.date, now: dt.datetime) -> HardlyOpened | None:
    """What the forecast of an office's week starts from while its own days are too few; else None.

    Nothing is told of a week that is over: what has been counted by now says nothing of it. The
    caller has checked that the office may be seen.
    """
    office = Office.get_by_id(office_id)
    today = now.astimezone(ZoneInfo(office.zone)).date()
    if week_starts_on + dt.timedelta(weeks=1) <= today:
        return None
    before = min(week_starts_on, today)
    days = counted_days(office, before)
    if days >= WARM_DAYS:
        return None
    found = likes_of(office, before)
    names = tuple(like.office.name for like in found)
    return HardlyOpened(days, WARM_DAYS, names, any(like.named for like in found))
