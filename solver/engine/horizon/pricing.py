"""Prices of options under duals, every mediator's cheapest schedule, and the Lagrangian bound.

Any duals give a valid lower bound of every roster's cost. It is computed in whole numbers:
duals are rounded to `1 / SCALE` first, so the sum carries no rounding doubt.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from solver.engine.horizon.class_prices import FAR
from solver.engine.horizon.crew import build_crews, uncounted_kinds
from solver.engine.horizon.paths import CrewPaths
from solver.engine.horizon.program import Program
from solver.engine.horizon.space import Bools, Ints
from solver.problem import WishKind

SCALE = 1000


@dataclass(frozen=True)
class Column:
    mediator: int
    options: Ints
    cost: int


@dataclass(frozen=True)
class Pricing:
    """What one round of paths found: a bound, and each mediator's best schedule."""

    bound: float
    """Valid for every roster when all mediators were priced."""
    columns: list[Column]
    reduced: dict[int, float]


class Paths:
    """All crews' paths, the limits they do not count, and costs as the paths see them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        space = program.space
        crews = build_crews(space)
        self.crews = [CrewPaths(space, crew) for crew in crews]
        self._allowed: Bools | None = None
        self.kind_rows = uncounted_kinds(space, crews)
        self._exact = {m: crew.exact for crew in crews for m in crew.members}
        self.exact = all(self._exact.values())
        self.cost = space.cost * SCALE
        for wish in space.long_wishes:
            # A bound from below that is a sum over options: see LongWish.
            if wish.kind is WishKind.ON:
                self.cost[wish.options] -= wish.cost * SCALE
            else:
                days = len(np.unique(space.day[wish.options]))
                self.cost[wish.options] += wish.cost * SCALE // max(1, days)
        for crew in crews:
            self.cost[crew.banned] = FAR
        shifts = program.problem.shifts
        kinds = [shifts[int(s)].kind for s in space.shift]
        self.kind_options = [
            np.array(
                [x for d in range(space.days) for x in space.options_of(m, d) if kinds[x] == kind],
                dtype=np.int64,
            )
            for m, kind, _ in self.kind_rows
        ]
        self._serving_mediator = np.repeat(space.mediator, np.diff(program.demand.serves.indptr))
        self._serving_option = np.repeat(
            np.arange(len(space.shift)), np.diff(program.demand.serves.indptr)
        )

    @property
    def states(self) -> int:
        """How many states all paths together have."""
        return sum(crew.states for crew in self.crews)

    def limit(self, allowed: Bools | None, duty: Bools | None) -> None:
        """From now on only `allowed` options, and a shift on the `duty` [mediators, days]."""
        self._allowed = allowed
        for crew in self.crews:
            crew.demand(duty)

    def option_costs(self, pool: Ints, capacity: Ints, kinds: Ints) -> Ints:
        """Every option's cost less the duals it earns, in `1 / SCALE`."""
        program, space = self.program, self.program.space
        at = np.array([row.point for row in program.pool[: len(pool)]], dtype=np.int64)
        used = np.flatnonzero(pool)
        earn = np.zeros((len(program.demand.points), space.mediators), dtype=np.int64)
        np.add.at(earn, at[used], pool[used, None] * program.mask[used])
        earn += capacity[:, None]
        gain = earn[program.demand.serves.indices, self._serving_mediator]
        total = np.bincount(self._serving_option, weights=gain, minlength=len(space.shift))
        cost = self.cost - np.rint(total).astype(np.int64)
        for options, dual in zip(self.kind_options, kinds.tolist(), strict=True):
            cost[options] -= dual
        if self._allowed is not None:
            cost = np.where(self._allowed, cost, FAR)
        return np.minimum(cost, FAR)

    def bound_constant(self, pool: Ints, capacity: Ints, kinds: Ints) -> int:
        """The part of the Lagrangian bound that no schedule changes, in `1 / SCALE`."""
        program = self.program
        demand = program.demand
        total = program.space.base_cost * SCALE
        counts = np.array([row.count for row in program.pool[: len(pool)]], dtype=np.int64)
        total += int(pool @ counts)
        total += int((capacity * np.where(capacity, demand.capacity, 0)).sum())
        total += sum(
            int(d) * most for d, (_, _, most) in zip(kinds.tolist(), self.kind_rows, strict=True)
        )
        earned: dict[int, int] = {}
        for index in np.flatnonzero(pool).tolist():
            for number in program.pool[index].lines:
                earned[number] = earned.get(number, 0) + int(pool[index])
        for number, gain in earned.items():
            line = demand.lines[number]
            for units, cost in line.tiers:
                total += units * min(0, cost * SCALE - gain)
            if not line.requirement.exclusive:
                extra = line.requirement.excess_cost * SCALE + gain
                total += program.space.mediators * min(0, extra)
        return int(total)

    def price(
        self, pool: Ints, capacity: Ints, kinds: Ints, free: Collection[int] | None = None
    ) -> Pricing:
        """Each free mediator's best schedule under these duals (`1 / SCALE`), and the bound.

        With `free` the bound lacks the others' share.
        """
        costs = self.option_costs(pool, capacity, kinds)
        total = self.bound_constant(pool, capacity, kinds)
        least = -FAR // (4 * self.program.space.days)
        valid = bool((costs >= least).all())
        if not valid:
            # Duals of a master that lacks schedules: paths must not run over their whole numbers.
            costs = np.maximum(costs, least)
        columns, reduced = [], {}
        for crew in self.crews:
            members = crew.crew.members
            who = [i for i, m in enumerate(members) if free is None or m in free]
            if not who:
                continue
            values, schedules = crew.solve(costs, SCALE, None if free is None else who)
            for i, value, options in zip(who, values, schedules, strict=True):
                total += int(value)
                if options is not None:
                    columns.append(self.column(members[i], options))
                    reduced[members[i]] = int(value) / SCALE
        return Pricing(total / SCALE if valid else -np.inf, columns, reduced)

    def best(self, mediator: int, cost: Ints) -> Ints | None:
        """One mediator's cheapest schedule under option costs (whole units), by the paths."""
        return self.best_of([mediator], cost)[mediator]

    def best_of(self, mediators: Collection[int], cost: Ints) -> dict[int, Ints | None]:
        """As `best`, for several at once."""
        extra = self.cost - self.program.space.cost * SCALE
        costs = np.minimum(cost * SCALE + extra, FAR)
        found: dict[int, Ints | None] = {}
        for crew in self.crews:
            who = [i for i, m in enumerate(crew.crew.members) if m in mediators]
            if who:
                _, schedules = crew.solve(costs, SCALE, who)
                for i, options in zip(who, schedules, strict=True):
                    found[crew.crew.members[i]] = options
        return found

    def exact_for(self, mediator: int) -> bool:
        """Whether the path knows every rule of the mediator but the limits in `kind_rows`."""
        return self._exact[mediator]

    def legal(self, mediator: int, options: Ints) -> bool:
        """Whether a path is legal by every rule, also those the paths do not count."""
        if not self.exact_for(mediator):
            return False
        return all(
            int(np.isin(options, counted).sum()) <= most
            for counted, (m, _, most) in zip(self.kind_options, self.kind_rows, strict=True)
            if m == mediator
        )

    def column(self, mediator: int, options: Ints) -> Column:
        return Column(mediator, options, self.program.own_cost_of(mediator, options))
