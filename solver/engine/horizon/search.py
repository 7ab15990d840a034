"""One process's search: a first roster, the bound by column generation, dives, neighbourhoods.

Everything found goes through a `Desk`, which knows the best roster and bound of all processes.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from solver.check import check
from solver.engine.horizon.clashes import ClashTable
from solver.engine.horizon.columns import LARGE, Columns, Move
from solver.engine.horizon.construct import Roster, descend, first_roster, from_start
from solver.engine.horizon.dive import OPEN
from solver.engine.horizon.mip import solve_mip
from solver.engine.horizon.neighbourhoods import Neighbourhoods
from solver.engine.horizon.pricing import Paths
from solver.engine.horizon.program import Program, demand_duty
from solver.engine.horizon.space import Bools, Ints
from solver.problem import Assignment, Problem

log = logging.getLogger(__name__)

SMALL = 1500
"""Most options for the whole problem as one integer program."""
SLICES_FIRST = 40
"""Slices that a second process tries before its own relaxation of a large problem."""
TRIES = 5
"""Orders of mediators tried for a first roster where seats are scarce."""


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
        self._patience = 5e6
        self._bound = 0
        self._useful: tuple[Bools, Bools] | None = None
        """Options and [mediators, days] off that a better roster may hold, if known."""

    def run(self, start: Sequence[Assignment] | None) -> None:
        """Search until the desk says stop or the roster is proven best."""
        if not self._begin(start):
            return
        self._slices = Neighbourhoods(self._program, self._seed, self._desk.over)
        space = self._program.space
        if self._lead or len(space.shift) > SMALL:
            if not self._lead and self._large:
                self._slices_first()
            self._by_columns()
        while not self.done():
            if len(space.shift) <= SMALL and self._random.random() < 0.2:
                self._whole()
            else:
                self._step_slices()

    def done(self) -> bool:
        if self._desk.over() or self._bound >= self._cost:
            return True
        told = self._desk.others()
        if told is not None and told[1] < self._cost:
            chosen = self._options(told[0])
            self._roster, self._cost = Roster.of(self._program, chosen), told[1]
        return False

    def _begin(self, start: Sequence[Assignment] | None) -> bool:
        desk, program = self._desk, self._program
        collided = [m for m, _ in program.space.collisions]
        clashes = ClashTable(program.space)
        collided += [m for m in range(program.space.mediators) if clashes.facts_collide(m)]
        if collided:
            desk.impossible(program.problem.mediators[collided[0]].id)
            return False
        kept = from_start(program, start)
        roster = self._first(kept)
        if roster is None:
            return False
        self._accept(roster.chosen, program.cost(roster.chosen), "construction")
        rounds = 1 if self._large and self._lead else 3
        descend(self._paths, self._roster, self._seed, desk.over, rounds=rounds)
        chosen = self._roster.chosen
        self._cost = program.cost(chosen)
        self._accept(chosen, self._cost, "construction")
        return True

    def _first(self, kept: list[Ints | None]) -> Roster | None:
        """A legal roster, one mediator after the other; else all at once as an integer program."""
        desk, program = self._desk, self._program
        stuck: int | None = None
        for attempt in range(TRIES):
            roster, stuck = first_roster(self._paths, kept, self._seed + attempt, desk.over)
            if roster is not None or stuck is None:
                return roster
            if self._no_schedule(stuck):
                desk.impossible(program.problem.mediators[stuck].id)
                return None
            kept = [None] * len(kept)
        free = np.ones((program.space.mediators, program.space.days), dtype=bool)
        piece = program.slice(free, np.zeros(0, dtype=np.int64))
        answer = solve_mip(
            piece,
            work=np.inf,
            seconds=desk.left(),
            seed=self._seed,
            nodes=1 << 30,
            any_will_do=True,
        )
        if answer.values is not None:
            chosen = piece.options[answer.values[: len(piece.options)] > 0.5]
            return Roster.of(program, np.sort(chosen))
        if answer.finished and stuck is not None:
            desk.impossible(program.problem.mediators[stuck].id)
        return None

    def _no_schedule(self, mediator: int) -> bool:
        """Whether it is proven that the rules leave the mediator no schedule."""
        if self._paths.best(mediator, self._program.space.cost) is None:
            return True
        if len(self._program.demand.tight):
            return False
        space = self._program.space
        free = np.zeros((space.mediators, space.days), dtype=bool)
        free[mediator] = True
        piece = self._program.slice(free, np.zeros(0, dtype=np.int64))
        answer = solve_mip(piece, work=2e7, seconds=self._desk.left(), seed=self._seed)
        return answer.finished and answer.values is None

    def _accept(self, chosen: Ints, cost: int, step: str) -> None:
        """Keep a roster and tell of it, unless the judge finds fault with it."""
        assignments = self._assignments(chosen)
        faults = check(self._program.problem, assignments).violations
        if faults:
            # Rules alone: what a violation says besides names people.
            broken = ", ".join(one.rule for one in faults[:3])
            log.error("a long horizon's search built an illegal roster: %s", broken)
            return
        self._roster, self._cost = Roster.of(self._program, chosen), cost
        self._desk.found(assignments, cost, step)

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

    @property
    def _large(self) -> bool:
        return self._program.space.mediators * self._program.space.days > LARGE

    def _slices_first(self) -> None:
        """While another process works on a relaxation that takes long: something quick."""
        for _ in range(SLICES_FIRST):
            if self.done():
                break
            self._step_slices()

    def _step_slices(self) -> None:
        better = self._slices.step(self._roster, self._cost, self._desk.left())
        if better is not None and better[1] < self._cost:
            self._accept(better[0], better[1], "improvement")

    # --- columns --------------------------------------------------------------------------

    def over(self) -> bool:
        return self._desk.over()

    @property
    def roster(self) -> Roster:
        return self._roster

    @property
    def cost(self) -> int:
        return self._cost

    def on_bound(self, bound: float) -> None:
        if not np.isfinite(bound):
            return
        whole = int(np.ceil(bound - 1e-6))
        if whole > self._bound:
            self._bound = whole
            self._desk.bounded(whole, "relaxation")

    def _by_columns(self) -> None:
        moves = {"slices": Move(self._step_slices, 1.0), "whole": Move(self._whole, 3.0)}
        Columns(self._paths, self, self._seed).run(moves)

    def leave_out(self, useful: Bools, off: Bools) -> None:
        self._useful = useful, off

    def _whole(self) -> None:
        """All days at once as an integer program: it bounds as well; longer each time.

        Only where few enough options are of use.
        """
        space = self._program.space
        free = np.ones((space.mediators, space.days), dtype=bool)
        useful, off = self._useful or (np.ones(len(space.shift), dtype=bool), free)
        if useful.sum() > SMALL:
            return
        piece = self._program.slice(free, np.zeros(0, dtype=np.int64), useful)
        piece = demand_duty(piece, ~off)
        constant = space.base_cost + self._program.cover_elsewhere(piece)
        answer = solve_mip(
            piece,
            work=self._patience,
            seconds=self._desk.left(),
            seed=self._seed,
            ceiling=self._cost - constant,
            nodes=1 << 30,
        )
        self._patience *= 1 if answer.finished else 2
        missing = 0
        if answer.values is not None:
            chosen = piece.options[answer.values[: len(piece.options)] > 0.5]
            self.offer(chosen)
            short = self._program.short_of(piece, answer.values)
            points = np.arange(len(self._program.demand.points))
            missing = self._program.separate(np.ones(len(chosen)), chosen, short, 1e-3, points)
        if answer.finished and answer.values is None:
            self.on_bound(float(self._cost))
        elif np.isfinite(answer.bound):
            self.on_bound(min(float(self._cost), answer.bound + constant))
        if missing and not self.done():
            self._whole()

    def finish(self, fixed: Ints) -> bool:
        """Complete a dive's open days as a slice; whether it was looked at to its end."""
        roster = Roster.of(self._program, np.sort(fixed[fixed >= 0]))
        left = self._desk.left()
        better, finished = self._slices.improve(roster, self._cost, fixed == OPEN, 6e6, left)
        if better is not None:
            self.offer(better[0])
        return finished

    def offer(self, chosen: Ints) -> None:
        """Take a legal roster if it is better."""
        cost = self._program.cost(chosen)
        if cost < self._cost:
            self._accept(chosen, cost, "improvement")
