"""A first legal roster, and descent by one mediator's whole schedule at a time.

With everyone else held, what one more server changes at each point is known exactly, so the
best whole schedule of one mediator is a shortest path.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

from solver.engine.horizon.class_prices import FAR
from solver.engine.horizon.mip import solve_mip
from solver.engine.horizon.pricing import Paths
from solver.engine.horizon.program import Program
from solver.engine.horizon.space import Ints
from solver.problem import Assignment

TOGETHER = 4
"""Mediators whose first schedules are looked for at once, where seats are plenty."""


class Roster:
    """One schedule a mediator (None while undecided), and who serves at each point."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.schedules: list[Ints | None] = [None] * program.space.mediators
        self.people = [0] * len(program.demand.points)

    @classmethod
    def of(cls, program: Program, chosen: Ints) -> Roster:
        roster = cls(program)
        owner = program.space.mediator[chosen]
        for m in range(program.space.mediators):
            roster.put(m, chosen[owner == m])
        return roster

    def put(self, mediator: int, options: Ints | None) -> None:
        """Give the mediator these options instead of those held."""
        serves = self.program.demand.serves
        bit = 1 << mediator
        old = self.schedules[mediator]
        if old is not None:
            for point in serves[old].indices.tolist():
                self.people[point] &= ~bit
        self.schedules[mediator] = options
        if options is not None:
            for point in serves[options].indices.tolist():
                self.people[point] |= bit

    @property
    def chosen(self) -> Ints:
        parts = [options for options in self.schedules if options is not None]
        return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)

    def marginal(self, mediator: int) -> Ints:
        """What each option of the mediator costs with everyone else held (0 for other options)."""
        program = self.program
        space, demand = program.space, program.demand
        cost = np.full(len(space.shift), 0, dtype=np.int64)
        first = int(space.first[mediator * space.days])
        end = int(space.first[(mediator + 1) * space.days])
        part = demand.serves[first:end]
        change, full = np.zeros(len(demand.points)), np.zeros(len(demand.points))
        bit = 1 << mediator
        for point in np.unique(part.indices).tolist():
            others = self.people[point] & ~bit
            if others.bit_count() >= demand.capacity[point]:
                full[point] = 1.0
            else:
                with_them = demand.point_cost(point, others | bit)
                change[point] = with_them - demand.point_cost(point, others)
        moved = space.cost[first:end] + np.rint(part @ change).astype(np.int64)
        cost[first:end] = np.where(part @ full > 0, FAR // 2000, moved)
        return cost


def best_schedule(paths: Paths, roster: Roster, mediator: int, seed: int) -> Ints | None:
    """The mediator's cheapest legal schedule with the others of `roster` held."""
    cost = roster.marginal(mediator)
    options = _within_kinds(paths, mediator, cost)
    if options is not None and (cost[options] < FAR // 2000).all():
        return options
    if options is None and paths.best(mediator, cost) is None:
        return None
    return _by_rows(paths.program, roster, mediator, seed)


def _within_kinds(paths: Paths, mediator: int, cost: Ints) -> Ints | None:
    """A cheap path; kinds that it does not count are made dearer until their limits hold."""
    limits = [
        (options, most)
        for options, (m, _, most) in zip(paths.kind_options, paths.kind_rows, strict=True)
        if m == mediator
    ]
    cost = cost.copy()
    step = 8
    while step < 1 << 16:
        options = paths.best(mediator, cost)
        if options is None or not paths.exact_for(mediator):
            return None
        passed = [kind for kind, most in limits if int(np.isin(options, kind).sum()) > most]
        if not passed:
            return options
        for kind in passed:
            cost[kind] += step
        step *= 4
    return None


def _by_rows(program: Program, roster: Roster, mediator: int, seed: int) -> Ints | None:
    """As `best_schedule`, by the rows: for rules the paths do not know."""
    free = np.zeros((program.space.mediators, program.space.days), dtype=bool)
    free[mediator] = True
    others = roster.chosen
    others = others[program.space.mediator[others] != mediator]
    piece = program.slice(free, others)
    answer = solve_mip(piece, work=2e7, seconds=60.0, seed=seed)
    if answer.values is None:
        return None
    return piece.options[answer.values[: len(piece.options)] > 0.5]


def first_roster(
    paths: Paths,
    start: Sequence[Ints | None],
    seed: int,
    over: Callable[[], bool],
) -> tuple[Roster | None, int | None]:
    """A legal roster that keeps the schedules of `start`; or None and who has none."""
    program = paths.program
    roster = Roster(program)
    order = []
    for m, options in enumerate(start):
        if options is None:
            order.append(m)
        else:
            roster.put(m, options)
    random.Random(seed).shuffle(order)
    # Whoever has least room comes first where seats are scarce.
    if (program.demand.capacity <= program.space.mediators).any():
        space = program.space
        room = {
            m: int(space.first[(m + 1) * space.days] - space.first[m * space.days]) for m in order
        }
        order.sort(key=lambda m: room[m])
    together = 1 if len(program.demand.tight) else TOGETHER
    for first in range(0, len(order), together):
        if over():
            return None, None
        some = order[first : first + together]
        found = _at_once(paths, roster, some) if len(some) > 1 else {}
        for m in some:
            options = found.get(m)
            if options is None:
                options = best_schedule(paths, roster, m, seed)
            if options is None:
                return None, m
            roster.put(m, options)
    return roster, None


def _at_once(paths: Paths, roster: Roster, mediators: list[int]) -> dict[int, Ints]:
    """Cheap legal schedules of several who do not see each other; who has none is left out."""
    cost = roster.marginal(mediators[0])
    for m in mediators[1:]:
        cost += roster.marginal(m)
    best = paths.best_of(mediators, cost)
    return {
        m: options for m, options in best.items() if options is not None and paths.legal(m, options)
    }


def descend(
    paths: Paths, roster: Roster, seed: int, over: Callable[[], bool], rounds: int = 3
) -> int:
    """Re-plan mediators one at a time while that helps; the roster's cost afterwards."""
    program = paths.program
    rng = random.Random(seed)
    cost = program.cost(roster.chosen)
    for _ in range(rounds):
        before = cost
        order = list(range(program.space.mediators))
        rng.shuffle(order)
        for m in order:
            if over():
                return cost
            options = best_schedule(paths, roster, m, seed)
            old = roster.schedules[m]
            if options is None or old is None or np.array_equal(options, old):
                continue
            roster.put(m, options)
            now = program.cost(roster.chosen)
            if now <= cost:
                cost = now
            else:
                roster.put(m, old)
        if cost == before:
            break
    return cost


def from_start(program: Program, start: Sequence[Assignment] | None) -> list[Ints | None]:
    """What of a given roster is legal, mediator by mediator, as options."""
    from solver.check import check

    space, problem = program.space, program.problem
    if start is None:
        return [None] * space.mediators
    verdict = check(problem, list(start))
    broken = {str(one.details.get("mediator")) for one in verdict.violations}
    crowded = any(one.rule == "capacity" for one in verdict.violations)
    kept: list[list[int]] = [[] for _ in problem.mediators]
    for x in program.index_of(start):
        kept[int(space.mediator[x])].append(x)
    given = {one.mediator: 0 for one in start}
    for one in start:
        given[one.mediator] += 1
    broken |= {
        who.id
        for who, mine in zip(problem.mediators, kept, strict=True)
        if len(mine) != given.get(who.id, 0)
    }
    return [
        None if crowded or mediator.id in broken else np.array(sorted(kept[m]), dtype=np.int64)
        for m, mediator in enumerate(problem.mediators)
    ]
