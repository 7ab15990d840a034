"""One process's search: a first roster, the bound by column generation, dives, neighbourhoods.

Everything found goes through a `Desk`, which knows the best roster and bound of all processes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from solver.engine.horizon.construct import Roster, descend, first_roster, from_start
from solver.engine.horizon.dive import Generator
from solver.engine.horizon.master import Paths
from solver.engine.horizon.neighbourhoods import Neighbourhoods
from solver.engine.horizon.program import Program
from solver.engine.horizon.space import Ints
from solver.problem import Assignment, Problem

WHOLE_SHIFTS = 12.0
"""Most options a mediator has on a day, on average, for whole schedules as columns."""


class Desk(Protocol):
    """Where a search reports, and learns what others found."""

    def over(self) -> bool: ...

    def left(self) -> float:
        """Seconds left."""
        ...

    def found(self, roster: tuple[Assignment, ...], cost: int, step: str) -> None: ...

    def bounded(self, bound: int, step: str) -> None: ...

    def impossible(self, mediator: str) -> None:
        """No legal schedule exists for the mediator: the problem is infeasible."""
        ...

    def others(self) -> tuple[tuple[Assignment, ...], int] | None:
        """A better roster of another process, told once."""
        ...


class Search:
    """The state of one process's search."""

    def __init__(self, problem: Problem, desk: Desk, seed: int, lead: bool) -> None:
        self._desk = desk
        self._seed = seed
        self._lead = lead
        self._random = random.Random(seed)
        self._program = Program(problem)
        self._paths = Paths(self._program)
        self._roster = Roster(self._program)
        self._cost = 0
        self._bound = 0

    def run(self, start: Sequence[Assignment] | None) -> None:
        """Search until the desk says stop or the roster is proven best."""
        if not self._begin(start):
            return
        self._slices = Neighbourhoods(self._program, self._seed, self._desk.over)
        space = self._program.space
        density = len(space.shift) / max(1, space.mediators * space.days)
        if density <= WHOLE_SHIFTS and self._lead:
            self._by_columns()
        while not self._done():
            self._step_slices()

    def _done(self) -> bool:
        if self._desk.over() or self._bound >= self._cost:
            return True
        told = self._desk.others()
        if told is not None and told[1] < self._cost:
            chosen = self._options(told[0])
            self._roster, self._cost = Roster.of(self._program, chosen), told[1]
        return False

    def _begin(self, start: Sequence[Assignment] | None) -> bool:
        desk, program = self._desk, self._program
        if program.space.collisions:
            mediator, _ = program.space.collisions[0]
            desk.impossible(program.problem.mediators[mediator].id)
            return False
        kept = from_start(program, start)
        roster, stuck = first_roster(self._paths, kept, self._seed, desk.over)
        if roster is None:
            if stuck is not None and len(program.demand.tight) == 0:
                desk.impossible(program.problem.mediators[stuck].id)
            return False
        self._accept(roster.chosen, program.cost(roster.chosen), "construction")
        descend(self._paths, self._roster, self._seed, desk.over)
        chosen = self._roster.chosen
        self._cost = program.cost(chosen)
        self._accept(chosen, self._cost, "construction")
        return True

    def _accept(self, chosen: Ints, cost: int, step: str) -> None:
        program = self._program
        self._roster, self._cost = Roster.of(program, chosen), cost
        self._desk.found(self._assignments(chosen), cost, step)

    def _assignments(self, chosen: Ints) -> tuple[Assignment, ...]:
        space, problem = self._program.space, self._program.problem
        return tuple(
            Assignment(
                problem.mediators[int(space.mediator[x])].id, problem.shifts[int(space.shift[x])].id
            )
            for x in chosen
        )

    def _options(self, roster: tuple[Assignment, ...]) -> Ints:
        kept = self._program.index_of(roster)
        return np.array(sorted(kept), dtype=np.int64)

    def _step_slices(self) -> None:
        better = self._slices.step(self._roster, self._cost, self._desk.left())
        if better is not None and better[1] < self._cost:
            self._accept(better[0], better[1], "improvement")

    # --- columns --------------------------------------------------------------------------

    def _on_bound(self, bound: float) -> None:
        whole = int(np.ceil(bound - 1e-6))
        if whole > self._bound:
            self._bound = whole
            self._desk.bounded(whole, "relaxation")

    def _by_columns(self) -> None:
        """The relaxation, a dive, then parts of the roster by columns and by slices in turn."""
        generator = Generator(self._paths, self._seed, self._desk.over, self._on_bound)
        generator.columns_of([one for one in self._roster.schedules if one is not None])
        generator.generate(None, rounds=400, target=0.02)
        if self._done():
            return
        self._take(generator, generator.dive({}, self._cost, rounds=8, rough=0.85))
        share = 0.4
        turn = 0
        while not self._done():
            turn += 1
            if turn % 3 == 0:
                self._step_slices()
            else:
                share = self._part(generator, share)

    def _part(self, generator: Generator, share: float) -> float:
        """Re-plan a share of the mediators by columns; the share to try next."""
        space = self._program.space
        count = min(space.mediators, max(2, round(share * space.mediators)))
        free = set(self._random.sample(range(space.mediators), count))
        columns = generator.columns_of([one for one in self._roster.schedules if one is not None])
        held = {m: index for m, index in enumerate(columns) if m not in free}
        generator.master.restrict(held)
        generator.held = held
        sweep = generator.generate(sorted(free), rounds=15, target=0.2, smoothing=0.3)
        if self._desk.over():
            return share
        if np.ceil(sweep.objective - sweep.gap - 1e-6) >= self._cost:
            return min(1.0, share * 1.15)
        before = self._cost
        found, finished = generator.integer(held, self._cost, min(8.0, self._desk.left()))
        self._take(generator, found)
        if self._cost < before or not finished:
            return max(2.0 / space.mediators, share * (0.85 if not finished else 1.0))
        return min(1.0, share * 1.1)

    def _take(self, generator: Generator, columns: list[int] | None) -> None:
        if columns is None:
            return
        chosen = generator.options_of(columns)
        cost = self._program.cost(chosen)
        if cost < self._cost:
            self._accept(chosen, cost, "improvement")
