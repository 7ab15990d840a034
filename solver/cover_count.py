"""The cost of cover, counted exactly: who counts for which requirement at the least cost.

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

Mediators who qualify for the same requirements are alike, so they are counted as one group,
and the cost of a slot is remembered by the multiset of its mediators' qualifications. Slots
that ask for the same share that memory. No optimiser is needed, nor imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from solver.problem import Mediator, Problem, Requirement

MOST_REMEMBERED = 50_000
"""Countings remembered for one table of requirements, before it starts afresh."""


@dataclass(frozen=True, slots=True)
class _Units:
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


class _Qualifications(dict[int, int]):
    """Skill bits → `SlotTable.qualification`, reckoned at the first question."""

    def __init__(self, needs: Sequence[int]) -> None:
        super().__init__()
        self._needs = needs

    def __missing__(self, held: int) -> int:
        mask = sum(1 << index for index, needs in enumerate(self._needs) if needs & held == needs)
        self[held] = mask
        return mask


class SlotTable:
    """What one office asks for in one slot; slots that ask alike share a table."""

    def __init__(self, requirements: Sequence[Requirement], skill_bits: Mapping[str, int]) -> None:
        self.exclusive = tuple(need for need in requirements if need.exclusive)
        self.presence = tuple(need for need in requirements if not need.exclusive)
        self._needs = [
            sum(1 << skill_bits[skill] for skill in need.needs)
            for need in (*self.exclusive, *self.presence)
        ]
        self._exclusive_bits = (1 << len(self.exclusive)) - 1
        self._units = _units(self.exclusive)
        self._worth = sum(units.cost * units.count for units in self._units)
        self._qualifications = _Qualifications(self._needs)
        self._remembered: dict[tuple[int, ...], int] = {}

    def qualification(self, held: int) -> int:
        """The requirements met by someone with the skill bits `held`: exclusive ones from bit 0,
        then the presences."""
        return self._qualifications[held]

    def cost(self, helds: Iterable[int]) -> int:
        """Least cost of the slot with one server for each of `helds`, their skill bits."""
        return self.cost_of(map(self._qualifications.__getitem__, helds))

    def cost_of(self, qualifications: Iterable[int]) -> int:
        """As `cost`, with one server for each of these `qualification`s."""
        key = tuple(sorted(qualifications))
        cost = self._remembered.get(key)
        if cost is None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            cost = self._exclusive_cost(key) + self._presence_cost(key)
            self._remembered[key] = cost
        return cost

    def counting(self, qualifications: Iterable[int]) -> Counting:
        """A least-cost counting of mediators with these qualifications."""
        groups = Counter(mask & self._exclusive_bits for mask in qualifications)
        groups.pop(0, None)
        masks = sorted(groups, key=lambda mask: (mask.bit_count(), mask))
        made = Counting(masks, [groups[mask] for mask in masks], [{} for _ in masks])
        closed = 0
        for units in self._units:
            if not any(made.free):
                break
            if closed >> units.index & 1:
                continue
            left = units.count - _take_free(made, units.index, units.count)
            while left:
                reached = _augment(made, units.index, closed)
                if reached:
                    closed |= reached
                    break
                left -= 1
            made.saved += units.cost * (units.count - left)
        return made

    def missing(self, helds: Iterable[int]) -> list[int]:
        """How many are missing of each requirement, the exclusive ones first, in a counting of
        least cost."""
        qualifications = [self.qualification(held) for held in helds]
        met: Counter[int] = Counter()
        for serving in self.counting(qualifications).serving:
            met.update(serving)
        for index in range(len(self.exclusive), len(self._needs)):
            met[index] = sum(mask >> index & 1 for mask in qualifications)
        return [
            max(0, need.count - met[index])
            for index, need in enumerate((*self.exclusive, *self.presence))
        ]

    def _exclusive_cost(self, qualifications: Sequence[int]) -> int:
        return self._worth - self.counting(qualifications).saved

    def _presence_cost(self, qualifications: Sequence[int]) -> int:
        cost = 0
        for index, need in enumerate(self.presence, start=len(self.exclusive)):
            present = sum(mask >> index & 1 for mask in qualifications)
            if present < need.count:
                cost += need.shortfall_cost(need.count - present)
            else:
                cost += need.excess_cost * (present - need.count)
        return cost


def _units(exclusive: Sequence[Requirement]) -> tuple[_Units, ...]:
    """The units of all requirements, dearest first."""
    units = [
        unit
        for index, need in enumerate(exclusive)
        for unit in (
            _Units(need.minimum_cost, index, need.minimum),
            _Units(need.cost, index, need.count - need.minimum),
        )
        if unit.count
    ]
    return tuple(sorted(units, key=lambda unit: -unit.cost))


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


class CoverCount:
    """The counting of a whole problem, by office and slot, ready to be asked often.

    Offices and mediators go by their place in `problem.offices` and `problem.mediators`.
    """

    def __init__(self, problem: Problem) -> None:
        skills = sorted({skill for need in problem.requirements for skill in need.needs})
        self.skill_bits: Mapping[str, int] = {skill: bit for bit, skill in enumerate(skills)}
        self._held = [HeldSkills(mediator, self.skill_bits) for mediator in problem.mediators]
        self._always = [one.always for one in self._held]
        self._timed = {index for index, one in enumerate(self._held) if one.is_timed}
        self.tables: dict[tuple[int, int], SlotTable] = self._tables(problem)

    def _tables(self, problem: Problem) -> dict[tuple[int, int], SlotTable]:
        office_index = {office.id: index for index, office in enumerate(problem.offices)}
        asked: dict[tuple[int, int], list[int]] = {}
        for index, need in enumerate(problem.requirements):
            office = office_index[need.office]
            for slot in range(need.start, need.end):
                asked.setdefault((office, slot), []).append(index)
        contents: dict[tuple[object, ...], SlotTable] = {}
        tables = {}
        for place, indices in asked.items():
            needs = [problem.requirements[index] for index in indices]
            content = tuple(map(_content, needs))
            if content not in contents:
                contents[content] = SlotTable(needs, self.skill_bits)
            tables[place] = contents[content]
        return tables

    def held(self, mediator: int, slot: int) -> int:
        """The skills a mediator holds in a slot, as bits of `skill_bits`."""
        return self._held[mediator].at(slot)

    def cost(self, office: int, slot: int, servers: Sequence[int]) -> int:
        """Least cost of cover at an office in a slot when `servers` serve there."""
        table = self.tables.get((office, slot))
        if table is None:
            return 0
        if self._timed.isdisjoint(servers):
            return table.cost(map(self._always.__getitem__, servers))
        held = self._held
        return table.cost([held[mediator].at(slot) for mediator in servers])

    def serves(self, office: int, slot: int, servers: Sequence[int]) -> dict[int, int | None]:
        """One least-cost counting: the place of each server in `servers` -> the place in
        `tables[office, slot].exclusive` of the requirement they meet, or None."""
        met: dict[int, int | None] = dict.fromkeys(range(len(servers)))
        table = self.tables.get((office, slot))
        if table is None:
            return met
        masks = [table.qualification(self.held(mediator, slot)) for mediator in servers]
        counting = table.counting(masks)
        members = _members(masks, len(table.exclusive))
        for mask, serving in zip(counting.masks, counting.serving, strict=True):
            for index, count in serving.items():
                for _ in range(count):
                    met[next(members[mask])] = index
        return met


def _members(masks: Sequence[int], exclusive: int) -> dict[int, Iterator[int]]:
    bits = (1 << exclusive) - 1
    members: dict[int, list[int]] = {}
    for place, mask in enumerate(masks):
        members.setdefault(mask & bits, []).append(place)
    return {mask: iter(places) for mask, places in members.items()}


class HeldSkills:
    """One mediator's skills as bits, which certifications that begin or expire let change."""

    def __init__(self, mediator: Mediator, skill_bits: Mapping[str, int]) -> None:
        self.always = 0
        """Skills held throughout."""
        self._spans: list[tuple[int, int, int]] = []
        for skill, span in mediator.skills.items():
            bit = skill_bits.get(skill)
            if bit is None:
                continue
            if span is None:
                self.always |= 1 << bit
            else:
                self._spans.append((span.start, span.end, 1 << bit))

    @property
    def is_timed(self) -> bool:
        """Whether what is held differs from slot to slot."""
        return bool(self._spans)

    def at(self, slot: int) -> int:
        held = self.always
        for start, end, bit in self._spans:
            if start <= slot < end:
                held |= bit
        return held


