"""Scenarios of a week: compared on what they give, one taken up, the others put aside and back."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from flask import Flask
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld

from app.models import Language, Roster, Run, RunStatus, Wish, WishKind, database
from app.services import editing, rosters, scenario_choice, standing, week_view
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.moves import Move, MoveKind, make
from app.services.problems import BuildOptions
from app.services.rights import Actor
from app.services.scenarios import scenarios_view
from app.services.waiting import Question

LATER = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _in_request(app: Flask) -> object:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def two(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> tuple[Roster, Roster]:
    """The first covers Ukrainian on Monday and nothing else, the second lets Bo work late."""

    def lay_out() -> tuple[Roster, Roster]:
        require(world.lisbon, 0, 9, 12, ["lang:uk"])
        require(world.lisbon, 0, 9, 12)
        require(world.azores, 1, 10, 11, ["lang:en"])
        first = draft(world, [("ana", "lisbon", 0, 9, 13)], now, bound=10)
        second = draft(
            world,
            [("bo", "lisbon", 0, 9, 13), ("caio", "lisbon", 2, 14, 18)],
            now + LATER,
        )
        return first, second

    found: tuple[Roster, Roster] = prepared("two", lay_out)
    return found


def test_each_gives_what_can_be_counted_by_hand(
    world: SmallWorld, two: tuple[Roster, Roster]
) -> None:
    view = scenarios_view(world.system, "lisbon", MONDAY)
    by_id = {one.id: one for one in view.scenarios}
    first, second = by_id[two[0].id], by_id[two[1].id]
    assert first.needed_minutes == second.needed_minutes == 3 * 60 + 3 * 60 + 60
    # Ana is counted for Ukrainian; nobody is left for anyone, nor for English in the Azores.
    assert first.missing_by_language == {"": 180, "en": 60}
    assert second.missing_by_language == {"uk": 180, "en": 60}
    assert [code for code, _name in view.languages] == ["en", "uk", ""]
    assert (first.worked_minutes, second.worked_minutes) == (240, 480)
    assert first.gap_percent == pytest.approx(100 * (first.cost - 10) / first.cost)
    assert second.gap_percent is None
    assert first.cost == rosters.judge(two[0]).cost


def test_wishes_evenings_and_saturdays_are_counted(world: SmallWorld, now: dt.datetime) -> None:
    week = MONDAY
    horizon_start = dt.datetime(2026, 3, 9, 9, tzinfo=dt.UTC)
    for mediator, kind in ((world.mediators[0], "off"), (world.mediators[1], "on")):
        Wish.create(
            mediator=mediator,
            starts_at=horizon_start,
            ends_at=horizon_start + 3 * LATER,
            kind=WishKind(kind),
            cost=5,
        )
    made = draft(world, [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)], now, week=week)
    (one,) = scenarios_view(world.system, "lisbon", week).scenarios
    assert (one.wishes, one.wishes_met) == (2, 1)
    assert (one.evenings, one.saturdays, one.most_unsocial) == (0, 0, 0)
    assert one.id == made.id


def test_changes_are_counted_from_what_is_published(
    world: SmallWorld, two: tuple[Roster, Roster], now: dt.datetime
) -> None:
    """While nothing is, from the one in hand."""
    before = scenarios_view(world.system, "lisbon", MONDAY)
    counted = {one.id: (one.changed_people, one.changed_days) for one in before.scenarios}
    assert (before.published, before.compared_with) == (None, 2)
    assert counted == {two[0].id: (3, 3), two[1].id: (0, 0)}
    rosters.publish(world.system, two[0].id, now + 2 * LATER)
    view = scenarios_view(world.system, "lisbon", MONDAY)
    changed = {one.id: (one.changed_people, one.changed_days) for one in view.scenarios}
    assert (view.published, view.compared_with) == (1, 1)
    assert changed == {two[0].id: (0, 0), two[1].id: (3, 3)}


def test_the_wait_is_that_of_all_visitors_of_the_office(
    world: SmallWorld, two: tuple[Roster, Roster], now: dt.datetime
) -> None:
    def day(visitors: int, minutes: float, share: float) -> dict[str, object]:
        return {
            "day": 0,
            "target_share": 0.8,
            "target_minutes": 15,
            "overall": {"visitors": visitors, "wait": [minutes, 0, 9], "within": [share, 0, 1]},
        }

    asked = Question("lisbon", MONDAY, two[0].id, 0)
    Run.create(
        kind="waiting",
        parameters=asked.parameters(),
        about=asked.about,
        status=RunStatus.DONE,
        result={"days": [day(30, 4.0, 0.9), day(10, 8.0, 0.5)]},
        asked_at=now,
    )
    by_id = {one.id: one for one in scenarios_view(world.system, "lisbon", MONDAY).scenarios}
    wait = by_id[two[0].id].wait
    assert wait is not None
    assert (wait.mean_minutes, wait.within_share) == (5.0, pytest.approx(0.8))
    assert by_id[two[1].id].wait is None


def test_the_one_chosen_is_in_hand_and_the_others_come_back(
    world: SmallWorld, two: tuple[Roster, Roster], now: dt.datetime
) -> None:
    first, second = two

    def shown() -> int:
        view = week_view.week_view(world.system, "lisbon", MONDAY, now=now)
        assert view.roster is not None
        return view.roster.version.id

    assert shown() == second.id, "the newest, until one is chosen"
    before, put_aside = scenario_choice.choose(
        world.system, first.id, now + 2 * LATER, discard_others=True
    )
    assert (before, put_aside) == (second.id, (second.id,))
    assert shown() == first.id
    base = standing.latest_roster(world.group.id, MONDAY)
    assert base is not None
    assert base.id == first.id
    view = scenarios_view(world.system, "lisbon", MONDAY)
    assert [one.id for one in view.scenarios] == [first.id]
    assert [one.id for one in view.put_aside] == [second.id]
    scenario_choice.bring_back(world.system, put_aside, now + 3 * LATER)
    scenario_choice.choose(world.system, before or 0, now + 3 * LATER)
    assert shown() == second.id
    assert len(scenarios_view(world.system, "lisbon", MONDAY).scenarios) == 2


def test_locks_are_those_of_the_scenario_in_hand(
    world: SmallWorld, two: tuple[Roster, Roster], now: dt.datetime
) -> None:
    first = two[0]
    move = Move(MoveKind.LOCK, world.mediators[0].id, MONDAY)
    make(world.system, first.id, 0, move, now)
    scenario_choice.choose(world.system, first.id, now + 2 * LATER)
    built = rosters.build(
        world.group, MONDAY, BuildOptions(even_evenings=True), seconds=3, workers=1
    )
    assert [one.mediator for one in built.problem.locked] == ["ana"]
    with database.atomic():
        made = rosters.save_draft(world.system, built, now + 3 * LATER, "evenly")
    row = Roster.get_by_id(made)
    assert row.name == "evenly"
    assert row.options["even_evenings"]
    assert editing.revision_of(world.system, made).number == 0


def test_what_is_put_aside_is_not_published_and_names_have_an_end(
    world: SmallWorld, two: tuple[Roster, Roster], now: dt.datetime
) -> None:
    rosters.publish(world.system, two[0].id, now + LATER)
    with pytest.raises(Conflict):
        scenario_choice.discard(world.system, two[0].id, now + LATER)
    scenario_choice.rename(world.system, two[1].id, "  a   name ", now)
    assert Roster.get_by_id(two[1].id).name == "a name"
    with pytest.raises(Invalid):
        scenario_choice.rename(world.system, two[1].id, "x" * 61, now)


def test_only_network_coordinators_compare(world: SmallWorld, two: tuple[Roster, Roster]) -> None:
    local = Actor(user_id=None, roles=world.system.roles, office_ids=frozenset({world.lisbon.id}))
    with pytest.raises(Forbidden):
        scenarios_view(local, "lisbon", MONDAY)


def test_languages_are_named_in_the_readers_language(
    world: SmallWorld, two: tuple[Roster, Roster]
) -> None:
    view = scenarios_view(world.system, "lisbon", MONDAY)
    assert dict(view.languages)["uk"] == Language.get_by_id("uk").name_en
