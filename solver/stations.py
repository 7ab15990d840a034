"""Who serves what in each slot: the counting of cover as people would stand at their desks.

Each slot has many countings of least cost. Chosen is one in which people change what they
serve as little as may be: slot after slot, once from morning to evening and once back, the
assignment of least cost that, among those, keeps most people at what they serve in the slots
around; then sweeps that choose each slot anew as long as changes become fewer. Each slot is
solved exactly (cost first, changes second), and so is the cost as a whole; the number of
changes over a day is a local optimum, for keeping it least over all slots at once is a flow
of many commodities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from solver.cover_count import SlotTable
from solver.problem import Assignment, Problem
from solver.result import Result
from solver.view import Place, View, assignments_of, facts_of, whole_view

MOST_SWEEPS = 4

Needs = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Station:
    """`mediator` serves at `office` in the slots `[start, end)` who needs `needs`.

    `needs` is None where they are at hand and meet no exclusive requirement. Breaks and busy
    time lie between stations.
    """

    mediator: str
    office: str
    start: int
    end: int
    needs: Needs | None

    def to_json(self) -> dict[str, Any]:
        return {
            "mediator": self.mediator,
            "office": self.office,
            "start": self.start,
            "end": self.end,
            "needs": None if self.needs is None else list(self.needs),
        }


def stations(problem: Problem, roster: Result | Iterable[Assignment]) -> tuple[Station, ...]:
    """Where everyone sits, by office, mediator and time."""
    view = whole_view(problem, assignments_of(roster))
    made: list[Station] = []
    for office in range(len(problem.offices)):
        served = {
            place.slot: list(dict.fromkeys(servers))
            for place, servers in view.places.items()
            if place.office == office and servers
        }
        for slots in _days(problem, served):
            made.extend(_OfficeDay(view, office, {slot: served[slot] for slot in slots}).stations())
    order = {one.id: index for index, one in enumerate(problem.mediators)}
    offices = {one.id: index for index, one in enumerate(problem.offices)}
    return tuple(
        sorted(made, key=lambda one: (offices[one.office], order[one.mediator], one.start))
    )


def _days(problem: Problem, served: Mapping[int, Sequence[int]]) -> Iterator[list[int]]:
    by_day: dict[int, list[int]] = {}
    for slot in sorted(served):
        by_day.setdefault(problem.day_of_slot[slot], []).append(slot)
    yield from by_day.values()


@dataclass(frozen=True)
class _Slot:
    """One slot's servers, the units they can meet and what each unit met is worth."""

    servers: Sequence[int]
    kinds: list[Needs]
    """Per unit, what it asks for."""
    worth: np.ndarray[Any, np.dtype[np.int64]]
    """Servers by units: the cost saved, times more than all changes can weigh; 0 if unfit."""
    fits: np.ndarray[Any, np.dtype[np.bool_]]


