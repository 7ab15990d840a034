"""The run: a first legal roster at once, then a rising bound and falling cost."""

from __future__ import annotations

import dataclasses
import gc
import logging
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from solver.check import check
from solver.engine import horizon
from solver.engine.assembly import assemble
from solver.engine.board import Instance, Plan, assignments_of
from solver.engine.bounding import bounds, cheap_bounds
from solver.engine.clock import GRACE, Clock, Reporter
from solver.engine.companion import Bounded, Companion, ReducedCosts
from solver.engine.compiling import compiling_beside
from solver.engine.first_roster import greedy_plans, settled_plans
from solver.engine.kernel.layout import Layout, make_layout, suits
from solver.engine.search import STEPS_A_TURN, Search, cool, cool_by_steps
from solver.look import Stopped
from solver.problem import Assignment, Problem
from solver.result import Progress, Result, Status, Violation

log = logging.getLogger(__name__)

STALL_STEPS = 400
"""Steps per mediator without a better roster after which one process alone gives up, once
its bound has come to its end by itself."""
BOUND_SECONDS = 30.0
"""What the bound has of a run that ends by its steps, half of what is left at most."""
WORTH_A_PROCESS = 2.0
"""Seconds left below which starting a second process does not pay."""
SILENT_SHARE = 0.5
"""Of the run: if the process beside has no bound by then, the search's own process sees to one."""
WAIT = 0.02
"""Seconds between looks where there is nothing else to do."""


