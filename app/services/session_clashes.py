"""Time already given that a session falls on, and how much of it a reader may learn.

A trainer knows nothing of absences, and "not free" at an hour without a shift could only be one.
So trainers are told it by whole days, and of published weeks alone: a shift, leave, a field route,
hours not worked, another calendar, a wish to be off and a closed home office all make the same day
"not free". Before a week is published most of these are not there to hide behind, and nothing is
said but that somebody is in another session at that very time, which keeps them from a seat anyway.

A week published with somebody's seat known was planned around the session: their shift gives them
its hours, and is no clash. Of them trainers are told nothing of that week, whatever it holds: with
the shifts left out alone, "not free" would be an absence.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.models import (
    Assignment,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    Mediator,
    Office,
    Roster,
)
from app.services.home_days import date_of, last_date_of, span_of
from app.services.horizon import monday_of
from app.services.openings import opening_calendar
from app.services.published import live_rosters, live_rosters_between
from app.services.rights import Actor
from app.services.time_away import leave_between, times_away
from app.services.training_busy import training_spans

Span = tuple[dt.datetime, dt.datetime]
A_DAY = dt.timedelta(days=1)


class ClashKind(StrEnum):
    SHIFT = "shift"
    LEAVE = "leave"
    TRAINING = "training"
    HIDDEN = "hidden"
    """Not the reader's to know."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Time already given that a session falls on; hidden ones have no times."""

    kind: ClashKind
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    place: str = ""


def shifts_between(
    mediator_ids: list[int], since: dt.datetime, until: dt.datetime
) -> list[Assignment]:
    """Published shifts of these people that touch `[since, until)`, office joined."""
    return list(
        Assignment.select(Assignment, Office)
        .join(Office)
        .where(
            Assignment.mediator.in_(mediator_ids),
            Assignment.starts_at < until,
            Assignment.ends_at > since,
            Assignment.roster.in_(live_rosters()),
        )
        .order_by(Assignment.starts_at, Assignment.id)
    )


def clashes_of(
    session_id: int, mediator_ids: list[int], spans: Iterable[Span]
) -> dict[int, list[Clash]]:
    """Published shifts that do not know of the seat, approved leave and other sessions, had or
    given, at the times of this one."""
    found: dict[int, list[Clash]] = defaultdict(list)
    seats = _seats_since(session_id)
    for since, until in spans:
        _add_shifts(found, seats, mediator_ids, since, until)
        _add_others(found, session_id, mediator_ids, since, until)
    return found


def _seats_since(session_id: int) -> dict[int, dt.datetime]:
    """Since when each seat in the session, at the hours it has now, has been known."""
    rows = Enrolment.select(Enrolment, CourseSession).join(CourseSession)
    return {
        row.mediator_id: max(
            one for one in (row.had_at or row.asked_at, row.session.changed_at) if one
        )
        for row in rows.where(
            Enrolment.session == session_id, Enrolment.status == EnrolmentStatus.ENROLLED
        )
    }


def _knows(published_at: dt.datetime | None, seat_since: dt.datetime | None) -> bool:
    """Whether a week published then was planned around a seat had since."""
    return bool(published_at and seat_since and published_at >= seat_since)


def _add_shifts(
    found: dict[int, list[Clash]],
    seats: dict[int, dt.datetime],
    mediator_ids: list[int],
    since: dt.datetime,
    until: dt.datetime,
) -> None:
    shifts = shifts_between(mediator_ids, since, until)
    rosters = Roster.select(Roster.id, Roster.published_at)
    rosters = rosters.where(Roster.id.in_({row.roster_id for row in shifts}))
    published = {one.id: one.published_at for one in rosters}
    for row in shifts:
        if not _knows(published[row.roster_id], seats.get(row.mediator_id)):
            clash = Clash(ClashKind.SHIFT, row.starts_at, row.ends_at, row.office.name)
            found[row.mediator_id].append(clash)


def _add_others(
    found: dict[int, list[Clash]],
    session_id: int,
    mediator_ids: list[int],
    since: dt.datetime,
    until: dt.datetime,
) -> None:
    for absence in leave_between(mediator_ids, since, until):
        clash = Clash(ClashKind.LEAVE, absence.starts_at, absence.ends_at)
        found[absence.mediator_id].append(clash)
    for one in training_spans(since, until, mediator_ids):
        if one.session_id != session_id:
            clash = Clash(ClashKind.TRAINING, one.starts_at, one.ends_at, one.course_code)
            found[one.mediator_id].append(clash)


def may_know_why(actor: Actor, mediator: Mediator) -> bool:
    """Whether the actor may read why this person is not free: themself, or who coordinates their
    home office."""
    if actor.mediator_id == mediator.id:
        return True
    bound = actor.office_ids
    return actor.is_coordinator and (bound is None or mediator.home_office_id in bound)


def not_free_of(
    session_id: int, people: list[Mediator], since: dt.datetime, until: dt.datetime
) -> set[int]:
    """Of these, home office joined, who is "not free" for a reader who may not know why; see
    above."""
    ids = [one.id for one in people]
    found = {
        one.mediator_id for one in training_spans(since, until, ids) if one.session_id != session_id
    }
    published = _published_weeks(since, until)
    seats = _seats_since(session_id)
    wide = (since - A_DAY, until + A_DAY)
    taken = times_away(ids, *wide)
    for shift in shifts_between(ids, *wide):
        taken.setdefault(shift.mediator_id, []).append((shift.starts_at, shift.ends_at))
    calendars = {one.home_office_id: opening_calendar(one.home_office) for one in people}
    for one in people:
        day, last = date_of(one, since), last_date_of(one, until)
        while day <= last:
            start, end = span_of(one, day, day)
            week = (one.home_office.group_id, monday_of(day))
            known = week in published and _knows(published[week], seats.get(one.id))
            if (week in published and not known) and (
                any(begins < end and ends > start for begins, ends in taken.get(one.id, ()))
                or not calendars[one.home_office_id].intervals(day)
            ):
                found.add(one.id)
            day += A_DAY
    return found


def _published_weeks(
    since: dt.datetime, until: dt.datetime
) -> dict[tuple[int, dt.date], dt.datetime | None]:
    """Planning group and Monday of each published week that `[since, until)` may touch, and when
    it was published."""
    live = live_rosters_between(since.date(), (until + A_DAY).date())
    rows = Roster.select(Roster.group, Roster.week_starts_on, Roster.published_at)
    rows = rows.where(Roster.id.in_(live))
    return {(row.group_id, row.week_starts_on): row.published_at for row in rows}
