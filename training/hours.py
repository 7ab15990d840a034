"""Hours of training against the yearly right.

Every worker has a right to 40 hours of continuous training a year, or in proportion to the time
worked in it (Código do Trabalho, art. 131). The figure is a parameter; the default is the law's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from training.faults import Fault, TrainingFault
from training.records import MediatorId

RIGHT_MINUTES = 40 * 60


@dataclass(frozen=True, slots=True)
class Engagement:
    """That a mediator works for an association (or without one: "") on these days, both
    counted in; None: open. Someone may have several in a year, one after the other."""

    mediator: MediatorId
    association: str
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Minutes of training somebody attended on a day, whatever the result."""

    mediator: MediatorId
    on: date
    minutes: int


@dataclass(frozen=True, slots=True)
class PersonHours:
    """One mediator's year at one association, in minutes; `owed` is never negative."""

    mediator: MediatorId
    association: str
    had: int
    right: int

    @property
    def owed(self) -> int:
        return max(0, self.right - self.had)


@dataclass(frozen=True, slots=True)
class AssociationHours:
    """An association's year, in minutes. `owed` adds up persons: one's surplus helps no other."""

    association: str
    people: int
    had: int
    right: int
    owed: int


@dataclass(frozen=True, slots=True)
class YearOfHours:
    """Most owed first, in both."""

    people: tuple[PersonHours, ...]
    associations: tuple[AssociationHours, ...]


def hours_of_year(
    year: int,
    engagements: Iterable[Engagement],
    attendances: Iterable[Attendance],
    right_minutes: int = RIGHT_MINUTES,
) -> YearOfHours:
    """Training had and owed in a calendar year, by person and by association.

    The right is in proportion to the days engaged in the year, rounded to the minute. Attendance
    outside every engagement of the person counts for nobody.

    Raises `TrainingFault` for negative minutes, for engagements that end before they start, and
    for two of one person that overlap (a day would count twice).
    """
    listed, attended = list(engagements), list(attendances)
    faults = [*_engagement_faults(listed), *_attendance_faults(attended)]
    if faults:
        raise TrainingFault(faults)
    days: dict[tuple[MediatorId, str], int] = defaultdict(int)
    had: dict[tuple[MediatorId, str], int] = defaultdict(int)
    of_person: dict[MediatorId, list[Engagement]] = defaultdict(list)
    for one in listed:
        days[one.mediator, one.association] += _days_in(one, year)
        of_person[one.mediator].append(one)
    for attendance in attended:
        if attendance.on.year == year:
            for one in of_person[attendance.mediator]:
                if (one.starts or date.min) <= attendance.on <= (one.ends or date.max):
                    had[one.mediator, one.association] += attendance.minutes
    year_days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    people = [
        PersonHours(*key, had[key], round(right_minutes * engaged / year_days))
        for key, engaged in days.items()
        if engaged
    ]
    people.sort(key=lambda one: (-one.owed, one.mediator, one.association))
    return YearOfHours(tuple(people), tuple(_by_association(people)))


def _by_association(people: list[PersonHours]) -> list[AssociationHours]:
    gathered: dict[str, list[PersonHours]] = defaultdict(list)
    for one in people:
        gathered[one.association].append(one)
    rows = [
        AssociationHours(
            name,
            len(members),
            sum(one.had for one in members),
            sum(one.right for one in members),
            sum(one.owed for one in members),
        )
        for name, members in gathered.items()
    ]
    return sorted(rows, key=lambda row: (-row.owed, row.association))


def _days_in(engagement: Engagement, year: int) -> int:
    first = max(engagement.starts or date.min, date(year, 1, 1))
    last = min(engagement.ends or date.max, date(year, 12, 31))
    return max(0, (last - first + timedelta(days=1)).days)


def _engagement_faults(engagements: list[Engagement]) -> Iterator[Fault]:
    ordered = sorted(engagements, key=lambda one: (one.mediator, one.starts or date.min))
    before: Engagement | None = None
    for one in ordered:
        thing = f"engagement of mediator {one.mediator} at {one.association or 'no association'}"
        starts, ends = one.starts or date.min, one.ends or date.max
        if ends < starts:
            yield Fault(thing, "ends", str(one.ends), f"on or after {one.starts}")
        if before and before.mediator == one.mediator and starts <= (before.ends or date.max):
            yield Fault(
                thing, "starts", str(one.starts), f"after {before.ends or 'the other ends'}"
            )
        before = one


def _attendance_faults(attendances: list[Attendance]) -> Iterator[Fault]:
    for one in attendances:
        if one.minutes < 0:
            thing = f"attendance of mediator {one.mediator} on {one.on}"
            yield Fault(thing, "minutes", str(one.minutes), "0 or more")
