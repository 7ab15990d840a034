"""A session placed where it costs least cover, weighed on rosters of the weeks to come."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from itertools import product

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Closure,
    CourseSession,
    Enrolment,
    RequestStatus,
    Requirement,
    Roster,
    Run,
    RunStatus,
    User,
)
from app.runs import claim, execute
from app.services import placing
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.judging import judge
from app.services.placing_costs import CoverCosts, Weighed
from app.services.placing_times import Wanted
from app.services.rights import Actor, actor_of
from solver import check
from solver import problem as sp

DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def at(hour: int, day: int = 0) -> dt.datetime:
    return dt.datetime.combine(MONDAY + day * DAY, dt.time(hour), dt.UTC)


def wanted(world: SmallWorld, who: tuple[int, ...] = (0,), **other: object) -> Wanted:
    facts = {
        "course_id": world.course.id,
        "minutes": 180,
        "first_day": MONDAY,
        "last_day": MONDAY + 4 * DAY,
        "people": tuple(world.mediators[one].id for one in who),
        "office_id": world.lisbon.id,
        **other,
    }
    return Wanted(**facts)  # type: ignore[arg-type]


def carry_out(run_id: int, now: dt.datetime) -> None:
    run = claim("test", now)
    assert run is not None
    assert run.id == run_id
    execute(run, {placing.KIND: placing.search}, "test")
    assert Run.get_by_id(run_id).status == RunStatus.DONE, Run.get_by_id(run_id).error


@pytest.fixture
def busy_monday(world: SmallWorld, now: dt.datetime) -> Roster:
    """Ukrainian is asked for all Monday, and Ana alone, who works then, speaks it there."""
    require(world.lisbon, 0, 8, 17, ["lang:uk"])
    require(world.lisbon, 0, 8, 17, ["lang:zh"])
    return draft(world, [(one, "lisbon", 0, 8, 17) for one in ("ana", "bo")], now)


def test_the_cheapest_time_costs_nothing_and_says_what_others_cost(
    world: SmallWorld, now: dt.datetime, busy_monday: Roster
) -> None:
    who = actor(world.trainer)
    run_id = placing.ask(who, wanted(world, (0, 1)), now)
    carry_out(run_id, now)
    page = placing.page(who, run_id)
    best = page.choices[0]
    assert best.cost == 0
    assert best.minutes == ()
    assert best.groups[0].names == ("Ana", "Bo")
    assert best.groups[0].starts_at >= at(8, 1), "not on Monday"
    assert page.weeks_solved == 0, "the draft was there"
    assert [one.cost for one in page.choices] == sorted(one.cost for one in page.choices)


def test_the_cost_is_the_judge_s(world: SmallWorld, busy_monday: Roster, now: dt.datetime) -> None:
    """What the count says is what the judge says of the roster with them in training."""
    costs = CoverCosts([one.id for one in world.mediators])
    assert costs.add_week(world.group, MONDAY, now) is Weighed.ROSTER
    judged = judge(busy_monday)
    base = judged.judgement.parts["cover"]
    for start in (8, 10, 11, 14, 16):
        ana, bo = (one.id for one in world.mediators[:2])
        for people in ({ana}, {bo}, {ana, bo}):
            cost = costs.cost_of(at(start), at(start + 3), frozenset(people))
            codes = {one.code for one in world.mediators if one.id in people}
            busy = (sp.Interval(start * 2, start * 2 + 6),)
            problem = replace(
                judged.problem,
                mediators=tuple(
                    replace(one, busy=busy) if one.id in codes else one
                    for one in judged.problem.mediators
                ),
            )
            assert cost.total == check(problem, judged.assignments).parts["cover"] - base


def test_what_it_does_to_each_language(
    world: SmallWorld, busy_monday: Roster, now: dt.datetime
) -> None:
    costs = CoverCosts([world.mediators[0].id])
    costs.add_week(world.group, MONDAY, now)
    cost = costs.cost_of(at(8), at(10), frozenset({world.mediators[0].id}))
    assert dict(cost.by_language) == {"lang:uk": 120}
    assert cost.total == 4 * 10


def test_two_groups_where_one_leaves_a_desk_bare(world: SmallWorld, now: dt.datetime) -> None:
    """Bo and Caio cover reception between them all week: together away it is empty."""
    for day in range(5):
        require(world.lisbon, day, 8, 17)
    picks = [(one, "lisbon", day, 8, 17) for one in ("bo", "caio") for day in range(5)]
    draft(world, picks, now)
    who = actor(world.trainer)
    run_id = placing.ask(who, wanted(world, (1, 2)), now)
    carry_out(run_id, now)
    best = placing.page(who, run_id).choices[0]
    assert best.split
    assert best.cost == 0
    assert sorted(name for one in best.groups for name in one.names) == ["Bo", "Caio"]
    made = placing.choose(who, run_id, 0, now)
    assert CourseSession.select().count() == 2
    assert Enrolment.select().where(Enrolment.session.in_(made)).count() == 2
    with pytest.raises(Conflict):
        placing.choose(who, run_id, 1, now)


def test_a_week_without_a_roster_is_built_for_the_purpose(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 8, 17, ["lang:uk"])
    who = actor(world.trainer)
    before = Requirement.select().count()
    run_id = placing.ask(who, wanted(world, last_day=MONDAY), now)
    carry_out(run_id, now)
    page = placing.page(who, run_id)
    assert page.weeks_solved == 1
    assert page.choices
    assert Roster.select().count() == 0, "nothing of it is kept"
    assert Requirement.select().count() == before


def test_a_week_that_asks_for_nobody_is_not_ranked_as_costing_nothing(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Every time of the first week costs cover; of the second nothing is known."""
    for day in range(5):
        require(world.lisbon, day, 8, 17, ["lang:uk"])
    draft(world, [("ana", "lisbon", day, 8, 17) for day in range(5)], now)
    for office, day in product((world.lisbon, world.azores), range(7, 12)):
        Closure.create(office=office, date=MONDAY + day * DAY, reason="Works in the street")
    who = actor(world.trainer)
    run_id = placing.ask(who, wanted(world, last_day=MONDAY + 11 * DAY), now)
    carry_out(run_id, now)
    page = placing.page(who, run_id)
    assert page.weeks_unasked == (MONDAY + 7 * DAY,)
    assert page.weeks_unsolved == ()
    assert page.weeks_solved == 0
    assert page.choices[0].known
    assert page.choices[0].cost > 0
    assert all(one.known for one in page.choices), "there are enough of those that can be weighed"

    shut = wanted(
        world,
        first_day=MONDAY + 7 * DAY,
        last_day=MONDAY + 11 * DAY,
        office_id=None,
        link="https://meet.example.org/rights",
    )
    run_id = placing.ask(who, shut, now)
    carry_out(run_id, now)
    page = placing.page(who, run_id)
    assert page.choices, "a time can be chosen all the same"
    assert not any(one.known for one in page.choices)


