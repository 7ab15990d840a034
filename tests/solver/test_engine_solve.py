"""The engine against brute force and the judge, on small problems that use the whole contract."""

from __future__ import annotations

import dataclasses
import sys
import time
from importlib import import_module

import pytest
from every_roster import brute_force
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_problems import problems
from small_problem import mediator, problem, requirement, shift

from solver.check import check
from solver.engine import solve
from solver.engine.clash import clash
from solver.formats.problem_file import read_problem
from solver.infeasible import conflict
from solver.problem import Assignment, Mediator, Problem, Unsocial, WeekLimits
from solver.result import Progress, Status

SLOW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@SLOW
@given(problems(), st.integers(0, 3))
def test_bound_and_cost_enclose_the_optimum(problem: Problem, seed: int) -> None:
    optimum = brute_force(problem)
    result = solve(problem, time_limit=1, workers=1, seed=seed)
    if optimum is None:
        assert result.status == Status.INFEASIBLE
        assert result.assignments == ()
        assert result.cost is None
        return
    assert result.cost is not None
    assert result.bound is not None
    assert result.bound <= optimum <= result.cost
    if result.status == Status.OPTIMAL:
        assert result.cost == optimum == result.bound
    judgement = check(problem, result)
    assert judgement.violations == ()
    assert judgement.cost == result.cost


