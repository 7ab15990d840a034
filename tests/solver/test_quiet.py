"""Quiet hours: no office pays, the other gains, and all who are told can go at once."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_problems import OFFICES, problems, rosters
from small_problem import mediator, problem, requirement, shift

from solver.cover_count import slot_cost
from solver.formats.problem_file import read_problem
from solver.problem import Assignment, Mediator, Problem
from solver.quiet import Spare, could_serve, spare_in

HERE, CENTRE = "porto", "faro"
UKRAINIAN = ["lang:uk"]


def serving(made: Problem, picks: list[tuple[str, str]]) -> dict[tuple[str, int], list[Mediator]]:
    """Who serves where in each slot, straight from the contract's words."""
    found: defaultdict[tuple[str, int], list[Mediator]] = defaultdict(list)
    for who, what in picks:
        worked, person = made.shift_by_id[what], made.mediator_by_id[who]
        for slot in range(worked.start, worked.end):
            resting = any(pause.start <= slot < pause.end for pause in worked.breaks)
            busy = any(span.start <= slot < span.end for span in person.busy)
            if not resting and not busy:
                found[worked.office, slot].append(person)
    return found


def cost(made: Problem, office: str, slot: int, people: list[Mediator]) -> int:
    asked = [
        one for one in made.requirements if one.office == office and one.start <= slot < one.end
    ]
    return slot_cost(asked, people, slot)


@settings(max_examples=150)
@given(st.data())
def test_no_office_pays_and_what_is_saved_is_saved(data: st.DataObject) -> None:
    made = data.draw(problems())
    drawn = data.draw(rosters(made))
    first: dict[tuple[str, int], tuple[str, str]] = {}
    known = {one.id for one in made.mediators}
    for who, what in [one for one in drawn if one[0] in known and one[1] in made.shift_by_id]:
        first.setdefault((who, made.shift_by_id[what].day), (who, what))
    picks = list(first.values())
    told = could_serve(made, [Assignment(*one) for one in picks], HERE, least_slots=1)
    there = serving(made, picks)
    saved: defaultdict[int, int] = defaultdict(int)
    for slot in range(made.days[-1].end):
        gone = {one.mediator for one in told if one.start <= slot < one.end}
        came = [made.mediator_by_id[one] for one in sorted(gone)]
        here = there.get((HERE, slot), [])
        for office in OFFICES:
            if office != HERE:
                before = there.get((office, slot), [])
                left = [one for one in before if one.id not in gone]
                assert cost(made, office, slot, left) <= cost(made, office, slot, before)
                helped = [*here, *came]
                for one in left:  # nobody more could go for a gain
                    rest = [other for other in left if other is not one]
                    if cost(made, office, slot, rest) <= cost(made, office, slot, left):
                        assert cost(made, HERE, slot, [*helped, one]) >= cost(
                            made, HERE, slot, helped
                        )
        gain = cost(made, HERE, slot, here) - cost(made, HERE, slot, [*here, *came])
        assert gain > 0 if gone else gain == 0
        saved[slot] = gain
    assert sum(one.saved for one in told) == sum(saved.values())


def two_at_faro(**centre: Any) -> Problem:
    """Two speakers of Ukrainian at Faro from slot 0 to 8, of whom it wants one until 4; Porto wants
    one, and has nobody."""
    return read_problem(
        problem(
            1,
            offices=[{"id": CENTRE, "capacity": None}, {"id": HERE, "capacity": None}],
            shifts=[shift("s", 0, 0, 8, office=CENTRE)],
            mediators=[
                mediator(name, skills={"lang:uk": None}, offices={CENTRE: 0}) for name in ("a", "b")
            ],
            requirements=[
                requirement("c", 0, 4, office=CENTRE, needs=UKRAINIAN, count=1, **centre),
                requirement("h", 2, 8, office=HERE, needs=UKRAINIAN, count=1),
            ],
        )
    )


ROSTER = [Assignment("a", "s"), Assignment("b", "s")]


def test_one_of_two_answers_and_stays_with_it() -> None:
    (told,) = could_serve(two_at_faro(), ROSTER, HERE)
    assert told == Spare("a", CENTRE, 2, 8, ("lang:uk",), told.saved)
    assert told.saved == 6 * two_at_faro().requirements[1].shortfall_cost(1)


@pytest.mark.parametrize(("least", "found"), [(6, 1), (7, 0)])
def test_a_stretch_shorter_than_asked_is_not_told(least: int, found: int) -> None:
    assert len(could_serve(two_at_faro(), ROSTER, HERE, least_slots=least)) == found


def test_who_is_needed_is_not_spare() -> None:
    both = read_problem(
        problem(
            1,
            offices=[{"id": CENTRE, "capacity": None}],
            shifts=[shift("s", 0, 0, 8, office=CENTRE)],
            mediators=[
                mediator("a", skills={"lang:uk": None}, offices={CENTRE: 0}),
                mediator("b", skills={"lang:pt": None}, offices={CENTRE: 0}),
            ],
            requirements=[requirement("c", 0, 4, office=CENTRE, needs=UKRAINIAN, count=1)],
        )
    )
    assert spare_in(both, ROSTER, 3) == {"b"}
    assert spare_in(both, ROSTER, 4) == {"a", "b"}
    assert spare_in(both, ROSTER, 8) == frozenset()
