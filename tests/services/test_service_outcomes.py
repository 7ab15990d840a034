"""Endings of visits saved for many cells at once: in place of what was said, for one's own."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import SmallWorld

from app.models import ArrivalOutcome, User
from app.services.errors import Forbidden
from app.services.outcomes import Ending, OutcomeCell, Tally, add_tally, record_outcomes
from app.services.rights import actor_of


def tally(*endings: Ending) -> Tally:
    found = Tally()
    for one in endings:
        found.add(one)
    return found


def test_a_tally_counts_endings_and_takes_them_back() -> None:
    found = tally(Ending("served", 5, 9), Ending("left", 50), Ending("by_phone", None, 7))
    assert found == Tally(1, 1, 1, waits=2, waited_minutes=55, services=2, service_minutes=16)
    for one in (Ending("served", 5, 9), Ending("left", 50), Ending("by_phone", None, 7)):
        found.add(one, -1)
    assert found == Tally()


def test_recorded_again_it_takes_the_place_and_added_it_adds(
    world: SmallWorld, now: dt.datetime
) -> None:
    cell = OutcomeCell(world.lisbon.id, now.replace(minute=0), "uk", "legal")
    for _time in range(2):
        record_outcomes(world.system, {cell: tally(Ending("served", 5, 9))}, now, "demo")
    add_tally(cell, tally(Ending("served", 3)), "demo")
    add_tally(cell, tally(Ending("left")), "desk")
    rows = {one.source: (one.served, one.left, one.waits, one.waited_minutes, one.services)
            for one in ArrivalOutcome.select()}  # fmt: skip
    assert rows == {"demo": (2, 0, 2, 8, 1), "desk": (0, 1, 0, 0, 0)}


def test_for_ones_own_office_only(world: SmallWorld, now: dt.datetime) -> None:
    bound = actor_of(User.get(User.email == world.azores_coordinator))
    cells = {
        OutcomeCell(office.id, now.replace(minute=0), "uk", "legal"): tally(Ending("served"))
        for office in (world.azores, world.lisbon)
    }
    with pytest.raises(Forbidden):
        record_outcomes(bound, cells, now, "demo")
    assert not ArrivalOutcome.select().exists()
