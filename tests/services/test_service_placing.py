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
    Assignment,
    Closure,
    CourseSession,
    Enrolment,
    Mediator,
    RequestStatus,
    Requirement,
    Roster,
    Run,
    RunStatus,
    User,
    Wish,
    WishKind,
)
from app.runs import claim, execute
from app.services import placing
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.judging import judge
from app.services.placing_costs import CoverCosts, Weighed
from app.services.placing_times import Wanted, candidates_of
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
    who = actor(world.coordinator)
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
    who = actor(world.coordinator)
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
    who = actor(world.coordinator)
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
    who = actor(world.coordinator)
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


def away(mediator: Mediator, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    Absence.create(
        mediator=mediator, starts_at=starts_at, ends_at=ends_at, kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip


def placed(email: str, asked: Wanted, now: dt.datetime) -> placing.PlacingPage:
    run_id = placing.ask(actor(email), asked, now)
    carry_out(run_id, now)
    return placing.page(actor(email), run_id)


def test_who_is_away_is_not_placed_by_who_may_know_and_why_is_not_said(
    world: SmallWorld, now: dt.datetime, busy_monday: Roster
) -> None:
    away(world.mediators[1], at(0), at(0, 7))
    page = placed(world.coordinator, wanted(world, (0, 1)), now)
    assert {one.absent for one in page.choices} == {("Bo",)}
    assert "sick" not in str(Run.get_by_id(page.run_id).result)
    with pytest.raises(Forbidden):
        placing.page(actor(world.trainer), page.run_id)
    with pytest.raises(Forbidden):
        placing.choose(actor(world.trainer), page.run_id, 0, now)


@pytest.mark.parametrize("who", [(1,), (0, 1), (0, 1, 2, 3)])
def test_of_a_few_people_a_trainer_finds_the_same_times_whoever_is_away(
    world: SmallWorld, now: dt.datetime, busy_monday: Roster, who: tuple[int, ...]
) -> None:
    before = placed(world.trainer, wanted(world, who), now)
    assert not before.weighed
    assert {(one.cost, one.known, one.minutes) for one in before.choices} == {(0, False, ())}
    starts = [one.groups[0].starts_at for one in before.choices]
    assert starts == sorted(starts)
    kept = str(Run.get_by_id(before.run_id).result)
    bo = world.mediators[1]
    Assignment.delete().where(Assignment.mediator == bo).execute()
    away(bo, at(0), at(12, 2))
    Wish.create(mediator=bo, starts_at=at(0, 3), ends_at=at(0, 4), kind=WishKind.OFF)
    after = placed(world.trainer, wanted(world, who), now)
    assert after.choices == before.choices
    assert str(Run.get_by_id(after.run_id).result) == kept
    assert after.choices[0].absent == ()
    coordinators = placing.page(actor(world.coordinator), after.run_id)
    on_leave = {
        (one.starts_at, one.on_leave) for each in coordinators.choices for one in each.groups
    }
    assert all(names == (("Bo",) if start < at(12, 2) else ()) for start, names in on_leave)


def test_among_many_the_ranking_counts_who_is_away_and_names_nobody(
    world: SmallWorld, now: dt.datetime, busy_monday: Roster
) -> None:
    everyone = wanted(world, (0, 1, 2, 3, 4), may_split=False)
    before = placed(world.trainer, everyone, now)
    assert before.choices[0].groups[0].starts_at < at(0, 2), "Tuesday, the first that costs nothing"
    away(world.mediators[1], at(0), at(0, 2))
    after = placed(world.trainer, everyone, now)
    assert after.choices[0].groups[0].starts_at >= at(0, 2), "Bo is there from Wednesday on"
    for one in after.choices:
        assert one.absent == ()
        assert one.groups[0].names == ("Ana", "Bo", "Caio", "Dina", "Eva")
        assert one.groups[0].on_leave == ()
    made = placing.choose(actor(world.trainer), after.run_id, 0, now)
    assert Enrolment.select().where(Enrolment.session.in_(made)).count() == 5


def test_a_co_trainer_s_leave_leaves_the_times_as_they_are(
    world: SmallWorld, now: dt.datetime, busy_monday: Roster
) -> None:
    """Ana gives courses too; whole days missing from the times would tell that she is away."""
    ana = User.get(User.mediator == world.mediators[0])
    asked = wanted(world, (1,), trainer_ids=(ana.id,))
    before = candidates_of(asked)
    away(world.mediators[0], at(0), at(0, 7))
    assert candidates_of(asked) == before
    assert candidates_of(replace(asked, leave_of=frozenset({world.mediators[0].id}))) == ()


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
