"""Column generation over whole schedules: the bound, and dives.

The duals that price the next schedules are smoothed towards those of the best bound so far
(Wentges 1997). A dive fixes the schedules the relaxation likes best and generates others for
who is left, as in Strandmark, Qu and Curtois (2020).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from solver.engine.horizon.master import Master
from solver.engine.horizon.pricing import SCALE, Paths
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
MOST_COMBINED = 4000
"""Most columns offered to an integer program."""
PILE = 120
"""Columns a mediator, on average, from which on they are trimmed to a third."""


class Generator:
    """Column generation and dives on one master."""

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
        space = paths.program.space
        self.useful: Bools = np.ones(len(space.shift), dtype=bool)
        """Options that dives may take."""
        self.useful_off: Bools = np.ones((space.mediators, space.days), dtype=bool)
        self.rounds = 0
        """How often schedules were priced, as a measure of effort."""

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
            self.rounds += 1
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

    def dive(self, start: Ints, ceiling: float, *, leave: int = 0, rounds: int = 8) -> Ints | None:
        """Fix days step by step until `leave` are open; None when it leads above `ceiling`.

        `start` and the answer are [mediators, days]: the option fixed, OFF or OPEN. What is
        fixed is a mediator's day (a shift, or off), less than a whole schedule: the relaxation
        keeps more room.
        """
        master, mediators = self.master, self.paths.program.space.mediators
        fixed = start.copy()
        self.held = self._held(fixed)
        free = [m for m in range(mediators) if m not in self.held]
        whole_roster = bool((fixed == OPEN).all())
        step = max(2, int(STEP * (fixed == OPEN).sum()))
        centre, looking = self.root, True
        patience = mediators
        """How many schedules may be opened again because what was fixed left none."""
        try:
            while True:
                master.restrict(self.held, self._fitting(fixed))
                self._tell_paths(fixed)
                sweep = self.generate(
                    free,
                    rounds=2 * rounds if looking and not whole_roster else rounds,
                    target=0.4,
                    centre=centre,
                    smoothing=0.5,
                )
                if self._over():
                    return None
                stuck = [] if looking else master.stuck()
                if stuck:
                    patience -= len(stuck)
                    if patience < 0:
                        return None
                    fixed[stuck] = start[stuck]
                    continue
                least = sweep.objective - sweep.gap if looking else sweep.objective
                if np.ceil(least - 1e-6) >= ceiling:
                    return None
                centre, looking = None, False
                if (fixed == OPEN).sum() <= leave or not self._fix_some(fixed, step):
                    return fixed if master.idle.sum() <= 1e-6 else None
        finally:
            self._tell_paths(None)

    def _held(self, fixed: Ints) -> dict[int, int]:
        """Mediators without an open day, and their column."""
        shut = np.flatnonzero((fixed != OPEN).all(axis=1)).tolist()
        rows = {m: fixed[m][fixed[m] >= 0] for m in shut}
        return {
            m: self.master.place_of(self.paths.column(m, options)) for m, options in rows.items()
        }

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
        """Which columns agree with what is fixed, and are of use elsewhere."""
        wanted, table = fixed[self.master.owner], self._table()
        useful = np.where(table >= 0, self.useful[table], self.useful_off[self.master.owner])
        agrees = np.where(wanted == OPEN, useful, wanted == table)
        return np.asarray(agrees.all(axis=1))

    def _tell_paths(self, fixed: Ints | None) -> None:
        space = self.paths.program.space
        if fixed is None:
            self.paths.limit(None, None)
            return
        wanted = fixed.ravel()[space.cell]
        allowed = ((wanted == OPEN) & self.useful) | (wanted == np.arange(len(space.shift)))
        self.paths.limit(allowed, (fixed >= 0) | ((fixed == OPEN) & ~self.useful_off))

    def shares(self) -> tuple[Floats, Floats]:
        """The share of each option in the last solution; [mediators, days] that of a day off."""
        space = self.paths.program.space
        used = np.flatnonzero(self.master.values > 1e-9)
        values = self.master.values[used]
        table, owner = self._table()[used], self.master.owner[used]
        share = np.zeros(len(space.shift))
        off = np.zeros((space.mediators, space.days))
        for value, m, days in zip(values, owner, table, strict=True):
            share[days[days >= 0]] += value
            off[m, days == OFF] += value
        return share, off

    def _clearest(self) -> tuple[Floats, Ints]:
        """[mediators, days] the largest share of a choice, and which choice that is."""
        space = self.paths.program.space
        share, off = self.shares()
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
        share, choice = self._clearest()
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

    # --- columns --------------------------------------------------------------------------

    def columns_of(self, schedules: list[Ints]) -> list[int]:
        """A roster's schedules as columns of the master."""
        return [
            self.master.place_of(self.paths.column(m, options))
            for m, options in enumerate(schedules)
        ]

    def combine(self, ceiling: float, effort: float) -> Ints | None:
        """The best roster below `ceiling` of the cheapest known columns: its options."""
        master = self.master
        master.restrict({}, self._fitting(np.full(self.useful_off.shape, OPEN, dtype=np.int64)))
        objective = master.solve(primal=False)
        reduced = master.reduced_costs()
        keep = np.flatnonzero(reduced < ceiling - objective)
        keep = keep[np.argsort(reduced[keep], kind="stable")[:MOST_COMBINED]]
        picked = master.whole_columns(keep, ceiling, effort, self._seed)
        if picked is None or len(picked) != self.paths.program.space.mediators:
            return None
        return np.sort(np.concatenate([master.columns[index].options for index in picked]))

    def trim(self, keep: Collection[int]) -> None:
        """When columns piled up: keep `keep` and the cheapest of each mediator at the root."""
        master, mediators = self.master, self.paths.program.space.mediators
        if self.root is None or len(master.columns) <= PILE * mediators:
            return
        costs = self.paths.option_costs(*whole(self.root))
        gain = (self.paths.program.space.cost * SCALE - costs) / SCALE
        reduced = np.array([one.cost - gain[one.options].sum() for one in master.columns])
        order = np.lexsort((reduced, master.owner))
        owner = master.owner[order]
        rank = np.arange(len(order)) - np.searchsorted(owner, owner)
        kept = np.zeros(len(order), dtype=bool)
        kept[order[rank < PILE // 3]] = True
        kept[list(keep)] = True
        master.keep(kept)
        self._column_days = [one for one, yes in zip(self._column_days, kept, strict=False) if yes]