@SLOW
@given(problems())
def test_nearly_every_small_problem_is_solved_to_its_optimum(problem: Problem) -> None:
    optimum = brute_force(problem)
    if optimum is None:
        return
    result = solve(problem, time_limit=1, workers=1)
    assert result.cost is not None
    assert result.cost <= optimum + max(10, optimum // 4)


@SLOW
@given(problems())
def test_one_more_mediator_owed_nothing_never_raises_the_optimum(problem: Problem) -> None:
    problem = dataclasses.replace(
        problem,
        requirements=tuple(
            dataclasses.replace(need, excess_cost=0) for need in problem.requirements
        ),
    )
    before = solve(problem, time_limit=1, workers=1)
    if before.cost is None:
        return
    spare = spare_mediator(problem)
    after = solve(
        dataclasses.replace(problem, mediators=(*problem.mediators, spare)),
        time_limit=3,
        workers=1,
    )
    assert after.bound is not None
    assert after.bound <= before.cost


def spare_mediator(problem: Problem) -> Mediator:
    """A copy of the first mediator who is owed no hours and wishes nothing."""
    model = problem.mediators[0]
    return dataclasses.replace(
        model,
        id="spare",
        busy=(),
        wishes=(),
        unsocial=Unsocial(0, 0),
        weeks=tuple(
            WeekLimits(0, week.max_slots, week.max_days, hard_min_slots=0) for week in model.weeks
        ),
    )


@SLOW
@given(problems())
def test_renaming_changes_nothing(problem: Problem) -> None:
    names = {mediator.id: f"z{index}" for index, mediator in enumerate(problem.mediators)}

    def renamed(roster: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
        return tuple(Assignment(names[one.mediator], one.shift) for one in roster)

    other = dataclasses.replace(
        problem,
        mediators=tuple(
            dataclasses.replace(mediator, id=names[mediator.id]) for mediator in problem.mediators
        ),
        locked=renamed(problem.locked),
        previous=None if problem.previous is None else renamed(problem.previous),
    )
    first = solve(problem, time_limit=1, workers=1)
    second = solve(other, time_limit=1, workers=1)
    if first.status == second.status == Status.OPTIMAL:
        assert renamed(first.assignments) == second.assignments
    assert (first.status == Status.INFEASIBLE) == (second.status == Status.INFEASIBLE)


@SLOW
@given(problems(), st.integers(0, 5))
def test_the_same_seed_gives_the_same_roster(problem: Problem, seed: int) -> None:
    first = solve(problem, time_limit=5, workers=1, seed=seed)
    second = solve(problem, time_limit=5, workers=1, seed=seed)
    assume(first.seconds < 4 and second.seconds < 4)
    assert first.assignments == second.assignments
    assert (first.status, first.cost, first.bound) == (second.status, second.cost, second.bound)


@SLOW
@given(problems(), st.integers(0, 5))
def test_by_steps_no_clock_decides_the_roster(problem: Problem, seed: int) -> None:
    """Whatever time the bound had, as it has less on a slower machine."""
    found = []
    for seconds in (0.0, 20.0):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sys.modules["solver.engine.solve"], "BOUND_SECONDS", seconds)
            result = solve(problem, time_limit=600, workers=2, seed=seed, steps=600)
        found.append((result.cost, result.assignments))
    assert found[0] == found[1]


@SLOW
@given(problems())
def test_a_better_start_is_never_lost(problem: Problem) -> None:
    first = solve(problem, time_limit=1, workers=1)
    if first.cost is None:
        return
    again = solve(problem, time_limit=0, workers=1, start=first.assignments)
    assert again.cost is not None
    assert again.cost <= first.cost


def test_progress_tells_of_falling_costs_and_rising_bounds(build) -> None:
    told: list[Progress] = []
    result = solve(two_days(build), time_limit=3, workers=2, on_progress=told.append)
    costs = [one.cost for one in told if one.cost is not None]
    bounds = [one.bound for one in told if one.bound is not None]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert costs[-1] == result.cost


def test_a_request_to_stop_ends_the_run_with_the_best_so_far(build) -> None:
    started = time.monotonic()
    asked: list[float] = []

    def should_stop() -> bool:
        asked.append(time.monotonic())
        return True

    result = solve(two_days(build), time_limit=60, workers=2, should_stop=should_stop)
    assert asked
    assert time.monotonic() - started < 30
    assert result.status in (Status.FEASIBLE, Status.OPTIMAL)
    assert check(two_days(build), result).violations == ()


@pytest.mark.parametrize("skills", [62, 63, 90])
def test_more_requirements_in_a_slot_than_a_mask_has_bits(build, skills: int) -> None:
    """One mediator holds all, the other the last alone: two of them are met, whoever is counted."""
    names = [f"lang:{number}" for number in range(skills)]
    made = Problem.from_json(
        build.problem(
            1,
            weeks=[[0]],
            shifts=[build.shift("s", 0, 9, 15)],
            mediators=[
                build.mediator("all", skills=dict.fromkeys(names), shift_slots=[6, 6]),
                build.mediator("last", skills={names[-1]: None}, shift_slots=[6, 6]),
            ],
            requirements=[build.requirement(name, 9, 15, needs=[name]) for name in names],
        )
    )
    result = solve(made, time_limit=5, workers=1)
    assert result.cost == 10 * 6 * (skills - 2)
    assert result.bound is not None
    assert 0 <= result.bound <= result.cost, "a roster never comes without a bound"
    assert len(result.assignments) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_two_days_are_solved_to_the_optimum(build, workers: int) -> None:
    result = solve(two_days(build), time_limit=20, workers=workers)
    assert result.status == Status.OPTIMAL
    assert result.cost == result.bound == 40


def two_days(build) -> Problem:
    """Two mediators, the only speakers of a language each, for two days of seven hours' demand.

    A shift has six hours, so each language lacks one hour a day, at 10: 2 * 2 * 10 in all.
    """
    shifts = [
        build.shift(f"{day}-{start}", day, start, start + 6)
        for day in (0, 1)
        for start in (8, 9, 10)
    ]
    people = [
        build.mediator(name, skills={f"lang:{name}": None}, shift_slots=[6, 6])
        for name in ("uk", "ru")
    ]
    needs = [
        build.requirement(f"{name}-{day}", 24 * day + 9, 24 * day + 16, needs=[f"lang:{name}"])
        for name in ("uk", "ru")
        for day in (0, 1)
    ]
    return Problem.from_json(
        build.problem(2, weeks=[[0, 1]], shifts=shifts, mediators=people, requirements=needs)
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_without_mediators_the_empty_roster_is_the_best(build, workers: int) -> None:
    problem = dataclasses.replace(two_days(build), mediators=())
    result = solve(problem, time_limit=5, workers=workers)
    assert (result.status, result.assignments) == (Status.OPTIMAL, ())
    assert result.cost == result.bound == check(problem, ()).cost


def test_hard_minimums_that_only_together_have_no_room_are_named() -> None:
    """One place; whoever works early is still there when late begins; half is too short."""
    world = no_room_together()
    assert conflict(world) == ()
    result = solve(world, time_limit=10, workers=1)
    assert result.status is Status.INFEASIBLE
    (named,) = result.conflict
    assert named.rule == "week_min_slots"
    assert named.details == {
        "offices": ["faro"],
        "weeks": [0],
        "mediators": ["ana", "bo"],
        "facts": [
            {"fact": "hard_min_slots", "mediator": name, "week": 0, "slots": 4}
            for name in ("ana", "bo")
        ],
    }


def test_what_collides_is_told_as_it_is_when_time_is_up() -> None:
    """It still collides; it is only more than need be."""
    (told,) = clash(no_room_together(), seconds=0)
    assert told.details["offices"] == ["faro", "porto"]
    assert told.details["mediators"] == ["ana", "bo"]


def no_room_together() -> Problem:
    owes = [{"min_slots": 0, "max_slots": 40, "max_days": 1, "hard_min_slots": 4}]
    return read_problem(
        problem(
            1,
            offices=[{"id": "faro", "capacity": 1}, {"id": "porto", "capacity": 5}],
            shifts=[shift("early", 0, 8, 12), shift("late", 0, 11, 15), shift("half", 0, 15, 16)],
            mediators=[
                mediator("ana", weeks=owes, offices={"faro": 0, "porto": 0}),
                mediator("bo", weeks=owes),
                mediator("caio"),
            ],
        )
    )


def test_a_day_published_with_two_shifts_costs_one_change() -> None:
    world = read_problem(
        problem(
            1,
            shifts=[shift("s", 0, 8, 12), shift("t", 0, 8, 13)],
            mediators=[mediator("ana", shift_slots=[1, 4])],
            requirements=[requirement("pt", 8, 12)],
            previous=[{"mediator": "ana", "shift": one} for one in ("s", "t", "s")],
            costs={"under_slot": 0, "change": 7},
        )
    )
    result = solve(world, time_limit=10, workers=1)
    assert (result.cost, result.status) == (7, Status.OPTIMAL)


def test_a_roster_that_the_judge_refuses_is_logged_without_anybody_s_code(
    build, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The judge is shown each shift twice."""
    two = two_days(build)
    monkeypatch.setattr(
        import_module("solver.engine.solve"),
        "check",
        lambda problem, roster, look: check(problem, [*roster] * 2, look),
    )
    solve(two, workers=1, steps=50)
    assert "illegal roster: one_shift_a_day" in caplog.text
    assert not [one.id for one in two.mediators if f"'{one.id}'" in caplog.text]
