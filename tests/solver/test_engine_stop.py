"""A run ends at once when it is told to, whatever it is doing; and no clock decides what ends."""

from __future__ import annotations

import math
import sys
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
from solver.result import Progress, Result, Status

AT_ONCE = 3
"""Looks: at the one that hears of it the work may be given `GRACE`, and the answer reads the clock
once more."""
PIECE = 250_000
"""Calls of functions between two looks at the most: some hundredths of a second."""
EVERY = 2 * max(clock.ASKED_EVERY, clock.GRACE)
"""Seconds from look to look, so that each of them asks whether to stop."""


@cache
def large() -> Problem:
    return network(offices=12, people=200)


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


class _Looks(Ticking):
    """The same, and says stop from the look with the number `last` on."""

    def __init__(self, last: float = math.inf) -> None:
        super().__init__(EVERY)
        self.last = last
        self.count = 0
        self.first: int | None = None
        """The look before the first roster was told of."""
        self._calls = 0
        self.longest_piece = 0
        """Calls between two looks."""

    def monotonic(self) -> float:
        self.count += 1
        self.longest_piece = max(self.longest_piece, self._calls)
        self._calls = 0
        return super().monotonic()

    def should_stop(self) -> bool:
        return self.count >= self.last

    def told(self, _progress: Progress) -> None:
        self.first = self.first or self.count

    def called(self, _frame: object, event: str, _argument: object) -> None:
        """For `sys.setprofile`."""
        self._calls += event in ("call", "c_call")


def stopped(looks: _Looks, workers: int, on_progress: Callable[[Progress], None]) -> Result:
    """The large problem, solved as long as these looks say, as if it had just been read."""
    problem = large()
    problem.__dict__.pop("_facts", None)  # what the judge keeps of it
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "time", looks)
        return solve(
            problem,
            time_limit=1e9,
            workers=workers,
            on_progress=on_progress,
            should_stop=looks.should_stop,
        )


@cache
def looks_before_the_first_roster() -> int:
    """The same with any number of workers, on any machine."""
    looks = _Looks()

    def until_then(progress: Progress) -> None:
        looks.told(progress)
        looks.last = looks.count

    stopped(looks, 1, until_then)
    assert looks.first is not None
    return looks.first


@pytest.mark.parametrize(
    ("workers", "share", "after"),
    [(workers, share, 0) for workers in (1, 2) for share in (0.0, 0.03, 0.15, 0.4, 0.8, 0.99)]
    + [(1, 1.0, 0), (1, 1.0, 100), (1, 1.0, 3_000), (1, 1.0, 10_000)]
    + [(2, 1.0, 0), (2, 1.0, 10), (2, 1.0, 100)],
)
def test_a_large_problem_is_left_at_once(workers: int, share: float, after: int) -> None:
    """While it is laid out, at the first roster, and once that is improved and bounded."""
    last = int(share * looks_before_the_first_roster()) + after
    looks = _Looks(max(1, last))
    result = stopped(looks, workers, looks.told)
    assert looks.last <= looks.count <= looks.last + AT_ONCE
    if result.status is Status.NO_SOLUTION:
        assert (result.cost, result.assignments) == (None, ())
        assert looks.first is None
    else:
        assert result.status is Status.FEASIBLE
        assert check(large(), result).cost == result.cost


@pytest.mark.parametrize(("workers", "after"), [(1, 5_000), (2, 50)])
def test_no_piece_between_two_looks_is_long(workers: int, after: int) -> None:
    """Once solved before: the first solve of a process reads the compiled program in one piece."""
    last = looks_before_the_first_roster() + after
    stopped(_Looks(last), workers, lambda _progress: None)
    looks = _Looks(last)
    before = sys.getprofile()
    sys.setprofile(looks.called)
    try:
        stopped(looks, workers, looks.told)
    finally:
        sys.setprofile(before)
    assert looks.first is not None
    assert 0 < looks.longest_piece < PIECE


def test_time_that_is_up_keeps_no_first_roster_from_coming() -> None:
    result = solve(network(offices=3, people=20), time_limit=0.01, workers=1)
    assert result.status is Status.FEASIBLE


def test_judging_looks_up_between_its_pieces() -> None:
    def look() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        check(network(offices=1, people=2), (), look)


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
    """Or the clock cut the bound off: then it had all its time, unless less was proof enough."""
    quick = solved_at(problem, seed, 1e-6)
    for tick in (0.01, 0.05, 0.1, 0.2, 0.4):
        slow = solved_at(problem, seed, tick)
        same = (slow.status, slow.cost, slow.bound, slow.assignments) == (
            quick.status, quick.cost, quick.bound, quick.assignments
        )  # fmt: skip
        proven = slow.status == Status.OPTIMAL and slow.cost == quick.cost
        assert same or proven or slow.seconds >= LIMIT
