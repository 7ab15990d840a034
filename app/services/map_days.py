"""What a schedule map shows of people's days beside their shifts: outings, and the weekly rest."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from app.models import Assignment, Course, FieldRoute, FieldSeat, Mediator, Office, Roster
from app.services.horizon import NETWORK_ZONE
from app.services.hours import Times, merged, minutes_besides
from app.services.published import live_rosters, live_rosters_between
from app.services.roster_rows import shift_rows
from app.services.training_busy import training_spans
from app.services.worked import published_between
from calendars.schedule_map import MapShift

DAYS = 7


@dataclass(frozen=True, slots=True)
class Outing:
    """A field route that somebody goes along on."""

    mediator: Mediator
    office_id: int
    name: str
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime


def outings_between(
    first: dt.date, last: dt.date, mediator_ids: Iterable[int] | None = None
) -> list[Outing]:
    """The standing routes of those dates, both in it, once for each who goes along; by start."""
    query = (
        FieldSeat.select(FieldSeat, FieldRoute, Mediator)
        .join(FieldRoute)
        .switch(FieldSeat)
        .join(Mediator)
        .where(
            FieldSeat.cancelled_at.is_null(),
            FieldRoute.cancelled_at.is_null(),
            FieldRoute.date.between(first, last),
        )
        .order_by(FieldRoute.starts_at)
    )
    if mediator_ids is not None:
        query = query.where(FieldSeat.mediator.in_(list(mediator_ids)))
    return [
        Outing(
            row.mediator,
            row.route.office_id,
            row.route.name,
            row.route.date,
            row.route.starts_at,
            row.route.ends_at,
        )
        for row in query
    ]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A session's part that somebody has a seat in or gives."""

    mediator: Mediator
    title_pt: str
    title_en: str
    starts_at: dt.datetime
    ends_at: dt.datetime


def lessons_between(first: dt.date, last: dt.date, office: Office) -> list[Lesson]:
    """The training that those at home at an office begin on those dates, both in it, by its
    clock; by start."""
    people = {row.id: row for row in Mediator.select().where(Mediator.home_office == office)}
    zone = ZoneInfo(office.zone)
    since = dt.datetime.combine(first, dt.time(), zone)
    until = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)
    spans = [one for one in training_spans(since, until, people) if one.starts_at >= since]
    codes = {one.course_code for one in spans}
    courses = {row.code: row for row in Course.select().where(Course.code.in_(codes))}
    return [
        Lesson(
            people[one.mediator_id],
            courses[one.course_code].title_pt,
            courses[one.course_code].title_en,
            one.starts_at,
            one.ends_at,
        )
        for one in sorted(spans, key=lambda one: (one.starts_at, one.session_id))
    ]


def counted_once(shifts: Iterable[MapShift], besides: Iterable[MapShift]) -> list[MapShift]:
    """The shifts, then what is besides; each minute counts as work once, of a shift first."""
    found = list(shifts)
    taken = merged(piece for one in found for piece in _at_work(one))
    for one in besides:
        times = (one.start, one.end)
        found.append(replace(one, worked_minutes=minutes_besides(times, (), taken)))
        taken = merged([*taken, times])
    return found


def rest_of_weeks(mediator: Mediator, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """The rest days of the published weeks that the span touches, each week looked at whole."""
    begins = first - dt.timedelta(days=first.weekday())
    mondays = [
        row.week_starts_on
        for row in Roster.select(Roster.week_starts_on).where(
            Roster.id.in_(live_rosters()),
            Roster.group == mediator.home_office.group_id,
            Roster.week_starts_on >= begins,
            Roster.week_starts_on <= last,
        )
    ]
    ends = last + dt.timedelta(days=DAYS)
    rows = published_between(begins, ends).where(Assignment.mediator == mediator)
    worked = {row.date for row in rows} | taken_days(begins, ends, [mediator.id])[mediator.id]
    week = [monday + dt.timedelta(days=n) for monday in mondays for n in range(DAYS)]
    return frozenset(day for day in rest_days(mediator, worked, week) if first <= day <= last)


def in_other_groups(
    roster: Roster, first: dt.date, last: dt.date, office: Office, mediator_ids: Iterable[int]
) -> list[Assignment]:
    """Shifts of those dates that other planning groups than the roster's have published for these
    people or for those at home at `office`, who are lent."""
    theirs = Mediator.id.in_(list(mediator_ids)) | (Mediator.home_office == office)
    return list(
        shift_rows()
        .switch(Assignment)
        .join(Roster)
        .where(
            Assignment.roster.in_(live_rosters_between(first, last)),
            Assignment.date.between(first, last),
            Roster.group != roster.group_id,
            theirs,
        )
    )


def taken_days(
    first: dt.date, last: dt.date, mediator_ids: Iterable[int]
) -> defaultdict[int, set[dt.date]]:
    """The dates on which each is out on a route or in training, which is work as a shift is."""
    ids = list(mediator_ids)
    found: defaultdict[int, set[dt.date]] = defaultdict(set)
    for one in outings_between(first, last, ids):
        found[one.mediator.id].add(one.date)
    homes = Mediator.select(Mediator.id, Office.zone).join(Office).where(Mediator.id.in_(ids))
    zones = {row.id: ZoneInfo(row.home_office.zone) for row in homes}
    day = dt.timedelta(days=1)
    # A day more at both ends: a date is another's at home.
    since, until = (
        dt.datetime.combine(date, dt.time(), ZoneInfo(NETWORK_ZONE))
        for date in (first - day, last + 2 * day)
    )
    for span in training_spans(since, until, ids):
        found[span.mediator_id].add(span.starts_at.astimezone(zones[span.mediator_id]).date())
    return found


def rest_days(
    mediator: Mediator, worked: set[dt.date], days: Iterable[dt.date]
) -> frozenset[dt.date]:
    """Each week's rest days: of the days without work Sunday first, then Saturday, then the last.

    As many as the regime leaves of seven (CT 232; LGTFP 124). Other days without work stay
    unnamed, so that the map says nothing of absences.
    """
    by_week: dict[dt.date, list[dt.date]] = {}
    for day in days:
        by_week.setdefault(day - dt.timedelta(days=day.weekday()), []).append(day)
    rest: set[dt.date] = set()
    for week in by_week.values():
        free = sorted((day for day in week if day not in worked), key=lambda day: -day.weekday())
        rest.update(free[: DAYS - mediator.regime.days_a_week])
    return frozenset(rest)


def _at_work(shift: MapShift) -> Iterable[Times]:
    begins = shift.start
    for pause in sorted(shift.breaks, key=lambda one: one.start):
        yield begins, pause.start
        begins = pause.end
    yield begins, shift.end
