"""Dantzig-Wolfe master program: one column is one mediator's schedule of the whole horizon.

Rows: the pool's cover rows, capacities, the limits on kinds that no path counts, and one
convexity row a mediator.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
import scipy.sparse as sp

from solver.engine.horizon.mip import FEASIBLE, bounded, quiet
from solver.engine.horizon.pricing import Column, Paths
from solver.engine.horizon.space import Bools, Floats, Ints

PENALTY = 1e6
"""Cost of leaving a mediator without a schedule, in the master only."""


class Master:
    """The restricted master program, kept warm in HiGHS."""

    def __init__(self, paths: Paths, seed: int) -> None:
        self.paths = paths
        self.program = paths.program
        program = self.program
        self.columns: list[Column] = []
        self._known: dict[tuple[int, bytes], int] = {}
        self.tight = np.flatnonzero(program.demand.capacity <= program.space.mediators)
        self._solver = quiet(seed)
        self._rows = 0
        self._build()

    def _build(self) -> None:
        program, space = self.program, self.program.space
        lines = np.arange(len(program.demand.lines))
        block, upper, cost = program.short_columns(lines)
        self.shorts = len(cost)
        self._block = sp.csc_array(block)
        solver = self._solver
        inf = highspy.kHighsInf
        for index in range(self.shorts):
            solver.addVar(0.0, float(upper[index]))
            solver.changeColCost(index, float(cost[index]))
        for m in range(space.mediators):
            solver.addVar(0.0, 1.0)
            solver.changeColCost(self.shorts + m, PENALTY)
        limits = len(self.tight) + len(self.paths.kind_rows)
        dearest = self._dearest()
        for index in range(limits):
            solver.addVar(0.0, inf)
            solver.changeColCost(self.shorts + space.mediators + index, dearest)
        for m in range(space.mediators):
            solver.addRow(1.0, 1.0, 1, np.array([self.shorts + m]), np.array([1.0]))
        mosts = [float(program.demand.capacity[point]) for point in self.tight]
        mosts += [float(most) for _, _, most in self.paths.kind_rows]
        for index, most in enumerate(mosts):
            column = self.shorts + space.mediators + index
            solver.addRow(-inf, most, 1, np.array([column]), np.array([-1.0]))
        self.fixed_rows = space.mediators + limits
        self.first_column = self.shorts + space.mediators + limits
        self.add_pool_rows()

    def _dearest(self) -> float:
        """More than a shift can be worth: what passing a limit costs at first.

        Limits that nobody presses on yet would otherwise have duals without measure.
        """
        program = self.program
        dear = np.zeros(len(program.demand.points))
        for line in program.demand.lines:
            need = line.requirement
            dear[line.point] += max(need.cost, need.minimum_cost, need.excess_cost)
        worth = program.demand.serves @ dear + np.abs(program.space.cost)
        return 2.0 * float(worth.max(initial=1.0))

    def harden(self) -> None:
        """From now on a limit passed costs as much as a mediator without a schedule."""
        first = self.shorts + self.program.space.mediators
        for column in range(first, self.first_column):
            self._solver.changeColCost(column, PENALTY)

    def stuck(self) -> list[int]:
        """Mediators without a schedule in the last solution, or with one that passes a limit."""
        mediators = self.program.space.mediators
        found = np.flatnonzero(self.idle[:mediators] > 1e-6).tolist()
        kinds = self.idle[mediators + len(self.tight) :]
        found += [
            m
            for (m, _, _), passed in zip(self.paths.kind_rows, kinds, strict=True)
            if passed > 1e-6
        ]
        return sorted(set(found))

    def passes_limits(self) -> bool:
        """Whether the last solution passes limits of capacity or kinds."""
        return float(self.idle[self.program.space.mediators :].sum()) > 1e-6

    def add_pool_rows(self) -> None:
        """Take over the rows that were added to the program's pool."""
        program = self.program
        while self._rows < len(program.pool):
            row = program.pool[self._rows]
            line = program.demand.lines[row.lines[0]]
            exact = not line.requirement.exclusive and line.requirement.excess_cost > 0
            weights: dict[int, float] = {}
            for number in row.lines:
                start, end = self._line_columns(number)
                for column in range(start, end):
                    weights[column] = float(self._short_value[column])
            for index, one in enumerate(self.columns):
                if program.mask[self._rows, one.mediator] and self._serves(one, row.point):
                    weights[self.first_column + index] = 1.0
            upper = float(row.count) if exact else highspy.kHighsInf
            keys = np.array(list(weights), dtype=np.int32)
            self._solver.addRow(
                float(row.count), upper, len(keys), keys, np.array(list(weights.values()))
            )
            self._rows += 1

    def _line_columns(self, number: int) -> tuple[int, int]:
        if not hasattr(self, "_line_start"):
            owner = self._block.indices
            self._short_value = self._block.data
            self._line_start = np.searchsorted(owner, np.arange(len(self.program.demand.lines) + 1))
        return int(self._line_start[number]), int(self._line_start[number + 1])

    def _serves(self, column: Column, point: int) -> bool:
        part = self.program.demand.serves[column.options]
        return bool((part.indices == point).any())

    def add_columns(self, columns: Sequence[Column]) -> int:
        """Add the schedules not yet known; how many they were."""
        program, space = self.program, self.program.space
        fresh: list[Column] = []
        for one in columns:
            key = one.mediator, one.options.tobytes()
            if key not in self._known:
                self._known[key] = len(self.columns) + len(fresh)
                fresh.append(one)
        starts: list[int] = []
        index: list[int] = []
        value: list[float] = []
        tight_place = {int(p): space.mediators + i for i, p in enumerate(self.tight)}
        first_kind = space.mediators + len(self.tight)
        for one in fresh:
            starts.append(len(index))
            entries: dict[int, float] = {one.mediator: 1.0}
            serves = program.demand.serves
            for x in one.options.tolist():
                for point in serves.indices[serves.indptr[x] : serves.indptr[x + 1]].tolist():
                    if point in tight_place:
                        entries[tight_place[point]] = 1.0
                    for row in program.rows_at(point):
                        if row < self._rows and program.mask[row, one.mediator]:
                            entries[self.fixed_rows + row] = 1.0
            for k, (m, _, _) in enumerate(self.paths.kind_rows):
                if m == one.mediator:
                    count = int(np.isin(one.options, self.paths.kind_options[k]).sum())
                    if count:
                        entries[first_kind + k] = float(count)
            index.extend(entries)
            value.extend(entries.values())
        if fresh:
            count = len(fresh)
            self._solver.addCols(
                count,
                np.array([float(one.cost) for one in fresh]),
                np.zeros(count),
                np.full(count, highspy.kHighsInf),
                len(index),
                np.array(starts, dtype=np.int32),
                np.array(index, dtype=np.int32),
                np.array(value),
            )
            self.columns.extend(fresh)
        return len(fresh)

    def solve(self, primal: bool = True) -> float:
        """Objective of the restricted relaxation, base cost included.

        `primal` chooses the simplex method: primal after columns were added, dual after
        bounds or rows changed.
        """
        self._solver.setOptionValue("simplex_strategy", 4 if primal else 1)
        self._solver.run()
        answer = self._solver.getSolution()
        values = np.array(answer.col_value)
        # Mediators without a schedule, then limits passed: a roster has neither.
        self.idle = values[self.shorts : self.first_column]
        self.values: Floats = values[self.first_column :]
        self._duals = np.array(answer.row_dual)
        self._reduced: Floats = np.array(answer.col_dual)[self.first_column :]
        objective = float(self._solver.getInfo().objective_function_value)
        return objective + self.program.space.base_cost

    def duals(self) -> tuple[Floats, Floats, Floats]:
        """Of the pool's rows, of the points' capacities, of the kinds' limits."""
        mediators = self.program.space.mediators
        capacity = np.zeros(len(self.program.demand.points))
        capacity[self.tight] = self._duals[mediators : mediators + len(self.tight)]
        kinds = self._duals[mediators + len(self.tight) : self.fixed_rows]
        return self._duals[self.fixed_rows :], capacity, kinds

    def restrict(self, held: dict[int, int], fitting: Bools | None = None) -> None:
        """Hold one column for each mediator of `held`, and free all others' columns.

        Of those only the `fitting` ones, when given.
        """
        count = len(self.columns)
        lower, upper = np.zeros(count), np.full(count, highspy.kHighsInf)
        upper[np.isin(self.owner, list(held))] = 0.0
        if fitting is not None:
            upper[~fitting] = 0.0
        chosen = list(held.values())
        lower[chosen] = upper[chosen] = 1.0
        places = np.arange(self.first_column, self.first_column + count, dtype=np.int32)
        self._solver.changeColsBounds(count, places, lower, upper)

    @property
    def owner(self) -> Ints:
        """Column -> mediator."""
        return np.array([one.mediator for one in self.columns], dtype=np.int64)

    def place_of(self, column: Column) -> int:
        """Where a schedule is among the columns; it is added if it is not."""
        self.add_columns([column])
        return self._known[column.mediator, column.options.tobytes()]

    def keep(self, kept: Bools) -> None:
        """Forget all other columns."""
        gone = self.first_column + np.flatnonzero(~kept)
        self._solver.deleteCols(len(gone), gone.astype(np.int32))
        self.columns = [one for one, yes in zip(self.columns, kept, strict=True) if yes]
        self._known = {
            (one.mediator, one.options.tobytes()): place for place, one in enumerate(self.columns)
        }

    def reduced_costs(self) -> Floats:
        """Of the columns, in the last solution."""
        return self._reduced

    def whole_columns(self, keep: Ints, ceiling: float, effort: float, seed: int) -> Ints | None:
        """The best combination of the columns `keep`, one a mediator, that costs below `ceiling`.

        `effort` as `mip.solve_mip` has it; None where none is found.
        """
        model = self._solver.getLp()
        upper, lower = np.array(model.col_upper_), np.array(model.col_lower_)
        dropped = np.ones(len(self.columns), dtype=bool)
        dropped[keep] = False
        upper[self.first_column :][dropped] = 0.0
        upper[self.shorts : self.first_column] = 0.0
        model.col_upper_, model.col_lower_ = upper, np.minimum(lower, upper)
        kinds = [highspy.HighsVarType.kContinuous] * self.first_column
        model.integrality_ = kinds + [highspy.HighsVarType.kInteger] * len(self.columns)
        solver = quiet(seed)
        size = sum(len(self.columns[index].options) for index in keep.tolist())
        bounded(solver, effort, size, ceiling - self.program.space.base_cost)
        solver.passModel(model)
        solver.run()
        if solver.getInfo().primal_solution_status != FEASIBLE:
            return None
        return np.flatnonzero(np.array(solver.getSolution().col_value)[self.first_column :] > 0.5)
