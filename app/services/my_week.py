"""A mediator's coming shifts, their weeks in figures, and their months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from app.models import Assignment, Mediator, Office, Roster, RosterFigures
from app.models.written import written
from app.services.errors import NotFound
from app.services.field_routes import RouteView, routes_of
from app.services.horizon import monday_of
from app.services.my_desks import DeskSpan, desks_of
from app.services.my_duties import (
    Duties,
    ShiftView,
    own_duties,
    own_mediator,
    shifts_of,
    training_of,
)
from app.services.my_shifts import DayView, absent_dates, days_of
from app.services.names import sorting_key
from app.services.published import rosters_of_weeks
from app.services.rights import Actor
from app.services.roster_figures import figures_of
from app.services.worked import unsocial_between, worked_between

WEEKS_COUNTED = 8
"""Weeks behind the hours and the evenings, as the roster's fairness counts them."""
MONTHS_AROUND = 12
SHIFTS_TOLD = 2
"""Shifts to come that are told with desk and colleagues."""


@dataclass(frozen=True, slots=True)
class ComingShift:
    shift: ShiftView
    desks: tuple[DeskSpan, ...]
    """Where the roster counts on it."""
    colleagues: tuple[str, ...]
    """Who else is at the office meanwhile, by the names they use."""
    under_way: bool
    routes: tuple[RouteView, ...]
    """Field routes that take the mediator away from the office meanwhile."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The last weeks with a published roster, up to this one: minutes and shifts."""

    weeks: int
    latest: dt.date | None
    """Monday of the last of them: mostly of the week under way, while later ones are published."""
    worked_minutes: int
    owed_minutes: int
    """What the contract asks of those weeks."""
    unsocial: int
    """Own evenings and Saturdays."""
    average_unsocial: float
    """Of the people planned together."""


@dataclass(frozen=True, slots=True)
class MyMonth:
    first: dt.date
    days: tuple[DayView, ...]
    """Whole weeks, from a Monday to a Sunday."""
    today: dt.date
    minutes: int
    shifts: int
    earlier: dt.date | None
    later: dt.date | None


def coming_shifts(
    actor: Actor, now: dt.datetime, duties: Duties | None = None
) -> tuple[ComingShift, ...]:
    """The actor's shift under way, else the next one; and the one after it.

    `duties` here and below: the actor's, where they were read already.
    """
    duties = duties or own_duties(actor, now)
    ahead = duties.between(now)
    desks = desks_of(ahead.rows[:SHIFTS_TOLD], duties.mediator.code)
    told = []
    for row, shift, own in zip(ahead.rows, ahead.shifts, desks, strict=False):
        out = duties.between(shift.starts_at, shift.ends_at).routes
        colleagues = _colleagues(row)
        told.append(ComingShift(shift, own, colleagues, shift.starts_at <= now, out))
    return tuple(told)


def balance(actor: Actor, now: dt.datetime, duties: Duties | None = None) -> Balance:
    """The actor's hours and evenings over the last published weeks."""
    mediator = duties.mediator if duties else own_mediator(actor)
    this_monday = monday_of(now.astimezone(ZoneInfo(mediator.home_office.zone)).date())
    first = this_monday - dt.timedelta(weeks=WEEKS_COUNTED - 1)
    first = max(first, monday_of(mediator.starts_on))
    group_id = mediator.home_office.group_id
    weeks = _weeks_published(group_id, first, this_monday)
    people = [mediator_id for (mediator_id,) in _planned_together(group_id)]
    # What was worked in a week without a roster, a training, is held against no hours owed.
    spans = _spans({monday for _roster, _built, monday in weeks})
    own = [worked_between(*span, [mediator.id])[mediator.id] for span in spans]
    late = sum(unsocial_between(*span, people) for span in spans)
    return Balance(
        weeks=len(weeks),
        latest=max((monday for _roster, _built, monday in weeks), default=None),
        worked_minutes=sum(one.minutes for one in own),
        owed_minutes=sum(_owed(mediator, roster, was_built=built) for roster, built, _day in weeks),
        unsocial=sum(one.unsocial for one in own),
        average_unsocial=late / max(1, len(people)),
    )


