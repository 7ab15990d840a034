"""The engine for long horizons, where runs, weekends and successions bind.

Whole-horizon schedules per mediator: priced exactly by shortest paths (`paths`), combined by
column generation, dives and integer programs over columns (`master`, `dive`), and improved by
slices of the roster as integer programs (`neighbourhoods`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

from solver.check import check
from solver.engine.clock import GRACE, Clock, Reporter
from solver.engine.horizon.messages import Bounded, Found, Impossible
from solver.engine.horizon.team import Team
from solver.infeasible import conflict
from solver.look import Stopped
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
    shapes = Counter((shift.office, shift.kind or "") for shift in problem.shifts)
    return sum(
        number
        for one in problem.mediators
        for (office, kind), number in shapes.items()
        if office in one.offices and one.kind_max.get(kind, 1) > 0
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
    clock = Clock(time_limit, should_stop)
    run = _Run(problem, clock, Reporter(clock, on_progress))
    with suppress(Stopped):
        run.at_once(start)
        if not run.over():
            team = Team(problem, start, clock.left, workers, seed)
            team.run(run.found, run.bounded, run.impossible, run.over)
    return run.result()


class _Run:
    """What the searches found, judged before it counts."""

    def __init__(self, problem: Problem, clock: Clock, reporter: Reporter) -> None:
        self._problem = problem
        self._clock = clock
        self._reporter = reporter
        self._roster: tuple[Assignment, ...] = ()
        self._conflict: tuple[Violation, ...] | None = None

    def over(self) -> bool:
        return self._reporter.proven or self._clock.over()

    def at_once(self, start: Sequence[Assignment] | None) -> None:
        """Judge what is known without any search: processes take their time to begin, and a run
        that is short, or told to stop, shall not lose a legal roster it was given."""
        for roster in (start, self._problem.previous, self._problem.locked):
            if roster is not None:
                self._offer(tuple(dict.fromkeys(roster)), "construction", GRACE)

    def found(self, message: Found) -> bool:
        best = self._reporter.cost
        if best is not None and message.cost >= best:
            return False
        return self._offer(message.roster, message.step)

    def _offer(self, roster: tuple[Assignment, ...], step: str, grace: float = 0.0) -> bool:
        """Keep a roster that is legal and cheaper than the best; whether it is. Told to stop,
        the judge has `grace` seconds of work left."""
        verdict = check(self._problem, roster, self._clock.look_within(grace))
        best = self._reporter.cost
        if verdict.violations or (best is not None and verdict.cost >= best):
            return False
        self._roster = roster
        self._reporter.better_cost(verdict.cost, step)
        return True

    def bounded(self, message: Bounded) -> None:
        self._reporter.better_bound(message.bound, message.step)

    def impossible(self, message: Impossible) -> None:
        """Name what collides; where facts alone do not, the mediator whose rules leave nothing."""
        self._conflict = (Violation("no_schedule", {"mediator": message.mediator}),)
        self._conflict = conflict(self._problem, self._clock.look_if_told) or self._conflict

    def result(self) -> Result:
        cost, bound = self._reporter.cost, self._reporter.bound
        if cost is None and self._conflict is None and not self._clock.told():
            # The search gave up by itself, or had no time: where facts collide they are named.
            with suppress(Stopped):
                self._conflict = conflict(self._problem, self._clock.look_if_told) or None
        status = Status.NO_SOLUTION
        if cost is not None:
            status = Status.OPTIMAL if self._reporter.proven else Status.FEASIBLE
        elif self._conflict is not None:
            status = Status.INFEASIBLE
        return Result(
            problem=self._problem.name,
            status=status,
            cost=cost,
            bound=bound if cost is not None else None,
            seconds=self._clock.seconds,
            assignments=self._roster,
            conflict=self._conflict or (),
        )
