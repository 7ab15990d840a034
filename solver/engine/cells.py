"""Who could serve what in each cell, and what the cover of a cell costs and wants.

A cell is one slot of one office. Its exclusive requirements compete for the people present:
the least-cost counting is a maximum-weight set of filled places in a transversal matroid
(Edmonds and Fulkerson, 1965), so filling places in order of value by augmenting paths is
exact, and so is the gain of one person more: the dearest open place that an alternating path
reaches from what they can serve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solver.engine.frame import Frame
from solver.look import Look, no_look


@dataclass(frozen=True, slots=True)
class Places:
    """One exclusive requirement in a cell: values of its places, dearest first."""

    requirement: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """One non-exclusive requirement in a cell. `worth[k]`: what person k + 1 saves."""

    requirement: int
    worth: tuple[int, ...]
    excess_cost: int

    def cost(self, present: int) -> int:
        missing = sum(self.worth[present:])
        return missing + self.excess_cost * max(0, present - len(self.worth))

    def gain(self, present: int) -> int:
        """What one more person saves (negative where extra people cost)."""
        return self.worth[present] if present < len(self.worth) else -self.excess_cost


@dataclass(frozen=True, slots=True)
class CellDemand:
    """The requirements of a cell; bit i of a skill mask answers `exclusive[i]`."""

    exclusive: tuple[Places, ...]
    presence: tuple[Presence, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """The least-cost counting of a crowd: its cost, and the gain per bit of a further mask."""

    cost: int
    gain: tuple[int, ...]


class Demand:
    """The demand of every cell and the masks of every mediator."""

    def __init__(self, frame: Frame, look: Look = no_look) -> None:
        self.cells: dict[int, CellDemand] = _cell_demands(frame, look)
        self.masks: list[dict[int, int]] = _masks(frame, self.cells, look, exclusive=True)
        """[mediator][cell]: bits of the exclusive requirements they answer there."""
        self.presences: list[dict[int, int]] = _masks(frame, self.cells, look, exclusive=False)


def _cell_demands(frame: Frame, look: Look) -> dict[int, CellDemand]:
    exclusive: dict[int, list[Places]] = defaultdict(list)
    presence: dict[int, list[Presence]] = defaultdict(list)
    for index, need in enumerate(frame.problem.requirements):
        look()
        base = frame.office_index[need.office] * frame.slots
        values = (need.minimum_cost,) * need.minimum + (need.cost,) * (need.count - need.minimum)
        for slot in range(need.start, need.end):
            if need.exclusive:
                exclusive[base + slot].append(Places(index, values))
            else:
                presence[base + slot].append(Presence(index, values, need.excess_cost))
    return {
        cell: CellDemand(tuple(exclusive[cell]), tuple(presence[cell]))
        for cell in sorted({*exclusive, *presence})
    }


def _masks(
    frame: Frame, cells: dict[int, CellDemand], look: Look, *, exclusive: bool
) -> list[dict[int, int]]:
    """Per mediator: cell -> bits of the requirements whose needs they hold in that slot."""
    problem = frame.problem
    staff: dict[int, list[int]] = defaultdict(list)
    for index, person in enumerate(problem.mediators):
        for office_id in person.offices:
            staff[frame.office_index[office_id]].append(index)
    holders: dict[tuple[int, tuple[str, ...]], list[tuple[int, int, int]]] = {}
    masks: list[dict[int, int]] = [{} for _ in problem.mediators]
    for cell, demand in cells.items():
        look()
        office, slot = divmod(cell, frame.slots)
        items = [item.requirement for item in (demand.exclusive if exclusive else demand.presence)]
        for bit, requirement in enumerate(items):
            needs = problem.requirements[requirement].needs
            key = (office, needs)
            if key not in holders:
                holders[key] = _holders(frame, staff[office], needs)
            for person_index, begin, end in holders[key]:
                if begin <= slot < end:
                    row = masks[person_index]
                    row[cell] = row.get(cell, 0) | (1 << bit)
    return masks


def _holders(
    frame: Frame, staff: Sequence[int], needs: tuple[str, ...]
) -> list[tuple[int, int, int]]:
    """Who holds all `needs`, and from when until when."""
    found = []
    for index in staff:
        skills = frame.problem.mediators[index].skills
        begin, end = 0, frame.slots
        for need in needs:
            if need not in skills:
                break
            span = skills[need]
            if span is not None:
                begin, end = max(begin, span[0]), min(end, span[1])
        else:
            if begin < end:
                found.append((index, begin, end))
    return found


def count_places(values: Sequence[Sequence[int]], masks: Sequence[int]) -> Count:
    """Fill places by people at least cost.

    `values[r]` are the values of requirement r's places, dearest first; `masks` says, bit by
    bit, which requirements each person answers. The cost is the value of the open places.
    """
    holder: list[list[int]] = [[] for _ in values]
    answers: list[int] = [0] * len(values)
    for person, mask in enumerate(masks):
        for requirement in range(len(values)):
            if mask >> requirement & 1:
                answers[requirement] |= 1 << person
    free = (1 << len(masks)) - 1
    served = [-1] * len(masks)
    places = sorted(
        ((value, -requirement) for requirement, row in enumerate(values) for value in row),
        reverse=True,
    )
    closed = 0
    cost = 0
    for value, negative in places:
        requirement = -negative
        if closed >> requirement & 1:
            cost += value
            continue
        free, reached = _augment(requirement, answers, holder, served, free)
        if reached:
            closed |= reached
            cost += value
    return Count(cost, gains(values, masks, holder))


def _augment(
    requirement: int,
    answers: list[int],
    holder: list[list[int]],
    served: list[int],
    free: int,
) -> tuple[int, int]:
    """Give `requirement` one more person along a shortest alternating path.

    Returns the people still free, and 0; or, where no path exists, the requirements reached:
    none of those can be given anyone more, now or later.
    """
    parent: dict[int, tuple[int, int]] = {}
    queue = [requirement]
    seen = 1 << requirement
    for current in queue:
        hit = answers[current] & free
        if hit:
            person = (hit & -hit).bit_length() - 1
            free &= ~(1 << person)
            while True:
                served[person] = current
                holder[current].append(person)
                if current == requirement:
                    return free, 0
                previous, moved = parent[current]
                holder[current].remove(moved)
                person, current = moved, previous
        candidates = answers[current]
        while candidates:
            low = candidates & -candidates
            candidates ^= low
            person = low.bit_length() - 1
            other = served[person]
            if other >= 0 and not seen >> other & 1:
                seen |= 1 << other
                parent[other] = (current, person)
                queue.append(other)
    return free, seen


def gains(
    values: Sequence[Sequence[int]],
    masks: Sequence[int] | Mapping[int, int],
    holder: list[list[int]],
) -> tuple[int, ...]:
    """Per requirement: the dearest open place reached when one more person answers it."""
    size = len(values)
    reaches = [0] * size
    for requirement in range(size):
        for person in holder[requirement]:
            reaches[requirement] |= masks[person]
    gain = [0] * size
    unset = (1 << size) - 1
    opened = sorted(
        (
            (row[len(holder[requirement])], requirement)
            for requirement, row in enumerate(values)
            if len(holder[requirement]) < len(row)
        ),
        reverse=True,
    )
    for value, requirement in opened:
        if not unset >> requirement & 1:
            continue
        stack = [requirement]
        unset &= ~(1 << requirement)
        while stack:
            target = stack.pop()
            gain[target] = value
            rest = unset
            while rest:
                low = rest & -rest
                rest ^= low
                source = low.bit_length() - 1
                if reaches[source] >> target & 1:
                    unset ^= low
                    stack.append(source)
    return tuple(gain)


def exclusive_gain(gain: Sequence[int], mask: int) -> int:
    """The saving of one more person with `mask`."""
    best = 0
    while mask:
        low = mask & -mask
        mask ^= low
        value = gain[low.bit_length() - 1]
        if value > best:
            best = value
    return best
