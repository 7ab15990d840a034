"""Large neighbourhoods: free some people's days, solve that slice as an integer program.

Accepted by the exact cost only; where Hall inequalities were missing they are added and the
slice is solved again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.engine.horizon.construct import Roster
from solver.engine.horizon.mip import solve_mip
from solver.engine.horizon.program import Program, Slice
from solver.engine.horizon.space import Bools, Ints

OPTIONS = 600.0
"""Options freed at first."""
WORK = 2e6
"""Most effort for one neighbourhood: a few seconds."""
EASY = 4000
"""Simplex iterations up to which a neighbourhood is solved with ease, and may grow fast."""
ROUNDS = 4
"""Most times a slice is solved again with the Hall rows it was found to lack."""


@dataclass
class Shape:
    """A way to choose what is freed, with its size tuned to what is solved in time."""

    name: str
    size: float
    largest: float
    tries: int = 0
    wins: int = 0

    def tune(self, finished: bool, won: bool, hurry: bool) -> None:
        self.tries += 1
        self.wins += won
        if finished and not won:
            self.size = min(self.largest, self.size * (1.1 if hurry else 1.4))
        elif not finished:
            self.size = max(1.0, self.size * 0.85)

    @property
    def weight(self) -> float:
        return (self.wins + 1) / (self.tries + 2) + 0.05


class Neighbourhoods:
    """Improves a roster slice by slice."""

    def __init__(self, program: Program, seed: int, over: Callable[[], bool]) -> None:
        self.program = program
        self._random = random.Random(seed)
        self._seed = seed
        self._over = over
        self._effort = 0
        space = program.space
        density = max(1.0, len(space.shift) / max(1, space.mediators * space.days))
        room = OPTIONS / density
        self.shapes = [
            Shape("window", max(1.0, room / space.mediators), float(space.days)),
            Shape("people", max(1.0, room / space.days), float(space.mediators)),
            Shape("block", max(2.0, room / 7), float(space.mediators)),
        ]

    def step(self, roster: Roster, cost: int, left: float) -> tuple[Ints, int] | None:
        """One neighbourhood of `roster`; a better roster and its cost, or None."""
        weights = [shape.weight for shape in self.shapes]
        shape = self._random.choices(self.shapes, weights)[0]
        free = self._free(shape)
        self._effort = 0
        better, finished = self.improve(roster, cost, free, WORK, left)
        shape.tune(finished, better is not None, self._effort > EASY)
        return better

    def _free(self, shape: Shape) -> Bools:
        space = self.program.space
        free = np.zeros((space.mediators, space.days), dtype=bool)
        size = max(1, round(shape.size))
        if shape.name == "window":
            first = self._random.randrange(-size // 2, space.days)
            free[:, max(0, first) : first + size] = True
            if not free.any():
                free[:, 0] = True
        elif shape.name == "people":
            who = self._random.sample(range(space.mediators), min(size, space.mediators))
            free[who] = True
        else:
            who = self._random.sample(range(space.mediators), min(size, space.mediators))
            days = min(7, space.days)
            first = self._random.randrange(0, space.days - days + 1)
            free[who, first : first + days] = True
        return free

    def improve(
        self,
        roster: Roster,
        cost: int,
        free: Bools,
        work: float,
        left: float,
    ) -> tuple[tuple[Ints, int] | None, bool]:
        """Solve one slice; what was better, and whether it was solved to its end.

        `work` as in `solve_mip`, `left` in seconds.
        """
        chosen = roster.chosen
        program = self.program
        best: tuple[Ints, int] | None = None
        finished = True
        for _ in range(ROUNDS):
            piece = program.slice(free, chosen)
            if not len(piece.options):
                return None, True
            constant = self._constant(roster, piece, free, chosen)
            answer = solve_mip(
                piece,
                work=work,
                seconds=left,
                seed=self._random.randrange(1 << 20),
                ceiling=cost - constant,
            )
            finished = answer.finished
            self._effort += answer.iterations
            if answer.values is None or self._over():
                break
            values = np.rint(answer.values[: len(piece.options)])
            picked = piece.options[values > 0.5]
            candidate = np.sort(np.concatenate([self._held(free, chosen), picked]))
            found = program.cost(candidate)
            if found < cost:
                best, cost = (candidate, found), found
            points = np.unique(program.demand.serves[piece.options].indices).astype(np.int64)
            if found <= constant + answer.objective + 0.5:
                break
            short = program.short_of(piece, answer.values)
            if not program.separate(np.ones(len(candidate)), candidate, short, 1e-3, points):
                break
        return best, finished

    def _held(self, free: Bools, chosen: Ints) -> Ints:
        return chosen[~free.ravel()[self.program.space.cell[chosen]]]

    def _constant(self, roster: Roster, piece: Slice, free: Bools, chosen: Ints) -> int:
        """What the slice's objective leaves out of the roster's cost."""
        program, space = self.program, self.program.space
        involved = np.asarray(free.any(axis=1))
        total = space.base_cost
        for m in range(space.mediators):
            options = roster.schedules[m]
            if not involved[m] and options is not None:
                total += program.own_cost_of(m, options)
        held = self._held(free, chosen)
        total += int(space.cost[held[involved[space.mediator[held]]]].sum())
        touched = np.zeros(len(program.demand.points), dtype=bool)
        touched[program.demand.serves[piece.options].indices] = True
        for point in np.flatnonzero(~touched).tolist():
            total += program.demand.point_cost(point, roster.people[point])
        return total
