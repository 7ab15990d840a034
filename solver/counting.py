"""A counting of least cost: whom to count for which unit of the exclusive requirements.

In one slot of one office each *exclusive* requirement r asks for `count` units; a unit left
unmet costs `minimum_cost` (the first `minimum` units) or `cost` (the others), whoever else is
there. A mediator meets at most one unit, of a requirement they qualify for.

*Why a greedy count is exact.* The sets of units that can be met at once are the sets that a
matching of units to mediators can cover: the independent sets of a transversal matroid
(Edmonds and Fulkerson, 1965). The cost of a counting depends on which units are met and not
on who meets them, so the least cost leaves a basis of greatest weight met, and on a matroid
the greedy algorithm finds one (Rado 1957, Edmonds 1971): take the units from the dearest to
the cheapest, and keep each that can still be met together with those kept, which an
augmenting path decides. As `minimum_cost` >= `cost`, the order within a requirement is the
order the contract asks for. When a search for an augmenting path fails, every mediator it
reached serves a requirement it reached, and so no later unit of those requirements can be
met either: they are closed for good.

Mediators who qualify for the same requirements are alike, so they are counted as one group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from solver.problem import Requirement


@dataclass(frozen=True, slots=True)
class Units:
    """`count` alike units of the exclusive requirement at `index`, each worth `cost`."""

    cost: int
    index: int
    count: int


@dataclass
class Counting:
    """A least-cost counting: groups of alike mediators and how many serve each requirement."""

    masks: list[int]
    """One per group: bit i is set if its mediators qualify for exclusive requirement i."""
    free: list[int]
    """Mediators of each group who meet nothing."""
    serving: list[dict[int, int]] = field(default_factory=list)
    """Per group: requirement index -> how many of the group meet it."""
    saved: int = 0
    """Cost of the units met."""


def units_of(exclusive: Sequence[Requirement]) -> tuple[Units, ...]:
    """The units of all requirements, dearest first."""
    units = [
        unit
        for index, need in enumerate(exclusive)
        for unit in (
            Units(need.minimum_cost, index, need.minimum),
            Units(need.cost, index, need.count - need.minimum),
        )
        if unit.count
    ]
    return tuple(sorted(units, key=lambda unit: -unit.cost))


def counted(units: Iterable[Units], groups: Mapping[int, int]) -> Counting:
    """A counting of least cost.

    `units` come dearest first (`units_of`); `groups` says how many qualify for the requirements
    of each mask, and none of them for nothing.
    """
    masks = sorted(groups, key=lambda mask: (mask.bit_count(), mask))
    made = Counting(masks, [groups[mask] for mask in masks], [{} for _ in masks])
    closed = 0
    for some in units:
        if not any(made.free):
            break
        if closed >> some.index & 1:
            continue
        left = some.count - _take_free(made, some.index, some.count)
        while left:
            reached = _augment(made, some.index, closed)
            if reached:
                closed |= reached
                break
            left -= 1
        made.saved += some.cost * (some.count - left)
    return made


def _take_free(made: Counting, index: int, wanted: int) -> int:
    """Let free mediators meet up to `wanted` units; the least versatile go first."""
    taken = 0
    for group, mask in enumerate(made.masks):
        if mask >> index & 1 and made.free[group]:
            now = min(made.free[group], wanted - taken)
            made.free[group] -= now
            made.serving[group][index] = made.serving[group].get(index, 0) + now
            taken += now
            if taken == wanted:
                break
    return taken


def _augment(made: Counting, index: int, closed: int) -> int:
    """Meet one more unit of requirement `index` by moving others; 0 if it could be done,
    else the requirements reached, as bits."""
    came_from: dict[int, tuple[int, int]] = {}
    reached = 1 << index
    queue = [index]
    for here in queue:
        for group, mask in enumerate(made.masks):
            if not mask >> here & 1:
                continue
            if made.free[group]:
                made.free[group] -= 1
                _shift_along(made, came_from, here, group)
                return 0
            for other in made.serving[group]:
                if not (reached | closed) >> other & 1:
                    reached |= 1 << other
                    came_from[other] = (here, group)
                    queue.append(other)
    return reached


def _shift_along(
    made: Counting, came_from: Mapping[int, tuple[int, int]], last: int, group: int
) -> None:
    """Give `last` one of `group`, and back along the path each the one the next gives up."""
    serving = made.serving
    serving[group][last] = serving[group].get(last, 0) + 1
    while last in came_from:
        before, group = came_from[last]
        serving[group][last] -= 1
        if not serving[group][last]:
            del serving[group][last]
        serving[group][before] = serving[group].get(before, 0) + 1
        last = before
