"""The whole problem as a linear program with cover rows, and slices of it around a roster.

A slice frees some (mediator, day) cells and holds the rest as the roster has them: only rows
that touch a free column are kept, with the held part moved to their right-hand side. The pool
of cover rows grows as Hall inequalities are separated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from solver.engine.horizon.compact import INFINITE, Rules, build_rules
from solver.engine.horizon.demand import (
    CoverRow,
    Demand,
    build_demand,
    first_rows,
    mask_rows,
    violated_row,
)
from solver.engine.horizon.space import Bools, Floats, Ints, Space, build_space
from solver.problem import Assignment, Problem, WishKind


@dataclass(frozen=True)
class Slice:
    """A linear or mixed-integer program over the free columns of a `Program`."""

    matrix: sp.csr_array
    lower: Floats
    upper: Floats
    column_lower: Floats
    column_upper: Floats
    cost: Floats
    integer: Bools
    options: Ints
    """The options freed; they are the first columns."""
    start: Floats
    """The roster's own values of `options`."""
    pool_rows: Ints
    """The pool's rows kept, the last of `matrix` before the capacities."""
    first_pool_row: int
    lines: Ints
    """The lines whose shortfall columns are in the slice."""


class Program:
    """A problem's options, rules, demand, and the pool of cover rows."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.space: Space = build_space(problem)
        self.demand: Demand = build_demand(self.space)
        self._mediators = {one.id: m for m, one in enumerate(problem.mediators)}
        self._shifts = {one.id: s for s, one in enumerate(problem.shifts)}
        self.pool: list[CoverRow] = []
        self._known: set[tuple[int, tuple[int, ...]]] = set()
        self._mask = np.zeros((0, self.space.mediators), dtype=bool)
        self._at_point: list[list[int]] = [[] for _ in self.demand.points]
        self.add_rows(first_rows(self.demand))

    @cached_property
    def rules(self) -> Rules:
        """The rows, built when the first slice asks for them."""
        return build_rules(self.space)

    # --- the pool -----------------------------------------------------------------------

    def add_rows(self, rows: list[CoverRow]) -> int:
        """Add the rows not yet known; how many they were."""
        new = []
        for row in rows:
            if (row.point, row.lines) not in self._known:
                self._known.add((row.point, row.lines))
                self._at_point[row.point].append(len(self.pool))
                self.pool.append(row)
                new.append(row)
        if new:
            self._mask = np.vstack([self._mask, mask_rows(new, self.space.mediators)])
        return len(new)

    def index_of(self, roster: Iterable[Assignment]) -> list[int]:
        """The options of a roster's assignments; those that are none are left out."""
        found = []
        for one in roster:
            m, s = self._mediators.get(one.mediator), self._shifts.get(one.shift)
            if m is not None and s is not None and (m, s) in self.space.shift_key:
                found.append(self.space.shift_key[m, s])
        return found

    def rows_at(self, point: int) -> list[int]:
        """The pool's rows of a point."""
        return self._at_point[point]

    @property
    def mask(self) -> Bools:
        """[pool rows, mediators] who counts for each row."""
        return self._mask

    def separate(
        self, values: Floats, options: Ints, short: Floats, tolerance: float, points: Ints
    ) -> int:
        """Add the most violated Hall row of each of `points`; how many were new.

        `values` are those of `options`, `short` every line's shortfall.
        """
        serving = self.serving(values, options)
        rows = []
        for point in points.tolist():
            lines = self.demand.exclusive[point]
            if len(lines) > 1:
                row = violated_row(
                    self.demand, point, serving[point], short[list(lines)], tolerance
                )
                if row is not None:
                    rows.append(row)
        return self.add_rows(rows)

    def serving(self, values: Floats, options: Ints) -> Floats:
        """[points, mediators] how much of each serves where."""
        used = np.flatnonzero(values > 1e-9)
        part = self.demand.serves[options[used]]
        counts = np.diff(part.indptr)
        out = np.zeros((len(self.demand.points), self.space.mediators))
        who = np.repeat(self.space.mediator[options[used]], counts)
        np.add.at(out, (part.indices, who), np.repeat(values[used], counts))
        return out

    # --- slices -------------------------------------------------------------------------

    def slice(self, free: Bools, chosen: Ints, allowed: Bools | None = None) -> Slice:
        """Free the cells of `free` [mediators, days] around the roster `chosen` (options).

        `allowed` restricts the options offered; the roster's own always are.
        """
        space, rules = self.space, self.rules
        held = np.zeros(rules.matrix.shape[1])
        held[chosen] = 1.0
        on = rules.options + space.cell[chosen]
        held[on] = 1.0
        busy = np.flatnonzero(space.busy_day.ravel())
        held[rules.options + busy] = 1.0
        offered = free.ravel()[space.cell]
        if allowed is not None:
            mine = np.zeros(rules.options, dtype=bool)
            mine[chosen] = True
            offered &= allowed | mine
        options = np.flatnonzero(offered)
        cells = np.flatnonzero(free.ravel())
        involved = np.asarray(free.any(axis=1))
        first_extra = rules.options + space.mediators * space.days
        extra = first_extra + np.flatnonzero(involved[rules.owner[first_extra:]])
        columns = np.concatenate([options, rules.options + cells, extra])
        start = held[options]
        held[columns] = 0.0
        body, lower, upper = _restrict(rules, columns, held)
        cover, cover_lower, cover_upper, rows, lines = self._cover(options, held)
        shorts = self.short_columns(lines)
        width = len(columns)
        matrix = sp.block_array(
            [
                [body, sp.csr_array((body.shape[0], shorts[0].shape[1]))],
                [
                    sp.hstack([cover, sp.csr_array((cover.shape[0], width - len(options)))]),
                    sp.vstack(
                        [
                            self.short_block(rows, lines),
                            sp.csr_array((cover.shape[0] - len(rows), shorts[0].shape[1])),
                        ]
                    ),
                ],
            ],
            format="csr",
        )
        count = shorts[0].shape[1]
        return Slice(
            matrix=sp.csr_array(matrix),
            lower=np.concatenate([lower, cover_lower]),
            upper=np.concatenate([upper, cover_upper]),
            column_lower=np.concatenate([rules.column_lower[columns], np.zeros(count)]),
            column_upper=np.concatenate([rules.column_upper[columns], shorts[1]]),
            cost=np.concatenate([rules.cost[columns], shorts[2]]),
            integer=np.concatenate([rules.integer[columns], np.zeros(count, dtype=bool)]),
            options=options,
            start=start,
            pool_rows=rows,
            first_pool_row=body.shape[0],
            lines=lines,
        )

    def cover_elsewhere(self, piece: Slice) -> int:
        """What the points that no option of the slice serves cost, with nobody there."""
        reached = np.zeros(len(self.demand.points), dtype=bool)
        reached[self.demand.serves[piece.options].indices] = True
        return sum(self.demand.point_cost(p, 0) for p in np.flatnonzero(~reached).tolist())

    def short_of(self, piece: Slice, values: Floats) -> Floats:
        """Every line's shortfall in a solution of the slice (0 outside it)."""
        block, _, _ = self.short_columns(piece.lines)
        short = np.zeros(len(self.demand.lines))
        short[piece.lines] = block.maximum(0) @ values[len(values) - block.shape[1] :]
        return short

    def _cover(
        self, options: Ints, held: Floats
    ) -> tuple[sp.csr_array, Floats, Floats, Ints, Ints]:
        """Rows of the pool and capacities at the points the free options serve."""
        demand, space = self.demand, self.space
        serves = demand.serves[options]
        points = np.unique(serves.indices)
        rows = np.array([r for p in points for r in self._at_point[p]], dtype=np.int64)
        tight = [int(p) for p in points if demand.capacity[p] <= space.mediators]
        at_row = np.concatenate(
            [
                np.array([self.pool[r].point for r in rows], dtype=np.int64),
                np.array(tight, dtype=np.int64),
            ]
        )
        mask = np.vstack([self._mask[rows], np.ones((len(tight), space.mediators), dtype=bool)])
        matrix = _spread(serves, at_row, mask, space.mediator[options], len(demand.points))
        chosen = np.flatnonzero(held[: len(space.shift)] > 0.5)
        standing = self.serving(np.ones(len(chosen)), chosen)
        present = (standing[at_row] * mask).sum(axis=1)
        need = np.array([self.pool[r].count for r in rows], dtype=float)
        lower = np.concatenate([need, np.zeros(len(tight))]) - present
        upper = np.full(len(at_row), INFINITE)
        for index, r in enumerate(rows):
            line = demand.lines[self.pool[r].lines[0]]
            if not line.requirement.exclusive and line.requirement.excess_cost:
                upper[index] = lower[index]
        if tight:
            upper[len(rows) :] = demand.capacity[tight] - present[len(rows) :]
            lower[len(rows) :] = -INFINITE
        lines = sorted({line for r in rows for line in self.pool[r].lines})
        return matrix, lower, upper, rows, np.array(lines, dtype=np.int64)

    def short_columns(self, lines: Ints) -> tuple[sp.csr_array, Floats, Floats]:
        """[lines, columns] +1 for the tiers of a shortfall and -1 for excess; bounds; costs."""
        row, value, upper, cost = [], [], [], []
        for index, number in enumerate(lines.tolist()):
            line = self.demand.lines[number]
            for units, price in line.tiers:
                row.append(index)
                value.append(1.0)
                upper.append(float(units))
                cost.append(float(price))
            if line.requirement.excess_cost and not line.requirement.exclusive:
                row.append(index)
                value.append(-1.0)
                upper.append(float(self.space.mediators))
                cost.append(float(line.requirement.excess_cost))
        block = sp.csr_array((value, (row, range(len(row)))), shape=(len(lines), len(row)))
        return block, np.array(upper), np.array(cost)

    def short_block(self, rows: Ints, lines: Ints) -> sp.csr_array:
        """[rows of the pool, shortfall columns of `lines`]."""
        block, _, _ = self.short_columns(lines)
        place = {number: index for index, number in enumerate(lines.tolist())}
        at = [(i, place[n]) for i, r in enumerate(rows) for n in self.pool[r].lines]
        pick = sp.csr_array(
            (np.ones(len(at)), ([a for a, _ in at], [b for _, b in at])),
            shape=(len(rows), len(lines)),
        )
        return sp.csr_array(pick @ block)

    def cost(self, chosen: Ints) -> int:
        """The exact cost of a legal roster."""
        return self.own_cost(chosen) + self.demand.cost(chosen)

    def own_cost(self, chosen: Ints) -> int:
        """Everything but cover: options, hours, unsocial shifts, wishes over several days."""
        owner = self.space.mediator[chosen]
        return self.space.base_cost + sum(
            self.own_cost_of(m, chosen[owner == m]) for m in range(self.space.mediators)
        )

    def own_cost_of(self, m: int, options: Ints) -> int:
        """One mediator's share, without what facts alone cost."""
        space, problem = self.space, self.problem
        mediator = problem.mediators[m]
        total = int(space.cost[options].sum())
        if mediator.unsocial.cost:
            flagged = sum(problem.shifts[s].unsocial for s in space.shift[options].tolist())
            total += mediator.unsocial.cost * max(0, flagged - mediator.unsocial.free)
        if problem.costs.under_slot:
            amount = space.busy_amount[m].copy()
            amount[space.day[options]] += space.amount[options]
            for week, limits in zip(problem.weeks, mediator.weeks, strict=True):
                short = limits.min_slots - int(amount[list(week)].sum())
                total += problem.costs.under_slot * max(0, short)
        for wish in space.long_wishes:
            if wish.mediator == m and np.isin(options, wish.options).any():
                total += wish.cost if wish.kind is WishKind.OFF else -wish.cost
        return total


