"""A mediator's own published shifts, training and field routes, as their page shows them.

Drafts are nobody's business but the coordinators'.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.models import (
    Absence,
    Assignment,
    CourseSession,
    Mediator,
    Office,
    OfficeKind,
    RequestStatus,
    Roster,
    RosterStatus,
)
from app.services.errors import Forbidden, NotFound
from app.services.field_routes import RouteView, routes_of
from app.services.hours import merged, minutes_besides, minutes_in
from app.services.phone_place import address_of, place_of
from app.services.published import (
    breaks_of,
    live_assignments,
    sessions_given,
    standing_enrolments,
)
from app.services.rights import Actor
from app.services.session_parts import Part, parts_by_session

WEEKS_AHEAD = 8
"""Weeks shown after the current one, as far as they are published."""


@dataclass(frozen=True, slots=True)
class ShiftView:
    """One published shift. Instants in UTC; `zone` is the office's."""

    uid: str
    date: dt.date
    office_id: int
    office_name: str
    address: str
    zone: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...]
    away: bool
    """Not at the mediator's home office, nor on the telephone: that needs no way."""
    served_at: str
    """On the telephone, where it is served, in words (`app.services.phone_place`)."""
    unsocial: bool

    @property
    def work_minutes(self) -> int:
        """Paid work: from start to end without the breaks."""
        return minutes_besides((self.starts_at, self.ends_at), self.breaks, ())


@dataclass(frozen=True, slots=True)
class TrainingView:
    """One training session the mediator attends or gives. `zone` is where it is shown."""

    session_id: int
    title_pt: str
    title_en: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    place: str
    link: str
    gives: bool
    number: int = 1
    """Which of the session's dates it is."""
    date_uid: str = ""
    """Names it among the dates, whatever the others do; empty for the session's own."""

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class DayView:
    date: dt.date
    shifts: tuple[ShiftView, ...]
    training: tuple[TrainingView, ...]
    routes: tuple[RouteView, ...]
    """Out with the mobile unit or a field team."""
    absent: bool
    """Away all or part of the day by an approved absence."""

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


def my_shifts(actor: Actor, now: dt.datetime, mediator: Mediator | None = None) -> MyShifts:
    """What the actor, a mediator, works. Raises Forbidden for anyone else.

    `mediator`: who the actor is, where it was read already.
    """
    mediator = mediator or own_mediator(actor)
    zone = ZoneInfo(mediator.home_office.zone)
    today = now.astimezone(zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    first = min(monday, today.replace(day=1))
    until = monday + dt.timedelta(weeks=WEEKS_AHEAD + 1)
    shifts = shifts_of(mediator, _midnight(first, zone), _midnight(until, zone))
    training = training_of(mediator, _midnight(first, zone), _midnight(until, zone))
    routes = routes_of(mediator.id, _midnight(first, zone), _midnight(until, zone))
    return MyShifts(
        name=mediator.called_name or mediator.name,
        zone=mediator.home_office.zone,
        today=today,
        weeks=tuple(_weeks(mediator, monday, zone, shifts, training, routes)),
        contract_minutes=mediator.week_minutes,
        month_minutes=_month_minutes(today, shifts, training, routes),
    )


def own_mediator(actor: Actor) -> Mediator:
    """The mediator that the actor is. Raises Forbidden when they are none."""
    if not actor.is_mediator:
        raise Forbidden
    mediator: Mediator | None = (
        Mediator.select(Mediator, Office)
        .join(Office)
        .where(Mediator.id == actor.mediator_id)
        .first()
    )
    if mediator is None:
        raise NotFound
    return mediator


def shifts_of(
    mediator: Mediator, since: dt.datetime, until: dt.datetime | None = None
) -> tuple[ShiftView, ...]:
    """The mediator's published shifts that end after `since` and start before `until`."""
    return tuple(shift_view(row, mediator) for row in live_assignments(mediator.id, since, until))


def training_of(
    mediator: Mediator, since: dt.datetime, until: dt.datetime | None = None
) -> tuple[TrainingView, ...]:
    """Sessions the mediator attends or gives, part by part, that end after `since` and start
    before `until`."""
    had = [(row.session, False) for row in standing_enrolments(mediator.id, since, until)]
    given = [(row, True) for row in sessions_given(mediator.id, since, until)]
    parts = parts_by_session(session for session, _gives in (*had, *given))
    found = [
        _training_view(session, number, part, mediator, gives=gives)
        for session, gives in (*had, *given)
        for number, part in enumerate(parts[session.id], start=1)
        if part.ends_at > since and (until is None or part.starts_at < until)
    ]
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.session_id)))


