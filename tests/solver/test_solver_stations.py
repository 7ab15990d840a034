from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from random_problems import easy_problems, legal_rosters
from small_problem import mediator, problem, requirement, shift

from solver.check import check
from solver.formats.problem_file import read_problem
from solver.stations import stations


def served(world: Any, roster: Any) -> dict[tuple[str, str, int], tuple[str, ...] | None]:
    """(mediator, office, slot) -> what they meet; fails if two stations overlap."""
    made: dict[tuple[str, str, int], tuple[str, ...] | None] = {}
    for one in stations(world, roster):
        for slot in range(one.start, one.end):
            assert (one.mediator, one.office, slot) not in made
            made[one.mediator, one.office, slot] = one.needs
    return made


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_stations_are_a_counting_of_least_cost(data: st.DataObject) -> None:
    world = data.draw(easy_problems())
    roster = data.draw(legal_rosters(world))
    made = served(world, roster)
    serving = {
        (name, world.shift_by_id[one].office, slot)
        for name, one in roster
        for slot in world.shift_by_id[one].worked
        if slot not in world.mediator_by_id[name].busy_slots
    }
    assert made.keys() == serving
    met = Counter(
        (office, slot, needs) for (_, office, slot), needs in made.items() if needs is not None
    )
    for (name, _, slot), needs in made.items():
        assert all(world.mediator_by_id[name].holds(skill, slot) for skill in needs or ())

    cost = 0
    for office in world.offices:
        for slot in range(world.slot_count):
            for needs in {need.needs for need in world.requirements}:
                units = []
                for need in world.requirements:
                    here = need.office == office.id and need.start <= slot < need.end
                    if need.exclusive and need.needs == needs and here:
                        units += [need.minimum_cost] * need.minimum
                        units += [need.cost] * (need.count - need.minimum)
                cost += sum(sorted(units, reverse=True)[met[office.id, slot, needs] :])
    only_exclusive = read_problem(
        {
            **world.to_json(),
            "requirements": [r for r in world.to_json()["requirements"] if r["exclusive"]],
        }
    )
    assert cost == check(only_exclusive, roster).parts["cover"]


def test_people_stay_at_what_they_serve() -> None:
    """Both speak both; at noon one language is asked for alone, and nobody moves for it."""
    people = [mediator(name, skills={"lang:uk": None, "lang:ru": None}) for name in ("ana", "bo")]
    asked = [
        requirement("ru", 8, 16, needs=["lang:ru"]),
        requirement("uk-a", 8, 12, needs=["lang:uk"]),
        requirement("uk-b", 13, 16, needs=["lang:uk"]),
    ]
    world = read_problem(
        problem(1, shifts=[shift("s", 0, 8, 16)], mediators=people, requirements=asked)
    )
    made = served(world, [("ana", "s"), ("bo", "s")])
    for name in ("ana", "bo"):
        kinds = {needs for (who, _, _), needs in made.items() if who == name and needs}
        assert len(kinds) == 1


def test_whoever_must_move_later_is_placed_with_that_in_mind() -> None:
    """From 12 on only bo can serve Ukrainian; before, either could serve either."""
    people = [
        mediator("ana", skills={"lang:ru": None, "lang:uk": [8, 12]}),
        mediator("bo", skills={"lang:ru": None, "lang:uk": None}),
    ]
    asked = [
        requirement("uk", 8, 16, needs=["lang:uk"]),
        requirement("ru", 8, 16, needs=["lang:ru"]),
    ]
    world = read_problem(
        problem(1, shifts=[shift("s", 0, 8, 16)], mediators=people, requirements=asked)
    )
    assert [(one.mediator, one.needs) for one in stations(world, [("ana", "s"), ("bo", "s")])] == [
        ("ana", ("lang:ru",)),
        ("bo", ("lang:uk",)),
    ]


def test_breaks_training_and_spare_time_show() -> None:
    person = mediator("ana", busy=[[14, 16]])
    world = read_problem(
        problem(
            1,
            shifts=[shift("s", 0, 8, 18, breaks=[[12, 13]])],
            mediators=[person],
            requirements=[requirement("pt", 8, 11)],
        )
    )
    assert [(one.start, one.end, one.needs) for one in stations(world, [("ana", "s")])] == [
        (8, 11, ("lang:pt",)),
        (11, 12, None),
        (13, 14, None),
        (16, 18, None),
    ]
