"""The lower bound, in steps: prices over the whole problem, then office after office."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from solver.engine.arrays import Floats
from solver.engine.board import Instance
from solver.engine.branching import OfficeGains
from solver.engine.clock import Clock
from solver.engine.duals import Duals
from solver.engine.office_program import OfficeProgram
from solver.engine.priced import Priced, Weighed, of_office
from solver.engine.pricing import Pricing, round_up
from solver.engine.rare import WORK, RareSkills
from solver.engine.relaxation import OfficeRelaxation
from solver.engine.skill_days import SkillDay, skill_days

LARGE_PROGRAM = 30_000
"""Columns of an office's program beyond which its relaxation is not solved in minutes."""
RARE_TRIES = 2
"""Tries of what few holders of skills gain where every office was relaxed: little is left there."""
OFFICE_WORK = (10e6, 40e6, 160e6, 640e6)
"""Effort of the first integer program of an office, the second and so on."""
PRICE_STEPS = 10
"""Steps of the priced relaxation between two looks at the clock."""


def bounds(
    instance: Instance,
    clock: Clock,
    target: Callable[[], float],
    heard: Callable[[int], None],
    reduced: Callable[[Floats], None] | None = None,
) -> Iterator[int]:
    """Proven bounds, never falling, one after each piece of work.

    `target` is asked for the cost of the best roster known, which sizes the steps. `heard` is
    told of bounds that rise during a long piece; `reduced`, once prices have come to their end,
    of the reduced costs of all choices (`Pricing.reduced_costs`), for a search to lean on.
    Raises as `instance.look`.
    """
    pricing = Pricing(instance)
    yield from _climbing(pricing, clock, target)
    if reduced is not None and not clock.over():
        reduced(pricing.reduced_costs())
    duals = Duals.from_pricing(instance, pricing)
    sets = pricing.layout.levels(pricing.best_prices)
    tables: dict[int, list[SkillDay]] = {}
    best = max(pricing.bound, duals.bound)
    solved: list[OfficeRelaxation] = []
    for office in _smallest_first(instance):
        if clock.over():
            return
        tables[office] = skill_days(instance, {office})
        yield best
        program = OfficeProgram(instance, office, duals, tables[office], sets)
        if len(program.program.cost) > LARGE_PROGRAM:
            continue
        relaxation = OfficeRelaxation(program, clock)
        for _ in relaxation.climb(duals):
            best = max(best, duals.bound)
            yield best
        solved.append(relaxation)
        for cell, chosen in program.hall_rows:
            sets.setdefault(cell, []).append(chosen)
    relaxed = [one.office.office for one in solved]
    priced = office_prices(instance, pricing, solved)
    rare = RareSkills(instance, priced, [*chain(*tables.values())])
    tries = RARE_TRIES if len(relaxed) == len(tables) else len(WORK)
    for gain in rare.gains(target, clock, tries):
        best = max(best, round_up(priced.value + gain))
        yield best
    yield from _branched(instance, clock, target, heard, duals, relaxed, tables, sets, best)


def cheap_bounds(
    instance: Instance, clock: Clock, target: Callable[[], float], *, plainly: bool = False
) -> Iterator[int]:
    """The first of these bounds, by prices alone: some work at once, and most of the way.

    `plainly`: without the compiled kernel. Raises as `instance.look`.
    """
    yield from _climbing(Pricing(instance, plainly=plainly), clock, target)


def _climbing(pricing: Pricing, clock: Clock, target: Callable[[], float]) -> Iterator[int]:
    while not (pricing.converged or clock.over()):
        for _ in range(PRICE_STEPS):
            pricing.step(target())
            if pricing.converged or clock.over():
                break
        yield pricing.bound


def office_prices(instance: Instance, pricing: Pricing, solved: list[OfficeRelaxation]) -> Priced:
    """The best multipliers known of the whole problem, as prices of places."""
    first = Priced.of(instance, pricing.layout, pricing.best_prices)
    prices = pricing.best_prices.copy()
    weighed: list[Weighed] = []
    for one in solved:
        if one.multipliers is not None:
            weighed += of_office(one.office, one.multipliers, pricing.layout, prices)
    return max(
        first, Priced.of(instance, pricing.layout, prices, weighed), key=lambda one: one.value
    )


def _branched(
    instance: Instance,
    clock: Clock,
    target: Callable[[], float],
    heard: Callable[[int], None],
    duals: Duals,
    offices: list[int],
    tables: dict[int, list[SkillDay]],
    sets: dict[int, list[int]],
    best: int,
) -> Iterator[int]:
    """Integer programs, the smallest office first, again with more effort while one is unsolved."""
    base = duals.value()
    gained = dict.fromkeys(offices, 0.0)
    open_ = list(gained)
    for work in OFFICE_WORK:
        for office in tuple(open_):
            others = base + sum(gained.values()) - gained[office]
            room = target() - others
            if clock.over() or room <= 0:
                return
            known = {cell: sorted(set(found)) for cell, found in sets.items()}
            program = OfficeGains(instance, office, duals, tables[office], known, room)
            # Heard of while this office is at work, and so of its own `others`.
            for gain in program.gains(work, clock, lambda more: heard(round_up(others + more))):  # noqa: B023
                gained[office] = max(gained[office], gain)
                best = max(best, round_up(others + gained[office]))
                yield best
            if program.solved:
                open_.remove(office)


def _smallest_first(instance: Instance) -> list[int]:
    sizes = [0] * len(instance.problem.offices)
    for choices in instance.choices:
        for office in choices.office[choices.office >= 0].tolist():
            sizes[office] += 1
    return sorted((one for one in range(len(sizes)) if sizes[one]), key=lambda one: sizes[one])
