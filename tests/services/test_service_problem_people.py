"""What bounds a person's week, at the edges: leave in another zone, training on the eve."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Availability,
    BusyTime,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    OwnCalendar,
    RequestStatus,
)
from app.services import rosters
from app.services.horizon import Horizon
from app.services.problems import BuildOptions, build_problem
from app.services.rights import SYSTEM
from solver.problem import History

HORIZON = Horizon(MONDAY)


@pytest.mark.parametrize(("person", "zone"), [(1, "Europe/Lisbon"), (3, "Atlantic/Azores")])
@pytest.mark.parametrize(("days", "owed"), [(1, 64), (5, 0)])
def test_days_of_leave_are_not_owed_whatever_the_clock(
    world: SmallWorld, person: int, zone: str, days: int, owed: int
) -> None:
    mediator = world.mediators[person]
    Absence.create(
        mediator=mediator,
        starts_at=HORIZON.wall(MONDAY, 0, zone),
        ends_at=HORIZON.wall(MONDAY + dt.timedelta(days=days), 0, zone),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.APPROVED,
    )
    problem = build_problem(world.group, MONDAY)
    assert problem.mediator_by_id[mediator.code].weeks[0].min_slots == owed


def test_days_of_ones_own_choosing_are_kept_free_and_still_owed(world: SmallWorld) -> None:
    """Availability and an own calendar: nobody has let those hours off."""
    mediator = world.mediators[0]
    Availability.create(mediator=mediator, weekday=0, from_minute=0, until_minute=1440)
    calendar = OwnCalendar.create(mediator=mediator, added_at=HORIZON.starts_at)
    BusyTime.create(
        calendar=calendar,
        starts_at=HORIZON.wall(MONDAY + dt.timedelta(days=1), 0),
        ends_at=HORIZON.wall(MONDAY + dt.timedelta(days=2), 0),
    )
    person = build_problem(world.group, MONDAY).mediator_by_id[mediator.code]
    assert person.weeks[0].min_slots == 80
    assert (person.unavailable[0].start, person.unavailable[-1].end) == (0, 2 * 48)


def test_half_a_day_of_leave_is_still_owed(world: SmallWorld) -> None:
    mediator = world.mediators[3]
    Absence.create(
        mediator=mediator,
        starts_at=HORIZON.wall(MONDAY, 0, "Atlantic/Azores"),
        ends_at=HORIZON.wall(MONDAY, 17 * 60 + 30, "Atlantic/Azores"),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.APPROVED,
    )
    problem = build_problem(world.group, MONDAY)
    assert problem.mediator_by_id["dina"].weeks[0].min_slots == 80


@pytest.mark.parametrize(
    ("status", "history"),
    [
        (EnrolmentStatus.ENROLLED, History(-4, 2)),
        (EnrolmentStatus.CANCELLED, History(None, 0)),
    ],
)
def test_training_on_the_eve_is_a_duty_day(
    world: SmallWorld, now: dt.datetime, status: EnrolmentStatus, history: History
) -> None:
    for days_before in (1, 2, 4):
        date = MONDAY - dt.timedelta(days=days_before)
        session = CourseSession.create(
            course=world.course,
            starts_at=HORIZON.wall(date, 18 * 60),
            ends_at=HORIZON.wall(date, 22 * 60),
        )
        Enrolment.create(session=session, mediator=world.mediators[0], status=status, asked_at=now)
    problem = build_problem(world.group, MONDAY)
    assert problem.mediator_by_id["ana"].history == history


def test_few_changes_are_counted_from_what_is_published_not_from_a_later_draft(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 8, 18, ["lang:pt"])
    published = draft(world, [("ana", "lisbon", 0, 8, 12)], now)
    rosters.publish(SYSTEM, published.id, now)
    later = draft(world, [("bo", "lisbon", 0, 8, 12)], now)
    problem = build_problem(world.group, MONDAY, BuildOptions(few_changes=True), later)
    assert problem.previous == rosters.solver_assignments(published)


def test_without_anything_published_few_changes_are_counted_from_the_draft(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 8, 18, ["lang:pt"])
    only = draft(world, [("ana", "lisbon", 0, 8, 12)], now)
    problem = build_problem(world.group, MONDAY, BuildOptions(few_changes=True), only)
    assert problem.previous == rosters.solver_assignments(only)
