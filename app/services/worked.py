"""Published work added up: hours, shifts, evenings and Saturdays. One counter for every page.

Only the newest published version of each week counts; training attended or given counts as
work (CT 131). Each minute counts once: time in training or out on a route that lies within a shift
is no second time at work.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from peewee import ModelSelect

from app.models import Assignment, Roster, database
from app.models.written import written
from app.services.field_busy import field_spans
from app.services.horizon import NETWORK_ZONE
from app.services.hours import Times, merged, minutes_besides, minutes_in
from app.services.published import AROUND, BREAKS, breaks_of, rosters_of_weeks
from app.services.training_busy import training_spans


@dataclass(slots=True)
class Worked:
    """One person's work in a span of dates, in minutes and shifts."""

    work_minutes: int = 0
    """In shifts, without the time of them spent in training or out on a route."""
    training_minutes: int = 0
    field_minutes: int = 0
    """Out with the mobile unit or a field team, without the time in training."""
    shifts: int = 0
    unsocial: int = 0
    """Shifts in the evening or on a Saturday."""

    @property
    def minutes(self) -> int:
        return self.work_minutes + self.training_minutes + self.field_minutes


def worked_between(
    first: dt.date, last: dt.date, mediator_ids: Iterable[int] | None = None
) -> defaultdict[int, Worked]:
    """By mediator, of the dates from `first` to `last`, both in it."""
    found: defaultdict[int, Worked] = defaultdict(Worked)
    wanted = None if mediator_ids is None else list(mediator_ids)
    listed = _shifts(first, last, first - AROUND, wanted)
    late = unsocial_counts(listed)
    trained: defaultdict[int, list[Times]] = defaultdict(list)
    since, until = _instants(first, last)
    for one in training_spans(since, until, wanted):
        if one.starts_at >= since:  # Else it counts among the dates before, as a shift does.
            trained[one.mediator_id].append((one.starts_at, one.ends_at))
    taken = defaultdict(list, {who: list(spans) for who, spans in trained.items()})
    for mediator_id, start, end in field_spans(since, until, wanted):
        if start >= since:
            taken[mediator_id].append((start, end))
    for mediator_id, spans in taken.items():
        taken[mediator_id] = merged(spans)
        found[mediator_id].training_minutes = minutes_in(merged(trained[mediator_id]))
        outside = minutes_in(taken[mediator_id]) - found[mediator_id].training_minutes
        found[mediator_id].field_minutes = outside
    for row in listed:
        person = found[row.mediator_id]
        person.work_minutes += worked_minutes(row, taken.get(row.mediator_id, ()))
        person.shifts += 1
        person.unsocial = late[row.mediator_id]
    return found


def published_between(first: dt.date, last: dt.date) -> ModelSelect[Assignment]:
    """Rows of the published shifts of those dates."""
    return Assignment.select().where(*_published(first, last, first - AROUND))


def unsocial_between(first: dt.date, last: dt.date, mediator_ids: Iterable[int]) -> int:
    """Evening and Saturday shifts of all these together, of those dates."""
    people = set(mediator_ids)
    found = _unsocial.of(_live(first - AROUND, last))
    return sum(who in people and first <= date <= last for who, date in found)


@written
def _live(first: Any, last: Any) -> Any:
    """(roster, when it was published) of the live rosters of these weeks."""
    query = Roster.select(Roster.id, Roster.published_at)
    return query.where(Roster.id.in_(rosters_of_weeks(first, last))).tuples()


class _Unsocial:
    """Evening and Saturday shifts of published versions, whose shifts never change: read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], list[tuple[int, dt.date]]] = {}

    def of(self, rosters: Iterable[tuple[Any, ...]]) -> list[tuple[int, dt.date]]:
        """(mediator, date) of each."""
        keys = [(database.obj, *one) for one in rosters]
        here = {key: self._known[key] for key in keys if key in self._known}
        missing = {key[1]: key for key in keys if key not in here}
        if missing:
            here |= {key: [] for key in missing.values()}
            for roster_id, mediator_id, date in _unsocial_shifts(list(missing)):
                here[missing[roster_id]].append((mediator_id, date))
            if len(self._known) > _VERSIONS_KEPT:
                self._known.clear()
            self._known |= here
        return [one for rows in here.values() for one in rows]


_VERSIONS_KEPT = 2_000
_unsocial = _Unsocial()


@written
def _unsocial_shifts(roster_ids: Any) -> Any:
    query = Assignment.select(Assignment.roster, Assignment.mediator, Assignment.date)
    return query.where(Assignment.roster.in_(roster_ids), Assignment.unsocial).tuples()


@written
def _shifts(first: Any, last: Any, monday: Any, mediator_ids: Any) -> Any:
    # No more columns than are added up: a year of seventy people is twelve thousand rows.
    columns = (Assignment.starts_at, Assignment.ends_at, Assignment.unsocial, BREAKS)
    query = Assignment.select(Assignment.mediator.alias("mediator_id"), *columns)
    query = query.where(*_published(first, last, monday))
    if mediator_ids is not None:
        query = query.where(Assignment.mediator.in_(mediator_ids))
    return query.namedtuples()


def _published(first: Any, last: Any, monday: Any) -> tuple[Any, ...]:
    """The shifts of those dates, in rosters whose weeks begin from `monday` on."""
    weeks = rosters_of_weeks(monday, last)
    return Assignment.roster.in_(weeks), Assignment.date >= first, Assignment.date <= last


def unsocial_counts(rows: Iterable[Assignment]) -> Counter[int]:
    """Evening and Saturday shifts by mediator: what the roster's fairness, the reports and the
    pages all count by."""
    return Counter(row.mediator_id for row in rows if row.unsocial)


def worked_minutes(row: Assignment, taken: Sequence[Times] = ()) -> int:
    """Paid work of a shift: its length less its breaks, and less what of it is `taken` by what
    is counted besides (as `hours.merged` gives it)."""
    return minutes_besides((row.starts_at, row.ends_at), breaks_of(row), taken)


def _instants(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    zone = ZoneInfo(NETWORK_ZONE)
    since = dt.datetime.combine(first, dt.time(), zone)
    return since, dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)
