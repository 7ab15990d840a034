from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from every_roster import is_legal
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problem import mediator, problem, shift

from solver.completion import can_complete
from solver.formats.problem_file import read_problem
from solver.infeasible import conflict
from solver.problem import Assignment, Problem

HISTORY = {"last_end": None, "consecutive_days": 0}


def week(**limits: Any) -> list[dict[str, Any]]:
    return [{"min_slots": 0, "max_slots": 168, "max_days": 7, **limits}]


def catalogue(days: int = 7) -> list[dict[str, Any]]:
    """An early (8-16) and a late (14-22) shift each day."""
    made = []
    for day in range(days):
        made.append(shift(f"{day}.early", day, 8, 16, kind="early"))
        made.append(shift(f"{day}.late", day, 14, 22, kind="late"))
    return made


def locks(*shifts: str, mediator: str = "ana") -> list[dict[str, str]]:
    return [{"mediator": mediator, "shift": one} for one in shifts]


def lock_facts(*shifts: str, mediator: str = "ana") -> list[dict[str, str]]:
    return [{"fact": "locked", "mediator": mediator, "shift": one} for one in shifts]


def one_person(locked: list[dict[str, str]], **changes: Any) -> Problem:
    return read_problem(
        problem(shifts=catalogue(), mediators=[mediator("ana", **changes)], locked=locked)
    )


CASES = [
    ("one_shift_a_day", locks("1.early", "1.late", "3.late"), {}, lock_facts("1.early", "1.late")),
    (
        "unavailable",
        locks("1.early", "2.late"),
        {"unavailable": [[0, 4], [31, 33]]},
        [*lock_facts("1.early"), {"fact": "unavailable", "start": 31, "end": 33}],
    ),
    ("office", locks("1.early"), {"offices": {}}, lock_facts("1.early")),
    ("shift_slots", locks("1.early"), {"shift_slots": [9, 12]}, lock_facts("1.early")),
    (
        "max_day_slots",
        locks("1.early"),
        {"busy": [[40, 43]], "max_day_slots": 10},
        [*lock_facts("1.early"), {"fact": "busy", "start": 40, "end": 43}],
    ),
    (
        "week_max_slots",
        locks("1.early", "3.early", "5.early"),
        {"weeks": week(max_slots=17), "busy": [[2, 3]]},
        lock_facts("1.early", "3.early", "5.early"),
    ),
    (
        "week_max_days",
        locks("1.early", "3.early"),
        {"weeks": week(max_days=1)},
        lock_facts("1.early", "3.early"),
    ),
    (
        "min_rest",
        locks("1.late", "2.early", "4.early"),
        {"min_rest_slots": 11},
        lock_facts("1.late", "2.early"),
    ),
    (
        "min_rest",
        locks("0.early", "2.early"),
        {"min_rest_slots": 11, "history": {"last_end": -2, "consecutive_days": 0}},
        [*lock_facts("0.early"), {"fact": "last_end", "slot": -2}],
    ),
    (
        "max_consecutive_days",
        locks("0.early", "1.early", "3.early"),
        {"max_consecutive_days": 3, "history": {"last_end": None, "consecutive_days": 2}},
        [*lock_facts("0.early", "1.early"), {"fact": "consecutive_days", "days": 2}],
    ),
    (
        "max_consecutive_days",
        locks("1.early", "2.early", "3.early", "4.early"),
        {"max_consecutive_days": 2},
        lock_facts("1.early", "2.early", "3.early"),
    ),
    (
        "kind_max",
        locks("1.late", "3.late", "5.late"),
        {"kind_max": {"late": 1}},
        lock_facts("1.late", "3.late"),
    ),
]


@pytest.mark.parametrize(("rule", "locked", "changes", "facts"), CASES)
def test_facts_that_break_a_rule_outright_are_named(
    rule: str, locked: Any, changes: Any, facts: Any
) -> None:
    found = conflict(one_person(locked, **changes))
    assert [violation.rule for violation in found] == [rule]
    assert found[0].details["mediator"] == "ana"
    assert found[0].details["facts"] == facts


