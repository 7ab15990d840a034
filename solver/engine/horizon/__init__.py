"""The engine for long horizons, where runs, weekends and successions bind.

Whole-horizon schedules per mediator: priced exactly by shortest paths (`paths`), combined by
column generation, dives and integer programs over columns (`master`, `dive`), and improved by
slices of the roster as integer programs (`neighbourhoods`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from solver.check import check
from solver.engine.horizon.messages import Bounded, Found, Impossible
from solver.engine.horizon.team import Team
from solver.infeasible import conflict
from solver.problem import Assignment, Mediator, Problem
from solver.result import Progress, Result, Status, Violation

__all__ = ["solve", "suits"]

ONE_WEEK_DAYS = 8
"""Up to here a horizon is one week's, which the other part of the engine solves."""
MOST_OPTIONS = 10**6
MOST_COST = 10**5
MOST_A_DAY = 12
"""Shifts a mediator may be given on a day, on average, up to which whole schedules are columns.

Where shifts have more shapes, the other part's plans and search do better by far.
"""


def suits(problem: Problem) -> bool:
    """Whether this part should lead: weeks of few shapes of shift, and costs that it can hold."""
    if len(problem.days) <= ONE_WEEK_DAYS:
        return False
    if len(problem.mediators) * len(problem.shifts) >= MOST_OPTIONS:
        return False
    if _options(problem) > MOST_A_DAY * len(problem.mediators) * len(problem.days):
        return False
    cover = _dearest_cover(problem)
    return all(_own(problem, one) + cover < MOST_COST for one in problem.mediators)


def _options(problem: Problem) -> int:
    """How many shifts all mediators together may be given, as far as is seen at once."""
    return sum(
        shift.office in one.offices and one.kind_max.get(shift.kind or "", 1) > 0
        for one in problem.mediators
        for shift in problem.shifts
    )


def _dearest_cover(problem: Problem) -> int:
    """Most that one mediator can be worth to cover: served where it is dearest all the time."""
    dearest: dict[int, int] = {}
    for need in problem.requirements:
        worst = max(need.cost, need.minimum_cost, need.excess_cost)
        for slot in range(need.start, need.end):
            dearest[slot] = max(dearest.get(slot, 0), worst)
    return sum(dearest.values())


def _own(problem: Problem, mediator: Mediator) -> int:
    """Most that a mediator's own schedule can cost."""
    daily = max(mediator.offices.values(), default=0) + mediator.unsocial.cost
    own = len(problem.days) * (daily + 2 * problem.costs.change)
    own += sum(wish.cost for wish in mediator.wishes)
    return own + problem.costs.under_slot * sum(week.min_slots for week in mediator.weeks)


def solve(
    problem: Problem,
    *,
    time_limit: float = 60,
    workers: int = 2,
    seed: int = 0,
    start: Sequence[Assignment] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Find a roster of low cost and a proven lower bound; as `solver.engine.solve`."""
    run = _Run(problem, time_limit, on_progress, should_stop)
    team = Team(problem, start, time_limit, workers, seed)
    team.run(run.found, run.bounded, run.impossible, run.over)
    return run.result()


class _Run:
    """What the searches found, judged before it counts."""

    def __init__(
        self,
        problem: Problem,
        time_limit: float,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._problem = problem
        self._began = time.monotonic()
        self._limit = time_limit
        self._tell = on_progress
        self._should_stop = should_stop
        self._roster: tuple[Assignment, ...] = ()
        self._cost: int | None = None
        self._bound = 0
        self._conflict: tuple[Violation, ...] | None = None

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def over(self) -> bool:
        if self._cost is not None and self._bound >= self._cost:
            return True
        if self._seconds >= self._limit:
            return True
        return self._should_stop is not None and self._should_stop()

    def found(self, message: Found) -> bool:
        if self._cost is not None and message.cost >= self._cost:
            return False
        verdict = check(self._problem, message.roster)
        if verdict.violations or (self._cost is not None and verdict.cost >= self._cost):
            return False
        self._roster, self._cost = message.roster, verdict.cost
        self._report(message.step)
        return True

    def bounded(self, message: Bounded) -> None:
        if message.bound > self._bound:
            self._bound = message.bound
            self._report(message.step)

    def impossible(self, message: Impossible) -> None:
        """Name what collides; where facts alone do not, the mediator whose rules leave nothing."""
        self._conflict = conflict(self._problem) or (
            Violation("no_schedule", {"mediator": message.mediator}),
        )

    def _report(self, step: str) -> None:
        if self._tell is not None:
            self._tell(Progress(self._seconds, self._cost, self._bound, step))

    def result(self) -> Result:
        status = Status.NO_SOLUTION
        if self._cost is None and self._conflict is None and not self.over():
            # The search gave up by itself: where facts collide they are named.
            self._conflict = conflict(self._problem) or None
        if self._cost is not None:
            status = Status.OPTIMAL if self._bound >= self._cost else Status.FEASIBLE
        elif self._conflict is not None:
            status = Status.INFEASIBLE
        return Result(
            problem=self._problem.name,
            status=status,
            cost=self._cost,
            bound=self._bound if self._cost is not None else None,
            seconds=self._seconds,
            assignments=self._roster,
            conflict=self._conflict or (),
        )
