"""A day that has begun is not rewritten by an edit, unless it corrects what was worked."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require, shift_id
from flask import Flask
from small_world import MONDAY, SmallWorld

from app.models import Mediator, Roster
from app.services import editing, moves, rosters, versions
from app.services.horizon import Horizon
from app.services.moves import Move, MoveKind
from app.services.open_drafts import CellEdit, Said
from app.services.passed import RewritesPassed
from app.services.rights import SYSTEM

HORIZON = Horizon(MONDAY)


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return HORIZON.wall(HORIZON.date(day), hour * 60 + minute)


@pytest.fixture
def published(world: SmallWorld, now: dt.datetime) -> Roster:
    """Ana receives on Monday from nine to one, Bo on Tuesday."""
    for day in range(3):
        require(world.lisbon, day, 9, 13, ["lang:pt"])
    made = draft(world, [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 1, 9, 13)], now)
    rosters.publish(SYSTEM, made.id, now)
    return Roster.get_by_id(made.id)


def off(who: Mediator, day: int) -> CellEdit:
    return CellEdit(who.id, HORIZON.date(day), None)


@pytest.mark.parametrize(("minute", "begun"), [(-1, False), (0, True)])
def test_a_shift_that_has_begun_is_refused_at_the_edit(
    world: SmallWorld, published: Roster, minute: int, begun: bool
) -> None:
    when = at(0, 9) + dt.timedelta(minutes=minute)
    made = versions.draft_from(SYSTEM, published.id, when)
    wanted = [off(world.mediators[0], 0)]
    if not begun:
        assert editing.change(SYSTEM, made, 0, wanted, when) == 1
        return
    with pytest.raises(RewritesPassed, match="Ana, 2026-03-09") as error:
        editing.change(SYSTEM, made, 0, wanted, when, Said(allow_broken=True))
    assert [(one.mediator, one.after) for one in error.value.details] == [("Ana", None)]
    assert Roster.get_by_id(made).revision == 0
    assert editing.change(SYSTEM, made, 0, wanted, when, Said(correct_passed=True)) == 1


def test_hours_put_where_time_has_passed_are_refused_and_coming_ones_are_not(
    world: SmallWorld, published: Roster
) -> None:
    when = at(1, 18)
    made = versions.draft_from(SYSTEM, published.id, when)
    problem = rosters.problem_of(published)
    caio = world.mediators[2].id

    def gives(day: int) -> Move:
        shift = shift_id(problem, "lisbon", day, 9, 13)
        return Move(MoveKind.GIVE, caio, HORIZON.date(day), shift)

    with pytest.raises(RewritesPassed):
        moves.make(SYSTEM, made, 0, gives(1), when)
    assert moves.make(SYSTEM, made, 0, gives(2), when) == 1


def test_a_lock_and_what_brings_the_published_hours_back_are_no_rewriting(
    world: SmallWorld, published: Roster
) -> None:
    when = at(1, 18)
    made = versions.draft_from(SYSTEM, published.id, when)
    ana = world.mediators[0]
    lock = Move(MoveKind.LOCK, ana.id, MONDAY)
    assert moves.make(SYSTEM, made, 0, lock, when) == 1
    editing.change(SYSTEM, made, 1, [CellEdit(ana.id, MONDAY, row_of(made, ana), False)], when)
    editing.change(SYSTEM, made, 2, [off(ana, 0)], when, Said(correct_passed=True))
    back = CellEdit(ana.id, MONDAY, row_of(published.id, ana))
    assert editing.change(SYSTEM, made, 3, [back], when) == 4


def row_of(roster_id: int, who: Mediator) -> str:
    assignments = rosters.solver_assignments(Roster.get_by_id(roster_id))
    return next(one.shift for one in assignments if one.mediator == who.code)


def test_a_week_of_which_nothing_is_published_is_planned_freely(
    world: SmallWorld, now: dt.datetime
) -> None:
    made = draft(world, [("ana", "lisbon", 0, 9, 13)], now)
    assert editing.change(SYSTEM, made.id, 0, [off(world.mediators[0], 0)], at(3, 9)) == 1


def test_undo_and_redo_do_not_reach_back_into_what_has_begun(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """Edited in time, taken back too late: what would come is told and nothing is changed."""
    made = versions.draft_from(SYSTEM, published.id, now)
    editing.change(SYSTEM, made, 0, [off(world.mediators[0], 0)], now)
    begun = at(0, 9)
    assert editing.undo(SYSTEM, made, 1, begun) == 2, "it brings the published hours back"
    with pytest.raises(RewritesPassed, match="Ana, 2026-03-09"):
        editing.redo(SYSTEM, made, 2, begun)
    assert Roster.get_by_id(made).revision == 2
    assert editing.redo(SYSTEM, made, 2, begun, Said(correct_passed=True)) == 3
    assert editing.undo(SYSTEM, made, 3, begun) == 4


def test_an_undo_that_rewrites_what_has_begun_waits_for_a_word(
    world: SmallWorld, published: Roster, now: dt.datetime
) -> None:
    """The edit put the day as it was published since; taking it back would part from that."""
    made = versions.draft_from(SYSTEM, published.id, now)
    ana = world.mediators[0]
    shift = row_of(published.id, ana)
    editing.change(SYSTEM, made, 0, [off(ana, 0)], now)
    editing.change(SYSTEM, made, 1, [CellEdit(ana.id, MONDAY, shift)], now)
    with pytest.raises(RewritesPassed):
        editing.undo(SYSTEM, made, 2, at(0, 12))
    assert row_of(made, ana) == shift
    assert editing.undo(SYSTEM, made, 2, at(0, 12), Said(correct_passed=True)) == 3
