"""What one office asks for in one slot, and what a slot costs with those who serve in it.

The cost is remembered by the multiset of the mediators' qualifications. No optimiser is needed,
nor imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from solver.counting import Counting, counted, units_of
from solver.problem import Requirement

MOST_REMEMBERED = 50_000
"""Countings remembered for one table of requirements, before it starts afresh."""

MOST_MET = 1_000
"""The same of how many meet what, which a page asks again and again as a roster is edited."""


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
        self._units = units_of(self.exclusive)
        self._worth = sum(units.cost * units.count for units in self._units)
        self._qualifications = _Qualifications(self._needs)
        self._remembered: dict[tuple[int, ...], int] = {}
        self._met: dict[tuple[int, ...], tuple[int, ...]] = {}

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
        return counted(self._units, groups)

    def met(self, qualifications: Iterable[int]) -> tuple[int, ...]:
        """How many meet each requirement, the exclusive ones first, in a counting of least cost
        of mediators with these qualifications."""
        key = tuple(sorted(qualifications))
        found = self._met.get(key)
        if found is None:
            if len(self._met) >= MOST_MET:
                self._met.clear()
            found = self._met[key] = self._count_met(key)
        return found

    def _count_met(self, qualifications: Sequence[int]) -> tuple[int, ...]:
        met: Counter[int] = Counter()
        for serving in self.counting(qualifications).serving:
            met.update(serving)
        for index in range(len(self.exclusive), len(self._needs)):
            met[index] = sum(mask >> index & 1 for mask in qualifications)
        return tuple(met[index] for index in range(len(self._needs)))

    def missing(self, helds: Iterable[int]) -> list[int]:
        """How many are missing of each requirement, the exclusive ones first, in a counting of
        least cost."""
        met = self.met(self.qualification(held) for held in helds)
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
