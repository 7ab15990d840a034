"""The mediators of one office in its program: their plans, their choices and where they serve.

The mediators who may work at the office keep their whole plan graph (as a unit flow); their
choices elsewhere cost what they are worth under the other offices' present multipliers.

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


@dataclass(frozen=True)
class Person:
    """A mediator of the office: their choices here, and the rows their groups belong to."""

    mediator: int
    here: Ints
    link: list[int]
    """Row of each group of choices."""
    first: int
    """Number of their first (mediator, cell) pair; pairs are numbered across the office."""


class OfficePeople:
    """Who may work at an office, and the rows and columns of each.

    A *pair* is a mediator and a cell, or a mediator and a day; each serving choice enters the
    rows of its pairs.
    """

    def __init__(
        self, program: Program, instance: Instance, office: int, *, detached: bool, integral: bool
    ) -> None:
        """Raises as `instance.look`."""
        self.program = program
        self.instance = instance
        self._office = office
        self._detached = detached
        self._integral = integral
        self.persons: list[Person] = []
        self.columns: dict[tuple[int, int], int] = {}
        """(mediator, choice) -> column, of those there so far."""
        self.pair_of: dict[tuple[int, int], int] = {}
        self.day_pair: dict[tuple[int, int], int] = {}
        self.pair_rows: list[list[tuple[int, float]]] = []
        self.detached_values: dict[int, dict[int, float]] = {}
        """Per detached mediator: the least value of each of their groups."""
        self.crowd: dict[int, dict[int, list[int]]] = defaultdict(dict)
        """cell -> skill mask -> pairs."""
        self._add_people()
        self._serves = self._service_matrix()

    def _add_people(self) -> None:
        instance, program = self.instance, self.program
        for mediator, choices in enumerate(instance.choices):
            instance.look()
            here = np.flatnonzero(choices.office == self._office)
            if not len(here):
                continue
            if self._detached and _works_elsewhere(choices, self._office):
                link = self._day_rows(mediator)
            else:
                link = _flow_links(program, instance.plans[mediator], integral=self._integral)
            self.persons.append(Person(mediator, here, link, len(self.pair_rows)))
            for cell in choices.cells.tolist():
                pair = len(self.pair_rows)
                self.pair_of[mediator, cell] = pair
                self.pair_rows.append([])
                mask = instance.demand.masks[mediator].get(cell, 0)
                if mask and cell // instance.frame.slots == self._office:
                    self.crowd[cell].setdefault(mask, []).append(pair)
        for person in self.persons:
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
        for person in self.persons:
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

    def add_columns(self, duals: Duals, window: float) -> None:
        """Columns of the choices that the present multipliers find good, `window` above the best
        plan at most, and of all choices elsewhere."""
        for person in self.persons:
            self.instance.look()
            choices = self.instance.choices[person.mediator]
            plans = self.instance.plans[person.mediator]
            values = duals.values(person.mediator)
            through = plans.through(values)
            good = through <= through.min() + window
            if person.mediator in self.detached_values:
                least = np.full(plans.groups, np.inf)
                np.minimum.at(least, plans.group, values)
                self.detached_values[person.mediator] = dict(enumerate(least.tolist()))
            else:
                for choice in np.flatnonzero(choices.office != self._office).tolist():
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

    def earned(self, prices: Floats) -> dict[int, Floats]:
        """What each choice here earns at these multipliers of the rows, by mediator."""
        values = np.zeros(len(self.pair_rows))
        for pair, rows in enumerate(self.pair_rows):
            for row, sign in rows:
                values[pair] += prices[row] * sign
        flat = self._serves @ values
        result = {}
        begin = 0
        for person in self.persons:
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
