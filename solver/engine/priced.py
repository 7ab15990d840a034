"""Multipliers of the whole problem, place by place, and the bound that they prove.

Beside the prices of places (`solver.engine.pricing`) there may be weights of skill days: a
shortfall counts its table's weight less, and the table, with what the presence of its holders
earns, takes that part over. An office's relaxation gives both: the multipliers of Hall's sets add
up to prices of their places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from solver.engine.arrays import Floats
from solver.engine.board import Instance
from solver.engine.choices import Choices
from solver.engine.office_program import OfficeProgram
from solver.engine.pricing import Prices
from solver.engine.skill_days import Place, SkillDay


@dataclass(frozen=True)
class Weighed:
    """A skill day, the weight of its cost and what the presence of each type earns."""

    table: SkillDay
    weight: float
    earned: Floats

    @property
    def constant(self) -> float:
        """The least its table can cost with what presence is paid."""
        table = self.table
        return float((self.weight * table.cost + table.counts @ self.earned).min())


@dataclass(frozen=True)
class Priced:
    """Multipliers, the bound they prove and each mediator's part of it."""

    layout: Prices
    prices: Floats
    tables: tuple[Weighed, ...]
    value: float
    choice_values: list[Floats]
    best: list[float]
    _weight: dict[Place, float]

    @staticmethod
    def of(
        instance: Instance, layout: Prices, prices: Floats, tables: Iterable[Weighed] = ()
    ) -> Priced:
        weighed = tuple(tables)
        weight: dict[Place, float] = {}
        for one in weighed:
            for place in one.table.places:
                weight[place] = weight.get(place, 0.0) + one.weight
        values, best = [], []
        for mediator, row in enumerate(layout.choice_values(prices)):
            instance.look()
            row = row - table_earnings(mediator, instance.choices[mediator], weighed)
            values.append(row)
            best.append(instance.plans[mediator].best(row)[0])
        priced = Priced(layout, prices, weighed, 0.0, values, best, weight)
        return replace(priced, value=priced._value(instance))

    def _value(self, instance: Instance) -> float:
        total = sum(self.best) + sum(one.constant for one in self.tables)
        total -= float(self.layout.capacity @ self.prices[self.layout.demand_size :])
        for cell, demand in instance.demand.cells.items():
            for bit, places in enumerate(demand.exclusive):
                total += self.place_part((cell, bit), places.values)
            for bit, item in enumerate(demand.presence):
                total += self.place_part((cell, ~bit), item.worth)
        return total

    def place_part(self, place: Place, worth: tuple[int, ...]) -> float:
        """A place's part of the bound."""
        cell, bit = place
        layout = self.layout
        number = layout.exclusive[place] if bit >= 0 else layout.presence[cell, ~bit]
        share = 1.0 - self._weight.get(place, 0.0)
        return sum(min(value * share, float(self.prices[number])) for value in worth)


def table_earnings(mediator: int, choices: Choices, tables: Iterable[Weighed]) -> Floats:
    """What each choice earns by being there on the days of some tables."""
    total = np.zeros(len(choices))
    for one in tables:
        for kind, members in enumerate(one.table.types):
            if mediator in members and one.earned[kind]:
                there = (choices.office == one.table.office) & (choices.day == one.table.day)
                total[there] += one.earned[kind]
    return total


def of_office(
    program: OfficeProgram, multipliers: Floats, layout: Prices, prices: Floats
) -> list[Weighed]:
    """An office's multipliers: writes the prices of its places, returns its skill days' weights."""
    instance = program.instance
    for cell, demand in instance.demand.cells.items():
        if cell // instance.frame.slots == program.office:
            for bit in range(len(demand.exclusive)):
                prices[layout.exclusive[cell, bit]] = 0.0
    known = {key: row for key, row in program.hall_rows.items() if row < len(multipliers)}
    for (cell, chosen), row in known.items():
        for bit in range(chosen.bit_length()):
            if chosen >> bit & 1:
                prices[layout.exclusive[cell, bit]] += multipliers[row]
    for (cell, bit), row in program.presence_rows.items():
        prices[layout.presence[cell, bit]] = multipliers[row]
    for cell, row in program.room_rows.items():
        prices[layout.room[cell]] = -multipliers[row]
    return [
        Weighed(table, float(multipliers[row]), multipliers[np.array(types)])
        for table, types, row in program.table_rows
    ]