class _OfficeDay:
    """One office's slots of a day, in order, and what each server meets in each."""

    def __init__(self, view: View, office: int, served: Mapping[int, Sequence[int]]) -> None:
        self.problem = view.problem
        self.office = office
        self.slots = {slot: self._slot(view, slot, servers) for slot, servers in served.items()}
        self.kinds: dict[int, list[Needs | None]] = {}

    def _slot(self, view: View, slot: int, servers: Sequence[int]) -> _Slot:
        cover = facts_of(view.problem).cover
        table = cover.tables.get(Place(self.office, slot))
        if table is None:
            empty = np.zeros((len(servers), 0), dtype=np.int64)
            return _Slot(servers, [], empty, empty.astype(np.bool_))
        masks = [table.qualification(cover.held(one, slot)) for one in servers]
        return _slot_of(table, servers, masks)

    def stations(self) -> Iterator[Station]:
        slots = list(self.slots)
        forwards, backwards = self._settled(slots), self._settled(slots[::-1])
        self.kinds = min(forwards, backwards, key=self._changes)
        yield from self._merged()

    def _settled(self, order: Sequence[int]) -> dict[int, list[Needs | None]]:
        """What each server meets, slots chosen in this order and then anew until it settles."""
        self.kinds = {}
        for slot in order:
            self.kinds[slot] = self._chosen(slot)
        best = dict(self.kinds)
        for _ in range(MOST_SWEEPS):
            for slot in order:
                self.kinds[slot] = self._chosen(slot)
            if self._changes(self.kinds) >= self._changes(best):
                break
            best = dict(self.kinds)
        return best

    def _chosen(self, slot: int) -> list[Needs | None]:
        """What each server of the slot meets, given what they meet around it."""
        here = self.slots[slot]
        if not here.kinds:
            return [None] * len(here.servers)
        weight = here.worth.copy()
        for row, server in enumerate(here.servers):
            last = self._near(slot, row, server, -1)
            following = self._near(slot, row, server, 1)
            apart = int(last is not None and following is not None and last != following)
            for column, kind in enumerate(here.kinds):
                if here.fits[row, column]:
                    changes = (last is not None and last != kind) + (
                        following is not None and following != kind
                    )
                    weight[row, column] -= changes - apart
        rows, columns = linear_sum_assignment(weight, maximize=True)
        chosen: list[Needs | None] = [None] * len(here.servers)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if here.fits[row, column]:
                chosen[row] = here.kinds[column]
        return chosen

    def _near(self, slot: int, row: int, server: int, step: int) -> Needs | None:
        """What the server meets before (step -1) or after the slot, whenever that is."""
        order = list(self.slots)
        place = order.index(slot) + step
        while 0 <= place < len(order):
            other = order[place]
            kinds = self.kinds.get(other)
            if kinds is not None and server in self.slots[other].servers:
                kind = kinds[self.slots[other].servers.index(server)]
                if kind is not None:
                    return kind
            place += step
        return None

    def _paths(
        self, kinds_of: Mapping[int, list[Needs | None]]
    ) -> dict[int, list[tuple[int, Needs | None]]]:
        """Server -> (slot, what they meet), in order."""
        paths: dict[int, list[tuple[int, Needs | None]]] = {}
        for slot, here in self.slots.items():
            for server, kind in zip(here.servers, kinds_of[slot], strict=True):
                paths.setdefault(server, []).append((slot, kind))
        return paths

    def _changes(self, kinds_of: Mapping[int, list[Needs | None]]) -> int:
        total = 0
        for path in self._paths(kinds_of).values():
            kinds = [kind for _, kind in path if kind is not None]
            total += sum(one != two for one, two in pairwise(kinds))
        return total

    def _merged(self) -> Iterator[Station]:
        office = self.problem.offices[self.office].id
        for server, path in self._paths(self.kinds).items():
            name = self.problem.mediators[server].id
            start, needs = path[0]
            end = start
            for slot, kind in path:
                if slot > end or kind != needs:
                    if end > start:
                        yield Station(name, office, start, end, needs)
                    start, needs = slot, kind
                end = slot + 1
            yield Station(name, office, start, end, needs)


def _slot_of(table: SlotTable, servers: Sequence[int], masks: Sequence[int]) -> _Slot:
    kinds: list[Needs] = []
    costs: list[int] = []
    indices: list[int] = []
    for index, need in enumerate(table.exclusive):
        for unit in range(min(need.count, len(servers))):
            kinds.append(need.needs)
            costs.append(need.minimum_cost if unit < need.minimum else need.cost)
            indices.append(index)
    fits = np.array(
        [[bool(mask >> index & 1) for index in indices] for mask in masks], dtype=np.bool_
    ).reshape(len(servers), len(indices))
    more_than_changes = 3 * len(servers) + 1
    worth = fits * np.array(costs, dtype=np.int64) * more_than_changes
    return _Slot(servers, kinds, worth.astype(np.int64), fits)
