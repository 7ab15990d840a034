"""A coordinator's word over derived requirements: laid over, kept, taken back whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from drafts import week_problem
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld, log_arrivals

from app.models import Closure, Requirement, RequirementOverride, User
from app.services import overrides, planning
from app.services.demand_view import demand_view
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.overrides import OverrideFacts
from app.services.rights import actor_of

MORE_UK = OverrideFacts(
    label="uk", date=MONDAY, from_minute=600, until_minute=660, count=4, note="A group is coming"
)


@pytest.fixture
def derived(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> list[dict[str, Any]]:
    def lay_out() -> list[dict[str, Any]]:
        log_arrivals(world, now.date(), days=42)
        planning.derive_requirements(world.group, MONDAY, now)
        return rows(world)

    found: list[dict[str, Any]] = prepared("derived", lay_out)
    return found


def rows(world: SmallWorld) -> list[dict[str, Any]]:
    query = Requirement.select().where(Requirement.office == world.lisbon)
    kept = query.order_by(Requirement.starts_at, Requirement.label).dicts()
    return [{name: value for name, value in row.items() if name != "id"} for row in kept]


def at(found: list[dict[str, Any]], label: str, hour: int, minute: int = 0) -> dict[str, Any]:
    start = dt.datetime(MONDAY.year, MONDAY.month, MONDAY.day, hour, minute, tzinfo=dt.UTC)
    return next(one for one in found if one["label"] == label and one["starts_at"] == start)


def test_it_is_laid_over_its_span_only(
    world: SmallWorld, derived: list[dict[str, Any]], now: dt.datetime
) -> None:
    overrides.override(world.system, world.lisbon, MONDAY, MORE_UK, now)
    after = rows(world)
    for hour, minute in ((10, 0), (10, 30)):
        row = at(after, "uk", hour, minute)
        assert (row["count"], row["note"]) == (4, "A group is coming")
        assert row["reason"]["derived"]["count"] == at(derived, "uk", hour, minute)["count"]
        assert (
            row["reason"]["pool_heads"] == at(derived, "uk", hour, minute)["reason"]["pool_heads"]
        )
    changed = [one for one in after if one not in derived]
    assert len(changed) == 2
    problem = week_problem(world)
    asked = [one for one in problem.requirements if one.needs == ("lang:uk",) and one.count == 4]
    assert len(asked) == 2


def test_it_holds_when_the_derivation_runs_again(
    world: SmallWorld, derived: list[dict[str, Any]], now: dt.datetime
) -> None:
    overrides.override(world.system, world.lisbon, MONDAY, MORE_UK, now)
    before = rows(world)
    planning.derive_requirements(world.group, MONDAY, now)
    assert rows(world) == before


def test_removed_it_leaves_what_was_derived(
    world: SmallWorld, derived: list[dict[str, Any]], now: dt.datetime
) -> None:
    new = replace(MORE_UK, label="ru", count=1)
    ids = [
        overrides.override(world.system, world.lisbon, MONDAY, one, now)
        for one in (MORE_UK, replace(MORE_UK, count=0, note="They are not"), new)
    ]
    assert at(rows(world), "uk", 10)["count"] == 0, "the later word holds"
    assert at(rows(world), "ru", 10)["needs"] == ["lang:ru"]
    overrides.remove_override(world.system, ids[1], now)
    assert at(rows(world), "uk", 10)["count"] == 4
    overrides.remove_override(world.system, ids[0], now)
    overrides.remove_override(world.system, ids[2], now)
    assert rows(world) == derived
    with pytest.raises(NotFound):
        overrides.remove_override(world.system, ids[0], now)


def test_nothing_is_asked_for_while_the_office_is_shut(
    world: SmallWorld, derived: list[dict[str, Any]], now: dt.datetime
) -> None:
    early = replace(MORE_UK, label="ru", from_minute=420, until_minute=510, count=1)
    overrides.override(world.system, world.lisbon, MONDAY, early, now)
    starts = [one["starts_at"].hour * 60 + one["starts_at"].minute
              for one in rows(world) if one["label"] == "ru"]  # fmt: skip
    assert starts == [480], "it opens at eight"


def test_before_the_derivation_it_waits(world: SmallWorld, now: dt.datetime) -> None:
    overrides.override(world.system, world.lisbon, MONDAY, MORE_UK, now)
    assert rows(world) == []
    log_arrivals(world, now.date(), days=42)
    planning.derive_requirements(world.group, MONDAY, now)
    assert at(rows(world), "uk", 10)["count"] == 4


def test_its_effect_is_told(
    world: SmallWorld, derived: list[dict[str, Any]], now: dt.datetime
) -> None:
    overrides.override(world.system, world.lisbon, MONDAY, MORE_UK, now)
    none = replace(MORE_UK, date=MONDAY + dt.timedelta(days=1), label="pt", count=0, note="Shut")
    overrides.override(world.system, world.lisbon, MONDAY, none, now)
    more, fewer = (one.effect for one in demand_view(world.system, "lisbon", MONDAY).overrides)
    assert more.asked_minutes == 4 * 60 > more.derived_minutes
    assert more.within_before is not None
    assert more.within_after is not None
    assert more.within_after > more.within_before
    assert fewer.asked_minutes == 0
    assert fewer.within_before is not None
    assert fewer.within_after is not None
    assert fewer.within_after < fewer.within_before


def test_the_effect_at_a_desk_is_that_of_its_own_queue(
    world: SmallWorld, derived: list[dict[str, Any]], now: dt.datetime
) -> None:
    """The small world's desk of 10 to 12; what its reason knows is the desk's, not the pool's."""
    more = replace(MORE_UK, label="legal", from_minute=600, until_minute=720, count=3)
    for row in Requirement.select().where(Requirement.label == "legal"):
        row.reason |= {"pool_arrivals": 4.5, "pool_load": 1.5, "service_minutes": 10.0}
        row.save()
    overrides.override(world.system, world.lisbon, MONDAY, more, now)
    (effect,) = (one.effect for one in demand_view(world.system, "lisbon", MONDAY).overrides)
    assert effect.within_before == pytest.approx(1 - 1.0, abs=0.01), "one cannot hold a load of 1.5"
    assert effect.within_after == pytest.approx(0.975, abs=0.002)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": "xx"}, "label"),
        ({"date": MONDAY + dt.timedelta(days=7)}, "date"),
        ({"date": MONDAY - dt.timedelta(days=1)}, "date"),
        ({"from_minute": 610}, "from_minute"),
        ({"until_minute": 600}, "until_minute"),
        ({"until_minute": 1470}, "until_minute"),
        ({"from_minute": 420, "until_minute": 480}, "from_minute"),
        ({"from_minute": 1080, "until_minute": 1140}, "from_minute"),
        ({"date": MONDAY + dt.timedelta(days=5)}, "date"),
        ({"count": -1}, "count"),
        ({"count": 101}, "count"),
        ({"note": " "}, "note"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_a_fault_is_named_and_nothing_saved(
    world: SmallWorld, now: dt.datetime, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        overrides.override(world.system, world.lisbon, MONDAY, replace(MORE_UK, **change), now)
    assert [one.field for one in refused.value.faults] == [field]
    assert not RequirementOverride.select().exists()


def test_a_shut_day_is_told_with_its_reason(world: SmallWorld, now: dt.datetime) -> None:
    Closure.create(office=world.lisbon, date=MONDAY, reason="Works in the street")
    with pytest.raises(Invalid) as refused:
        overrides.override(world.system, world.lisbon, MONDAY, MORE_UK, now)
    (fault,) = refused.value.faults
    assert (fault.field, fault.value) == ("date", MONDAY)
    assert "Works in the street" in fault.expected
    assert not RequirementOverride.select().exists()


def test_only_for_ones_own_office(world: SmallWorld, now: dt.datetime) -> None:
    bound = actor_of(User.get(User.email == world.azores_coordinator))
    with pytest.raises(Forbidden):
        overrides.override(bound, world.lisbon, MONDAY, MORE_UK, now)
    mine = overrides.override(bound, world.azores, MONDAY, MORE_UK, now)
    ana = actor_of(User.get(User.email == world.mediator))
    with pytest.raises(Forbidden):
        overrides.remove_override(ana, mine, now)
