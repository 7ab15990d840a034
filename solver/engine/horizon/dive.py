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

from solver.engine.horizon.master import SCALE, Column, Master, Paths
from solver.engine.horizon.mip import quiet
from solver.engine.horizon.space import Floats, Ints

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
                break
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
        self, held: dict[int, int], ceiling: float, *, rounds: int, rough: float
    ) -> list[int] | None:
        """Fix columns until every mediator holds one; None when it leads above `ceiling`.

        `held` are fixed from the start. `rough` is how far above the best a mediator's own
        value may lie for its column to be taken in the same step.
        """
        master, everyone = self.master, self.paths.program.space.mediators
        self.held = dict(held)
        centre = self.root
        while len(self.held) < everyone:
            master.restrict(self.held)
            free = [m for m in range(everyone) if m not in self.held]
            enough = max(rounds, min(60, 200 // len(free)))
            sweep = self.generate(free, rounds=enough, target=0.4, centre=centre, smoothing=0.5)
            if self._over() or np.ceil(sweep.objective - 1e-6) >= ceiling:
                return None
            centre = None
            self._fix_some(free, rough)
        master.restrict(self.held)
        master.solve(primal=False)
        if master.idle.sum() > 1e-6:
            return None
        return [self.held[m] for m in range(everyone)]

    def _fix_some(self, free: list[int], rough: float) -> None:
        """Take every column at one, and the best of the rest."""
        values, owner = self.master.values, self.master.owner
        best: list[tuple[float, int, int]] = []
        for m in free:
            mine = np.flatnonzero(owner == m)
            if len(mine):
                top = int(mine[np.argmax(values[mine])])
                best.append((float(values[top]), m, top))
        ranked = sorted(best, key=lambda one: -one[0])
        sure = [one for one in ranked if one[0] > 0.999]
        unsure = [one for one in ranked if one[0] <= 0.999]
        take = sure
        if unsure:
            near = [one for one in unsure if one[0] >= unsure[0][0] - 0.02]
            take = [*sure, self._random.choice(near)]
            limit = max(1, len(free) // 12)
            take += [one for one in unsure[:limit] if one[0] >= rough and one not in take]
        for _, m, index in take:
            self.held[m] = index

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
