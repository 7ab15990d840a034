"""The rows and columns of one office: whole plans, Hall's inequalities, skill days.

The mediators who may work at the office keep their whole plan graph (as a unit flow); their
choices elsewhere cost what they are worth under the other offices' present multipliers. Only
some choices and inequalities are there at first, those that the priced relaxation finds good
or tight; the others enter when the multipliers ask for them.

Detached, mediators who may also work elsewhere lose their flow: each of their days stands
alone, its choices costing what they add to the best they could do that day. That splits the
joint bound exactly by office, so that each office's integer program may raise its own part.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from solver.engine.arrays import Floats, Ints
from solver.engine.board import Instance
from solver.engine.choices import Choices
from solver.engine.duals import Duals
from solver.engine.plan_flow import add_plan_flow
from solver.engine.plans import Plans
from solver.engine.program import Program
from solver.engine.skill_days import SkillDay

WINDOW = 3.0
"""Choices whose best plan costs at most this much more than the best take part at once."""


@dataclass(frozen=True)
class Person:
    """A mediator of the office: their choices here, and the rows their groups belong to."""

    mediator: int
    here: Ints
    link: list[int]
    """Row of each group of choices."""
    first: int
    """Number of their first (mediator, cell) pair; pairs are numbered across the office."""


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
        self.instance = instance
        self.office = office
        self._window = window
        self._detached = detached
        self._integral = integral
        self.program = Program()
        self.people: list[Person] = []
        self.columns: dict[tuple[int, int], int] = {}
        self.pair_of: dict[tuple[int, int], int] = {}
        self.day_pair: dict[tuple[int, int], int] = {}
        self.pair_rows: list[list[tuple[int, float]]] = []
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
        self.detached_values: dict[int, dict[int, float]] = {}
        """Per detached mediator: the least value of each of their groups."""
        self.crowd: dict[int, dict[int, list[int]]] = defaultdict(dict)
        """cell -> skill mask -> pairs."""
        self._add_people(duals)
        self.serves = self._service_matrix()
        self._add_demand(levels)
        self._add_capacity()
        for table in tables:
            self._add_skill_day(table)
        self._fill_columns(duals)

    def _add_people(self, duals: Duals) -> None:
        instance, program = self.instance, self.program
        for mediator, choices in enumerate(instance.choices):
            here = np.flatnonzero(choices.office == self.office)
            if not len(here):
                continue
            if self._detached and _works_elsewhere(choices, self.office):
                link = self._day_rows(mediator)
            else:
                link = _flow_links(program, instance.plans[mediator], integral=self._integral)
            self.people.append(Person(mediator, here, link, len(self.pair_rows)))
            for cell in choices.cells.tolist():
                pair = len(self.pair_rows)
                self.pair_of[mediator, cell] = pair
                self.pair_rows.append([])
                mask = instance.demand.masks[mediator].get(cell, 0)
                if mask and cell // instance.frame.slots == self.office:
                    self.crowd[cell].setdefault(mask, []).append(pair)
        for person in self.people:
            for day in np.unique(instance.choices[person.mediator].day[person.here]).tolist():
                self.day_pair[person.mediator, day] = len(self.pair_rows)
                self.pair_rows.append([])

    def _day_rows(self, mediator: int) -> list[int]:
        """One row a day, at most one choice in it; returns the row of each group's day."""
        self.detached_values[mediator] = {}
        plans = self.instance.plans[mediator]
        rows: dict[int, int] = {}
        link = []
        for group in range(plans.groups):
            members = np.flatnonzero(plans.group == group)
            day = int(plans.choices.day[members[0]])
            if day not in rows:
                rows[day] = self.program.row([], [], 0.0, 1.0)
            link.append(rows[day])
        return link

    def _service_matrix(self) -> sparse.csr_matrix:
        """Choices here (person after person) by pairs, day pairs included."""
        size = len(self.pair_rows)
        blocks = []
        for person in self.people:
            choices = self.instance.choices[person.mediator]
            part = choices.matrix[person.here].tocoo()
            day_columns = [
                self.day_pair[person.mediator, int(day)] for day in choices.day[person.here]
            ]
            rows = np.concatenate([part.row, np.arange(len(person.here))])
            columns = np.concatenate([part.col + person.first, np.array(day_columns)])
            blocks.append(
                sparse.csr_matrix(
                    (np.ones(len(rows)), (rows, columns)), shape=(len(person.here), size)
                )
            )
        return sparse.vstack(blocks, format="csr") if blocks else sparse.csr_matrix((0, size))

    def _add_demand(self, levels: dict[int, list[int]]) -> None:
        slots = self.instance.frame.slots
        for cell, demand in self.instance.demand.cells.items():
            if cell // slots != self.office:
                continue
            for bit, places in enumerate(demand.exclusive):
                self.short[cell, bit] = self._shortfall(places.requirement, places.values)
            for bit, item in enumerate(demand.presence):
                short = self._shortfall(item.requirement, item.worth)
                self.short[cell, ~bit] = short
                pairs = [
                    pair
                    for person in self.people
                    if self.instance.demand.presences[person.mediator].get(cell, 0) >> bit & 1
                    and (pair := self.pair_of.get((person.mediator, cell))) is not None
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
            self.pair_rows[pair].append((row, 1.0))

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
            for mask, members in self.crowd.get(cell, {}).items()
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
        for (_, cell), pair in self.pair_of.items():
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
            self._track(row, 0.0, [], [self.day_pair[one, table.day] for one in members])
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

    def _fill_columns(self, duals: Duals) -> None:
        """The choices that the present multipliers find good, and all choices elsewhere."""
        for person in self.people:
            choices = self.instance.choices[person.mediator]
            plans = self.instance.plans[person.mediator]
            values = duals.values(person.mediator)
            through = plans.through(values)
            good = through <= through.min() + self._window
            if person.mediator in self.detached_values:
                least = np.full(plans.groups, np.inf)
                np.minimum.at(least, plans.group, values)
                self.detached_values[person.mediator] = dict(enumerate(least.tolist()))
            else:
                for choice in np.flatnonzero(choices.office != self.office).tolist():
                    self._outside_column(person, choice, float(values[choice]))
            for choice in person.here[good[person.here]].tolist():
                self.inside_column(person, choice)

    def _outside_column(self, person: Person, choice: int, value: float) -> None:
        column = self.program.column(value, 1.0)
        self.columns[person.mediator, choice] = column
        group = int(self.instance.plans[person.mediator].group[choice])
        self.program.extend_row(person.link[group], column, 1.0)

    def inside_column(self, person: Person, choice: int) -> tuple[float, list[int], list[float]]:
        """Register a choice here; returns its cost and entries."""
        group = int(self.instance.plans[person.mediator].group[choice])
        cost = float(self.instance.choices[person.mediator].cost[choice])
        if person.mediator in self.detached_values:
            cost -= self.detached_values[person.mediator][group]
        column = self.program.column(cost, 1.0, integral=self._integral)
        self.columns[person.mediator, choice] = column
        rows, signs = [person.link[group]], [1.0]
        for pair in self.pairs(person, choice):
            for row, sign in self.pair_rows[pair]:
                rows.append(row)
                signs.append(sign)
        for row, sign in zip(rows, signs, strict=True):
            self.program.extend_row(row, column, sign)
        return cost, rows, signs

    def pairs(self, person: Person, choice: int) -> list[int]:
        choices = self.instance.choices[person.mediator]
        begin, end = choices.matrix.indptr[choice], choices.matrix.indptr[choice + 1]
        pairs = (choices.matrix.indices[begin:end] + person.first).tolist()
        return [*pairs, self.day_pair[person.mediator, int(choices.day[choice])]]

    def pair_values(self, prices: Floats) -> Floats:
        """What serving each pair earns at these row multipliers."""
        values = np.zeros(len(self.pair_rows))
        for pair, rows in enumerate(self.pair_rows):
            for row, sign in rows:
                values[pair] += prices[row] * sign
        return values

    def split(self, flat: Floats) -> dict[int, Floats]:
        """Values of all choices here, person after person, by mediator."""
        result = {}
        begin = 0
        for person in self.people:
            result[person.mediator] = flat[begin : begin + len(person.here)]
            begin += len(person.here)
        return result


def _works_elsewhere(choices: Choices, office: int) -> bool:
    return bool(((choices.office >= 0) & (choices.office != office)).any())


def _flow_links(program: Program, plans: Plans, *, integral: bool) -> list[int]:
    """A unit flow through a mediator's plan graph; returns the link row of each group."""
    links = []
    for arcs in add_plan_flow(program, plans):
        if integral:
            taken = program.column(0.0, 1.0, integral=True)
            program.row([taken, *arcs], [1.0] + [-1.0] * len(arcs), 0.0, 0.0)
            arcs = [taken]
        links.append(program.row(list(arcs), [-1.0] * len(arcs), 0.0, 0.0))
    return links
