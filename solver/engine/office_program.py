"""The rows and columns of one office: whole plans, Hall's inequalities, skill days.

Its mediators' part is `OfficePeople`. Only some choices and inequalities are there at first,
those that the priced relaxation finds good or tight; the others enter when the multipliers ask
for them.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from solver.engine.board import Instance
from solver.engine.duals import Duals
from solver.engine.office_people import OfficePeople
from solver.engine.program import Program
from solver.engine.skill_days import SkillDay

WINDOW = 3.0
"""Choices whose best plan costs at most this much more than the best take part at once."""


class OfficeProgram:
    """The program of one office and what each row and column stands for."""

    def __init__(
        self,
        instance: Instance,
        office: int,
        duals: Duals,
        tables: list[SkillDay],
        levels: dict[int, list[int]],
        *,
        window: float = WINDOW,
        detached: bool = False,
        integral: bool = False,
    ) -> None:
        """Raises as `instance.look`."""
        self.instance = instance
        self.office = office
        self.program = Program()
        self.people = OfficePeople(
            self.program, instance, office, detached=detached, integral=integral
        )
        self.priced: list[tuple[int, float]] = []
        """Rows with a multiplier, and their right-hand side."""
        self.boxes: list[tuple[int, float, list[tuple[int, float]]]] = []
        """Shortfall and excess columns: their size and rows."""
        self._box_index: dict[int, int] = {}
        self.short: dict[tuple[int, int], list[int]] = {}
        self.mixtures: list[list[tuple[int, list[tuple[int, float]]]]] = []
        self.hall_rows: dict[tuple[int, int], int] = {}
        """Row of Hall's inequality of a cell's set of exclusive requirements."""
        self.presence_rows: dict[tuple[int, int], int] = {}
        self.room_rows: dict[int, int] = {}
        self.table_rows: list[tuple[SkillDay, list[int], int]] = []
        """Each skill day, the rows of its types and the row of its cost."""
        self._add_demand(levels)
        self._add_capacity()
        for table in tables:
            self._add_skill_day(table)
        self.people.add_columns(duals, window)

    def _add_demand(self, levels: dict[int, list[int]]) -> None:
        slots = self.instance.frame.slots
        for cell, demand in self.instance.demand.cells.items():
            if cell // slots != self.office:
                continue
            self.instance.look()
            for bit, places in enumerate(demand.exclusive):
                self.short[cell, bit] = self._shortfall(places.requirement, places.values)
            for bit, item in enumerate(demand.presence):
                short = self._shortfall(item.requirement, item.worth)
                self.short[cell, ~bit] = short
                pairs = [
                    pair
                    for person in self.people.persons
                    if self.instance.demand.presences[person.mediator].get(cell, 0) >> bit & 1
                    and (pair := self.people.pair_of.get((person.mediator, cell))) is not None
                ]
                excess = []
                if item.excess_cost:
                    excess = [self.program.column(float(item.excess_cost))]
                row = self._demand_row(short, pairs, float(len(item.worth)), excess)
                self.presence_rows[cell, bit] = row
            for chosen in sorted(levels.get(cell, [])):
                self.add_hall(cell, chosen)

    def _shortfall(self, requirement: int, values: tuple[int, ...]) -> list[int]:
        """Columns for the missing: ordinary ones and those below the minimum."""
        need = self.instance.problem.requirements[requirement]
        sizes = ((need.cost, need.count - need.minimum), (need.minimum_cost, need.minimum))
        columns = []
        for cost, size in sizes:
            if size:
                column = self.program.column(float(cost), float(size))
                self._box(column, float(size), [])
                columns.append(column)
        return columns

    def _demand_row(
        self, short: list[int], pairs: list[int], count: float, excess: list[int]
    ) -> int:
        columns = short + excess
        signs = [1.0] * len(short) + [-1.0] * len(excess)
        row = self.program.row(columns, signs, count, count if excess else np.inf)
        self._track(row, count, short, pairs)
        for column in excess:
            self._box(column, np.inf, [(row, -1.0)])
        return row

    def _track(self, row: int, side: float, short: list[int], pairs: list[int]) -> None:
        self.priced.append((row, side))
        for column in short:
            self._box_rows(column).append((row, 1.0))
        for pair in pairs:
            self.people.pair_rows[pair].append((row, 1.0))

    def _box_rows(self, column: int) -> list[tuple[int, float]]:
        return self.boxes[self._box_index[column]][2]

    def _box(self, column: int, size: float, rows: list[tuple[int, float]]) -> None:
        self._box_index[column] = len(self.boxes)
        self.boxes.append((column, size, rows))

    def add_hall(self, cell: int, chosen: int) -> tuple[list[int], float] | None:
        """Track Hall's row of a set; returns its columns so far and right-hand side."""
        if not chosen or (cell, chosen) in self.hall_rows:
            return None
        demand = self.instance.demand.cells[cell].exclusive
        bits = [bit for bit in range(len(demand)) if chosen >> bit & 1]
        short = [column for bit in bits for column in self.short[cell, bit]]
        count = float(sum(len(demand[bit].values) for bit in bits))
        pairs = [
            pair
            for mask, members in self.people.crowd.get(cell, {}).items()
            if mask & chosen
            for pair in members
        ]
        row = self.program.row(short, [1.0] * len(short), count, np.inf)
        self.hall_rows[cell, chosen] = row
        self._track(row, count, short, pairs)
        return short, count

    def _add_capacity(self) -> None:
        most = self.instance.capacity.get(self.office)
        if most is None:
            return
        crowd: dict[int, list[int]] = defaultdict(list)
        slots = self.instance.frame.slots
        for (_, cell), pair in self.people.pair_of.items():
            if cell // slots == self.office:
                crowd[cell].append(pair)
        for cell, pairs in crowd.items():
            if len(pairs) > most:
                row = self.room_rows[cell] = self.program.row([], [], -np.inf, float(most))
                self._track(row, float(most), [], pairs)

    def _add_skill_day(self, table: SkillDay) -> None:
        program = self.program
        mixture = [program.column(0.0, 1.0) for _ in table.cost]
        program.row(mixture, [1.0] * len(mixture), 1.0, 1.0)
        entries: list[tuple[int, list[tuple[int, float]]]] = [(column, []) for column in mixture]
        type_rows = []
        for kind, members in enumerate(table.types):
            signs = [-float(count) for count in table.counts[:, kind]]
            row = program.row(list(mixture), signs, 0.0, np.inf)
            type_rows.append(row)
            self._track(row, 0.0, [], [self.people.day_pair[one, table.day] for one in members])
            for (_, rows), sign in zip(entries, signs, strict=True):
                rows.append((row, sign))
        short = [
            column
            for cell, bit in table.requirements
            for column in self.short[cell, bit if table.exclusive else ~bit]
        ]
        costs = [program.cost[column] for column in short]
        signs = [-float(cost) for cost in table.cost]
        row = program.row(short + mixture, costs + signs, 0.0, np.inf)
        self.table_rows.append((table, type_rows, row))
        self.priced.append((row, 0.0))
        for column, cost in zip(short, costs, strict=True):
            self._box_rows(column).append((row, cost))
        for (_, rows), sign in zip(entries, signs, strict=True):
            rows.append((row, sign))
        self.mixtures.append(entries)
