"""Drafts for tests: requirements as rows, the real problem of the week, shifts picked by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from small_world import MONDAY, SmallWorld

from app.models import Office, Requirement, Roster, database
from app.services.horizon import Horizon
from app.services.problems import BuildOptions, build_problem
from app.services.rosters import Built, save_draft
from app.services.standing import latest_roster
from solver import Assignment, Problem, Result, Status, check


def require(
    office: Office,
    day: int,
    opens: float,
    closes: float,
    needs: Iterable[str] = (),
    count: int = 1,
    *,
    week: dt.date = MONDAY,
    exclusive: bool = True,
) -> None:
    """`count` mediators from `opens` to `closes` o'clock of the office, on a day of the week."""
    horizon = Horizon(week)
    date = horizon.date(day)
    Requirement.create(
        office=office,
        week_starts_on=week,
        starts_at=horizon.wall(date, int(opens * 60), office.zone),
        ends_at=horizon.wall(date, int(closes * 60), office.zone),
        needs=list(needs),
        count=count,
        minimum=0,
        cost=10,
        minimum_cost=10,
        exclusive=exclusive,
    )


def week_problem(world: SmallWorld, week: dt.date = MONDAY) -> Problem:
    return build_problem(world.group, week, BuildOptions())


def shift_id(problem: Problem, office: str, day: int, starts: int, ends: int) -> str:
    """A shift of the catalogue by its hours on the network's wall clock."""
    base = problem.days[day].start
    for shift in problem.shifts:
        hours = (shift.start - base, shift.end - base)
        if (shift.office, shift.day, hours) == (office, day, (starts * 2, ends * 2)):
            return shift.id
    known = sorted(
        ((one.start - base) / 2, (one.end - base) / 2)
        for one in problem.shifts
        if (one.office, one.day) == (office, day)
    )
    raise AssertionError(f"no shift {starts}-{ends} at {office} on day {day}; there are {known}")


def draft(
    world: SmallWorld,
    picks: Iterable[tuple[str, str, int, int, int]],
    now: dt.datetime,
    *,
    week: dt.date = MONDAY,
    bound: int | None = None,
) -> Roster:
    """Save as a draft: (mediator, office, day, start hour, end hour) of each shift."""
    problem = week_problem(world, week)
    assignments = tuple(
        Assignment(mediator, shift_id(problem, office, day, starts, ends))
        for mediator, office, day, starts, ends in picks
    )
    judgement = check(problem, assignments)
    result = Result(problem.name, Status.FEASIBLE, judgement.cost, bound, 1.0, assignments)
    base = latest_roster(world.group.id, week)
    with database.atomic():
        roster_id = save_draft(
            world.system, Built(world.group, week, problem, result, judgement, base), now
        )
    return Roster.get_by_id(roster_id)
