"""One office as a linear program: whole plans, Hall's inequalities, skill days.

The mediators who may work at the office keep their whole plan graph (as a unit flow); their
choices elsewhere cost what they are worth under the other offices' present multipliers. So
solving one office after the other climbs the joint bound (`solver.engine.duals`).

Only some choices and inequalities are there at first, those that the priced relaxation
finds good or tight; the others enter when the multipliers ask for them. Bounds are computed
anew from the multipliers over all choices, so a solver's tolerances do no harm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from solver.engine.assembly import Program, new_highs
from solver.engine.board import Instance
from solver.engine.choices import Ints
from solver.engine.clock import Clock
from solver.engine.duals import Duals
from solver.engine.hall import violated_set
from solver.engine.plans import Floats
from solver.engine.skill_days import SkillDay

WINDOW = 3.0
"""Choices whose best plan costs at most this much more than the best take part at once."""

MOST_ROUNDS = 60

PRIMAL_SIMPLEX = 4
"""HiGHS's number for it: some two to three times quicker here than its dual simplex."""


@dataclass(frozen=True)
class _Person:
    """A mediator of the office: their choices here, and the rows their groups belong to."""

    mediator: int
    here: Ints
    link: list[int]
    """Row of each group of choices."""
    first: int
    """Number of their first (mediator, cell) pair; pairs are numbered across the office."""


