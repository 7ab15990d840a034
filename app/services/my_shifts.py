"""A mediator's own published shifts, training and field routes, as their page shows them.

Drafts are nobody's business but the coordinators'.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import readers_language
from app.models import Absence, Mediator, RequestStatus, Roster, RosterStatus
from app.models.written import written
from app.services.field_routes import RouteView
from app.services.hours import merged, minutes_besides, minutes_in
from app.services.my_duties import Duties, ShiftView, TrainingView, own_duties
from app.services.openings import OpeningCalendar, opening_calendar
from app.services.rights import Actor

WEEKS_AHEAD = 8
"""Weeks shown after the current one, as far as they are published."""


@dataclass(frozen=True, slots=True)
class DayView:
    date: dt.date
    shifts: tuple[ShiftView, ...]
    training: tuple[TrainingView, ...]
    routes: tuple[RouteView, ...]
    """Out with the mobile unit or a field team."""
    absent: bool
    """Away all or part of the day by an approved absence."""
    holiday: str = ""
    """That the home office keeps, by name; only where it is told."""

    @property
    def off(self) -> bool:
        """Nothing to do that day."""
        return not (self.shifts or self.training or self.routes)

    @property
    def minutes(self) -> int:
        """Work, training and routes; training is working time (CT 131.º)."""
        return _minutes(self.shifts, self.training, self.routes)


@dataclass(frozen=True, slots=True)
class WeekView:
    starts_on: dt.date
    published: bool
    days: tuple[DayView, ...]

    @property
    def minutes(self) -> int:
        return sum(day.minutes for day in self.days)

    @property
    def shifts(self) -> int:
        return sum(len(day.shifts) for day in self.days)


@dataclass(frozen=True, slots=True)
class MyShifts:
    name: str
    zone: str
    today: dt.date
    weeks: tuple[WeekView, ...]
    """This week, then those to come up to the last one published or with something to do."""
    contract_minutes: int
    month_minutes: int
    """Published work, training and field routes of this calendar month."""


def my_shifts(actor: Actor, now: dt.datetime, duties: Duties | None = None) -> MyShifts:
    """What the actor, a mediator, works. Raises Forbidden for anyone else.

    `duties`: the actor's, where they were read already.
    """
    duties = duties or own_duties(actor, now)
    mediator = duties.mediator
    zone = ZoneInfo(mediator.home_office.zone)
    today = now.astimezone(zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    first = min(monday, today.replace(day=1))
    until = monday + dt.timedelta(weeks=WEEKS_AHEAD + 1)
    shown = duties.between(_midnight(first, zone), _midnight(until, zone))
    shifts, training, routes = shown.shifts, shown.training, shown.routes
    return MyShifts(
        name=mediator.called_name or mediator.name,
        zone=mediator.home_office.zone,
        today=today,
        weeks=tuple(_weeks(mediator, monday, zone, shifts, training, routes)),
        contract_minutes=mediator.week_minutes,
        month_minutes=_month_minutes(today, shifts, training, routes),
    )


def _weeks(
    mediator: Mediator,
    monday: dt.date,
    zone: ZoneInfo,
    shifts: tuple[ShiftView, ...],
    training: tuple[TrainingView, ...],
    routes: Sequence[RouteView],
) -> Iterator[WeekView]:
    published = _published_weeks(mediator, monday)
    trained = [_local_date(one) for one in training]
    last = max([monday, *published, *trained, *(one.date for one in routes)])
    absences = absent_dates(mediator, monday, zone)
    openings = opening_calendar(mediator.home_office)
    week = monday
    while week <= last:
        dates = [week + dt.timedelta(days=n) for n in range(7)]
        yield WeekView(
            starts_on=week,
            published=week in published,
            days=days_of(dates, shifts, training, routes, absences, openings),
        )
        week += dt.timedelta(weeks=1)


def days_of(
    dates: Iterable[dt.date],
    shifts: Sequence[ShiftView],
    training: Sequence[TrainingView],
    routes: Sequence[RouteView],
    absences: set[dt.date],
    openings: OpeningCalendar | None = None,
) -> tuple[DayView, ...]:
    """What there is to do on each date; what goes past midnight belongs to the day it begins.

    `openings`: the home office's, where its holidays are to be told.
    """
    locale = readers_language().code
    return tuple(
        DayView(
            date=date,
            shifts=tuple(one for one in shifts if one.date == date),
            training=tuple(one for one in training if _local_date(one) == date),
            routes=tuple(one for one in routes if one.date == date),
            absent=date in absences,
            holiday=(openings.holiday_name(date, locale) if openings else None) or "",
        )
        for date in dates
    )


def _published_weeks(mediator: Mediator, monday: dt.date) -> set[dt.date]:
    last = monday + dt.timedelta(weeks=WEEKS_AHEAD)
    return {week for (week,) in _weeks_of(mediator.home_office.group_id, monday, last)}


@written
def _weeks_of(group_id: Any, first: Any, last: Any) -> Any:
    query = Roster.select(Roster.week_starts_on).where(
        Roster.group == group_id,
        Roster.status == RosterStatus.PUBLISHED,
        Roster.week_starts_on >= first,
        Roster.week_starts_on <= last,
    )
    return query.tuples()


def absent_dates(mediator: Mediator, monday: dt.date, zone: ZoneInfo) -> set[dt.date]:
    """Dates from `monday` on, some weeks ahead, with an approved absence."""
    dates: set[dt.date] = set()
    for starts_at, ends_at in _absences(mediator.id, _midnight(monday, zone)):
        day = max(starts_at.astimezone(zone).date(), monday)
        # An absence until midnight does not touch the day that begins then.
        last = (ends_at - dt.timedelta(microseconds=1)).astimezone(zone).date()
        last = min(last, monday + dt.timedelta(weeks=WEEKS_AHEAD + 1))
        while day <= last:
            dates.add(day)
            day += dt.timedelta(days=1)
    return dates


@written
def _absences(mediator_id: Any, since: Any) -> Any:
    query = Absence.select(Absence.starts_at, Absence.ends_at).where(
        Absence.mediator == mediator_id,
        Absence.status == RequestStatus.APPROVED,
        Absence.ends_at > since,
    )
    return query.tuples()


def _month_minutes(
    today: dt.date,
    shifts: Iterable[ShiftView],
    training: Iterable[TrainingView],
    routes: Iterable[RouteView],
) -> int:
    def this_month(date: dt.date) -> bool:
        return (date.year, date.month) == (today.year, today.month)

    return _minutes(
        [one for one in shifts if this_month(one.date)],
        [one for one in training if this_month(_local_date(one))],
        [one for one in routes if this_month(one.date)],
    )


def _minutes(
    shifts: Iterable[ShiftView], training: Iterable[TrainingView], routes: Iterable[RouteView]
) -> int:
    """Work, training and routes, each minute once."""
    taken = merged((one.starts_at, one.ends_at) for one in (*training, *routes))
    besides = (minutes_besides((one.starts_at, one.ends_at), one.breaks, taken) for one in shifts)
    return minutes_in(taken) + sum(besides)


def _local_date(one: TrainingView) -> dt.date:
    return one.starts_at.astimezone(ZoneInfo(one.zone)).date()


def _midnight(date: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), zone)