def _restrict(rules: Rules, columns: Ints, held: Floats) -> tuple[sp.csr_array, Floats, Floats]:
    part = sp.csr_array(rules.matrix[:, columns])
    kept = np.flatnonzero(np.diff(part.indptr))
    body = sp.csr_array(part[kept])
    moved = (rules.matrix @ held)[kept]
    return body, rules.lower[kept] - moved, rules.upper[kept] - moved


def _spread(
    serves: sp.csr_array, at_row: Ints, mask: Bools, owner: Ints, points: int
) -> sp.csr_array:
    """[rows, options] 1 where the option serves at the row's point and its mediator counts."""
    order = np.argsort(at_row, kind="stable")
    pointer = np.searchsorted(at_row[order], np.arange(points + 1))
    option = np.repeat(np.arange(serves.shape[0]), np.diff(serves.indptr))
    point = serves.indices
    repeats = (pointer[1:] - pointer[:-1])[point]
    column = np.repeat(option, repeats)
    base = np.repeat(np.cumsum(repeats) - repeats, repeats)
    row = order[np.repeat(pointer[point], repeats) + np.arange(len(column)) - base]
    keep = mask[row, owner[column]]
    return sp.csr_array(
        (np.ones(int(keep.sum())), (row[keep], column[keep])), shape=(len(at_row), len(owner))
    )


def demand_duty(piece: Slice, duty: Bools) -> Slice:
    """A slice of all cells with duty demanded on these [mediators, days]."""
    places = len(piece.options) + np.flatnonzero(duty.ravel())
    lower = piece.column_lower.copy()
    lower[places] = 1.0
    return replace(piece, column_lower=lower)