def shift_view(row: Assignment, mediator: Mediator) -> ShiftView:
    home = mediator.home_office
    return ShiftView(
        uid=row.uid,
        date=row.date,
        office_id=row.office_id,
        office_name=row.office.name,
        address=address_of(
            row.office.kind,
            home.kind,
            from_home=mediator.phone_from_home,
            office=row.office.address,
            home=home.address,
        ),
        zone=row.office.zone,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        breaks=breaks_of(row),
        away=row.office_id != mediator.home_office_id and row.office.kind != OfficeKind.TELEPHONE,
        served_at=place_of(mediator, row.office, home),
        unsocial=row.unsocial,
    )


def _training_view(
    session: CourseSession, number: int, part: Part, mediator: Mediator, *, gives: bool
) -> TrainingView:
    office = session.office
    return TrainingView(
        session_id=session.id,
        title_pt=session.course.title_pt,
        title_en=session.course.title_en,
        number=number,
        date_uid="" if part.uid == session.uid else part.uid,
        starts_at=part.starts_at,
        ends_at=part.ends_at,
        zone=office.zone if office else mediator.home_office.zone,
        place=office.name if office else "",
        link=session.link,
        gives=gives,
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
    week = monday
    while week <= last:
        dates = [week + dt.timedelta(days=n) for n in range(7)]
        yield WeekView(
            starts_on=week,
            published=week in published,
            days=days_of(dates, shifts, training, routes, absences),
        )
        week += dt.timedelta(weeks=1)


def days_of(
    dates: Iterable[dt.date],
    shifts: Sequence[ShiftView],
    training: Sequence[TrainingView],
    routes: Sequence[RouteView],
    absences: set[dt.date],
) -> tuple[DayView, ...]:
    """What there is to do on each date; what goes past midnight belongs to the day it begins."""
    return tuple(
        DayView(
            date=date,
            shifts=tuple(one for one in shifts if one.date == date),
            training=tuple(one for one in training if _local_date(one) == date),
            routes=tuple(one for one in routes if one.date == date),
            absent=date in absences,
        )
        for date in dates
    )


def _published_weeks(mediator: Mediator, monday: dt.date) -> set[dt.date]:
    rows = Roster.select(Roster.week_starts_on).where(
        Roster.group == mediator.home_office.group_id,
        Roster.status == RosterStatus.PUBLISHED,
        Roster.week_starts_on >= monday,
        Roster.week_starts_on <= monday + dt.timedelta(weeks=WEEKS_AHEAD),
    )
    return {row.week_starts_on for row in rows}


def absent_dates(mediator: Mediator, monday: dt.date, zone: ZoneInfo) -> set[dt.date]:
    """Dates from `monday` on, some weeks ahead, with an approved absence."""
    rows = Absence.select().where(
        Absence.mediator == mediator,
        Absence.status == RequestStatus.APPROVED,
        Absence.ends_at > _midnight(monday, zone),
    )
    dates: set[dt.date] = set()
    for row in rows:
        day = max(row.starts_at.astimezone(zone).date(), monday)
        # An absence until midnight does not touch the day that begins then.
        last = (row.ends_at - dt.timedelta(microseconds=1)).astimezone(zone).date()
        last = min(last, monday + dt.timedelta(weeks=WEEKS_AHEAD + 1))
        while day <= last:
            dates.add(day)
            day += dt.timedelta(days=1)
    return dates


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