def test_weekends_and_successions_among_locks_are_named() -> None:
    base = problem(
        shifts=catalogue(),
        weekends=[[0], [2], [5, 6]],
        forbidden_successions=[["late", "early"]],
        mediators=[mediator("ana", max_weekends=1), mediator("bo")],
        locked=[
            *locks("0.early", "5.early"),
            *locks("1.late", "2.early", mediator="bo"),
        ],
    )
    found = {violation.rule: violation.details for violation in conflict(read_problem(base))}
    assert found["max_weekends"]["facts"] == lock_facts("0.early", "5.early")
    assert found["forbidden_succession"]["facts"] == lock_facts("1.late", "2.early", mediator="bo")
    assert len(found) == 2


def test_locks_beyond_capacity_are_named() -> None:
    base = problem(
        shifts=catalogue(),
        offices=[{"id": "faro", "capacity": 1}],
        mediators=[mediator("ana"), mediator("bo"), mediator("caio")],
        locked=[*locks("1.early"), *locks("1.late", mediator="bo")],
    )
    (violation,) = conflict(read_problem(base))
    assert violation.rule == "capacity"
    assert violation.details["office"] == "faro"
    assert violation.details["slot"] == 38
    assert violation.details["facts"] == [
        *lock_facts("1.early"),
        *lock_facts("1.late", mediator="bo"),
    ]


def test_a_hard_minimum_out_of_reach_names_what_is_in_the_way() -> None:
    reachable = one_person([], weeks=week(hard_min_slots=40), unavailable=[[0, 48]])
    assert conflict(reachable) == ()
    short = one_person([], weeks=week(hard_min_slots=41), unavailable=[[0, 24], [24, 48], [50, 52]])
    (violation,) = conflict(short)
    assert violation.rule == "week_min_slots"
    assert violation.details["week"] == 0
    assert violation.details["facts"] == [
        {"fact": "unavailable", "start": 0, "end": 24},
        {"fact": "unavailable", "start": 24, "end": 48},
    ]


def test_a_minimum_above_the_maximum_collides_without_any_fact() -> None:
    (violation,) = conflict(one_person([], weeks=week(hard_min_slots=50, max_slots=49)))
    assert violation.rule == "week_min_slots"
    assert violation.details["facts"] == []


def test_two_rules_that_leave_no_room_for_each_other_blame_no_fact() -> None:
    """The one shift is a run too short, and the hard minimum owes it: days before are innocent."""
    alone = problem(
        5,
        shifts=[shift("2.day", 2, 8, 16)],
        mediators=[
            mediator(
                "ana",
                weeks=week(hard_min_slots=2),
                min_consecutive_days=2,
                history={"last_end": None, "consecutive_days": 1},
            )
        ],
    )
    (violation,) = conflict(read_problem(alone))
    assert violation.rule == "week_min_slots"
    assert violation.details["facts"] == []


def test_a_locked_day_between_leaves_breaks_the_shortest_run() -> None:
    found = conflict(
        one_person(locks("3.early"), min_consecutive_days=2, unavailable=[[48, 72], [96, 120]])
    )
    assert [violation.rule for violation in found] == ["min_consecutive_days"]
    assert len(found[0].details["facts"]) == 3
    assert conflict(one_person(locks("3.early"), min_consecutive_days=2)) == ()


def test_two_locks_with_one_unfillable_day_between_break_the_shortest_rest() -> None:
    changes: dict[str, Any] = {"min_consecutive_off": 2, "unavailable": [[72, 96]]}
    found = conflict(one_person(locks("2.early", "4.early"), **changes))
    assert [violation.rule for violation in found] == ["min_consecutive_off"]
    assert conflict(one_person(locks("2.early", "5.early"), **changes)) == ()


