"""Hours at the telephone of somebody at work in a centre: busy there, serving here, by agreement.

The roster's problem has one office a shift, so an hour that is given changes neither shift nor
cover of any roster. It stands beside the shift, as a field route does, and holds while that shift
does: moved, called off or worked at another office, the hour is no longer told anywhere. Read here;
given and taken back in `app.services.phone_giving`, taken back with a shift that a newer version of
the week no longer has in `app.services.phone_falls`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.models import Assignment, Mediator, Office, PhoneTurn
from app.models.written import written
from app.services.published import live_rosters_between
from app.services.telling import name_of

Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Turn:
    """In `[starts_at, ends_at)` a mediator at `centre` answers for `telephone`."""

    id: int
    mediator_id: int
    name: str
    office_id: int
    """Of the telephone service."""
    office: str
    zone: str
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    centre_id: int
    centre: str
    roster_id: int
    """The published one that has the shift."""

    @property
    def times(self) -> Span:
        return self.starts_at, self.ends_at


def standing_turns(
    since: dt.datetime, until: dt.datetime, mediator_ids: Iterable[int] | None = None
) -> tuple[Turn, ...]:
    """Those that end after `since`, begin before `until` and lie in a shift that is
    published at the centre whose hours they are."""
    wanted = None if mediator_ids is None else list(mediator_ids)
    rows = list(_turns(since, until, wanted))
    if not rows:
        return ()
    dates = [row.date for row in rows]
    rosters = live_rosters_between(min(dates), max(dates))
    shifts = list(_shifts({row.mediator_id for row in rows}, rosters))
    found = []
    for row in rows:
        for shift in shifts:
            theirs = (row.mediator_id, row.centre_id) == (shift.mediator_id, shift.office_id)
            if theirs and shift.starts_at <= row.starts_at and row.ends_at <= shift.ends_at:
                found.append(_turn(row, shift))
                break
    return tuple(found)


def telephones_answered(mediator_id: int, now: dt.datetime) -> frozenset[int]:
    """The telephone services that a mediator answers for on the date that it is there."""
    day = dt.timedelta(days=1)
    turns = standing_turns(now - day, now + day, [mediator_id])
    return frozenset(
        one.office_id for one in turns if _date(one.starts_at, one.zone) == _date(now, one.zone)
    )


def _date(instant: dt.datetime, zone: str) -> dt.date:
    return instant.astimezone(ZoneInfo(zone)).date()


@written
def _turns(since: Any, until: Any, mediator_ids: Any) -> Any:
    query = (
        PhoneTurn.select(PhoneTurn, Office, Mediator)
        .join(Office, on=PhoneTurn.office)
        .switch(PhoneTurn)
        .join(Mediator)
        .where(
            PhoneTurn.cancelled_at.is_null(),
            PhoneTurn.ends_at > since,
            PhoneTurn.starts_at < until,
        )
        .order_by(PhoneTurn.starts_at, PhoneTurn.id)
    )
    return query if mediator_ids is None else query.where(PhoneTurn.mediator.in_(mediator_ids))


def _shifts(mediator_ids: Iterable[int], rosters: Any) -> Any:
    query = Assignment.select(
        *(Assignment.mediator.alias("mediator_id"), Assignment.office.alias("office_id")),
        *(Assignment.starts_at, Assignment.ends_at, Assignment.roster.alias("roster_id")),
        Office.name.alias("office_name"),
    ).join(Office)
    return query.where(
        Assignment.mediator.in_(sorted(mediator_ids)),
        Assignment.roster.in_(rosters),
    ).namedtuples()


def _turn(row: PhoneTurn, shift: Any) -> Turn:
    return Turn(
        id=row.id,
        mediator_id=row.mediator_id,
        name=name_of(row.mediator),
        office_id=row.office_id,
        office=row.office.name,
        zone=row.office.zone,
        date=row.date,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        centre_id=shift.office_id,
        centre=shift.office_name,
        roster_id=shift.roster_id,
    )
