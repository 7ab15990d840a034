"""A bound from any multipliers: what every choice earns, office by office.

Whatever prices are put on the rows of a relaxation, giving each choice back what it earns
from its office's rows and adding the office's constant is a lower bound:

    sum over offices (constant) + sum over mediators (cheapest legal plan, less its earnings).

So offices may be improved one at a time, by whichever method, and the bound of the whole
counts visits between them: a mediator's plan covers all their offices at once.
"""

from __future__ import annotations

import numpy as np

from solver.engine.arrays import Floats
from solver.engine.board import Instance
from solver.engine.pricing import Pricing, round_up


class Duals:
    """Earnings of every choice and the constant of every office."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.earned: list[Floats] = [np.zeros(len(one)) for one in instance.choices]
        self.constant: list[float] = [0.0] * len(instance.problem.offices)
        self._best: list[float | None] = [None] * len(instance.choices)

    @staticmethod
    def from_pricing(instance: Instance, pricing: Pricing) -> Duals:
        duals = Duals(instance)
        values = pricing.layout.choice_values(pricing.best_prices)
        for mediator, choices in enumerate(instance.choices):
            instance.look()
            duals.earned[mediator] = choices.cost - values[mediator]
        duals.constant = pricing.layout.office_constants(pricing.best_prices)
        return duals

    def values(self, mediator: int) -> Floats:
        """Cost of each choice less what it earns."""
        found: Floats = self._instance.choices[mediator].cost - self.earned[mediator]
        return found

    def replace(self, office: int, constant: float, earned: dict[int, Floats]) -> None:
        """New earnings of an office's choices: for each mediator, in the order of choices."""
        self.constant[office] = constant
        for mediator, amounts in earned.items():
            here = self._instance.choices[mediator].office == office
            self.earned[mediator][here] = amounts
            self._best[mediator] = None

    def value(self) -> float:
        total = sum(self.constant)
        for mediator, plans in enumerate(self._instance.plans):
            self._instance.look()
            best = self._best[mediator]
            if best is None:
                best = self._best[mediator] = plans.best(self.values(mediator))[0]
            total += best
        return total

    @property
    def bound(self) -> int:
        """The proven bound, rounded up."""
        return round_up(self.value())
