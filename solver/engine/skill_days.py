"""What one skill costs on one day at one office, by who of its holders comes.

A linear relaxation lets a mediator who comes half be everywhere half: while one colleague
pauses, half of another covers them, though on the days the other is off nobody does. How
much a skill must cost when certain holders come is a small problem of its own: choose their
shifts to cover that skill alone. Its exact values, over all numbers of holders of each type
(equal shift shapes), give inequalities between presence and shortfall that close much of the
gap. They hold for every roster, since serving other needs or other people's shifts never
cover the skill better.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.engine.arrays import Ints
from solver.engine.board import Instance

Bytes = NDArray[np.int8]
MOST_HOLDERS = 4
MOST_VECTORS = 250
MOST_ENTRIES = 120


Place = tuple[int, int]
"""A cell and the bit of a requirement in it; ~bit for one of presence."""


@dataclass(frozen=True)
class SkillDay:
    """Least cost of some requirements of one office and day, by how many holders come.

    `counts[e, i]` holders of type i come at entry e, at the least shortfall cost `cost[e]`;
    entries not listed cost at least 0.
    """

    office: int
    day: int
    exclusive: bool
    requirements: tuple[tuple[int, int], ...]
    """(cell, bit) of each requirement covered."""
    types: tuple[tuple[int, ...], ...]
    """The mediators of each type."""
    counts: Ints
    cost: Ints

    @property
    def places(self) -> tuple[Place, ...]:
        """Its requirements as places."""
        return tuple((cell, bit if self.exclusive else ~bit) for cell, bit in self.requirements)


def skill_days(instance: Instance, offices: set[int] | None = None) -> list[SkillDay]:
    """Tables for every skill, office and day (of `offices` only, if given).

    Raises as `instance.look`.
    """
    groups = _grouped(instance, offices)
    rows = _rows_by_day(instance)
    found = []
    for (office, day, _, layer), cells in groups.items():
        instance.look()
        table = _skill_day(instance, office, day, layer == 0, cells, rows)
        if table is not None:
            found.append(table)
    return found


_Cells = dict[int, list[tuple[int, tuple[int, ...]]]]


def _grouped(
    instance: Instance, offices: set[int] | None
) -> dict[tuple[int, int, tuple[str, ...], int], _Cells]:
    """(office, day, needs, layer) -> cell -> bits and values of the requirements.

    Layer 0 pools the exclusive requirements of a skill. One person counts for every presence
    requirement at once, so each of those that overlap has a layer of its own. A cell belongs to
    the day whose shifts serve it, the eve where these alone reach past midnight into it; where
    shifts of two days do, who comes on one of them does not say what it costs, and it is left out.
    """
    problem, slots = instance.problem, instance.frame.slots
    nightly = _nightly(instance, offices)
    groups: dict[tuple[int, int, tuple[str, ...], int], _Cells] = {}
    for cell, demand in instance.demand.cells.items():
        office, slot = divmod(cell, slots)
        if offices is not None and office not in offices:
            continue
        days = nightly.get(cell, {problem.day_of_slot[slot]})
        if len(days) > 1:
            continue
        (day,) = days
        for bit, places in enumerate(demand.exclusive):
            needs = problem.requirements[places.requirement].needs
            cells = groups.setdefault((office, day, needs, 0), {})
            cells.setdefault(cell, []).append((bit, places.values))
        layers: dict[tuple[str, ...], int] = {}
        for bit, item in enumerate(demand.presence):
            needs = problem.requirements[item.requirement].needs
            layers[needs] = layer = layers.get(needs, 0) + 1
            groups.setdefault((office, day, needs, layer), {})[cell] = [(bit, item.worth)]
    return groups


def _nightly(instance: Instance, offices: set[int] | None) -> dict[int, set[int]]:
    """Cells that shifts of an earlier day reach into -> the days whose shifts serve them."""
    problem, frame = instance.problem, instance.frame
    shifts = [
        (shift, frame.office_index[shift.office] * frame.slots)
        for shift in problem.shifts
        if offices is None or frame.office_index[shift.office] in offices
    ]
    found: dict[int, set[int]] = {}
    for shift, base in shifts:
        midnight = problem.days[shift.day].end
        if shift.end > midnight:
            for slot in shift.worked:
                if slot >= midnight:
                    found.setdefault(base + slot, set()).add(shift.day)
    if found:
        for shift, base in shifts:
            for slot in shift.worked:
                if base + slot in found:
                    found[base + slot].add(shift.day)
    return found


def _rows_by_day(instance: Instance) -> dict[tuple[int, int], list[tuple[int, Ints]]]:
    """(office, day) -> mediators with choices there, and those choices."""
    found: dict[tuple[int, int], list[tuple[int, Ints]]] = defaultdict(list)
    for mediator, choices in enumerate(instance.choices):
        instance.look()
        if not len(choices):
            continue
        code = choices.office * len(instance.problem.days) + choices.day
        order = np.argsort(code, kind="stable")
        codes, first = np.unique(code[order], return_index=True)
        for value, members in zip(codes, np.split(order, first[1:]), strict=True):
            if value >= 0:
                office, day = divmod(int(value), len(instance.problem.days))
                if choices.office[members[0]] >= 0:
                    found[office, day].append((mediator, members))
    return found


def _skill_day(
    instance: Instance,
    office: int,
    day: int,
    exclusive: bool,
    cells: _Cells,
    rows: dict[tuple[int, int], list[tuple[int, Ints]]],
) -> SkillDay | None:
    places = np.array(sorted(cells), dtype=np.int64)
    values = [
        sorted((value for _, row in cells[int(cell)] for value in row), reverse=True)
        for cell in places
    ]
    types: dict[bytes, tuple[Bytes, list[int]]] = {}
    for mediator, members in rows.get((office, day), []):
        vectors = _vectors(instance, mediator, members, exclusive, cells, places)
        if vectors is not None:
            types.setdefault(vectors.tobytes(), (vectors, []))[1].append(mediator)
    if not types:
        return None
    shapes = [vectors for vectors, _ in types.values()]
    people = [members for _, members in types.values()]
    counts, cost = _table(shapes, [len(one) for one in people], values)
    return SkillDay(
        office=office,
        day=day,
        exclusive=exclusive,
        requirements=tuple((int(cell), bit) for cell in places for bit, _ in cells[int(cell)]),
        types=tuple(tuple(one) for one in people),
        counts=counts,
        cost=cost,
    )


def _vectors(
    instance: Instance,
    mediator: int,
    members: Ints,
    exclusive: bool,
    cells: _Cells,
    places: Ints,
) -> Bytes | None:
    """Where a mediator could cover the skill, one row a shift, dominated ones left out."""
    demand = instance.demand
    masks = (demand.masks if exclusive else demand.presences)[mediator]
    answers = np.array(
        [any(masks.get(int(c), 0) >> bit & 1 for bit, _ in cells[int(c)]) for c in places]
    )
    choices = instance.choices[mediator]
    if not len(choices.cells):
        return None
    local = np.searchsorted(choices.cells, places)
    local[local == len(choices.cells)] = 0
    known = answers & (choices.cells[local] == places)
    if not known.any():
        return None
    table = np.zeros((len(members), len(places)), dtype=np.int8)
    table[:, known] = choices.matrix[members][:, local[known]].toarray()
    table = _undominated(table)
    return table if table.any() else None


def _undominated(table: Bytes) -> Bytes:
    packed = np.unique(np.ascontiguousarray(table).view(f"V{table.shape[1]}").reshape(-1))
    rows: Bytes = packed.view(np.int8).reshape(len(packed), table.shape[1])
    if len(rows) > 4 * MOST_VECTORS:
        return rows
    above: NDArray[np.bool_] = np.all(rows[None, :, :] >= rows[:, None, :], axis=2)
    np.fill_diagonal(above, False)
    return rows[~above.any(axis=1)]


def _table(shapes: list[Bytes], available: list[int], values: list[list[int]]) -> tuple[Ints, Ints]:
    """Least cost for every number of people of each type, until it is nothing."""
    caps = np.array([len(row) for row in values], dtype=np.int8)
    deepest = int(caps.max())
    rest = np.zeros((len(values), deepest + 1), dtype=np.int64)
    for place, row in enumerate(values):
        for served in range(len(row)):
            rest[place, served] = sum(row[served:])
    every = np.arange(len(values))

    def least(rows: Bytes) -> int:
        return int(rest[every, rows].sum(axis=1).min())

    nobody = (0,) * len(shapes)
    fronts: dict[tuple[int, ...], Bytes] = {nobody: np.zeros((1, len(values)), dtype=np.int8)}
    cost = {nobody: least(fronts[nobody])}
    queue = [nobody]
    for counts in queue:
        if cost[counts] == 0:
            continue
        for index, shape in enumerate(shapes):
            more = (*counts[:index], counts[index] + 1, *counts[index + 1 :])
            if more in cost or more[index] > available[index]:
                continue
            front = fronts.get(counts)
            if front is None or sum(more) > MOST_HOLDERS or len(cost) > MOST_ENTRIES:
                cost[more] = 0
                continue
            sums = np.minimum((front[:, None, :] + shape[None, :, :]).reshape(-1, len(caps)), caps)
            sums = _undominated(sums)
            cost[more] = least(sums)
            queue.append(more)
            if len(sums) <= MOST_VECTORS:
                fronts[more] = sums
    entries = sorted(cost)
    return np.array(entries, dtype=np.int64), np.array([cost[one] for one in entries])
