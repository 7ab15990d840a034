"""The lower bound, in steps: prices over the whole problem, then office after office."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from solver.engine.board import Instance
from solver.engine.clock import Clock
from solver.engine.duals import Duals
from solver.engine.pricing import Pricing
from solver.engine.relaxation import OfficeRelaxation
from solver.engine.skill_days import skill_days

PRICE_STEPS = 10
"""Steps of the priced relaxation between two looks at the clock."""


def bounds(instance: Instance, clock: Clock, target: Callable[[], float]) -> Iterator[int]:
    """Proven bounds, never falling, one after each piece of work.

    `target` is asked for the cost of the best roster known, which sizes the steps.
    """
    pricing = Pricing(instance)
    while not (pricing.converged or clock.over()):
        for _ in range(PRICE_STEPS):
            pricing.step(target())
            if pricing.converged or clock.over():
                break
        yield pricing.bound
    duals = Duals.from_pricing(instance, pricing)
    levels = pricing.layout.levels(pricing.best_prices)
    best = max(pricing.bound, duals.bound)
    for office in _smallest_first(instance):
        if clock.over():
            return
        tables = skill_days(instance, {office})
        yield best
        relaxation = OfficeRelaxation(instance, office, duals, tables, levels, clock)
        for _ in relaxation.climb(duals):
            best = max(best, duals.bound)
            yield best


def _smallest_first(instance: Instance) -> list[int]:
    sizes = [0] * len(instance.problem.offices)
    for choices in instance.choices:
        for office in choices.office[choices.office >= 0].tolist():
            sizes[office] += 1
    return sorted((one for one in range(len(sizes)) if sizes[one]), key=lambda one: sizes[one])
