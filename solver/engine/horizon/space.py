"""The decisions of a roster problem as arrays: who may be given which shift, at what cost.

An *option* is one (mediator, shift) that breaks no rule by itself. Its cost is what it pays
over leaving the mediator's day as the facts have it (off, or busy without a shift), so that a
roster costs `base_cost` plus its options' costs plus what couples days or people: cover, hours,
unsocial shifts, and wishes that span several days.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solver.problem import Mediator, Problem, Shift, Wish, WishKind

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LongWish:
    """A wish whose slots lie in several days: not a cost of single options."""

    mediator: int
    kind: WishKind
    cost: int
    options: Ints
    """The options that fall inside; busy time inside has settled the wish beforehand."""


@dataclass(frozen=True)
class Space:
    """Options sorted by mediator, then day, then place in the catalogue."""

    problem: Problem
    mediator: Ints
    day: Ints
    shift: Ints
    cost: Ints
    amount: Ints
    """Slots worked on the day with this option beyond the day's busy slots."""
    first: Ints
    """Options of cell `m * days + d` are `first[cell]:first[cell + 1]`."""
    busy_amount: Ints
    """[mediators, days] busy slots."""
    forced: Bools
    """[mediators, days] a lock demands one of the cell's options."""
    base_cost: int
    long_wishes: tuple[LongWish, ...]
    collisions: tuple[tuple[int, int], ...]
    """(mediator, day) whose lock is illegal or whose day has two locks."""

    @cached_property
    def days(self) -> int:
        return len(self.problem.days)

    @cached_property
    def mediators(self) -> int:
        return len(self.problem.mediators)

    @cached_property
    def cell(self) -> Ints:
        return self.mediator * self.days + self.day

    @cached_property
    def busy_day(self) -> Bools:
        return np.asarray(self.busy_amount > 0)

    @cached_property
    def shift_key(self) -> dict[tuple[int, int], int]:
        """(mediator, shift) -> option."""
        return {
            (int(m), int(s)): x
            for x, (m, s) in enumerate(zip(self.mediator, self.shift, strict=True))
        }

    def options_of(self, mediator: int, day: int) -> range:
        cell = mediator * self.days + day
        return range(int(self.first[cell]), int(self.first[cell + 1]))

    def span(self, mediator: int, option: int | None, day: int) -> tuple[int, int] | None:
        """From the first to the last of the day's duty, or None on a day off."""
        edges = [
            (busy.start, busy.end)
            for busy in self.problem.mediators[mediator].busy
            if self.problem.day_of_slot[busy.start] == day
        ]
        if option is not None:
            shift = self.problem.shifts[int(self.shift[option])]
            edges.append((shift.start, shift.end))
        if not edges:
            return None
        return min(start for start, _ in edges), max(end for _, end in edges)


def build_space(problem: Problem) -> Space:
    """Every option of `problem`, filtered by the rules a single shift can break."""
    by_day: dict[int, list[int]] = {}
    for index, shift in enumerate(problem.shifts):
        by_day.setdefault(shift.day, []).append(index)
    locked: dict[tuple[int, int], list[int]] = {}
    places = {mediator.id: index for index, mediator in enumerate(problem.mediators)}
    catalogue = {shift.id: index for index, shift in enumerate(problem.shifts)}
    for lock in problem.locked:
        shift_index = catalogue[lock.shift]
        key = places[lock.mediator], problem.shifts[shift_index].day
        if shift_index not in locked.setdefault(key, []):
            locked[key].append(shift_index)

    days = len(problem.days)
    rows: list[tuple[int, int, int, int, int]] = []
    first = [0]
    busy_amount = np.zeros((len(problem.mediators), days), dtype=np.int64)
    forced = np.zeros((len(problem.mediators), days), dtype=bool)
    collisions = []
    base_cost = 0
    wishes_over_days: list[tuple[int, Wish]] = []
    for m, mediator in enumerate(problem.mediators):
        book = _Book(problem, mediator)
        base_cost += book.base_cost
        wishes_over_days.extend((m, wish) for wish in book.long_wishes)
        for d in range(days):
            busy_amount[m, d] = len(book.busy_by_day[d])
            allowed = [s for s in by_day.get(d, ()) if book.legal(problem.shifts[s])]
            if (m, d) in locked:
                forced[m, d] = True
                allowed = [s for s in allowed if [s] == locked[m, d]]
                if not allowed:
                    collisions.append((m, d))
            for s in allowed:
                shift = problem.shifts[s]
                rows.append((m, d, s, book.option_cost(shift, s), book.amount(shift)))
            first.append(len(rows))
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Space(
        problem=problem,
        mediator=table[:, 0],
        day=table[:, 1],
        shift=table[:, 2],
        cost=table[:, 3],
        amount=table[:, 4],
        first=np.array(first, dtype=np.int64),
        busy_amount=busy_amount,
        forced=forced,
        base_cost=base_cost,
        long_wishes=tuple(_long_wish(problem, table, m, wish) for m, wish in wishes_over_days),
        collisions=tuple(collisions),
    )