@written
def _weeks_published(group_id: Any, first: Any, last: Any) -> Any:
    """(roster, whether it was built, Monday) of the group's live rosters of these weeks."""
    columns = Roster.id, (Roster.problem_json != "").alias("was_built"), Roster.week_starts_on
    query = Roster.select(*columns).where(
        Roster.id.in_(rosters_of_weeks(first, last)), Roster.group == group_id
    )
    return query.tuples()


@written
def _planned_together(group_id: Any) -> Any:
    query = Mediator.select(Mediator.id).join(Office)
    return query.where(Mediator.active, Office.group == group_id).tuples()


def _spans(mondays: Iterable[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each run of weeks without a gap."""
    found: list[tuple[dt.date, dt.date]] = []
    for monday in sorted(mondays):
        sunday = monday + dt.timedelta(days=6)
        if found and monday - found[-1][1] == dt.timedelta(days=1):
            found[-1] = found[-1][0], sunday
        else:
            found.append((monday, sunday))
    return found


def _colleagues(row: Assignment) -> tuple[str, ...]:
    day = dt.timedelta(days=1)
    weeks = _weeks_beside(row.roster_id, monday_of(row.date - day), row.date + day)
    rosters = [roster_id for (roster_id,) in weeks]
    rows = _meanwhile(rosters, row.office_id, row.mediator_id, row.starts_at, row.ends_at)
    return tuple(sorted({called or name for called, name in rows}, key=sorting_key))


@written
def _weeks_beside(roster_id: Any, first: Any, last: Any) -> Any:
    """The live rosters of these weeks, of the group of that roster."""
    roster = Roster.alias()
    group = roster.select(roster.group).where(roster.id == roster_id)
    return rosters_of_weeks(first, last).where(Roster.group.in_(group)).tuples()


@written
def _meanwhile(roster_ids: Any, office_id: Any, mediator_id: Any, since: Any, until: Any) -> Any:
    """What others are called who are at the office meanwhile."""
    # Not by the office's index: that of a large one lists two years of its shifts.
    here = fn.COALESCE(Assignment.office, 0) == office_id
    query = Mediator.select(Mediator.called_name, Mediator.name).join(Assignment)
    return query.where(
        Assignment.roster.in_(roster_ids),
        here,
        Assignment.mediator != mediator_id,
        Assignment.starts_at < until,
        Assignment.ends_at > since,
    ).tuples()


def _owed(mediator: Mediator, roster_id: int, *, was_built: bool) -> int:
    """Minutes owed in a published week: as the roster took them, less holidays and leave."""
    if was_built:
        kept = RosterFigures.get_or_none(RosterFigures.roster == roster_id)
        for code, _wishes, _met, owed in (kept or figures_of(Roster.get_by_id(roster_id))).wishes:
            if code == mediator.code:
                return int(owed)
    return int(mediator.week_minutes)


def my_month(actor: Actor, first: dt.date, now: dt.datetime) -> MyMonth:
    """The month that begins on `first`, in whole weeks. Raises NotFound too far from today."""
    mediator = own_mediator(actor)
    zone = ZoneInfo(mediator.home_office.zone)
    today = now.astimezone(zone).date()
    apart = (first.year - today.year) * 12 + first.month - today.month
    if first.day != 1 or abs(apart) > MONTHS_AROUND:
        raise NotFound
    following = (first + dt.timedelta(days=32)).replace(day=1)
    monday = monday_of(first)
    until = monday_of(following - dt.timedelta(days=1)) + dt.timedelta(days=7)
    since, ends = (dt.datetime.combine(one, dt.time(), zone) for one in (monday, until))
    shifts, training = shifts_of(mediator, since, ends), training_of(mediator, since, ends)
    away = absent_dates(mediator, monday, zone)
    dates = [monday + dt.timedelta(days=n) for n in range((until - monday).days)]
    days = days_of(dates, shifts, training, routes_of(mediator.id, since, ends), away)
    own = [day for day in days if day.date.month == first.month]
    return MyMonth(
        first=first,
        days=days,
        today=today,
        minutes=sum(day.minutes for day in own),
        shifts=sum(len(day.shifts) for day in own),
        earlier=(first - dt.timedelta(days=1)).replace(day=1) if apart > -MONTHS_AROUND else None,
        later=following if apart < MONTHS_AROUND else None,
    )
