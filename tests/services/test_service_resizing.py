"""A shift pulled at its ends: as the week offers it, else with its own breaks; or refused."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from small_world import MONDAY, SmallWorld

from app.models import Assignment, Mediator, Roster, User
from app.services import editing, resizing, rosters
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.open_drafts import Said
from app.services.own_hours import Hours, give
from app.services.passed import RewritesPassed
from app.services.published import breaks_of
from app.services.resizing import Pull
from app.services.rights import actor_of


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def roster(world: SmallWorld, now: dt.datetime) -> Roster:
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    picks = [("bo", "lisbon", 0, 9, 13), ("dina", "azores", 1, 10, 14)]
    return draft(world, picks, now)


def row_of(roster: Roster, who: Mediator) -> Assignment:
    return Assignment.get(Assignment.roster == roster, Assignment.mediator == who)


def hours_of(roster: Roster, who: Mediator) -> tuple[str, str]:
    row = row_of(roster, who)
    return f"{row.starts_at:%H:%M}", f"{row.ends_at:%H:%M}"


def test_either_end_is_moved_as_one_edit_and_undone(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    bo = world.mediators[1]
    assert resizing.resize(world.system, roster.id, 0, Pull(bo.id, MONDAY, 0, 60), now) == 1
    assert hours_of(roster, bo) == ("09:00", "14:00")
    assert resizing.resize(world.system, roster.id, 1, Pull(bo.id, MONDAY, 60, 0), now) == 2
    assert hours_of(roster, bo) == ("10:00", "14:00")
    after = Roster.get_by_id(roster.id)
    assert after.cost == rosters.judge(after).cost, "judged like any edit"
    editing.undo(world.system, roster.id, 2, now)
    assert hours_of(roster, bo) == ("09:00", "14:00")


def test_a_long_day_gets_the_break_that_the_week_offers_with_it(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    bo = world.mediators[1]
    resizing.resize(world.system, roster.id, 0, Pull(bo.id, MONDAY, 0, 240), now)
    row = row_of(roster, bo)
    assert hours_of(roster, bo) == ("09:00", "17:00")
    assert len(breaks_of(row)) == 1
    assert Roster.get_by_id(roster.id).problem_json == roster.problem_json, "it was offered"


def test_breaks_that_no_shift_offers_stay_where_they_still_fit(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    bo, two = world.mediators[1], ((11 * 60, 11 * 60 + 30), (15 * 60, 15 * 60 + 30))
    give(world.system, roster.id, 0, Hours(bo.id, MONDAY, "lisbon", 540, 1080, two), now)
    before = breaks_of(row_of(roster, bo))
    resizing.resize(
        world.system, roster.id, 1, Pull(bo.id, MONDAY, 30, 0), now, Said(allow_broken=True)
    )
    kept = breaks_of(row_of(roster, bo))
    assert set(kept) & set(before), "the nearest of what is offered, or its own"


def test_the_clock_is_that_of_the_shift_s_office(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    dina = world.mediators[3]
    before = row_of(roster, dina)
    tuesday = MONDAY + dt.timedelta(days=1)
    resizing.resize(world.system, roster.id, 0, Pull(dina.id, tuesday, -60, 0), now)
    after = row_of(roster, dina)
    assert before.starts_at - after.starts_at == dt.timedelta(hours=1)
    assert after.ends_at == before.ends_at


def test_what_cannot_be_is_refused_and_changes_nothing(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    bo, ana = world.mediators[1].id, world.mediators[0].id
    wrong = [
        (Pull(bo, MONDAY, -12 * 60, 0), Invalid),  # before the office opens
        (Pull(bo, MONDAY, 240, 0), Invalid),  # nothing is left
        (Pull(bo, MONDAY, 20, 0), Invalid),  # not on a half hour
        (Pull(ana, MONDAY, 30, 0), Conflict),  # she has no shift
    ]
    for pull, error in wrong:
        with pytest.raises(error):
            resizing.resize(world.system, roster.id, 0, pull, now)
    with pytest.raises(Conflict):
        resizing.resize(world.system, roster.id, 7, Pull(bo, MONDAY, 30, 0), now)
    azores = actor_of(User.get(User.email == world.azores_coordinator))
    with pytest.raises(Forbidden):
        resizing.resize(azores, roster.id, 0, Pull(bo, MONDAY, 0, 60), now)
    assert Roster.get_by_id(roster.id).revision == 0


def test_a_shift_that_has_begun_is_not_pulled(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    rosters.publish(world.system, roster.id, now)
    later = dt.datetime.combine(MONDAY, dt.time(10), dt.UTC)
    made = draft(world, [("bo", "lisbon", 0, 9, 13)], later)
    pull = Pull(world.mediators[1].id, MONDAY, 0, 60)
    with pytest.raises(RewritesPassed):
        resizing.resize(world.system, made.id, 0, pull, later)
