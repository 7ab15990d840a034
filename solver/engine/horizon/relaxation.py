"""The linear relaxation over options, kept warm: Hall rows as they are found, a bound, a dive.

Its duals price whole schedules (`Paths.price`), so the bound knows each mediator's rules in
whole numbers and is tighter than the relaxation itself. The dive fixes duty days, not shifts:
who works when is what the relaxation spreads, shapes follow easily.
"""

from __future__ import annotations

from collections.abc import Callable

import highspy
import numpy as np
import scipy.sparse as sp

from solver.engine.horizon.class_prices import FAR
from solver.engine.horizon.mip import highs_model, quiet
from solver.engine.horizon.pricing import SCALE, Paths
from solver.engine.horizon.program import Program, cover_matrix
from solver.engine.horizon.space import Floats, Ints

SURE = 0.97
SHARE = 0.1
"""Share of the undecided duty days fixed in a step of the dive."""


class Relaxation:
    """The relaxation of the whole problem in one warm HiGHS model."""

    def __init__(
        self,
        program: Program,
        paths: Paths,
        seed: int,
        over: Callable[[], bool],
        left: Callable[[], float],
    ) -> None:
        self._program = program
        self._paths = paths
        self._over = over
        self._left = left
        space = program.space
        free = np.ones((space.mediators, space.days), dtype=bool)
        piece = program.slice(free, np.zeros(0, dtype=np.int64))
        self._piece = piece
        self._rows: list[int] = piece.pool_rows.tolist()
        self._first = piece.first_pool_row
        self._tight = piece.matrix.shape[0] - piece.first_pool_row - len(piece.pool_rows)
        self._options = len(piece.options)
        self._cells = space.mediators * space.days
        self._solver = quiet(seed)
        self._solver.setOptionValue("solver", "ipm")
        self._solver.passModel(highs_model(piece, relaxed=True))

    def solve(self) -> float | None:
        """The relaxation's value without the Hall rows still missing; None if none is found."""
        solver = self._solver
        solver.setOptionValue("time_limit", solver.getRunTime() + max(0.1, self._left()))
        solver.run()
        # From here on the basis is warm: the dual simplex method repairs it.
        solver.setOptionValue("solver", "simplex")
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        answer = solver.getSolution()
        self._values = np.array(answer.col_value)
        self._duals = np.array(answer.row_dual)
        return float(solver.getInfo().objective_function_value) + self._program.space.base_cost

    @property
    def on(self) -> Floats:
        """[cells] the share of each (mediator, day) on duty."""
        return self._values[self._options : self._options + self._cells]

    @property
    def shares(self) -> Floats:
        """The share of each option."""
        shares = np.zeros(len(self._program.space.shift))
        shares[self._piece.options] = self._values[: self._options]
        return shares

    def duals(self) -> tuple[Ints, Ints, Ints]:
        """Of the pool's rows, the capacities and the uncounted kinds, in `1 / SCALE`."""
        program = self._program
        pool = np.zeros(len(program.pool))
        duals = self._duals[self._first :]
        first = len(self._piece.pool_rows)
        kept = np.concatenate([duals[:first], duals[first + self._tight :]])
        pool[self._rows] = kept
        for index in self._rows:
            line = program.demand.lines[program.pool[index].lines[0]]
            if line.requirement.exclusive or not line.requirement.excess_cost:
                pool[index] = max(0.0, pool[index])
        capacity = np.zeros(len(program.demand.points))
        capacity[program.demand.tight] = np.minimum(0.0, duals[first : first + self._tight])
        return (
            np.rint(pool * SCALE).astype(np.int64),
            np.rint(capacity * SCALE).astype(np.int64),
            np.zeros(len(self._paths.kind_rows), dtype=np.int64),
        )

    def cut(self, tolerance: float = 0.05) -> int:
        """Add the Hall rows the last solution breaks most; how many."""
        program = self._program
        before = len(program.pool)
        shares = self.shares
        short = program.short_of(self._piece, self._values)
        options = np.flatnonzero(shares > 1e-9)
        points = np.arange(len(program.demand.points))
        program.separate(shares[options], options, short, tolerance, points)
        self._append(list(range(before, len(program.pool))))
        return len(program.pool) - before

    def _append(self, rows: list[int]) -> None:
        if not rows:
            return
        program, piece = self._program, self._piece
        numbers = np.array(rows, dtype=np.int64)
        left = cover_matrix(program, piece.options, numbers)
        block = program.short_block(numbers, piece.lines)
        width = len(piece.cost)
        middle = sp.csr_array((len(rows), width - left.shape[1] - block.shape[1]))
        matrix = sp.csr_array(sp.hstack([left, middle, block]))
        count = np.array([program.pool[r].count for r in rows], dtype=float)
        self._solver.addRows(
            len(rows),
            count,
            np.full(len(rows), highspy.kHighsInf),
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )
        self._rows.extend(rows)

    def fix(self, cells: Ints, value: float) -> None:
        """Hold duty days at 0 or 1."""
        places = (self._options + cells).astype(np.int32)
        held = np.full(len(cells), value)
        self._solver.changeColsBounds(len(cells), places, held, held)

    def release(self, cells: Ints) -> None:
        places = (self._options + cells).astype(np.int32)
        self._solver.changeColsBounds(len(cells), places, np.zeros(len(cells)), np.ones(len(cells)))

    def dive(self, ceiling: float) -> list[Ints] | None:
        """Duty days fixed step by step, then each mediator's closest legal schedule."""
        undecided = np.ones(self._cells, dtype=bool)
        share = SHARE
        while True:
            on = self.on
            sure = np.flatnonzero(undecided & (on >= SURE))
            never = np.flatnonzero(undecided & (on <= 1e-6))
            rest = np.flatnonzero(undecided & (on < SURE) & (on > 1e-6))
            if not len(rest):
                break
            top = rest[np.argsort(-on[rest], kind="stable")[: max(1, int(share * len(rest)))]]
            self.fix(sure, 1.0)
            self.fix(never, 0.0)
            self.fix(top, 1.0)
            value = self.solve()
            if self._over():
                return None
            if value is None:
                # Too many at once: fewer, in the end one, and that one off.
                self.release(np.concatenate([sure, never, top]))
                share /= 3
                if len(top) == 1:
                    self.fix(top, 0.0)
                    undecided[top] = False
                if self.solve() is None:
                    break
                continue
            share = SHARE
            undecided[sure] = undecided[never] = undecided[top] = False
            if value >= ceiling:
                break
            if self.cut() and (self.solve() is None or self._over()):
                break
        return None if self._over() else self.rounded()

    def rounded(self) -> list[Ints] | None:
        """For each mediator the legal schedule that agrees most with the last solution."""
        space = self._program.space
        shares, on = self.shares, self.on
        agree = 200.0 * (on[space.cell] - 0.5) + 50.0 * shares
        cost = -np.rint(agree).astype(np.int64)
        schedules = []
        for m in range(space.mediators):
            options = self._paths.best(m, np.minimum(cost, FAR // 2000))
            if options is None or not self._paths.legal(m, options):
                return None
            schedules.append(options)
        return schedules


def lift(
    paths: Paths,
    duals: tuple[Ints, Ints, Ints],
    cost: int,
    over: Callable[[], bool],
    rounds: int = 300,
) -> float:
    """Raise the Lagrangian bound from `duals` by subgradient steps towards `cost` (Polyak 1969).

    The subgradient of a cover row is what its cheapest schedules and shortfalls leave unmet.
    """
    program = paths.program
    pool, capacity, kinds = duals
    size = len(pool)
    counts = np.array([row.count for row in program.pool[:size]], dtype=float)
    free = np.array(
        [
            not program.demand.lines[row.lines[0]].requirement.exclusive
            and program.demand.lines[row.lines[0]].requirement.excess_cost > 0
            for row in program.pool[:size]
        ]
    )
    best, centre, scale, stale = -np.inf, pool, 0.3, 0
    for _ in range(rounds):
        if over():
            break
        priced = paths.price(pool, capacity, kinds)
        if priced.bound > best + 1e-3:
            best, centre, stale = priced.bound, pool, 0
        else:
            stale += 1
        if stale >= 8:
            scale, stale, pool = scale / 2, 0, centre
            if scale < 0.01:
                break
        served = np.zeros(size)
        for one in priced.columns:
            for row in program.rows_served(one.mediator, one.options):
                if row < size:
                    served[row] += 1
        short = paths.shortfalls(pool)
        slack = counts - served - short
        slack[(pool <= 0) & (slack < 0) & ~free] = 0.0
        norm = float(slack @ slack)
        if norm == 0:
            break
        step = scale * max(1.0, cost - priced.bound) / norm
        moved = pool + np.rint(step * slack * SCALE).astype(np.int64)
        pool = np.where(free, moved, np.maximum(0, moved))
    return float(best)