class OfficeRelaxation:
    """The linear program of one office. `climb` improves its multipliers in `duals`."""

    def __init__(
        self,
        instance: Instance,
        office: int,
        duals: Duals,
        tables: list[SkillDay],
        levels: dict[int, list[int]],
        clock: Clock,
    ) -> None:
        self._instance = instance
        self.office = office
        self._clock = clock
        self._program = Program()
        self._people: list[_Person] = []
        self._columns: dict[tuple[int, int], int] = {}
        self._pair_of: dict[tuple[int, int], int] = {}
        self._day_pair: dict[tuple[int, int], int] = {}
        self._pair_rows: list[list[tuple[int, float]]] = []
        self._priced: list[tuple[int, float]] = []
        """Rows with a multiplier, and their right-hand side."""
        self._boxes: list[tuple[int, float, list[tuple[int, float]]]] = []
        """Shortfall and excess columns: their size and rows."""
        self._box_index: dict[int, int] = {}
        self._short: dict[tuple[int, int], list[int]] = {}
        self._mixtures: list[list[tuple[int, list[tuple[int, float]]]]] = []
        self._cuts: set[tuple[int, int]] = set()
        self._crowd: dict[int, dict[int, list[int]]] = defaultdict(dict)
        """cell -> skill mask -> pairs."""
        self._add_people(duals)
        self._serves = self._service_matrix()
        self._add_demand(levels)
        self._add_capacity()
        for table in tables:
            self._add_skill_day(table)
        self._fill_columns(duals)
        self._highs = new_highs(clock, 0)
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        self._program.load(self._highs)

    # Building -----------------------------------------------------------------------------

    def _add_people(self, duals: Duals) -> None:
        instance, program = self._instance, self._program
        for mediator, choices in enumerate(instance.choices):
            here = np.flatnonzero(choices.office == self.office)
            if not len(here):
                continue
            link = _add_flow(program, instance, mediator)
            self._people.append(_Person(mediator, here, link, len(self._pair_rows)))
            for cell in choices.cells.tolist():
                pair = len(self._pair_rows)
                self._pair_of[mediator, cell] = pair
                self._pair_rows.append([])
                mask = instance.demand.masks[mediator].get(cell, 0)
                if mask and cell // instance.frame.slots == self.office:
                    self._crowd[cell].setdefault(mask, []).append(pair)
        for person in self._people:
            for day in np.unique(instance.choices[person.mediator].day[person.here]).tolist():
                self._day_pair[person.mediator, day] = len(self._pair_rows)
                self._pair_rows.append([])

    def _service_matrix(self) -> sparse.csr_matrix:
        """Choices here (person after person) by pairs, day pairs included."""
        size = len(self._pair_rows)
        blocks = []
        for person in self._people:
            choices = self._instance.choices[person.mediator]
            part = choices.matrix[person.here].tocoo()
            day_columns = [
                self._day_pair[person.mediator, int(day)] for day in choices.day[person.here]
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
        slots = self._instance.frame.slots
        for cell, demand in self._instance.demand.cells.items():
            if cell // slots != self.office:
                continue
            for bit, places in enumerate(demand.exclusive):
                self._short[cell, bit] = self._shortfall(places.requirement, places.values)
            for bit, item in enumerate(demand.presence):
                short = self._shortfall(item.requirement, item.worth)
                self._short[cell, ~bit] = short
                pairs = [
                    pair
                    for person in self._people
                    if self._instance.demand.presences[person.mediator].get(cell, 0) >> bit & 1
                    and (pair := self._pair_of.get((person.mediator, cell))) is not None
                ]
                excess = []
                if item.excess_cost:
                    excess = [self._program.column(float(item.excess_cost))]
                self._demand_row(short, pairs, float(len(item.worth)), excess)
            for chosen in sorted(levels.get(cell, [])):
                self._add_hall(cell, chosen)

    def _shortfall(self, requirement: int, values: tuple[int, ...]) -> list[int]:
        """Columns for the missing: ordinary ones and those below the minimum."""
        need = self._instance.problem.requirements[requirement]
        sizes = ((need.cost, need.count - need.minimum), (need.minimum_cost, need.minimum))
        columns = []
        for cost, size in sizes:
            if size:
                column = self._program.column(float(cost), float(size))
                self._box(column, float(size), [])
                columns.append(column)
        return columns

    def _demand_row(
        self, short: list[int], pairs: list[int], count: float, excess: list[int]
    ) -> int:
        columns = short + excess
        signs = [1.0] * len(short) + [-1.0] * len(excess)
        row = self._program.row(columns, signs, count, count if excess else np.inf)
        self._track(row, count, short, pairs)
        for column in excess:
            self._box(column, np.inf, [(row, -1.0)])
        return row

    def _track(self, row: int, side: float, short: list[int], pairs: list[int]) -> None:
        self._priced.append((row, side))
        for column in short:
            self._box_rows(column).append((row, 1.0))
        for pair in pairs:
            self._pair_rows[pair].append((row, 1.0))

    def _box_rows(self, column: int) -> list[tuple[int, float]]:
        return self._boxes[self._box_index[column]][2]

    def _box(self, column: int, size: float, rows: list[tuple[int, float]]) -> None:
        self._box_index[column] = len(self._boxes)
        self._boxes.append((column, size, rows))

    def _add_hall(self, cell: int, chosen: int) -> tuple[list[int], float] | None:
        """Track Hall's row of a set; returns its columns so far and right-hand side."""
        if not chosen or (cell, chosen) in self._cuts:
            return None
        self._cuts.add((cell, chosen))
        demand = self._instance.demand.cells[cell].exclusive
        bits = [bit for bit in range(len(demand)) if chosen >> bit & 1]
        short = [column for bit in bits for column in self._short[cell, bit]]
        count = float(sum(len(demand[bit].values) for bit in bits))
        pairs = [
            pair
            for mask, members in self._crowd.get(cell, {}).items()
            if mask & chosen
            for pair in members
        ]
        row = self._program.row(short, [1.0] * len(short), count, np.inf)
        self._track(row, count, short, pairs)
        return short, count

    def _add_capacity(self) -> None:
        most = self._instance.capacity.get(self.office)
        if most is None:
            return
        crowd: dict[int, list[int]] = defaultdict(list)
        slots = self._instance.frame.slots
        for (_, cell), pair in self._pair_of.items():
            if cell // slots == self.office:
                crowd[cell].append(pair)
        for pairs in crowd.values():
            if len(pairs) > most:
                row = self._program.row([], [], -np.inf, float(most))
                self._track(row, float(most), [], pairs)

    def _add_skill_day(self, table: SkillDay) -> None:
        program = self._program
        mixture = [program.column(0.0, 1.0) for _ in table.cost]
        program.row(mixture, [1.0] * len(mixture), 1.0, 1.0)
        entries: list[tuple[int, list[tuple[int, float]]]] = [(column, []) for column in mixture]
        for kind, members in enumerate(table.types):
            signs = [-float(count) for count in table.counts[:, kind]]
            row = program.row(list(mixture), signs, 0.0, np.inf)
            self._track(row, 0.0, [], [self._day_pair[one, table.day] for one in members])
            for (_, rows), sign in zip(entries, signs, strict=True):
                rows.append((row, sign))
        short = [
            column
            for cell, bit in table.requirements
            for column in self._short[cell, bit if table.exclusive else ~bit]
        ]
        costs = [program.cost[column] for column in short]
        signs = [-float(cost) for cost in table.cost]
        row = program.row(short + mixture, costs + signs, 0.0, np.inf)
        self._priced.append((row, 0.0))
        for column, cost in zip(short, costs, strict=True):
            self._box_rows(column).append((row, cost))
        for (_, rows), sign in zip(entries, signs, strict=True):
            rows.append((row, sign))
        self._mixtures.append(entries)

    def _fill_columns(self, duals: Duals) -> None:
        """The choices that the present multipliers find good, and all choices elsewhere."""
        for person in self._people:
            choices = self._instance.choices[person.mediator]
            values = duals.values(person.mediator)
            through = self._instance.plans[person.mediator].through(values)
            good = through <= through.min() + WINDOW
            for choice in np.flatnonzero(choices.office != self.office).tolist():
                self._outside_column(person, choice, float(values[choice]))
            for choice in person.here[good[person.here]].tolist():
                self._inside_column(person, choice)

    def _outside_column(self, person: _Person, choice: int, value: float) -> None:
        column = self._program.column(value, 1.0)
        self._columns[person.mediator, choice] = column
        group = int(self._instance.plans[person.mediator].group[choice])
        self._program.extend_row(person.link[group], column, 1.0)

    def _inside_column(self, person: _Person, choice: int) -> tuple[float, list[int], list[float]]:
        """Register a choice here; returns its cost and entries."""
        choices = self._instance.choices[person.mediator]
        column = self._program.column(float(choices.cost[choice]), 1.0)
        self._columns[person.mediator, choice] = column
        rows, signs = [person.link[int(self._instance.plans[person.mediator].group[choice])]], [1.0]
        for pair in self._pairs(person, choice):
            for row, sign in self._pair_rows[pair]:
                rows.append(row)
                signs.append(sign)
        for row, sign in zip(rows, signs, strict=True):
            self._program.extend_row(row, column, sign)
        return float(choices.cost[choice]), rows, signs

    def _pairs(self, person: _Person, choice: int) -> list[int]:
        choices = self._instance.choices[person.mediator]
        begin, end = choices.matrix.indptr[choice], choices.matrix.indptr[choice + 1]
        pairs = (choices.matrix.indices[begin:end] + person.first).tolist()
        return [*pairs, self._day_pair[person.mediator, int(choices.day[choice])]]

    # Solving ------------------------------------------------------------------------------

    def climb(self, duals: Duals) -> Iterator[None]:
        """Solve, separate and price, round by round, until nothing is missing.

        Each round writes the office's multipliers into `duals` when they raise the joint
        bound. Ends early where the clock stopped the solver.
        """
        for _ in range(MOST_ROUNDS):
            self._highs.run()
            if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return
            solution = self._highs.getSolution()
            prices = np.array(solution.row_dual)
            point = np.array(solution.col_value)
            self._offer(duals, prices)
            yield
            if not self._price(prices) + self._separate(point):
                return

    def _offer(self, duals: Duals, prices: Floats) -> None:
        before = duals.value()
        kept = (duals.constant[self.office], self._earned_now(duals))
        constant, earned = self._earnings(prices)
        duals.replace(self.office, constant, earned)
        if duals.value() < before:
            duals.replace(self.office, *kept)

    def _earned_now(self, duals: Duals) -> dict[int, Floats]:
        return {
            person.mediator: duals.earned[person.mediator][person.here].copy()
            for person in self._people
        }

    def _earnings(self, prices: Floats) -> tuple[float, dict[int, Floats]]:
        """The office's constant, and what each choice here earns, at these multipliers.

        Multipliers of the wrong sign (by tolerance) are set to nothing; what is left is a
        Lagrangian bound whatever their values.
        """
        program = self._program
        safe = np.zeros(len(prices))
        constant = 0.0
        for row, _ in self._priced:
            price = prices[row]
            if program.row_lower[row] == -np.inf:
                price = min(price, 0.0)
            elif program.row_upper[row] == np.inf:
                price = max(price, 0.0)
            safe[row] = price
        for column, size, rows in self._boxes:
            if size == np.inf:
                row = rows[0][0]
                safe[row] = max(safe[row], -program.cost[column])
        for row, side in self._priced:
            constant += safe[row] * side
        for column, size, rows in self._boxes:
            if size != np.inf:
                reduced = program.cost[column] - sum(safe[row] * sign for row, sign in rows)
                constant += min(0.0, reduced) * size
        for entries in self._mixtures:
            constant += min(-sum(safe[row] * sign for row, sign in rows) for _, rows in entries)
        return constant, self._split(self._serves @ self._pair_values(safe))

    def _pair_values(self, prices: Floats) -> Floats:
        values = np.zeros(len(self._pair_rows))
        for pair, rows in enumerate(self._pair_rows):
            for row, sign in rows:
                values[pair] += prices[row] * sign
        return values

    def _split(self, flat: Floats) -> dict[int, Floats]:
        result = {}
        begin = 0
        for person in self._people:
            result[person.mediator] = flat[begin : begin + len(person.here)]
            begin += len(person.here)
        return result

    def _separate(self, point: Floats) -> int:
        serving = np.zeros(len(self._pair_rows))
        for person in self._people:
            for choice in person.here.tolist():
                column = self._columns.get((person.mediator, choice))
                if column is not None and column < len(point) and point[column] > 1e-9:
                    serving[self._pairs(person, choice)] += point[column]
        added = 0
        for cell, crowd in self._crowd.items():
            demand = self._instance.demand.cells[cell].exclusive
            missing = [
                len(places.values) - sum(point[column] for column in self._short[cell, bit])
                for bit, places in enumerate(demand)
            ]
            people = {mask: float(serving[pairs].sum()) for mask, pairs in crowd.items()}
            violation, chosen = violated_set(missing, people)
            if violation > 1e-3 and (cell, chosen) not in self._cuts:
                self._insert_hall(cell, chosen)
                added += 1
        return added

    def _insert_hall(self, cell: int, chosen: int) -> None:
        found = self._add_hall(cell, chosen)
        if found is None:
            return
        short, count = found
        row = len(self._program.row_lower) - 1
        columns, signs = list(short), [1.0] * len(short)
        for (mediator, choice), column in self._columns.items():
            pair = self._pair_of.get((mediator, cell))
            if pair is not None and self._pair_rows[pair] and self._pair_rows[pair][-1][0] == row:
                choices = self._instance.choices[mediator]
                if cell in choices.served(choice):
                    columns.append(column)
                    signs.append(1.0)
                    self._program.extend_row(row, column, 1.0)
        self._highs.addRow(
            count, np.inf, len(columns), np.array(columns, dtype=np.int32), np.array(signs)
        )

    def _price(self, prices: Floats) -> int:
        earned = self._split(self._serves @ self._pair_values(prices))
        added = 0
        for person in self._people:
            choices = self._instance.choices[person.mediator]
            group = self._instance.plans[person.mediator].group[person.here]
            link = prices[np.array(person.link)]
            reduced = choices.cost[person.here] - earned[person.mediator] - link[group]
            for day in np.unique(choices.day[person.here][reduced < -1e-6]).tolist():
                candidates = np.flatnonzero((choices.day[person.here] == day) & (reduced < -1e-6))
                for place in candidates[np.argsort(reduced[candidates])][:2]:
                    choice = int(person.here[place])
                    if (person.mediator, choice) not in self._columns:
                        cost, rows, signs = self._inside_column(person, choice)
                        self._highs.addCol(
                            cost, 0.0, 1.0, len(rows), np.array(rows, np.int32), np.array(signs)
                        )
                        added += 1
        return added


def _add_flow(program: Program, instance: Instance, mediator: int) -> list[int]:
    """A unit flow through a mediator's plan graph; returns the link row of each group."""
    plans = instance.plans[mediator]
    arcs_of: list[list[int]] = [[] for _ in range(plans.groups)]
    arriving: dict[int, list[int]] = {}
    for depth, layer in enumerate(plans.graph.layers):
        leaving: dict[int, list[int]] = defaultdict(list)
        after: dict[int, list[int]] = defaultdict(list)
        for source, group, target, cost in zip(
            layer.source.tolist(),
            layer.group.tolist(),
            layer.target.tolist(),
            layer.cost.tolist(),
            strict=True,
        ):
            arc = program.column(cost, 1.0)
            leaving[source].append(arc)
            after[target].append(arc)
            arcs_of[group].append(arc)
        for state, out in leaving.items():
            into = arriving.get(state, [])
            inflow = 1.0 if depth == 0 else 0.0
            program.row(out + into, [1.0] * len(out) + [-1.0] * len(into), inflow, inflow)
        arriving = after
    return [program.row(list(arcs), [-1.0] * len(arcs), 0.0, 0.0) for arcs in arcs_of]
