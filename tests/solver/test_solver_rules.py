"""Every rule at its limit, where it holds, and one past it, where it alone is broken."""

from __future__ import annotations

from typing import Any

import pytest
from small_problem import mediator, problem, requirement, shift

from solver.check import check
from solver.formats.problem_file import read_problem
from solver.problem import Problem
from solver.rules import RULE_NAMES

BASE = dict[str, Any]


def week(**limits: int) -> list[dict[str, int]]:
    return [{"min_slots": 0, "max_slots": 168, "max_days": 7, **limits}]


def world(person: BASE, **changes: Any) -> Problem:
    """Ana and bo, and a shift of eight hours each day: 8-17 with a break at 12."""
    days = [
        shift(f"d{day}", day, 8, 17, breaks=[[24 * day + 12, 24 * day + 13]], kind="day")
        for day in range(7)
    ]
    nights = [shift(f"n{day}", day, 20, 28, kind="night") for day in range(6)]
    lates = [shift(f"l{day}", day, 14, 22, kind="late") for day in range(7)]
    return read_problem(
        problem(
            shifts=[*days, *nights, *lates, *changes.pop("shifts", [])],
            mediators=[mediator("ana", **person), mediator("bo")],
            **changes,
        )
    )


def ana(*shifts: str) -> list[tuple[str, str]]:
    return [("ana", one) for one in shifts]


HALF = [shift("half", 0, 8, 12)]
TWO_OFFICES = [{"id": "faro", "capacity": None}, {"id": "porto", "capacity": None}]
PORTO = [shift("porto", 0, 8, 16, office="porto")]

