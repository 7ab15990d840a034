"""Editing a draft: judged at every move, numbered, undone and redone, never silently lost."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require, shift_id, week_problem
from flask import Flask
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld

from app.models import Assignment, AuditEntry, Role, Roster, RosterEdit, RosterStatus
from app.services import editing, rosters
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.open_drafts import CellEdit, Said
from app.services.rights import Actor
from solver import check

TUESDAY = MONDAY + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def roster(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> Roster:
    """Ana works 9 to 13 on Monday and 9 to 13 on Tuesday; Bo 9 to 13 on Monday."""

    def lay_out() -> Roster:
        require(world.lisbon, 0, 9, 12, ["lang:uk"])
        picks = [
            ("ana", "lisbon", 0, 9, 13),
            ("ana", "lisbon", 1, 9, 13),
            ("bo", "lisbon", 0, 9, 13),
        ]
        return draft(world, picks, now)

    found: Roster = prepared("roster", lay_out)
    return found


def hours(world: SmallWorld, day: int, starts: int, ends: int, office: str = "lisbon") -> str:
    return shift_id(week_problem(world), office, day, starts, ends)


def shifts(roster: Roster) -> set[tuple[str, str, bool]]:
    return {
        (row.mediator.code, row.shift, row.locked)
        for row in Assignment.select().where(Assignment.roster == roster)
    }


def test_a_shift_is_moved_and_the_roster_s_cost_follows(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    after = editing.change(
        world.system, roster.id, 0, [CellEdit(ana, MONDAY, hours(world, 0, 14, 18))], now
    )
    kept = Roster.get_by_id(roster.id)
    assert (after, kept.revision) == (1, 1)
    judged = check(rosters.problem_of(kept), rosters.solver_assignments(kept))
    assert (kept.cost, kept.parts) == (judged.cost, dict(judged.parts))
    assert kept.parts["cover"] == roster.parts["cover"] + 10 * 6
    row = Assignment.get(Assignment.roster == roster, Assignment.mediator == ana)
    assert (row.starts_at.hour, row.ends_at.hour) == (14, 18)
    assert AuditEntry.select().where(AuditEntry.action == "roster.edit").count() == 1


def test_a_shift_goes_to_another_in_one_edit(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana, _bo, caio, *_ = world.mediators
    shift = hours(world, 0, 9, 13)
    edit = [CellEdit(ana.id, MONDAY, None), CellEdit(caio.id, MONDAY, shift)]
    editing.change(world.system, roster.id, 0, edit, now)
    assert {one[:2] for one in shifts(roster)} == {
        ("caio", shift),
        ("bo", shift),
        ("ana", hours(world, 1, 9, 13)),
    }
    editing.undo(world.system, roster.id, 1, now)
    assert ("ana", shift, False) in shifts(roster)
    assert len(shifts(roster)) == 3


def test_what_breaks_a_rule_is_refused_and_nothing_is_saved(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    """Dina is of the Azores and has not agreed to Lisbon."""
    dina = world.mediators[3].id
    before = shifts(roster)
    edit = [CellEdit(dina, MONDAY, hours(world, 0, 9, 13))]
    with pytest.raises(editing.BrokenRules) as refused:
        editing.change(world.system, roster.id, 0, edit, now)
    assert [one.rule for one in refused.value.broken] == ["office"]
    assert "Dina" in refused.value.broken[0].text
    assert shifts(roster) == before
    assert Roster.get_by_id(roster.id).revision == 0
    assert editing.change(world.system, roster.id, 0, edit, now, Said(allow_broken=True)) == 1
    with pytest.raises(Invalid):
        rosters.publish(world.system, roster.id, now)


def test_a_rule_broken_already_does_not_stop_another_edit(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    dina, bo = world.mediators[3].id, world.mediators[1].id
    wrong = [CellEdit(dina, MONDAY, hours(world, 0, 9, 13))]
    editing.change(world.system, roster.id, 0, wrong, now, Said(allow_broken=True))
    editing.change(world.system, roster.id, 1, [CellEdit(bo, MONDAY, None)], now)
    assert Roster.get_by_id(roster.id).revision == 2


def test_undo_and_redo_walk_the_edits(world: SmallWorld, roster: Roster, now: dt.datetime) -> None:
    ana = world.mediators[0].id
    states = [shifts(roster)]
    for starts, ends in ((10, 14), (12, 16), (14, 18)):
        revision = len(states) - 1
        cell = CellEdit(ana, MONDAY, hours(world, 0, starts, ends))
        editing.change(world.system, roster.id, revision, [cell], now)
        states.append(shifts(roster))
    assert editing.undo(world.system, roster.id, 3, now) == 4
    assert shifts(roster) == states[2]
    assert editing.undo(world.system, roster.id, 4, now) == 5
    assert shifts(roster) == states[1]
    editing.redo(world.system, roster.id, 5, now)
    assert shifts(roster) == states[2]
    editing.redo(world.system, roster.id, 6, now)
    assert shifts(roster) == states[3]
    with pytest.raises(Conflict):
        editing.redo(world.system, roster.id, 7, now)
    assert Roster.get_by_id(roster.id).revision == 7


def test_a_new_edit_ends_what_could_be_redone(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    editing.change(world.system, roster.id, 0, [CellEdit(ana, MONDAY, None)], now)
    editing.undo(world.system, roster.id, 1, now)
    editing.change(world.system, roster.id, 2, [CellEdit(ana, TUESDAY, None)], now)
    assert editing.revision_of(world.system, roster.id).redo is None
    assert RosterEdit.select().count() == 1


def test_an_older_revision_is_refused_with_what_changed_since(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana, bo, *_ = world.mediators
    editing.change(world.system, roster.id, 0, [CellEdit(bo.id, MONDAY, None)], now)
    before = shifts(roster)
    with pytest.raises(Conflict) as refused:
        editing.change(world.system, roster.id, 0, [CellEdit(ana.id, MONDAY, None)], now)
    (since,) = refused.value.details
    (cell,) = since.cells
    assert (cell.mediator, cell.date, cell.after) == ("Bo", MONDAY, None)
    assert cell.before is not None
    assert cell.before.office == "Lisboa"
    assert shifts(roster) == before
    editing.undo(world.system, roster.id, 1, now)
    (since,) = editing.changes_since(world.system, roster.id, 1)
    assert since.undone
    assert since.cells[0].before is None


def test_a_locked_shift_stays_until_it_is_unlocked(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    shift = hours(world, 0, 9, 13)
    editing.change(world.system, roster.id, 0, [CellEdit(ana, MONDAY, shift, locked=True)], now)
    with pytest.raises(editing.LockedShift):
        editing.change(world.system, roster.id, 1, [CellEdit(ana, MONDAY, None)], now)
    assert ("ana", shift, True) in shifts(roster)
    editing.change(world.system, roster.id, 1, [CellEdit(ana, MONDAY, shift)], now)
    editing.change(world.system, roster.id, 2, [CellEdit(ana, MONDAY, None)], now)
    assert len(shifts(roster)) == 2


def test_the_same_again_changes_nothing(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    same = [CellEdit(ana, MONDAY, hours(world, 0, 9, 13))]
    assert editing.change(world.system, roster.id, 0, same, now) == 0
    assert Roster.get_by_id(roster.id).revision == 0
    assert RosterEdit.select().count() == 0


def test_every_fault_of_an_edit_is_named(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    wrong = [
        CellEdit(999, MONDAY, None),
        CellEdit(ana, MONDAY, hours(world, 1, 9, 13)),
        CellEdit(ana, MONDAY - dt.timedelta(days=1), None),
    ]
    with pytest.raises(Invalid) as refused:
        editing.change(world.system, roster.id, 0, wrong, now)
    assert {one.field for one in refused.value.faults} == {"mediator", "shift", "date"}


def test_what_is_published_is_not_edited(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    rosters.publish(world.system, roster.id, now)
    ana = world.mediators[0].id
    with pytest.raises(Conflict):
        editing.change(world.system, roster.id, 0, [CellEdit(ana, MONDAY, None)], now)
    assert Roster.get_by_id(roster.id).status is RosterStatus.PUBLISHED


def test_a_coordinator_edits_the_people_and_shifts_of_their_office_only(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    ana, _bo, _caio, dina, _eva = world.mediators
    roles = frozenset({Role.COORDINATOR})
    bound = Actor(user_id=None, roles=roles, office_ids=frozenset({world.azores.id}))
    with pytest.raises(Forbidden):
        editing.change(bound, roster.id, 0, [CellEdit(ana.id, MONDAY, None)], now)
    lisbon = CellEdit(dina.id, MONDAY, hours(world, 0, 9, 13))
    with pytest.raises(Forbidden):
        editing.change(bound, roster.id, 0, [lisbon], now, Said(allow_broken=True))
    own = CellEdit(dina.id, MONDAY, hours(world, 0, 9, 13, "azores"))
    assert editing.change(bound, roster.id, 0, [own], now) == 1
    nobody = Actor(user_id=None, roles=frozenset({Role.MEDIATOR}), mediator_id=ana.id)
    with pytest.raises(Forbidden):
        editing.change(nobody, roster.id, 1, [CellEdit(ana.id, MONDAY, None)], now)
    with pytest.raises(NotFound):
        editing.change(world.system, 999, 0, [], now)


def test_an_office_is_not_told_of_another_office_s_edit(
    world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    bound = Actor(
        user_id=None,
        roles=frozenset({Role.COORDINATOR}),
        office_ids=frozenset({world.azores.id}),
    )
    edit = [CellEdit(world.mediators[1].id, MONDAY, None)]
    editing.change(world.system, roster.id, 0, edit, now)
    seen = editing.revision_of(bound, roster.id)
    assert (seen.number, seen.undo, seen.elsewhere) == (1, None, True)
    mine = editing.revision_of(world.system, roster.id)
    assert mine.undo is not None
    assert not mine.elsewhere
    editing.undo(world.system, roster.id, 1, now)
    seen = editing.revision_of(bound, roster.id)
    assert (seen.undo, seen.redo, seen.elsewhere) == (None, None, False)
