"""The cost of cover, counted exactly (`solver.counting`), for every office and slot of a problem.

Slots that ask for the same share a table, and with it what it remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from solver.look import Look, no_look
from solver.problem import Mediator, Problem, Requirement
from solver.slot_table import SlotTable


class CoverCount:
    """The counting of a whole problem, by office and slot, ready to be asked often.

    Offices and mediators go by their place in `problem.offices` and `problem.mediators`. Raises
    as `look`.
    """

    def __init__(self, problem: Problem, look: Look = no_look) -> None:
        skills = sorted({skill for need in problem.requirements for skill in need.needs})
        self.skill_bits: Mapping[str, int] = {skill: bit for bit, skill in enumerate(skills)}
        self._held = [HeldSkills(mediator, self.skill_bits) for mediator in problem.mediators]
        self._always = [one.always for one in self._held]
        self._timed = {index for index, one in enumerate(self._held) if one.is_timed}
        self.tables: dict[tuple[int, int], SlotTable] = self._tables(problem, look)

    def _tables(self, problem: Problem, look: Look) -> dict[tuple[int, int], SlotTable]:
        office_index = {office.id: index for index, office in enumerate(problem.offices)}
        asked: dict[tuple[int, int], list[int]] = {}
        for index, need in enumerate(problem.requirements):
            look()
            office = office_index[need.office]
            for slot in range(need.start, need.end):
                asked.setdefault((office, slot), []).append(index)
        contents: dict[tuple[object, ...], SlotTable] = {}
        tables = {}
        for place, indices in asked.items():
            look()
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
