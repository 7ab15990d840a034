"""One office as a linear program, and the multipliers it gives.

Solving one office after the other climbs the joint bound (`solver.engine.duals`). Bounds are
computed anew from the multipliers over all choices, so a solver's tolerances do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator

import highspy
import numpy as np

from solver.engine.arrays import Floats
from solver.engine.clock import Clock
from solver.engine.duals import Duals
from solver.engine.office_program import OfficeProgram
from solver.engine.program import new_highs
from solver.engine.separation import insert_set, violated_sets

MOST_ROUNDS = 60

PRIMAL_SIMPLEX = 4
"""HiGHS's number for it: some two to three times quicker here than its dual simplex."""


class OfficeRelaxation:
    """The linear relaxation of an office's program."""

    def __init__(self, office: OfficeProgram, clock: Clock) -> None:
        self.office = office
        self._number = office.office
        self._highs = new_highs(clock, 0)
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        office.program.load(self._highs)
        self.multipliers: Floats | None = None
        """Of the program's rows, as they stand in the joint bound; None before any raised it."""

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
            added = self._price(prices)
            cuts = violated_sets(self.office, point)
            for cell, chosen in cuts:
                insert_set(self.office, self._highs, cell, chosen)
            if not added + len(cuts):
                return

    def _offer(self, duals: Duals, prices: Floats) -> None:
        before = duals.value()
        kept = (duals.constant[self._number], self._earned_now(duals))
        safe = self._safe(prices)
        duals.replace(self._number, *self._earnings(safe))
        if duals.value() < before:
            duals.replace(self._number, *kept)
        else:
            self.multipliers = safe

    def _earned_now(self, duals: Duals) -> dict[int, Floats]:
        return {
            person.mediator: duals.earned[person.mediator][person.here].copy()
            for person in self.office.people.persons
        }

    def _safe(self, prices: Floats) -> Floats:
        """Multipliers with those of the wrong sign (by tolerance) set to nothing.

        What is left is a Lagrangian bound whatever their values.
        """
        program = self.office.program
        safe = np.zeros(len(prices))
        for row, _ in self.office.priced:
            price = prices[row]
            if program.row_lower[row] == -np.inf:
                price = min(price, 0.0)
            elif program.row_upper[row] == np.inf:
                price = max(price, 0.0)
            safe[row] = price
        for column, size, rows in self.office.boxes:
            if size == np.inf:
                row = rows[0][0]
                safe[row] = max(safe[row], -program.cost[column])
        return safe

    def _earnings(self, safe: Floats) -> tuple[float, dict[int, Floats]]:
        """The office's constant, and what each choice here earns, at these multipliers."""
        program = self.office.program
        constant = 0.0
        for row, side in self.office.priced:
            constant += safe[row] * side
        for column, size, rows in self.office.boxes:
            if size != np.inf:
                reduced = program.cost[column] - sum(safe[row] * sign for row, sign in rows)
                constant += min(0.0, reduced) * size
        for entries in self.office.mixtures:
            constant += min(-sum(safe[row] * sign for row, sign in rows) for _, rows in entries)
        return constant, self.office.people.earned(safe)

    def _price(self, prices: Floats) -> int:
        people = self.office.people
        earned = people.earned(prices)
        added = 0
        for person in people.persons:
            self.office.instance.look()
            choices = self.office.instance.choices[person.mediator]
            group = self.office.instance.plans[person.mediator].group[person.here]
            link = prices[np.array(person.link)]
            reduced = choices.cost[person.here] - earned[person.mediator] - link[group]
            for day in np.unique(choices.day[person.here][reduced < -1e-6]).tolist():
                candidates = np.flatnonzero((choices.day[person.here] == day) & (reduced < -1e-6))
                for place in candidates[np.argsort(reduced[candidates])][:2]:
                    choice = int(person.here[place])
                    if (person.mediator, choice) not in people.columns:
                        cost, rows, signs = people.inside_column(person, choice)
                        self._highs.addCol(
                            cost, 0.0, 1.0, len(rows), np.array(rows, np.int32), np.array(signs)
                        )
                        added += 1
        return added
