"""Column generation over whole schedules: the bound, dives and integer programs over columns.

The duals that price the next schedules are smoothed towards those of the best bound so far
(Wentges 1997). A dive fixes the schedules the relaxation likes best and generates others for
who is left, as in Strandmark, Qu and Curtois (2020).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass

import highspy
import numpy as np

from solver.engine.horizon.master import Master
from solver.engine.horizon.mip import quiet
from solver.engine.horizon.pricing import SCALE, Column, Paths
from solver.engine.horizon.space import Bools, Floats, Ints

Duals = tuple[Floats, Floats, Floats]


def whole(duals: Duals) -> tuple[Ints, Ints, Ints]:
    """Duals as whole numbers of `1 / SCALE`."""
    first, second, third = (np.rint(one * SCALE).astype(np.int64) for one in duals)
    return first, second, third


def blend(centre: Duals, outer: Duals, weight: float) -> Duals:
    """`weight` of the centre's duals and the rest of the outer ones'."""
    parts = [weight * a + (1 - weight) * b for a, b in zip(centre, outer, strict=True)]
    return parts[0], parts[1], parts[2]


@dataclass
class Sweep:
    """One run of column generation: the relaxation's value and what its bound lacks to it."""

    objective: float
    gap: float


OPEN, OFF = -2, -1
"""A day not fixed, and a day off, where otherwise an option stands."""
STEP = 0.05
"""Share of the days fixed in one step of a dive."""