CASES: list[tuple[str, BASE, BASE, list[tuple[str, str]], BASE, list[tuple[str, str]]]] = [
    # rule, the world, ana and roster at the limit, ana and roster one past it
    ("unknown_mediator", {}, {}, ana("d0"), {}, [("ana", "d0"), ("zoe", "d0")]),
    ("unknown_shift", {}, {}, ana("d0"), {}, ana("d0", "d9")),
    ("one_shift_a_day", {"shifts": HALF}, {}, ana("half"), {}, ana("half", "l0")),
    (
        "office",
        {"offices": TWO_OFFICES, "shifts": PORTO},
        {"offices": {"porto": 1}},
        ana("porto"),
        {"offices": {"faro": 1}},
        ana("porto"),
    ),
    (
        "unavailable",
        {},
        {"unavailable": [[0, 8], [17, 24]]},
        ana("d0"),
        {"unavailable": [[12, 13]]},
        ana("d0"),
    ),
    ("shift_slots", {}, {"shift_slots": [8, 12]}, ana("d0"), {"shift_slots": [9, 12]}, ana("d0")),
    ("shift_slots", {}, {"shift_slots": [0, 8]}, ana("d0"), {"shift_slots": [0, 7]}, ana("d0")),
    (
        "shift_slots",
        {},
        {"shift_slots": [8, 8], "busy": [[8, 11]]},
        ana("d0"),
        {"shift_slots": [5, 7], "busy": [[8, 11]]},
        ana("d0"),
    ),
    (
        "max_day_slots",
        {},
        {"max_day_slots": 9, "busy": [[12, 13]]},
        ana("d0"),
        {"max_day_slots": 9, "busy": [[16, 18], [20, 21]]},
        ana("d0"),
    ),
    (
        "week_max_slots",
        {},
        {"weeks": week(max_slots=18), "busy": [[100, 102]]},
        ana("d0", "d1"),
        {"weeks": week(max_slots=17), "busy": [[100, 102]]},
        ana("d0", "d1"),
    ),
    (
        "week_min_slots",
        {},
        {"weeks": week(hard_min_slots=18), "busy": [[100, 102]]},
        ana("d0", "d1"),
        {"weeks": week(hard_min_slots=19), "busy": [[100, 102]]},
        ana("d0", "d1"),
    ),
    (
        "week_max_days",
        {},
        {"weeks": week(max_days=3), "busy": [[100, 102]]},
        ana("d0", "d1"),
        {"weeks": week(max_days=2), "busy": [[100, 102]]},
        ana("d0", "d1"),
    ),
    (
        "min_rest",
        {},
        {"min_rest_slots": 10},
        ana("l0", "d1"),
        {"min_rest_slots": 11},
        ana("l0", "d1"),
    ),
    (
        "min_rest",
        {},
        {"min_rest_slots": 11, "history": {"last_end": -3, "consecutive_days": 0}},
        ana("d0"),
        {"min_rest_slots": 11, "history": {"last_end": -2, "consecutive_days": 0}},
        ana("d0"),
    ),
    (
        "min_rest",
        {},
        {"min_rest_slots": 30, "busy": [[71, 72]]},
        ana("d1"),
        {"min_rest_slots": 30, "busy": [[70, 71]]},
        ana("d1"),
    ),
    (
        "min_rest",
        {},
        {"min_rest_slots": 28},
        ana("n0", "d2"),
        {"min_rest_slots": 29},
        ana("n0", "d2"),
    ),
    (
        "max_consecutive_days",
        {},
        {"max_consecutive_days": 3},
        ana("d1", "d2", "d3", "d5"),
        {"max_consecutive_days": 3, "busy": [[100, 101]]},
        ana("d1", "d2", "d3", "d6"),
    ),
    (
        "max_consecutive_days",
        {},
        {"max_consecutive_days": 3, "history": {"last_end": None, "consecutive_days": 3}},
        ana("d1", "d2", "d3"),
        {"max_consecutive_days": 3, "history": {"last_end": None, "consecutive_days": 3}},
        ana("d0", "d2"),
    ),
    (
        "min_consecutive_days",
        {},
        {"min_consecutive_days": 2},
        ana("d0", "d2", "d3", "d6"),
        {"min_consecutive_days": 2},
        ana("d0", "d2", "d4", "d5"),
    ),
    (
        "min_consecutive_off",
        {},
        {"min_consecutive_off": 2},
        ana("d1", "d2", "d5"),
        {"min_consecutive_off": 2},
        ana("d1", "d2", "d4", "d5"),
    ),
    (
        "max_weekends",
        {"weekends": [[0], [5, 6]]},
        {"max_weekends": 1},
        ana("d1", "d5", "d6"),
        {"max_weekends": 1, "busy": [[1, 2]]},
        ana("d1", "d6"),
    ),
    ("kind_max", {}, {"kind_max": {"late": 2}}, ana("l0", "l2"), {"kind_max": {"late": 1}},
     ana("l0", "l2")),
    (
        "forbidden_succession",
        {"forbidden_successions": [["late", "day"]]},
        {},
        ana("d0", "l1", "d3"),
        {},
        ana("d0", "l1", "d2"),
    ),
    (
        "capacity",
        {"offices": [{"id": "faro", "capacity": 1}]},
        {},
        [("ana", "d0"), ("bo", "l1")],
        {"busy": [[14, 16]]},
        [("ana", "d0"), ("bo", "l0")],
    ),
    (
        "locked",
        {"locked": [{"mediator": "ana", "shift": "d1"}]},
        {},
        ana("d1"),
        {},
        ana("l1"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "base", "at", "roster_at", "past", "roster_past"), CASES)
def test_a_rule_holds_at_its_limit_and_breaks_one_past_it(
    rule: str,
    base: BASE,
    at: BASE,
    roster_at: list[tuple[str, str]],
    past: BASE,
    roster_past: list[tuple[str, str]],
) -> None:
    assert check(world(at, **base), roster_at).violations == ()
    broken = check(world(past, **base), roster_past).violations
    assert [violation.rule for violation in broken] == [rule]


def test_every_rule_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(RULE_NAMES)


def test_capacity_counts_those_who_serve() -> None:
    """In a break or in training one takes no room."""
    offices = [{"id": "faro", "capacity": 1}]
    apart = world({"busy": [[14, 17]]}, offices=offices)
    roster = [("ana", "d0"), ("bo", "l0")]
    assert check(apart, roster).violations == ()
    broken = check(world({"busy": [[15, 17]]}, offices=offices), roster).violations
    assert [dict(one.details) for one in broken] == [{"office": "faro", "slot": 14, "present": 2}]


def test_violations_name_the_figures() -> None:
    person = {"max_day_slots": 7, "min_rest_slots": 20}
    found = {
        violation.rule: violation.details
        for violation in check(world(person), ana("d2", "d3")).violations
    }
    assert found["min_rest"] == {"mediator": "ana", "day": 3, "slots": 15}
    assert found["max_day_slots"]["slots"] == 8


@pytest.mark.parametrize(
    ("roster", "cost"),
    [([], 20), (ana("d0"), 20), (ana("l2"), 0), (ana("d3"), 20), (ana("d0", "d1", "l2"), 0)],
)
def test_changes_are_counted_by_day(roster: list[tuple[str, str]], cost: int) -> None:
    changed = world({}, previous=[{"mediator": "ana", "shift": "l2"}],
                    costs={"under_slot": 0, "change": 20})  # fmt: skip
    extra = 20 * sum(1 for _, one in roster if one != "l2")
    assert check(changed, roster).parts["change"] == cost + extra


def test_a_replaced_shift_is_one_change() -> None:
    changed = world({}, previous=[{"mediator": "ana", "shift": "l2"}],
                    costs={"under_slot": 0, "change": 20})  # fmt: skip
    assert check(changed, ana("d2")).parts["change"] == 20
    assert check(changed, [("bo", "l2")]).parts["change"] == 40


@pytest.mark.parametrize(
    ("kind", "roster", "cost"),
    [
        ("off", [], 0),
        ("off", ana("d0"), 0),
        ("off", ana("l0"), 4),
        ("on", [], 4),
        ("on", ana("d0"), 4),
        ("on", ana("l0"), 0),
    ],
)
def test_a_wish_looks_at_worked_slots_alone(
    kind: str, roster: list[tuple[str, str]], cost: int
) -> None:
    wishes = [{"start": 17, "end": 20, "kind": kind, "cost": 4}]
    assert check(world({"wishes": wishes}), roster).parts["wishes"] == cost


def test_a_wish_counts_busy_time_and_not_breaks() -> None:
    wishes = [
        {"start": 12, "end": 13, "kind": "off", "cost": 1},
        {"start": 30, "end": 31, "kind": "on", "cost": 2},
        {"start": 31, "end": 32, "kind": "on", "cost": 4},
    ]
    judged = check(world({"wishes": wishes, "busy": [[30, 31]]}), ana("d0"))
    assert judged.parts["wishes"] == 4


def test_hours_office_and_unsocial_add_up() -> None:
    evening = [shift(f"e{day}", day, 18, 20, unsocial=True) for day in range(4)]
    person = {
        "weeks": week(min_slots=10),
        "offices": {"faro": 3},
        "unsocial": {"free": 1, "cost": 5},
        "busy": [[0, 1]],
    }
    costs = {"under_slot": 2, "change": 0}
    judged = check(world(person, shifts=evening, costs=costs), ana("e1", "e2", "e3"))
    assert judged.parts["hours"] == 2 * (10 - 7)
    assert judged.parts["office"] == 9
    assert judged.parts["unsocial"] == 10


def test_busy_time_serves_nobody_and_still_is_work() -> None:
    asked = [requirement("r", 8, 12)]
    judged = check(world({"busy": [[9, 11]], "weeks": week(hard_min_slots=8)},
                         requirements=asked), ana("d0"))  # fmt: skip
    assert judged.parts["cover"] == 20
    assert judged.violations == ()
