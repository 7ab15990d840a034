"""A run ends at once when it is told to, whatever it is doing; and no clock decides what ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network_problem import network
from random_problems import problems

from solver.check import check
from solver.engine import clock, solve
from solver.engine.clock import Clock
from solver.engine.program import BEYOND, new_highs
from solver.look import Stopped
from solver.problem import Problem
from solver.result import Result, Status

AT_ONCE = 1.0
"""Seconds of this process's work: a busy machine makes them longer for whoever waits."""


@cache
def large() -> Problem:
    return network(offices=12, people=200)


def told_after(seconds: float) -> tuple[Callable[[], bool], list[float]]:
    """Says stop once so much work is done; and when it first did."""
    began = time.thread_time()
    said: list[float] = []

    def should_stop() -> bool:
        now = time.thread_time()
        if now - began >= seconds and not said:
            said.append(now)
        return bool(said)

    return should_stop, said


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("seconds", [0.0, 0.15, 0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2])
def test_a_large_problem_is_left_at_once(seconds: float, workers: int) -> None:
    """While it is laid out, at the first roster, and once that is improved and bounded."""
    problem = large()
    problem.__dict__.pop("_facts", None)  # what the judge keeps of it, as for a problem just read
    should_stop, said = told_after(seconds)
    result = solve(problem, time_limit=600, workers=workers, should_stop=should_stop)
    assert said
    assert time.thread_time() - said[0] < AT_ONCE
    if result.status is Status.NO_SOLUTION:
        assert (result.cost, result.assignments) == (None, ())
    else:
        assert result.status is Status.FEASIBLE
        assert check(problem, result).cost == result.cost


def test_time_that_is_up_keeps_no_first_roster_from_coming() -> None:
    result = solve(network(offices=3, people=20), time_limit=0.01, workers=1)
    assert result.status is Status.FEASIBLE


def test_judging_looks_up_between_its_pieces() -> None:
    def look() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        check(network(offices=1, people=2), (), look)


def test_what_looks_up_too_seldom_has_the_runs_end_for_its_own() -> None:
    highs = new_highs(Clock(5), 0)
    assert highs.getOptionValue("time_limit")[1] <= 5 + BEYOND


class Ticking(SimpleNamespace):
    """A clock that goes on by `tick` seconds each time that it is read."""

    def __init__(self, tick: float) -> None:
        super().__init__(now=0.0, tick=tick)

    def monotonic(self) -> float:
        self.now += self.tick
        return self.now

    def thread_time(self) -> float:
        return self.now


LIMIT = 60.0


def solved_at(problem: Problem, seed: int, tick: float) -> Result:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "time", Ticking(tick))
        return solve(problem, time_limit=LIMIT, workers=1, seed=seed)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(problems(), st.integers(0, 5))
def test_what_ends_by_itself_is_the_same_however_slow_the_machine(
    problem: Problem, seed: int
) -> None:
    """Or the clock cut it off, and then it had all its time."""
    quick = solved_at(problem, seed, 1e-6)
    for tick in (0.01, 0.05, 0.1, 0.2, 0.4):
        slow = solved_at(problem, seed, tick)
        same = (slow.status, slow.cost, slow.bound, slow.assignments) == (
            quick.status, quick.cost, quick.bound, quick.assignments
        )  # fmt: skip
        assert same or slow.seconds >= LIMIT
