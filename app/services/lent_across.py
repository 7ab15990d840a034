"""People lent to an office of another planning group, as the problems of both groups have them.

Groups are planned apart, on any machine. Who is lent is busy in the problem of their own group, in
the hours that they work elsewhere, and has no shift besides on that day; in the borrower's they are
one mediator more, who can do nothing but that shift, and does it. Both are read from what is
published, so that whoever reads the same rows makes the same problem.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.models import Assignment, Loan, LoanStatus, Mediator, Office
from app.models.written import written
from app.services.horizon import Horizon
from app.services.published import breaks_of, live_rosters_between
from solver import problem as sp

DAYS = 7


@dataclass(frozen=True, slots=True)
class Abroad:
    """An agreed loan to another group that stands in what is published."""

    mediator_id: int
    home_group_id: int
    group_id: int
    office_id: int
    office: str
    """Its code."""
    date: dt.date
    shift: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...]
    unsocial: bool


def standing(horizon: Horizon) -> list[Abroad]:
    """The loans between groups of these dates, as published, by mediator and date."""
    loans = _agreed(horizon.dates[0], horizon.dates[-1])
    if not loans:
        return []
    homes = {row.id: row.group_id for row in Office.select(Office.id, Office.group)}
    # With the hours: a loan that was undone and one made later in its stead are both agreed.
    across = {
        (one.mediator_id, one.date, one.borrower_id, one.starts_at, one.ends_at): one
        for one in loans
        if homes[one.mediator.home_office_id] != one.borrower.group_id
    }
    if not across:
        return []
    rows = Assignment.select().where(
        Assignment.mediator.in_(sorted({one.mediator_id for one in across.values()})),
        Assignment.date.in_(sorted({one.date for one in across.values()})),
        Assignment.roster.in_(live_rosters_between(horizon.dates[0], horizon.dates[-1])),
    )
    found = []
    for row in rows.order_by(Assignment.mediator, Assignment.date):
        loan = across.get((row.mediator_id, row.date, row.office_id, row.starts_at, row.ends_at))
        if loan is None:
            continue
        found.append(
            Abroad(
                mediator_id=row.mediator_id,
                home_group_id=homes[loan.mediator.home_office_id],
                group_id=loan.borrower.group_id,
                office_id=row.office_id,
                office=loan.borrower.code,
                date=row.date,
                shift=row.shift,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                breaks=breaks_of(row),
                unsocial=row.unsocial,
            )
        )
    return found


@written
def _agreed(first: Any, last: Any) -> Any:
    query = Loan.select(Loan, Office, Mediator).join(Office, on=Loan.borrower)
    query = query.switch(Loan).join(Mediator)
    return query.where(Loan.status == LoanStatus.AGREED, Loan.date >= first, Loan.date <= last)


def worked(one: Abroad) -> list[tuple[dt.datetime, dt.datetime]]:
    """The stretches of work of a shift elsewhere, without its breaks."""
    edges = [one.starts_at, *(edge for pause in one.breaks for edge in pause), one.ends_at]
    return list(zip(edges[::2], edges[1::2], strict=True))


def shift_of(one: Abroad, horizon: Horizon) -> sp.Shift | None:
    """The shift in the slots of a week; None where it lies outside it."""
    span = horizon.span(one.starts_at, one.ends_at)
    if span is None:
        return None
    breaks = [horizon.span(*pause) for pause in one.breaks]
    return sp.Shift(
        id=one.shift,
        office=one.office,
        day=(one.date - horizon.starts_on).days,
        start=span[0],
        end=span[1],
        breaks=tuple(sp.Interval(*pause) for pause in breaks if pause is not None),
        unsocial=one.unsocial,
        kind="late" if one.unsocial else "early",
    )


def away(person: sp.Mediator, shift: sp.Shift, week: sp.Problem) -> sp.Mediator:
    """Somebody in the problem of their own group once they work `shift` in another's."""
    day = week.days[shift.day]
    taken = set(shift.worked) - person.busy_slots
    return replace(
        person,
        busy=_intervals(person.busy_slots | taken),
        unavailable=_intervals(_slots(person.unavailable) | set(range(day.start, day.end))),
    )


def guest(
    code: str,
    skills: Mapping[str, sp.Interval | None],
    offices: Mapping[str, int],
    unavailable: tuple[sp.Interval, ...],
    slots: int,
) -> sp.Mediator:
    """Somebody of another group, who may work at `offices` for what it costs and is bound by no
    rule of theirs here: rest, hours and wishes are judged at home. `slots` are the week's."""
    return sp.Mediator(
        id=code,
        skills=skills,
        offices=offices,
        unavailable=unavailable,
        busy=(),
        shift_slots=(1, slots),
        max_day_slots=slots,
        weeks=(sp.WeekLimits(min_slots=0, max_slots=slots, max_days=DAYS),),
        min_rest_slots=0,
        max_consecutive_days=DAYS,
        history=sp.History(last_end=None, consecutive_days=0),
        wishes=(),
        unsocial=sp.Unsocial(free=DAYS, cost=0),
    )


def is_guest(person: sp.Mediator, slots: int) -> bool:
    """Whether a roster's problem, of a week of `slots`, has them from another group: nobody at home
    may work the whole week in one day, whatever their regime leaves them of rest."""
    return person.max_day_slots >= slots


def all_but(
    there: Iterable[sp.Interval], away: Iterable[sp.Interval], slots: int
) -> tuple[sp.Interval, ...]:
    """The week's `slots` without those of `there`, unless they are of `away` as well."""
    free = _slots(there) - _slots(away)
    return _intervals(set(range(slots)) - free)


def _slots(spans: Iterable[sp.Interval]) -> set[int]:
    return {slot for one in spans for slot in range(one.start, one.end)}


def _intervals(slots: Iterable[int]) -> tuple[sp.Interval, ...]:
    found: list[sp.Interval] = []
    for slot in sorted(slots):
        if found and found[-1].end == slot:
            found[-1] = sp.Interval(found[-1].start, slot + 1)
        else:
            found.append(sp.Interval(slot, slot + 1))
    return tuple(found)