def _content(need: Requirement) -> tuple[object, ...]:
    """What makes two requirements ask for the same; their ids and times do not matter."""
    return (
        need.needs, need.count, need.minimum, need.cost,
        need.minimum_cost, need.exclusive, need.excess_cost,
    )  # fmt: skip


def slot_cost(requirements: Sequence[Requirement], mediators: Iterable[Mediator], slot: int) -> int:
    """Least cost of one slot of one office where `mediators` serve: for a single question."""
    table, helds = _single(requirements, mediators, slot)
    return table.cost(helds)


def slot_counting(
    requirements: Sequence[Requirement], mediators: Iterable[Mediator], slot: int
) -> dict[str, int]:
    """How many are missing of each requirement, by its id, in one counting of least cost.

    The requirements are those of one office in one slot, where `mediators` serve.
    """
    table, helds = _single(requirements, mediators, slot)
    needs = (*table.exclusive, *table.presence)
    return {need.id: short for need, short in zip(needs, table.missing(helds), strict=True)}


def _single(
    requirements: Sequence[Requirement], mediators: Iterable[Mediator], slot: int
) -> tuple[SlotTable, list[int]]:
    skills = sorted({skill for need in requirements for skill in need.needs})
    bits = {skill: bit for bit, skill in enumerate(skills)}
    helds = [HeldSkills(one, bits).at(slot) for one in mediators]
    return SlotTable(requirements, bits), helds
