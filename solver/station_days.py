"""The choice of stations over one day of an office: see `solver.stations`, which asks for it.

It stands apart for its imports, the arrays and the assignment solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from solver.slot_table import SlotTable
from solver.view import Place, View

MOST_SWEEPS = 4

Needs = tuple[str, ...]


class Stretch(NamedTuple):
    """A server, by their place among the mediators, meets `needs` in `[start, end)`."""

    server: int
    start: int
    end: int
    needs: Needs | None


@dataclass(frozen=True)
class _Slot:
    """One slot's servers, the units they can meet and what each unit met is worth."""

    servers: Sequence[int]
    kinds: list[Needs]
    """Per unit, what it asks for."""
    worth: np.ndarray[Any, np.dtype[np.int64]]
    """Servers by units: the cost saved, times more than all changes can weigh; 0 if unfit."""
    fits: np.ndarray[Any, np.dtype[np.bool_]]


class OfficeDay:
    """One office's slots of a day, in order, and what each server meets in each."""

    def __init__(self, view: View, office: int, served: Mapping[int, Sequence[int]]) -> None:
        self.office = office
        self.slots = {slot: self._slot(view, slot, servers) for slot, servers in served.items()}
        self.kinds: dict[int, list[Needs | None]] = {}

    def _slot(self, view: View, slot: int, servers: Sequence[int]) -> _Slot:
        cover = view.facts.cover
        table = cover.tables.get(Place(self.office, slot))
        if table is None:
            empty = np.zeros((len(servers), 0), dtype=np.int64)
            return _Slot(servers, [], empty, empty.astype(np.bool_))
        masks = [table.qualification(cover.held(one, slot)) for one in servers]
        return _slot_of(table, servers, masks)

    def stretches(self) -> Iterator[Stretch]:
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

    def _merged(self) -> Iterator[Stretch]:
        for server, path in self._paths(self.kinds).items():
            start, needs = path[0]
            end = start
            for slot, kind in path:
                if slot > end or kind != needs:
                    if end > start:
                        yield Stretch(server, start, end, needs)
                    start, needs = slot, kind
                end = slot + 1
            yield Stretch(server, start, end, needs)


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
