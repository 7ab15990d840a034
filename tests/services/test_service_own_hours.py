"""Hours of a coordinator's own: judged like any, refused beyond the law, kept by a new build."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from small_world import MONDAY, SmallWorld

import solver
from app.models import Assignment, Roster
from app.services import editing, own_hours, rosters
from app.services.errors import Conflict, Invalid
from app.services.moves import Move, MoveKind, make
from app.services.own_hours import Hours
from app.services.problems import BuildOptions, build_problem

NOON, ONE = 12 * 60, 13 * 60


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def roster(world: SmallWorld, now: dt.datetime) -> Roster:
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    return draft(world, [("bo", "lisbon", 0, 9, 13)], now)


def hours(world: SmallWorld, start: int, end: int, *breaks: tuple[int, int]) -> Hours:
    return Hours(world.mediators[1].id, MONDAY, "lisbon", start, end, breaks)


SPLIT = ((11 * 60, 11 * 60 + 30), (15 * 60, 15 * 60 + 30))


def test_a_break_is_split_and_the_day_judged_and_undone(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    before = roster.problem_json
    revision = own_hours.give(
        world.system, roster.id, 0, hours(world, 9 * 60, 18 * 60, *SPLIT), now
    )
    row = Assignment.get(Assignment.roster == roster)
    assert len(row.breaks) == 2
    assert (row.starts_at.hour, row.ends_at.hour) == (9, 18)
    after = Roster.get_by_id(roster.id)
    assert after.problem_json != before, "no build offers two breaks"
    judged = solver.check(rosters.problem_of(after), rosters.solver_assignments(after))
    assert judged.cost == after.cost
    assert not judged.violations
    editing.undo(world.system, roster.id, revision, now)
    assert Assignment.get(Assignment.roster == roster).ends_at.hour == 13


def test_what_the_catalogue_offers_is_taken_from_it(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    own_hours.give(world.system, roster.id, 0, hours(world, 10 * 60, 14 * 60), now)
    assert Roster.get_by_id(roster.id).problem_json == roster.problem_json


@pytest.mark.parametrize(
    ("start", "end", "breaks", "told"),
    [
        (9 * 60, 14 * 60, (), None),
        (9 * 60, 14 * 60 + 30, (), "at most 5 hours without a break"),
        (9 * 60, 17 * 60, ((NOON, ONE),), None),
        (9 * 60, 17 * 60, ((NOON, NOON + 30),), "breaks of 60\u00a0min in all"),
        (9 * 60 + 10, 13 * 60, (), "full and half hours"),
        (13 * 60, 9 * 60, (), "a start before the end"),
        (9 * 60, 13 * 60, ((14 * 60, 15 * 60),), "breaks between the two"),
        (8 * 60, 12 * 60, (), None),
        (7 * 60 + 30, 12 * 60, (), "the office is open: 08:00–18:00"),
    ],
)
def test_the_law_and_the_opening_bound_them(
    world: SmallWorld,
    roster: Roster,
    now: dt.datetime,
    start: int,
    end: int,
    breaks: tuple[tuple[int, int], ...],
    told: str | None,
) -> None:
    wanted = hours(world, start, end, *breaks)
    if told is None:
        own_hours.give(world.system, roster.id, 0, wanted, now)
        return
    with pytest.raises(Invalid, match=told):
        own_hours.give(world.system, roster.id, 0, wanted, now)
    assert Roster.get_by_id(roster.id).revision == 0


def test_a_rule_of_the_judge_refuses_and_nothing_is_kept(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    """Two hours are less than Bo's shortest shift."""
    with pytest.raises(editing.BrokenRules):
        own_hours.give(world.system, roster.id, 0, hours(world, 9 * 60, 11 * 60), now)
    assert Roster.get_by_id(roster.id).problem_json == roster.problem_json


def test_a_stale_page_is_refused(world: SmallWorld, roster: Roster, now: dt.datetime) -> None:
    with pytest.raises(Conflict):
        own_hours.give(world.system, roster.id, 7, hours(world, 10 * 60, 14 * 60), now)


def test_a_new_build_keeps_them_where_they_are_locked(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    own_hours.give(world.system, roster.id, 0, hours(world, 9 * 60, 18 * 60, *SPLIT), now)
    base = Roster.get_by_id(roster.id)
    assert build_problem(world.group, MONDAY, BuildOptions(), base).locked == ()
    make(world.system, roster.id, 1, Move(MoveKind.LOCK, world.mediators[1].id, MONDAY), now)
    problem = build_problem(world.group, MONDAY, BuildOptions(), base)
    (kept,) = problem.locked
    assert kept.mediator == "bo"
    assert len(problem.shift_by_id[kept.shift].breaks) == 2
