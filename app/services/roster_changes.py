"""What differs between two versions of a week, person by person, day by day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from app.models import Assignment, Office, Roster
from app.services.horizon import NETWORK_ZONE, Horizon
from app.services.published import breaks_of
from app.services.roster_rows import by_person_day, same_shift
from solver import problem as sp


@dataclass(frozen=True, slots=True)
class ShiftTimes:
    """A shift, or a field route, as people are told of it."""

    office: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str = NETWORK_ZONE
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...] = ()
    route: str = ""
    """The name of the field route that it is; empty for a shift."""


def offered_times(shift: sp.Shift, office: Office, horizon: Horizon) -> ShiftTimes:
    """Of a shift that a week's problem offers."""
    instant = horizon.instant
    breaks = tuple((instant(start), instant(end)) for start, end in shift.breaks)
    return ShiftTimes(office.name, instant(shift.start), instant(shift.end), office.zone, breaks)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What publishing changes for one mediator on one date."""

    mediator_id: int
    mediator: str
    date: dt.date
    before: ShiftTimes | None
    after: ShiftTimes | None


def changes_between(before: Roster | None, after: Roster) -> tuple[PersonChange, ...]:
    """Every (mediator, date) whose shift differs between two versions, by name and date."""
    old: dict[Any, Any] = by_person_day(before)
    new: dict[Any, Any] = by_person_day(after)
    changes = []
    for key in old.keys() | new.keys():
        was, will = old.get(key), new.get(key)
        if was and will and same_shift(was, will):
            continue
        row: Any = will or was
        mediator = row.mediator
        changes.append(
            PersonChange(
                mediator_id=key[0],
                mediator=mediator.called_name or mediator.name,
                date=key[1],
                before=_times(was),
                after=_times(will),
            )
        )
    return tuple(sorted(changes, key=lambda one: (one.mediator, one.mediator_id, one.date)))


def _times(row: Assignment | None) -> ShiftTimes | None:
    if row is None:
        return None
    return ShiftTimes(row.office.name, row.starts_at, row.ends_at, row.office.zone, breaks_of(row))