def solve(
    problem: Problem,
    *,
    time_limit: float = 60,
    workers: int = 2,
    seed: int = 0,
    steps: int | None = None,
    start: Sequence[Assignment] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Find a roster of low cost and a proven lower bound.

    `time_limit` is in seconds. `workers` counts processes; with one, a run that the clock
    does not cut off is the same for the same `seed`. `steps` ends the search, in one process, by
    what it did and not by when: its roster is the same on a slow machine as on a quick one,
    whatever bound was reached meanwhile. `start` is a roster to begin from, by default the
    published one: what of it is legal is kept. `on_progress` hears of every better cost or
    bound; `should_stop` is asked some twenty times a second, also while a large problem is laid
    out, and ends the run with the best so far; where there is none yet, with no solution.

    Infeasible is a status, not an error: then `conflict` names the facts that collide.
    """
    if not problem.mediators:
        return _nobody(problem)
    if horizon.suits(problem):
        return horizon.solve(
            problem,
            time_limit=time_limit,
            workers=workers,
            seed=seed,
            start=start,
            on_progress=on_progress,
            should_stop=should_stop,
        )
    clock = Clock(time_limit, should_stop)
    run = _Run(problem, clock, Reporter(clock, on_progress), seed)
    return run.result(start, 1 if steps is not None else workers, steps)


def _nobody(problem: Problem) -> Result:
    """Without mediators there is one roster, the empty one."""
    cost = check(problem, ()).cost
    return Result(problem.name, Status.OPTIMAL, cost, cost, 0.0, ())


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """While a problem is laid out nothing becomes garbage, and the collector would walk through
    all of it again and again: an eighth of the time before the first roster of a large one."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Run:
    def __init__(self, problem: Problem, clock: Clock, reporter: Reporter, seed: int) -> None:
        self._problem = problem
        self._clock = clock
        self._reporter = reporter
        self._seed = seed
        self._best: tuple[Assignment, ...] | None = None

    def result(self, start: Sequence[Assignment] | None, workers: int, steps: int | None) -> Result:
        try:
            status = self._solve(start, workers, steps)
        except Stopped:
            status = Status.FEASIBLE
        return self._answer(status)

    def _look(self) -> None:
        """Between pieces of the work; before a first roster, time that is up ends nothing."""
        if self._best is None:
            self._look_if_told()
        else:
            self._clock.look()

    def _look_if_told(self) -> None:
        self._clock.look_if_told(GRACE if self._best is None else 0.0)

    def _solve(self, start: Sequence[Assignment] | None, workers: int, steps: int | None) -> Status:
        """Run to the end: feasible, unless it was found that there is no roster, or none was."""
        with _collector_at_rest():
            begun = self._begin(start, compiling_beside())
        if isinstance(begun, Status):
            return begun
        instance, layout, plans = begun
        if layout is None:
            self._offer(settled_plans(instance, plans, self._clock), "construction")
            return Status.FEASIBLE
        search = Search(instance, plans, self._seed, layout)
        search.settle(self._clock)
        self._offer(search.best_plans, "construction")
        if workers >= 2 and self._clock.left > WORTH_A_PROCESS:
            self._improve_together(search)
        else:
            self._improve_alone(search, steps)
        return Status.FEASIBLE

    def _begin(
        self, start: Sequence[Assignment] | None, compiled: Callable[[], bool]
    ) -> tuple[Instance, Layout | None, list[Plan]] | Status:
        """Lay the problem out and offer a first roster; or say what the run came to already."""
        self._instance = instance = Instance.of(self._problem, self._look)
        if not all(plans.feasible for plans in instance.plans):
            return Status.INFEASIBLE
        layout = make_layout(instance) if suits(instance) else None
        plans, impossible = self._first_plans(layout if compiled() else None, start)
        if plans is None:
            return Status.INFEASIBLE if impossible else Status.NO_SOLUTION
        self._offer(plans, "construction")
        if layout is not None and not self._bounded_until(compiled):
            return Status.FEASIBLE
        return instance, layout, plans

    def _bounded_until(self, compiled: Callable[[], bool]) -> bool:
        """A bound without the kernel, until that is compiled; whether it was before the end."""
        rising = cheap_bounds(
            self._instance, self._clock, lambda: float(self._reporter.cost or 0), plainly=True
        )
        while not compiled():
            if self._done():
                return False
            bound = next(rising, None)
            if bound is None:
                time.sleep(WAIT)
            else:
                self._reporter.better_bound(bound, "relaxation")
        return True

    def _first_plans(
        self, layout: Layout | None, start: Sequence[Assignment] | None
    ) -> tuple[list[Plan] | None, bool]:
        if start is None:
            start = self._problem.previous  # what is published is good, and changes cost
        plans = greedy_plans(self._instance, layout, start=start)
        rng = random.Random(self._seed)
        for _ in range(3):
            if plans is not None or self._clock.over():
                break
            plans = greedy_plans(self._instance, layout, shuffle=rng)
        if plans is not None:
            return plans, False
        return assemble(self._instance, self._clock, self._seed)

    def _improve_alone(self, search: Search, steps: int | None) -> None:
        """Bound and search in turn, in one process; with `steps`, so many and no more.

        With `steps` the bound steers nothing of the search, and ends it only where it proves that
        nothing better is to be found: so what it could do in the time it had decides no roster.
        Without, the search leans on its prices, and gives up only where the bound came to its end
        by itself; where the clock cut it off, the run goes on until its time is up.
        """
        share = self._clock.part(math.inf if steps is None else BOUND_SECONDS)
        rising = bounds(
            self._instance,
            share,
            lambda: float(search.best_cost),
            lambda bound: self._reporter.better_bound(bound, "relaxation"),
            search.lean if steps is None else None,
        )
        patience = STALL_STEPS * (1 + len(search.best_plans))
        ended: bool | None = None
        while not self._done():
            bound = next(rising, None)
            if bound is not None:
                self._reporter.better_bound(bound, "relaxation")
            elif ended is None:
                ended = not share.over()
            if steps is None and ended and search.since_better > patience:
                break
            if steps is not None and search.steps >= steps:
                break
            self._search(search, cool_by_steps(search.steps, search.hot))

    def _improve_together(self, search: Search) -> None:
        """Search here; the bound, then a second search, in a process beside."""
        bare = dataclasses.replace(self._problem)
        companion = Companion(bare, self._clock.left, self._seed + 1)
        try:
            companion.tell(search.best_plans, search.best_cost)
            own = cheap_bounds(self._instance, self._clock, lambda: float(search.best_cost))
            heard = False
            while not self._done():
                if self._search(search, cool(self._clock, search.hot)):
                    companion.tell(search.best_plans, search.best_cost)
                for message in companion.news():
                    if isinstance(message, Bounded):
                        heard = True
                        self._reporter.better_bound(message.bound, "relaxation")
                    elif isinstance(message, ReducedCosts):
                        search.lean(message.of_choices)
                    elif message.cost < search.best_cost:
                        search.adopt(message.plans, message.cost)
                        self._offer(search.best_plans, "improvement")
                if not heard and self._clock.left < SILENT_SHARE * self._clock.limit:
                    self._reporter.better_bound(next(own, 0), "relaxation")
        finally:
            companion.end()

    def _done(self) -> bool:
        return self._clock.over() or self._reporter.proven

    def _search(self, search: Search, temperature: float) -> bool:
        """Some steps of the search; whether they found a better roster."""
        if not search.anneal(STEPS_A_TURN, temperature):
            return False
        self._offer(search.best_plans, "improvement")
        return True

    def _offer(self, plans: list[Plan], step: str) -> None:
        """Keep a roster if the judge finds it legal and cheaper than the best."""
        roster = assignments_of(self._instance, list(plans))
        judgement = check(self._problem, roster, self._clock.look_within(GRACE))
        if judgement.violations:
            # Rules alone: what a violation says besides names people.
            broken = ", ".join(one.rule for one in judgement.violations[:3])
            log.error("engine built an illegal roster: %s", broken)
            return
        if self._reporter.cost is None or judgement.cost < self._reporter.cost:
            self._best = roster
            self._reporter.better_cost(judgement.cost, step)

    def _answer(self, status: Status) -> Result:
        if status == Status.FEASIBLE and self._best is None:
            status = Status.NO_SOLUTION
        elif status == Status.FEASIBLE and self._reporter.proven:
            status = Status.OPTIMAL
        found = self._best if status in (Status.OPTIMAL, Status.FEASIBLE) else None
        return Result(
            problem=self._problem.name,
            status=status,
            cost=self._reporter.cost if found is not None else None,
            bound=self._reporter.bound,
            seconds=self._clock.seconds,
            assignments=found or (),
            conflict=self._conflict() if status == Status.INFEASIBLE else (),
        )

    def _conflict(self) -> tuple[Violation, ...]:
        """What collides; nothing where the run was told to stop before it was found out."""
        from solver.engine.clash import clash
        from solver.infeasible import conflict

        try:
            return conflict(self._problem, self._clock.look_if_told) or clash(
                self._problem, self._seed, should_stop=self._clock.told
            )
        except Stopped:
            return ()