class Generator:
    """Column generation, dives and restricted integer programs on one master."""

    def __init__(
        self,
        paths: Paths,
        seed: int,
        over: Callable[[], bool],
        on_bound: Callable[[float], None],
    ) -> None:
        self.paths = paths
        self.master = Master(paths, seed)
        self.bound = -np.inf
        self.root: Duals | None = None
        self._over = over
        self._on_bound = on_bound
        self._seed = seed
        self._random = random.Random(seed)
        self._column_days: list[Ints] = []
        self.held: dict[int, int] = {}

    def generate(
        self,
        free: Collection[int] | None,
        *,
        rounds: int,
        target: float,
        centre: Duals | None = None,
        smoothing: float = 0.8,
    ) -> Sweep:
        """Add columns until the relaxation's value is within `target` of its bound."""
        master = self.master
        objective = master.solve(primal=False)
        best_gap = np.inf
        duals = master.duals()
        for _ in range(rounds):
            if self._over():
                break
            point = duals if centre is None else blend(centre, duals, smoothing)
            priced = self.paths.price(*whole(point), free)
            if free is None:
                gap = objective - priced.bound
                if priced.bound > self.bound:
                    self.bound = priced.bound
                    self.root = point
                    self._on_bound(self.bound)
            else:
                gap = self._local_gap(free, objective, priced.bound, point)
            if gap < best_gap:
                best_gap = gap
                centre = point
            added = master.add_columns(priced.columns)
            if added:
                objective = master.solve()
                duals = master.duals()
            if best_gap <= target or (not added and smoothing <= 0):
                if not master.press():
                    break
                objective, best_gap = master.solve(), np.inf
                duals = master.duals()
                continue
            smoothing = smoothing if added else smoothing / 2 if smoothing > 0.1 else 0.0
        return Sweep(objective, best_gap)

    def _local_gap(
        self, free: Collection[int], objective: float, bound: float, point: Duals
    ) -> float:
        """Relaxation less its bound where `free` mediators are priced and others hold a column."""
        costs = self.paths.option_costs(*whole(point))
        base = self.paths.program.space.cost * SCALE
        held = 0.0
        for index in self.held.values():
            one = self.master.columns[index]
            held += one.cost + float((costs - base)[one.options].sum()) / SCALE
        return objective - (bound + held)

    # --- dives ----------------------------------------------------------------------------

    def dive(
        self, held: dict[int, int], ceiling: float, *, leave: int, rounds: int = 8
    ) -> Ints | None:
        """Fix days step by step until `leave` are open; None when it leads above `ceiling`.

        The answer is [mediators, days]: the option fixed, OFF or OPEN.

        `held` mediators keep their column throughout. What is fixed is a mediator's day (a
        shift, or off), less than a whole schedule: the relaxation keeps more room.
        """
        master, space = self.master, self.paths.program.space
        fixed = np.full((space.mediators, space.days), OPEN, dtype=np.int64)
        for m, index in held.items():
            fixed[m] = self._days_of(index)
        centre = self.root
        step = max(2, int(STEP * (fixed == OPEN).sum()))
        try:
            while True:
                self.held = dict(held)
                master.restrict(held, self._fitting(fixed))
                self._tell_paths(fixed)
                free = [m for m in range(space.mediators) if m not in held]
                sweep = self.generate(free, rounds=rounds, target=0.4, centre=centre, smoothing=0.5)
                if self._over() or np.ceil(sweep.objective - 1e-6) >= ceiling:
                    return None
                if master.idle.sum() > 1e-6:
                    return None
                centre = None
                if (fixed == OPEN).sum() <= leave or not self._fix_some(fixed, step):
                    return fixed
        finally:
            self._tell_paths(None)

    def _days_of(self, index: int) -> Ints:
        """Day -> option of a column, or OFF."""
        days = np.full(self.paths.program.space.days, OFF, dtype=np.int64)
        options = self.master.columns[index].options
        days[self.paths.program.space.day[options]] = options
        return days

    def _table(self) -> Ints:
        """[columns, days] the options of all columns."""
        while len(self._column_days) < len(self.master.columns):
            self._column_days.append(self._days_of(len(self._column_days)))
        return np.array(self._column_days)

    def _fitting(self, fixed: Ints) -> Bools:
        """Which columns agree with what is fixed."""
        wanted = fixed[self.master.owner]
        return np.asarray(((wanted == OPEN) | (wanted == self._table())).all(axis=1))

    def _tell_paths(self, fixed: Ints | None) -> None:
        space = self.paths.program.space
        if fixed is None:
            self.paths.limit(None, None)
            return
        wanted = fixed.ravel()[space.cell]
        allowed = (wanted == OPEN) | (wanted == np.arange(len(space.shift)))
        self.paths.limit(allowed, fixed >= 0)

    def _shares(self) -> tuple[Floats, Ints]:
        """[mediators, days] the largest share of a choice, and which choice that is."""
        space = self.paths.program.space
        used = np.flatnonzero(self.master.values > 1e-9)
        values = self.master.values[used]
        table, owner = self._table()[used], self.master.owner[used]
        share = np.zeros(len(space.shift))
        off = np.zeros((space.mediators, space.days))
        for value, m, days in zip(values, owner, table, strict=True):
            share[days[days >= 0]] += value
            off[m, days == OFF] += value
        best, choice = off.ravel().copy(), np.full(off.size, OFF, dtype=np.int64)
        order = np.argsort(share, kind="stable")
        top_share, top_choice = np.zeros(off.size), np.full(off.size, OFF, dtype=np.int64)
        top_share[space.cell[order]] = share[order]
        top_choice[space.cell[order]] = order
        on = top_share > best
        best[on], choice[on] = top_share[on], top_choice[on]
        return best.reshape(off.shape), choice.reshape(off.shape)

    def _fix_some(self, fixed: Ints, step: int) -> bool:
        """Fix the days whose choice is clearest; False when none is left in doubt."""
        share, choice = self._shares()
        open_days = fixed == OPEN
        doubtful = open_days & (share < 0.999)
        if not doubtful.any():
            fixed[open_days] = choice[open_days]
            return False
        noise = np.array([self._random.random() for _ in range(share.size)]).reshape(share.shape)
        rank = np.where(open_days, share + 0.02 * noise, -1.0).ravel()
        order = np.argsort(-rank, kind="stable")
        sure = order[(share.ravel()[order] >= 0.99) & (rank[order] >= 0)]
        rest = order[(share.ravel()[order] < 0.99) & (rank[order] >= 0)]
        # The sure ones cost nothing, but what they shut out may yet be wanted: not all at once.
        doubt = 0 if len(sure) > 4 * step else max(1, int(STEP * len(rest)))
        taken = np.concatenate([sure[: 4 * step], rest[:doubt]])
        fixed.ravel()[taken] = choice.ravel()[taken]
        return True

    # --- integer programs over columns ----------------------------------------------------

    def integer(
        self, held: dict[int, int], ceiling: float, seconds: float, most: int = 4000
    ) -> tuple[list[int] | None, bool]:
        """The best combination of known columns below `ceiling`, and whether it was looked for
        to the end; the cheapest columns by reduced cost are offered first."""
        master = self.master
        master.restrict(held)
        objective = master.solve(primal=False)
        reduced = master.reduced_costs()
        owner = master.owner
        open_columns = ~np.isin(owner, list(held)) & (reduced < ceiling - objective + 1e-6)
        keep = np.flatnonzero(open_columns)
        keep = keep[np.argsort(reduced[keep], kind="stable")[:most]]
        keep = np.concatenate([keep, np.array(list(held.values()), dtype=np.int64)])
        solver = quiet(self._seed)
        solver.setOptionValue("time_limit", max(0.1, seconds))
        solver.setOptionValue("mip_abs_gap", 0.999)
        solver.setOptionValue("mip_rel_gap", 0.0)
        base = self.paths.program.space.base_cost
        solver.setOptionValue("objective_bound", float(ceiling - base) - 1 + 1e-3)
        solver.setOptionValue("mip_max_nodes", 3000)
        solver.passModel(master.integer_program(keep))
        solver.run()
        finished = solver.getModelStatus() in (
            highspy.HighsModelStatus.kOptimal,
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kObjectiveBound,
        )
        if (
            solver.getInfo().primal_solution_status
            != highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            return None, finished
        values = np.array(solver.getSolution().col_value)[master.first_column :]
        picked = np.flatnonzero(values > 0.5)
        if len(picked) != self.paths.program.space.mediators:
            return None, finished
        return sorted(picked.tolist(), key=lambda index: int(owner[index])), finished

    def options_of(self, columns: list[int]) -> Ints:
        """The roster of one column a mediator, as options."""
        return np.sort(np.concatenate([self.master.columns[index].options for index in columns]))

    def columns_of(self, schedules: list[Ints]) -> list[int]:
        """A roster's schedules as columns of the master."""
        return [
            self.master.place_of(self.paths.column(m, options))
            for m, options in enumerate(schedules)
        ]

    def column(self, index: int) -> Column:
        return self.master.columns[index]
