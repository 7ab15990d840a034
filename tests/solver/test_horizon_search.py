"""The long-horizon engine against brute force, and what it promises of its answers."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from horizon_cases import random_problem
from test_horizon_paths import legal_costs

from solver.check import check
from solver.engine import horizon
from solver.engine.horizon.search import Search
from solver.problem import Assignment, History, Problem
from solver.result import Progress, Status


class NotesDesk:
    """Keeps what a search in this process reports."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self.roster: tuple[Assignment, ...] = ()
        self.cost: int | None = None
        self.bound = 0
        self.stuck: str | None = None

    def over(self) -> bool:
        return time.monotonic() > self._deadline

    def left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def found(self, roster: tuple[Assignment, ...], cost: int, step: str) -> None:
        assert self.cost is None or cost <= self.cost
        self.roster, self.cost = roster, cost

    def bounded(self, bound: int, step: str) -> None:
        self.bound = max(self.bound, bound)

    def impossible(self, mediator: str) -> None:
        self.stuck = mediator

    def others(self) -> None:
        return None


def optimum(problem: Problem) -> int | None:
    """The least cost of all legal rosters of two mediators, by trying them."""
    sides = []
    for mediator in problem.mediators:
        alone = replace(
            problem,
            mediators=(mediator,),
            locked=tuple(one for one in problem.locked if one.mediator == mediator.id),
        )
        schedules = [
            [Assignment(mediator.id, shift) for shift in shifts] for shifts in legal_costs(alone)
        ]
        sides.append(schedules)
    best: int | None = None
    for first in sides[0]:
        for second in sides[1]:
            verdict = check(problem, [*first, *second])
            if not verdict.violations and (best is None or verdict.cost < best):
                best = verdict.cost
    return best


@pytest.mark.parametrize("seed", range(12))
def test_optimum_and_bound_agree_with_brute_force(seed: int) -> None:
    problem = random_problem(100 + seed, days=5, mediators=2, locks=seed % 3 == 0)
    desk = NotesDesk(20.0)
    Search(problem, desk, seed, lead=True).run(None)
    best = optimum(problem)
    if best is None:
        assert desk.cost is None
        return
    verdict = check(problem, desk.roster)
    assert not verdict.violations
    assert verdict.cost == desk.cost
    assert desk.bound == desk.cost == best


@pytest.mark.parametrize("seed", range(6))
def test_bound_never_exceeds_a_roster_of_a_longer_horizon(seed: int) -> None:
    problem = random_problem(300 + seed, days=14, mediators=5)
    desk = NotesDesk(1.5)
    Search(problem, desk, seed, lead=True).run(None)
    if desk.cost is not None:
        assert not check(problem, desk.roster).violations
        assert desk.bound <= check(problem, desk.roster).cost == desk.cost


def test_run_in_processes_tells_progress_and_proves() -> None:
    problem = feasible_case()
    heard: list[Progress] = []
    result = horizon.solve(problem, time_limit=60, workers=2, seed=1, on_progress=heard.append)
    assert result.status is Status.OPTIMAL
    assert result.cost == result.bound == check(problem, result).cost
    assert heard
    costs = [one.cost for one in heard if one.cost is not None]
    bounds = [one.bound or 0 for one in heard]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)


def test_start_is_kept_where_it_is_best() -> None:
    problem = feasible_case()
    first = horizon.solve(problem, time_limit=60, workers=1, seed=1)
    again = horizon.solve(problem, time_limit=60, workers=1, seed=2, start=first.assignments)
    assert again.cost == first.cost
    assert first == replace(
        horizon.solve(problem, time_limit=60, workers=1, seed=1), seconds=first.seconds
    )


def test_a_legal_start_is_not_lost_where_there_is_no_time_to_search() -> None:
    problem = feasible_case()
    assert not check(problem, ()).violations
    in_no_time = horizon.solve(problem, time_limit=0.001, workers=1, start=())
    assert (in_no_time.status, in_no_time.assignments) == (Status.FEASIBLE, ())
    assert in_no_time.cost == check(problem, ()).cost
    told = horizon.solve(problem, time_limit=600, workers=1, should_stop=lambda: True)
    assert told.cost is not None, "the published roster, or the locks alone, are legal"


def test_stop_ends_the_run_with_what_there_is() -> None:
    problem = random_problem(5, days=28, mediators=8)
    result = horizon.solve(problem, time_limit=600, workers=1, seed=1, should_stop=lambda: True)
    assert result.status in (Status.NO_SOLUTION, Status.FEASIBLE)


def test_colliding_lock_is_infeasible_and_named() -> None:
    problem = feasible_case()
    mediator = replace(problem.mediators[0], shift_slots=(6, 6))
    locked = (Assignment(mediator.id, problem.shifts[0].id),)
    broken = replace(problem, mediators=(mediator, *problem.mediators[1:]), locked=locked)
    result = horizon.solve(broken, time_limit=30, workers=1, seed=1)
    assert result.status is Status.INFEASIBLE
    assert result.cost is None
    assert "shift_slots" in {one.rule for one in result.conflict}


def test_rest_between_locks_is_named_with_its_facts() -> None:
    problem = feasible_case()
    late, early = (
        next(one for one in problem.shifts if one.id == name) for name in ("3.late", "4.early")
    )
    mediator = replace(problem.mediators[0], min_rest_slots=6, history=History(None, 0))
    locked = (Assignment(mediator.id, late.id), Assignment(mediator.id, early.id))
    broken = replace(
        problem, mediators=(mediator, *problem.mediators[1:]), locked=locked, previous=None
    )
    result = horizon.solve(broken, time_limit=30, workers=1, seed=1)
    assert result.status is Status.INFEASIBLE
    named = next(one for one in result.conflict if one.rule == "min_rest")
    assert {fact["shift"] for fact in named.details["facts"]} == {late.id, early.id}


def test_suits_long_horizons_with_costs_it_can_hold() -> None:
    problem = feasible_case()
    assert horizon.suits(problem)
    assert not horizon.suits(random_problem(1, days=7))
    dear = tuple(replace(need, cost=10**6, minimum_cost=10**6) for need in problem.requirements)
    assert not horizon.suits(replace(problem, requirements=dear))


def test_a_roster_that_the_judge_refuses_is_logged_without_anybody_s_code(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The judge is shown each shift twice."""
    problem = feasible_case()
    monkeypatch.setattr(
        "solver.engine.horizon.search.check", lambda problem, roster: check(problem, [*roster] * 2)
    )
    Search(problem, NotesDesk(0.5), 0, lead=True).run(None)
    assert "illegal roster: one_shift_a_day" in caplog.text
    assert not [one.id for one in problem.mediators if f"'{one.id}'" in caplog.text]


def feasible_case() -> Problem:
    """Ten days, three mediators, rules that leave each of them schedules."""
    problem = random_problem(7, days=10, mediators=3)
    easy = tuple(
        replace(
            one,
            weeks=tuple(replace(week, hard_min_slots=0) for week in one.weeks),
            busy=(),
        )
        for one in problem.mediators
    )
    return replace(
        problem,
        mediators=easy,
        offices=tuple(replace(office, capacity=None) for office in problem.offices),
    )
