"""Hypothesis strategies for small problems that use the whole contract, and their rosters.

What is drawn again and again is made once: Hypothesis looks through each new strategy, which took
half the time of the tests that draw from here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from small_problem import mediator, problem, requirement, shift

from solver.check import check
from solver.engine.board import Instance
from solver.formats.problem_file import read_problem
from solver.problem import Problem

SKILLS = ["lang:pt", "lang:uk", "cert:legal"]
KINDS = ["early", "late", None]
OFFICES = ["faro", "porto"]
DAY = 24
SOME_SKILLS = st.lists(st.sampled_from(SKILLS), unique=True)
TWO_SKILLS = st.lists(st.sampled_from(SKILLS), unique=True, max_size=2)
SOME_OFFICES = st.lists(st.sampled_from(OFFICES), unique=True)
ONE_OFFICE = st.sampled_from(OFFICES)
CAPACITY = st.sampled_from([None, 0, 1, 2])
KIND = st.sampled_from(KINDS)
SUCCESSIONS = st.sampled_from([[], [["late", "early"]], [["early", "late"], ["late", "early"]]])
KIND_MAX = st.dictionaries(st.sampled_from(["early", "late"]), st.integers(0, 2))
ONE_WEEKEND_OR_ANY = st.none() | st.integers(0, 1)
LAST_END = st.none() | st.integers(-12, 0)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    days = draw(st.integers(1, 5))
    horizon = DAY * days
    shifts = [draw(a_shift(f"s{index}", days)) for index in range(draw(st.integers(1, 6)))]
    split = draw(st.integers(1, days))
    weeks = [list(range(split)), list(range(split, days))] if split < days else [list(range(days))]
    people = [
        draw(a_mediator(f"m{index}", days, len(weeks))) for index in range(draw(st.integers(1, 3)))
    ]
    pairs = st.builds(
        lambda one, two: {"mediator": one["id"], "shift": two["id"]},
        st.sampled_from(people),
        st.sampled_from(shifts),
    )
    data = problem(
        days,
        weeks=weeks,
        offices=[{"id": office, "capacity": draw(CAPACITY)} for office in OFFICES],
        shifts=shifts,
        mediators=people,
        requirements=[
            draw(a_requirement(f"r{index}", horizon)) for index in range(draw(st.integers(0, 5)))
        ],
        locked=draw(st.lists(pairs, max_size=1)),
        previous=draw(st.none() | st.lists(pairs, max_size=3, unique_by=repr)),
        costs={"under_slot": draw(st.integers(0, 3)), "change": draw(st.integers(0, 5))},
        weekends=draw(weekends(days)),
        forbidden_successions=draw(SUCCESSIONS),
    )
    if draw(st.integers(0, 3)) == 0:
        lengthen_a_day(data, draw(st.integers(0, horizon - 1)))
    return read_problem(data)


def lengthen_a_day(data: dict[str, Any], slot: int) -> None:
    """Have `slot` twice, as the hour in which clocks go back: its day has 25, the others 24."""

    def moved(one: Any) -> Any:
        if isinstance(one, list):
            return [moved(inner) for inner in one]
        return one + (one > slot) if isinstance(one, int) else one

    people = data["mediators"]
    wishes = [wish for one in people for wish in one["wishes"]]
    for one in (*data["days"], *data["shifts"], *data["requirements"], *wishes):
        one.update(start=moved(one["start"]), end=moved(one["end"]))
    for one in data["shifts"]:
        one["breaks"] = moved(one["breaks"])
    for one in people:
        skills = {skill: moved(span) for skill, span in one["skills"].items()}
        one.update(skills=skills, busy=moved(one["busy"]), unavailable=moved(one["unavailable"]))


@cache
def weekends(days: int) -> st.SearchStrategy[list[list[int]]]:
    one = st.lists(st.integers(0, days - 1), min_size=1, max_size=2, unique=True).map(sorted)
    return st.lists(one, max_size=2)


@st.composite
def a_shift(draw: st.DrawFn, identifier: str, days: int) -> dict[str, Any]:
    day = draw(st.integers(0, days - 1))
    start = draw(st.integers(0, 20))
    # A night shift may reach into the next day, not beyond the horizon.
    longest = 12 if day < days - 1 else DAY - start
    length = draw(st.integers(2, max(2, min(12, longest))))
    made = shift(identifier, day, start, start + length)
    breaks = []
    if draw(st.booleans()):
        begin = draw(st.integers(made["start"], made["end"] - 1))
        breaks = [[begin, begin + 1]]
    made.update(
        breaks=breaks,
        office=draw(ONE_OFFICE),
        unsocial=draw(st.booleans()),
        kind=draw(KIND),
    )
    return made


@st.composite
def _an_interval(draw: st.DrawFn, horizon: int, longest: int) -> list[int]:
    start = draw(st.integers(0, horizon - 1))
    return [start, draw(st.integers(start + 1, min(horizon, start + longest)))]


@cache
def intervals(horizon: int, longest: int = 8) -> st.SearchStrategy[list[int]]:
    return _an_interval(horizon, longest)


@cache
def some_leave(horizon: int) -> st.SearchStrategy[list[list[int]]]:
    return st.lists(intervals(horizon), max_size=2)


@cache
def part_or_all(horizon: int) -> st.SearchStrategy[list[int] | None]:
    return st.none() | intervals(horizon, horizon)


@cache
def some_wishes(horizon: int) -> st.SearchStrategy[list[tuple[list[int], str]]]:
    one = st.tuples(intervals(horizon, 12), st.sampled_from(["on", "off"]))
    return st.lists(one, max_size=2)


@st.composite
def a_mediator(draw: st.DrawFn, identifier: str, days: int, weeks: int) -> dict[str, Any]:
    horizon = DAY * days
    least = draw(st.integers(0, 6))
    busy = []
    for day in range(days):
        if draw(st.integers(0, 4)) == 0:
            start, end = draw(intervals(DAY, 5))
            busy.append([DAY * day + start, DAY * day + end])
    most = [draw(st.integers(0, 20)) for _ in range(weeks)]
    return mediator(
        identifier,
        skills={skill: draw(part_or_all(horizon)) for skill in draw(SOME_SKILLS)},
        offices={office: draw(st.integers(0, 3)) for office in draw(SOME_OFFICES)},
        unavailable=draw(some_leave(horizon)),
        busy=busy,
        shift_slots=[least, draw(st.integers(least, 12))],
        max_day_slots=draw(st.integers(4, 14)),
        weeks=[
            {
                "min_slots": draw(st.integers(0, max_slots)),
                "max_slots": max_slots,
                "max_days": draw(st.integers(0, 4)),
                "hard_min_slots": draw(st.integers(0, 6)),
            }
            for max_slots in most
        ],
        min_rest_slots=draw(st.integers(0, 16)),
        max_consecutive_days=draw(st.integers(1, 4)),
        min_consecutive_days=draw(st.integers(1, 2)),
        min_consecutive_off=draw(st.integers(1, 2)),
        max_weekends=draw(ONE_WEEKEND_OR_ANY),
        kind_max=draw(KIND_MAX),
        history={
            "last_end": draw(LAST_END),
            "consecutive_days": draw(st.integers(0, 2)),
        },
        wishes=[
            {"start": start, "end": end, "kind": kind, "cost": draw(st.integers(0, 5))}
            for (start, end), kind in draw(some_wishes(horizon))
        ],
        unsocial={"free": draw(st.integers(0, 1)), "cost": draw(st.integers(0, 5))},
    )


@st.composite
def a_requirement(draw: st.DrawFn, identifier: str, horizon: int) -> dict[str, Any]:
    start, end = draw(intervals(horizon, 10))
    count = draw(st.integers(0, 2))
    cost = draw(st.integers(0, 9))
    exclusive = draw(st.booleans())
    return requirement(
        identifier,
        start,
        end,
        office=draw(ONE_OFFICE),
        needs=draw(TWO_SKILLS),
        count=count,
        minimum=draw(st.integers(0, count)),
        cost=cost,
        minimum_cost=cost + draw(st.integers(0, 9)),
        exclusive=exclusive,
        excess_cost=0 if exclusive else draw(st.integers(0, 4)),
    )


@st.composite
def rosters(draw: st.DrawFn, problem: Problem, most: int = 7) -> list[tuple[str, str]]:
    """Any pairs, legal or not, once each, at times with someone or something unknown."""
    names = [one.id for one in problem.mediators]
    shifts = [one.id for one in problem.shifts]
    if draw(st.integers(0, 5)) == 0:
        names, shifts = [*names, "nobody"], [*shifts, "nothing"]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(shifts))
    return draw(st.lists(pairs, max_size=most, unique=True))


@st.composite
def easy_problems(draw: st.DrawFn) -> Problem:
    """Problems that leave room: the empty roster is legal, and so are many others."""
    data = draw(problems()).to_json()
    data["locked"] = []
    for office in data["offices"]:
        office["capacity"] = draw(st.sampled_from([None, 1, 2]))
    for one in data["mediators"]:
        one.update(
            offices={office: draw(st.integers(0, 3)) for office in OFFICES},
            unavailable=one["unavailable"][:1],
            busy=[],
            shift_slots=[0, 12],
            max_day_slots=24,
            min_rest_slots=draw(st.integers(0, 10)),
            max_consecutive_days=draw(st.integers(3, 7)),
            min_consecutive_days=1,
            min_consecutive_off=1,
            max_weekends=None,
            history={"last_end": None, "consecutive_days": 0},
        )
        for limits in one["weeks"]:
            limits.update(max_slots=60, max_days=draw(st.integers(1, 5)), hard_min_slots=0)
    return read_problem(data)


@st.composite
def workable_problems(draw: st.DrawFn) -> Problem:
    """Problems in which everybody has a legal week: who has none need not work the least hours."""
    problem = draw(problems())
    plans = Instance.of(problem).plans
    stuck = {one.id for one, own in zip(problem.mediators, plans, strict=True) if not own.feasible}
    if not stuck:
        return problem
    data = problem.to_json()
    data["locked"] = [one for one in data["locked"] if one["mediator"] not in stuck]
    for one in data["mediators"]:
        if one["id"] in stuck:
            one.update(min_consecutive_off=1, min_consecutive_days=1)
            for limits in one["weeks"]:
                limits["hard_min_slots"] = 0
    return read_problem(data)


@st.composite
def legal_rosters(draw: st.DrawFn, problem: Problem, most: int = 6) -> list[tuple[str, str]]:
    """Pairs kept as long as they break nothing."""
    kept: list[tuple[str, str]] = []
    for pair in draw(rosters(problem, most)):
        if not check(problem, [*kept, pair]).violations:
            kept.append(pair)
    return kept
