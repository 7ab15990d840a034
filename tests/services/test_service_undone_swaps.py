"""Publishing never undoes an approved swap silently; it can be kept, or undone on purpose."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft
from small_world import MONDAY, SmallWorld

from app.models import Assignment, Mediator, Roster, RosterStatus, User
from app.services import editing, rosters, swaps, versions
from app.services.rights import Actor, actor_of
from app.services.undone_swaps import UndoesSwaps, undone_by

HOUR = dt.timedelta(hours=1)
PICKS = (
    ("ana", "lisbon", 0, 9, 13),
    ("ana", "lisbon", 2, 9, 13),
    ("bo", "lisbon", 1, 9, 13),
    ("caio", "lisbon", 3, 8, 12),
)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def uid(roster_id: int, code: str, day: int) -> str:
    row = (
        Assignment.select()
        .join(Mediator)
        .where(
            Assignment.roster == roster_id,
            Mediator.code == code,
            Assignment.date == MONDAY + dt.timedelta(days=day),
        )
        .get()
    )
    return str(row.uid)


@pytest.fixture
def swapped(world: SmallWorld, now: dt.datetime) -> tuple[int, int]:
    """Ana's Wednesday went to Bo and his Tuesday to her, after a draft with the old hours was
    made: the published roster and that draft."""
    first = draft(world, PICKS, now)
    rosters.publish(world.system, first.id, now)
    old = versions.draft_from(world.system, first.id, now + HOUR)
    swap = swaps.offer(
        actor(world.mediator),
        uid(first.id, "ana", 2),
        now,
        asked_id=actor(world.other_mediator).mediator_id,
        returned_uid=uid(first.id, "bo", 1),
    )
    swaps.accept(
        actor(world.other_mediator), swap, actor(world.other_mediator).mediator_id or 0, now
    )
    return swaps.approve(actor(world.coordinator), swap, now + 2 * HOUR), old


def test_a_draft_from_before_the_swap_is_not_published_over_it(
    world: SmallWorld, swapped: tuple[int, int], now: dt.datetime
) -> None:
    published, old = swapped
    with pytest.raises(UndoesSwaps) as refused:
        rosters.publish(world.system, old, now + 3 * HOUR)
    (one,) = refused.value.details
    assert (one.giver, one.taker) == ("Ana", "Bo")
    assert Roster.get_by_id(published).status == RosterStatus.PUBLISHED


def test_the_swap_is_put_into_the_draft_and_stays(
    world: SmallWorld, swapped: tuple[int, int], now: dt.datetime
) -> None:
    published, old = swapped
    (one,) = undone_by(Roster.get_by_id(old))
    editing.change(world.system, old, 0, one.cells, now + 3 * HOUR)
    assert undone_by(Roster.get_by_id(old)) == ()
    before = set(rosters.solver_assignments(Roster.get_by_id(published)))
    rosters.publish(world.system, old, now + 3 * HOUR)
    assert set(rosters.solver_assignments(Roster.get_by_id(old))) == before


def test_it_is_undone_where_that_is_said(
    world: SmallWorld, swapped: tuple[int, int], now: dt.datetime
) -> None:
    _published, old = swapped
    rosters.publish(world.system, old, now + 3 * HOUR, undo_swaps=True)
    assert Roster.get_by_id(old).status == RosterStatus.PUBLISHED


def test_other_changes_of_the_week_need_no_word(
    world: SmallWorld, swapped: tuple[int, int], now: dt.datetime
) -> None:
    published, _old = swapped
    later = versions.draft_from(world.system, published, now + 3 * HOUR)
    caio = Mediator.get(Mediator.code == "caio")
    editing.change(
        world.system,
        later,
        0,
        [editing.CellEdit(caio.id, MONDAY + dt.timedelta(days=3), None)],
        now + 3 * HOUR,
    )
    assert undone_by(Roster.get_by_id(later)) == ()
    rosters.publish(world.system, later, now + 4 * HOUR)


def test_taking_the_swapped_shift_from_its_taker_needs_a_word(
    world: SmallWorld, swapped: tuple[int, int], now: dt.datetime
) -> None:
    published, _old = swapped
    later = versions.draft_from(world.system, published, now + 3 * HOUR)
    bo = Mediator.get(Mediator.code == "bo")
    editing.change(
        world.system,
        later,
        0,
        [editing.CellEdit(bo.id, MONDAY + dt.timedelta(days=2), None)],
        now + 3 * HOUR,
    )
    with pytest.raises(UndoesSwaps):
        rosters.publish(world.system, later, now + 4 * HOUR)