def test_others_locks_can_leave_no_room_for_the_hard_minimum() -> None:
    base = problem(
        2,
        shifts=[shift("0.day", 0, 8, 16), shift("1.day", 1, 8, 16)],
        offices=[{"id": "faro", "capacity": 1}],
        mediators=[mediator("ana", weeks=week(hard_min_slots=16)), mediator("bo")],
        locked=locks("1.day", mediator="bo"),
    )
    (violation,) = conflict(read_problem(base))
    assert violation.rule == "week_min_slots"
    assert violation.details["facts"] == [{"fact": "full", "office": "faro", "day": 1}]


@pytest.mark.parametrize(("hard_min", "collides"), [(4, False), (5, True)])
def test_hard_minimums_that_have_no_room_together_are_named(hard_min: int, collides: bool) -> None:
    """Capacity 1 over eight slots, for two people; ana's training takes no room."""
    base = problem(
        1,
        shifts=[shift("s", 0, 8, 12), shift("t", 0, 12, 16)],
        offices=[{"id": "faro", "capacity": 1}],
        mediators=[
            mediator("ana", weeks=week(hard_min_slots=hard_min), busy=[[20, 21]]),
            mediator("bo", weeks=week(hard_min_slots=hard_min)),
        ],
    )
    base["shifts"].append(shift("u", 0, 8, 16))
    found = conflict(read_problem(base))
    assert bool(found) == collides
    if collides:
        assert found[0].details["needed"] == 9
        assert found[0].details["room"] == 8
        assert found[0].details["mediators"] == ["ana", "bo"]


@st.composite
def small_horizons(draw: st.DrawFn) -> Problem:
    days = draw(st.integers(2, 5))
    shifts = [
        shift(f"{day}.{kind}", day, start, end, kind=kind)
        for day in range(days)
        for kind, start, end in (("early", 6, 10), ("late", 14, 22))
        if draw(st.booleans())
    ]
    split = draw(st.integers(1, days))
    weeks = [list(range(split)), list(range(split, days))] if split < days else [list(range(days))]
    limits = [
        {
            "min_slots": 0,
            "max_slots": draw(st.integers(8, 40)),
            "max_days": draw(st.integers(1, 5)),
            "hard_min_slots": draw(st.integers(0, 16)),
        }
        for _ in weeks
    ]
    person = mediator(
        "ana",
        weeks=limits,
        busy=[
            [24 * day + 12, 24 * day + 15] for day in range(days) if draw(st.integers(0, 5)) == 0
        ],
        min_rest_slots=draw(st.integers(6, 40)),
        max_consecutive_days=draw(st.integers(1, 5)),
        min_consecutive_days=draw(st.integers(1, 3)),
        min_consecutive_off=draw(st.integers(1, 3)),
        max_weekends=draw(st.none() | st.integers(0, 2)),
        kind_max=draw(st.sampled_from([{}, {"late": 0}, {"late": 1}, {"early": 2, "late": 1}])),
        history={
            "last_end": draw(st.sampled_from([None, -4, -20])),
            "consecutive_days": draw(st.integers(0, 3)),
        },
    )
    locked = [one["id"] for one in shifts if draw(st.integers(0, 6)) == 0]
    return read_problem(
        problem(
            days,
            shifts=shifts,
            weeks=weeks,
            weekends=draw(st.sampled_from([[], [[0, 1]], [[0], [1]]])),
            forbidden_successions=draw(st.sampled_from([[], [["late", "early"]]])),
            mediators=[person],
            locked=locks(*locked),
        )
    )


def a_legal_roster_exists(small: Problem) -> bool:
    options = [
        [None, *(one.id for one in small.shifts if one.day == day)]
        for day in range(len(small.days))
    ]
    return any(
        is_legal(small, [Assignment("ana", one) for one in roster if one])
        for roster in product(*options)
    )


@given(small_horizons())
@settings(max_examples=300, deadline=None)
def test_completion_and_conflict_agree_with_trying_every_roster(small: Problem) -> None:
    exists = a_legal_roster_exists(small)
    locked = [small.shift_by_id[one.shift] for one in small.locked]
    assert can_complete(small, small.mediators[0], locked) == exists
    assert (conflict(small) == ()) == exists