class _Book:
    """One mediator's facts, by day, and what a shift costs and breaks on its own."""

    def __init__(self, problem: Problem, mediator: Mediator) -> None:
        self._problem = problem
        self._mediator = mediator
        self.busy_by_day: list[set[int]] = [set() for _ in problem.days]
        for slot in mediator.busy_slots:
            self.busy_by_day[problem.day_of_slot[slot]].add(slot)
        self._previous = self._previous_by_day()
        self._wishes_by_day: list[list[Wish]] = [[] for _ in problem.days]
        self.long_wishes: list[Wish] = []
        self.base_cost = problem.costs.change * len(self._previous)
        for wish in mediator.wishes:
            self._file(wish)

    def _previous_by_day(self) -> dict[int, set[str]]:
        published: dict[int, set[str]] = {}
        for one in self._problem.previous or ():
            if one.mediator == self._mediator.id and one.shift in self._problem.shift_by_id:
                day = self._problem.shift_by_id[one.shift].day
                published.setdefault(day, set()).add(one.shift)
        return published

    def _file(self, wish: Wish) -> None:
        """Settle the wish by busy time, or note which days' shifts decide it."""
        if any(wish.start <= slot < wish.end for slot in self._mediator.busy_slots):
            self.base_cost += wish.cost if wish.kind is WishKind.OFF else 0
            return
        touched = {
            shift.day
            for shift in self._problem.shifts
            if shift.start < wish.end and wish.start < shift.end
        }
        if wish.kind is WishKind.ON:
            self.base_cost += wish.cost
        if len(touched) > 1:
            self.long_wishes.append(wish)
        for day in touched if len(touched) == 1 else ():
            self._wishes_by_day[day].append(wish)

    def legal(self, shift: Shift) -> bool:
        who = self._mediator
        if shift.office not in who.offices:
            return False
        if shift.kind is not None and who.kind_max.get(shift.kind, 1) == 0:
            return False
        if any(away.start < shift.end and shift.start < away.end for away in who.unavailable):
            return False
        least, most = who.shift_slots
        if not least <= len(shift.worked) <= most:
            return False
        worked = self.busy_by_day[shift.day].union(shift.worked)
        return len(worked) <= who.max_day_slots

    def amount(self, shift: Shift) -> int:
        busy = self.busy_by_day[shift.day]
        return len(busy.union(shift.worked)) - len(busy)

    def option_cost(self, shift: Shift, index: int) -> int:
        """Over the day without a shift: office, single-day wishes, change from the published."""
        total = self._mediator.offices[shift.office]
        for wish in self._wishes_by_day[shift.day]:
            if any(wish.start <= slot < wish.end for slot in shift.worked):
                total += wish.cost if wish.kind is WishKind.OFF else -wish.cost
        if self._problem.previous is not None:
            published = self._previous.get(shift.day)
            if published is None:
                total += self._problem.costs.change
            elif published == {shift.id}:
                total -= self._problem.costs.change
        return total


def _long_wish(problem: Problem, table: Ints, m: int, wish: Wish) -> LongWish:
    inside = [
        x
        for x in np.flatnonzero(table[:, 0] == m)
        if any(wish.start <= slot < wish.end for slot in problem.shifts[int(table[x, 2])].worked)
    ]
    return LongWish(m, wish.kind, wish.cost, np.array(inside, dtype=np.int64))
