"""A day opened: its choices and takers, each with exactly what it would do."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require, shift_id, week_problem
from flask import Flask
from small_world import MONDAY, SmallWorld

from app.models import Availability, MediatorOffice, Role, Roster
from app.services import cell_view, editing, rosters
from app.services.errors import Forbidden, NotFound
from app.services.open_drafts import CellEdit
from app.services.rights import Actor
from solver import Assignment, check


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def roster(world: SmallWorld, now: dt.datetime) -> Roster:
    """Ukrainian is asked for from 9 to 12 on Monday, when Bo is there and Ana comes later."""
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    Availability.create(mediator=world.mediators[2], weekday=0, from_minute=0, until_minute=1440)
    return draft(world, [("bo", "lisbon", 0, 9, 13), ("ana", "lisbon", 0, 14, 18)], now)


def test_every_choice_tells_what_the_judge_would_say(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    view = cell_view.cell_view(world.system, roster.id, ana.id, MONDAY, now)
    problem, given = rosters.problem_of(roster), rosters.solver_assignments(roster)
    before = check(problem, given)
    others = tuple(one for one in given if one.mediator != "ana")
    assert len(view.allowed) > 10
    for choice in view.allowed:
        after = check(problem, (*others, Assignment("ana", choice.view.shift)))
        assert choice.effect.cost == after.cost - before.cost
        changed = {term: after.parts[term] - before.parts[term] for term in after.parts}
        assert choice.effect.parts == {term: cost for term, cost in changed.items() if cost}
        assert after.violations == before.violations
    costs = [one.effect.cost for one in view.allowed]
    assert costs == sorted(costs)


def test_the_best_choice_says_in_hours_what_is_gained(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    view = cell_view.cell_view(world.system, roster.id, world.mediators[0].id, MONDAY, now)
    (gained,) = view.allowed[0].effect.cover
    assert (gained.label, gained.minutes) == ("Ukrainian", -180)
    assert view.allowed[0].effect.parts["cover"] == -60


def test_what_is_not_allowed_says_why(world: SmallWorld, roster: Roster, now: dt.datetime) -> None:
    caio = world.mediators[2]
    view = cell_view.cell_view(world.system, roster.id, caio.id, MONDAY, now)
    assert view.allowed == ()
    assert {one.rule for choice in view.refused for one in choice.effect.broken} == {"unavailable"}


def test_takers_are_ranked_and_each_has_reasons(world: SmallWorld, roster: Roster) -> None:
    bo, eva = world.mediators[1], world.mediators[4]
    MediatorOffice.create(mediator=eva, office=world.lisbon)
    fresh = draft(
        world, [("bo", "lisbon", 0, 9, 13), ("ana", "lisbon", 0, 14, 18)], roster.created_at
    )
    found = cell_view.takers(world.system, fresh.id, bo.id, MONDAY)
    assert [one.name for one in found] == ["Ana", "Eva", "Caio"]
    first, second, last = found
    assert first.leaves is not None
    assert first.effect.parts == {"cover": -60}, "the two change places"
    assert second.leaves is None
    assert second.effect.cover[0].minutes == -180
    assert second.effect.parts["office"] > 0
    assert [one.rule for one in last.effect.broken] == ["unavailable"]


def test_the_same_hours_are_offered_on_free_days(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    view = cell_view.cell_view(world.system, roster.id, world.mediators[1].id, MONDAY, now)
    assert [(one.date - MONDAY).days for one in view.other_days] == [1, 2, 3, 4]
    assert {one.view.starts_at.hour for one in view.other_days} == {9}


def test_a_locked_or_published_day_offers_nothing(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    bo = world.mediators[1]
    shift = shift_id(week_problem(world), "lisbon", 0, 9, 13)
    editing.change(world.system, roster.id, 0, [CellEdit(bo.id, MONDAY, shift, True)], now)
    view = cell_view.cell_view(world.system, roster.id, bo.id, MONDAY, now)
    assert view.locked
    assert view.allowed == view.refused == view.other_days == ()
    rosters.publish(world.system, roster.id, now)
    view = cell_view.cell_view(world.system, roster.id, world.mediators[0].id, MONDAY, now)
    assert not view.editable
    assert view.shift is not None
    assert view.allowed == ()


def test_only_one_s_own_people_are_opened(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    roles = frozenset({Role.COORDINATOR})
    bound = Actor(user_id=None, roles=roles, office_ids=frozenset({world.azores.id}))
    with pytest.raises(Forbidden):
        cell_view.cell_view(bound, roster.id, world.mediators[0].id, MONDAY, now)
    theirs = cell_view.cell_view(bound, roster.id, world.mediators[4].id, MONDAY, now)
    assert not theirs.may_plan, "nothing is offered that would be refused"
    for mediator, date in ((999, MONDAY), (world.mediators[0].id, MONDAY - dt.timedelta(days=1))):
        with pytest.raises(NotFound):
            cell_view.cell_view(world.system, roster.id, mediator, date, now)


def test_hours_are_told_by_the_clock_of_the_office_worked_at(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Eva of the Azores has a day there from ten to two of Lisbon, and one in Lisbon."""
    eva = world.mediators[4]
    MediatorOffice.create(mediator=eva, office=world.lisbon)
    made = draft(world, [("eva", "azores", 0, 10, 14), ("eva", "lisbon", 1, 9, 13)], now)
    at_home = cell_view.cell_view(world.system, made.id, eva.id, MONDAY, now)
    away = cell_view.cell_view(world.system, made.id, eva.id, MONDAY + dt.timedelta(days=1), now)
    assert at_home.shift is not None
    assert away.shift is not None
    assert (at_home.shift.zone, away.shift.zone) == ("Atlantic/Azores", "Europe/Lisbon")
    assert away.zones == {"Atlantic/Azores", "Europe/Lisbon"}
    offices = {(one.view.office, one.view.zone) for one in at_home.allowed}
    assert offices <= {("Lisboa", "Europe/Lisbon"), ("Ponta Delgada", "Atlantic/Azores")}