def test_who_is_away_is_not_placed_and_why_is_not_said(
    world: SmallWorld, now: dt.datetime, busy_monday: Roster
) -> None:
    bo = world.mediators[1]
    Absence.create(
        mediator=bo, starts_at=at(0), ends_at=at(0, 7), kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    who = actor(world.trainer)
    run_id = placing.ask(who, wanted(world, (0, 1)), now)
    carry_out(run_id, now)
    page = placing.page(who, run_id)
    assert {one.absent for one in page.choices} == {("Bo",)}
    assert "sick" not in str(Run.get_by_id(run_id).result)


def test_a_wrong_wish_is_refused_with_every_reason(world: SmallWorld, now: dt.datetime) -> None:
    who = actor(world.trainer)
    with pytest.raises(Invalid) as refused:
        placing.ask(who, wanted(world, (), minutes=25, first_day=now.date(), office_id=None), now)
    assert {one.field for one in refused.value.faults} == {
        "minutes", "first_day", "office_id", "people",
    }  # fmt: skip
    with pytest.raises(Invalid):
        placing.ask(who, wanted(world, last_day=MONDAY + dt.timedelta(weeks=12)), now)
    assert placing.ask(who, wanted(world, last_day=MONDAY + dt.timedelta(weeks=12) - DAY), now)
    sunday = MONDAY + 6 * DAY
    with pytest.raises(Invalid):
        placing.ask(who, wanted(world, first_day=sunday, last_day=sunday), now)


def test_only_who_runs_the_course(world: SmallWorld, now: dt.datetime) -> None:
    run_id = placing.ask(actor(world.trainer), wanted(world), now)
    for email in (world.other_trainer, world.azores_coordinator, world.mediator):
        other = actor(email)
        for refused in (
            partial(placing.ask, other, wanted(world), now),
            partial(placing.page, other, run_id),
            partial(placing.choose, other, run_id, 0, now),
        ):
            with pytest.raises(Forbidden):
                refused()
    with pytest.raises(NotFound):
        placing.choose(actor(world.trainer), run_id, 0, now)
