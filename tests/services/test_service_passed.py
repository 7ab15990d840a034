"""What has begun of a running week stays as it is published, unless somebody says otherwise."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require, shift_id
from flask import Flask
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    ContractRegime,
    FieldRoute,
    FieldSeat,
    LateChange,
    Mediator,
    RequestStatus,
    Roster,
    RosterStatus,
)
from app.services import draft_facts, editing, rosters, versions
from app.services.horizon import Horizon
from app.services.late_changes import Why
from app.services.open_drafts import CellEdit, Said
from app.services.passed import RewritesPassed
from app.services.problems import BuildOptions, build_problem
from app.services.publish_view import publish_view
from app.services.rights import SYSTEM
from app.services.shown import NotAsShown, Shown
from app.services.standing import latest_roster
from solver import Status, solve

PICKS = (
    ("ana", "lisbon", 0, 8, 12),
    ("bo", "lisbon", 1, 14, 18),
    ("bo", "lisbon", 2, 9, 13),
    ("caio", "lisbon", 3, 9, 13),
)
HORIZON = Horizon(MONDAY)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return HORIZON.wall(HORIZON.date(day), hour * 60 + minute)


@pytest.fixture
def published(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> Roster:
    def lay_out() -> Roster:
        for day in range(5):
            require(world.lisbon, day, 9, 18, ["lang:pt"])
        made = draft(world, PICKS, now)
        rosters.publish(SYSTEM, made.id, now)
        return Roster.get_by_id(made.id)

    found: Roster = prepared("published", lay_out)
    return found


def running(world: SmallWorld, now: dt.datetime):
    return build_problem(
        world.group, MONDAY, BuildOptions(), latest_roster(world.group.id, MONDAY), now
    )


def edited(world: SmallWorld, published: Roster, person: int, day: int, shift: str | None) -> int:
    made = versions.draft_from(SYSTEM, published.id, at(0, 0))
    cell = CellEdit(world.mediators[person].id, HORIZON.date(day), shift)
    editing.change(SYSTEM, made, 0, [cell], at(0, 0), Said(allow_broken=True))
    return made


def test_a_build_in_the_week_keeps_what_has_begun(world: SmallWorld, published: Roster) -> None:
    problem = running(world, at(2, 9))
    begun = {(one.mediator, one.shift) for one in problem.locked}
    assert begun == {
        ("ana", shift_id(problem, "lisbon", 0, 8, 12)),
        ("bo", shift_id(problem, "lisbon", 1, 14, 18)),
        ("bo", shift_id(problem, "lisbon", 2, 9, 13)),
    }, "a shift that begins at exactly now has begun"
    result = solve(problem, time_limit=3, workers=1)
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE)
    closed = HORIZON.slot(at(2, 9)) + 1
    early = {
        (one.mediator, one.shift)
        for one in result.assignments
        if problem.shift_by_id[one.shift].start < closed
    }
    assert early == begun


def test_a_moment_before_it_begins_a_shift_is_still_open(
    world: SmallWorld, published: Roster
) -> None:
    locked = running(world, at(2, 8, 59)).locked
    assert {one.mediator for one in locked} == {"ana", "bo"}
    assert len(locked) == 2


def test_a_week_to_come_is_built_freely(world: SmallWorld, published: Roster) -> None:
    before = running(world, at(0, 0) - dt.timedelta(minutes=1))
    assert before == build_problem(world.group, MONDAY, BuildOptions(), published)


def test_leave_told_afterwards_does_not_bar_what_was_worked(
    world: SmallWorld, published: Roster
) -> None:
    Absence.create(
        mediator=world.mediators[0],
        starts_at=at(0, 0),
        ends_at=at(4, 0),
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    person = running(world, at(2, 9)).mediator_by_id["ana"]
    begun = HORIZON.span(at(0, 8), at(0, 12))
    assert begun is not None
    assert [tuple(one) for one in person.unavailable] == [
        (0, begun[0]),
        (begun[1], HORIZON.slot(at(4, 0))),
    ]


def test_a_draft_made_in_the_week_is_up_to_date(
    app: Flask, world: SmallWorld, published: Roster
) -> None:
    wednesday = at(2, 9)
    made = versions.draft_from(SYSTEM, published.id, wednesday)
    draft_facts.bring_up_to_date(SYSTEM, made, wednesday)
    with app.test_request_context():
        assert draft_facts.changed_facts(SYSTEM, made) == ()
    assert rosters.judge(Roster.get_by_id(made)).violations == ()


def out_with_bo(world: SmallWorld, day: int, leaves: int, returns: int) -> None:
    route = FieldRoute.create(
        office=world.lisbon, date=HORIZON.date(day), name="Norte", starts_at=at(day, leaves),
        ends_at=at(day, returns), uid=f"{day}", created_at=at(0, 0), changed_at=at(0, 0),
    )  # fmt: skip
    FieldSeat.create(route=route, mediator=world.mediators[1], assigned_at=at(0, 0))


def test_a_route_that_ended_late_before_a_begun_shift_lets_the_rest_be_built(
    world: SmallWorld, published: Roster
) -> None:
    out_with_bo(world, 1, 19, 23)
    problem = running(world, at(3, 7))
    assert solve(problem, time_limit=3, workers=1).status in (Status.OPTIMAL, Status.FEASIBLE)
    bo = problem.mediator_by_id["bo"]
    assert bo.min_rest_slots == 22, "as it was for what is still to come"
    assert [tuple(one) for one in bo.busy] == [(HORIZON.slot(at(1, 19)), HORIZON.slot(at(1, 22)))]


def test_limits_bear_what_has_begun_and_no_more(world: SmallWorld, published: Roster) -> None:
    out_with_bo(world, 1, 7, 14)
    Mediator.update(week_minutes=240).where(Mediator.code == "bo").execute()
    ContractRegime.update(consecutive_days=1, rest_minutes=16 * 60, days_a_week=1).execute()
    problem = running(world, at(2, 10))
    assert solve(problem, time_limit=3, workers=1).status in (Status.OPTIMAL, Status.FEASIBLE)
    bo = problem.mediator_by_id["bo"]
    assert (bo.max_day_slots, bo.max_consecutive_days, bo.min_rest_slots) == (22, 2, 30)
    assert (bo.weeks[0].max_slots, bo.weeks[0].max_days) == (30, 2)
    rested = HORIZON.slot(at(3, 5))
    assert bo.unavailable[-1] == (HORIZON.slot(at(2, 13)), rested), "the whole rest after it"
    caio = problem.mediator_by_id["caio"]
    assert (caio.max_consecutive_days, caio.min_rest_slots) == (1, 32)


def test_brought_up_to_date_in_the_week_nobodys_times_have_changed(
    app: Flask, world: SmallWorld, published: Roster
) -> None:
    made = versions.draft_from(SYSTEM, published.id, at(0, 0))
    out_with_bo(world, 1, 19, 23)
    sick = Absence.create(
        mediator=world.mediators[1], starts_at=at(2, 8), ends_at=at(2, 12),
        kind=AbsenceKind.SICKNESS, status=RequestStatus.APPROVED,
    )  # fmt: skip
    with app.test_request_context():
        assert [one.name for one in draft_facts.changed_facts(SYSTEM, made)] == ["Bo"]
        draft_facts.bring_up_to_date(SYSTEM, made, at(2, 9))
        assert draft_facts.changed_facts(SYSTEM, made) == ()
        Absence.update(ends_at=at(4, 0)).where(Absence.id == sick.id).execute()
        (told,) = draft_facts.changed_facts(SYSTEM, made)
        assert (told.name, told.kind) == ("Bo", draft_facts.ChangeKind.TIMES)


@pytest.mark.parametrize(("minute", "begun"), [(-1, False), (0, True), (1, True)])
def test_publishing_refuses_to_rewrite_what_has_begun(
    world: SmallWorld, published: Roster, minute: int, begun: bool
) -> None:
    made = edited(world, published, 1, 2, None)
    when = at(2, 9) + dt.timedelta(minutes=minute)
    why = Why(reason="asked for")
    if begun:
        with pytest.raises(RewritesPassed) as error:
            rosters.publish(SYSTEM, made, when, why=why)
        assert [one.mediator for one in error.value.details] == ["Bo"]
        assert Roster.get_by_id(published.id).status == RosterStatus.PUBLISHED
        assert LateChange.select().count() == 0
        assert len(publish_view(SYSTEM, made, when).passed) == 1
        rosters.publish(SYSTEM, made, when, why=why, correct_passed=True)
    else:
        assert publish_view(SYSTEM, made, when).passed == ()
        rosters.publish(SYSTEM, made, when, why=why)
    assert Roster.get_by_id(made).status == RosterStatus.PUBLISHED


def test_new_hours_before_now_are_refused_too(world: SmallWorld, published: Roster) -> None:
    shift = shift_id(rosters.problem_of(published), "lisbon", 1, 9, 13)
    made = edited(world, published, 2, 1, shift)
    with pytest.raises(RewritesPassed):
        rosters.publish(SYSTEM, made, at(2, 9))


def test_what_is_still_to_come_is_published_in_the_week(
    world: SmallWorld, published: Roster
) -> None:
    made = edited(world, published, 2, 3, None)
    rosters.publish(SYSTEM, made, at(2, 9))
    assert Roster.get_by_id(made).status == RosterStatus.PUBLISHED


def test_what_was_shown_is_what_is_published(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    made = edited(world, published, 2, 3, None)
    view = publish_view(SYSTEM, made, now)
    seen = Shown(view.revision, view.replaces_id)
    cell = CellEdit(world.mediators[0].id, MONDAY, None)
    editing.change(SYSTEM, made, view.revision, [cell], now, Said(allow_broken=True))
    with pytest.raises(NotAsShown, match="edited"):
        rosters.publish(SYSTEM, made, now, shown=seen)
    other = edited(world, published, 1, 1, None)
    rosters.publish(SYSTEM, other, now)
    with pytest.raises(NotAsShown, match="published"):
        rosters.publish(SYSTEM, made, now, shown=Shown(view.revision + 1, view.replaces_id))
    assert Roster.get_by_id(made).status == RosterStatus.DRAFT
    rosters.publish(SYSTEM, made, now, shown=Shown(view.revision + 1, other))
