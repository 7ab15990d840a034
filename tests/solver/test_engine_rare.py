"""The bound of those few who hold a skill, against every roster of small problems."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from every_roster import brute_force
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_problems import problems
from small_problem import mediator, problem, requirement, shift

from solver.engine.board import Instance
from solver.engine.bounding import office_prices
from solver.engine.clock import Clock
from solver.engine.duals import Duals
from solver.engine.office_program import OfficeProgram
from solver.engine.priced import Priced
from solver.engine.pricing import Prices, Pricing
from solver.engine.rare import RareSkills
from solver.engine.rare_program import joint_gain
from solver.engine.relaxation import OfficeRelaxation
from solver.engine.skill_days import skill_days
from solver.formats.problem_file import read_problem
from solver.problem import Problem

MANY = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
FAR = 1e6


def every_place(instance: Instance) -> frozenset[tuple[int, int]]:
    return frozenset(
        place
        for cell, demand in instance.demand.cells.items()
        for place in [
            *((cell, bit) for bit in range(len(demand.exclusive))),
            *((cell, ~bit) for bit in range(len(demand.presence))),
        ]
    )


def random_prices(layout: Prices, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(layout.low, layout.high)


@MANY
@given(problems(), st.integers(0, 10**6), st.booleans())
def test_all_together_cost_the_optimum(problem: Problem, seed: int, with_tables: bool) -> None:
    """With everybody in the program nothing is left to price."""
    roomy = dataclasses.replace(
        problem, offices=tuple(dataclasses.replace(one, capacity=None) for one in problem.offices)
    )
    optimum = brute_force(roomy)
    if optimum is None:
        return
    instance = Instance.of(roomy)
    layout = Prices(instance)
    priced = Priced.of(instance, layout, random_prices(layout, seed))
    everybody = frozenset(range(len(instance.plans)))
    tables = skill_days(instance) if with_tables else []
    gain, solved = joint_gain(
        instance, priced, everybody, every_place(instance), tables, FAR, FAR, Clock(20)
    )
    assert solved
    assert priced.value + gain == pytest.approx(optimum, rel=1e-4, abs=1e-3)


@MANY
@given(problems(), st.integers(0, 10**6))
def test_prices_prove_what_pricing_says(problem: Problem, seed: int) -> None:
    instance = Instance.of(problem)
    if not all(plans.feasible for plans in instance.plans):
        return
    layout = Prices(instance)
    prices = random_prices(layout, seed)
    proven = layout.evaluate(prices).value
    assert Priced.of(instance, layout, prices).value == pytest.approx(proven)


@MANY
@given(problems(), st.integers(0, 10**6), st.booleans(), st.sampled_from([0, 1, FAR]))
def test_no_gain_lifts_the_bound_above_the_optimum(
    problem: Problem, seed: int, relaxed: bool, above: float
) -> None:
    """However near the best roster known is to it: what would cost more is left out."""
    optimum = brute_force(problem)
    if optimum is None:
        return
    instance = Instance.of(problem)
    pricing = Pricing(instance)
    for _ in range(seed % 40):
        pricing.step(float(optimum))
    relaxations = offices(instance, pricing) if relaxed else []
    priced = office_prices(instance, pricing, relaxations)
    assert priced.value <= optimum + 1e-4
    rare = RareSkills(instance, priced, skill_days(instance))
    for total in rare.gains(lambda: optimum + above, Clock(20)):
        assert priced.value + total <= optimum + 1e-3


def offices(instance: Instance, pricing: Pricing) -> list[OfficeRelaxation]:
    duals = Duals.from_pricing(instance, pricing)
    sets = pricing.layout.levels(pricing.best_prices)
    found = []
    for office in range(len(instance.problem.offices)):
        program = OfficeProgram(instance, office, duals, skill_days(instance, {office}), sets)
        if program.people:
            found.append(OfficeRelaxation(program, Clock(20)))
            list(found[-1].climb(duals))
    return found


def test_multipliers_of_relaxed_offices_prove_what_the_offices_do() -> None:
    instance = Instance.of(three_pauses())
    pricing = Pricing(instance)
    for _ in range(50):
        pricing.step(10.0)
    duals = Duals.from_pricing(instance, pricing)
    sets = pricing.layout.levels(pricing.best_prices)
    program = OfficeProgram(instance, 0, duals, skill_days(instance), sets)
    relaxation = OfficeRelaxation(program, Clock(20))
    list(relaxation.climb(duals))
    priced = office_prices(instance, pricing, [relaxation])
    assert priced.value == pytest.approx(duals.value(), abs=1e-4)
    assert priced.value == pytest.approx(10, abs=1e-3)


def test_who_comes_whole_cannot_pause_in_parts() -> None:
    """Halves of three cover each other's pauses on both days; whole people leave one alone."""
    instance = Instance.of(three_pauses())
    pricing = Pricing(instance)
    while not pricing.converged:
        pricing.step(10.0)
    priced = office_prices(instance, pricing, [])
    assert priced.value < 1
    rare = RareSkills(instance, priced, [])
    *_, total = rare.gains(lambda: 10.0, Clock(20))
    assert priced.value + total == pytest.approx(10, abs=1e-2)


def three_pauses() -> Problem:
    """Three who come on one of two days; their shift may pause at one of three hours."""
    pauses = [(12, 13), (13, 14), (14, 15)]
    return read_problem(
        problem(
            2,
            weeks=[[0, 1]],
            shifts=[
                shift(
                    f"{day}.{begin}",
                    day,
                    9,
                    18,
                    breaks=[[24 * day + begin, 24 * day + end]],
                )
                for day in (0, 1)
                for begin, end in pauses
            ],
            mediators=[
                mediator(one, weeks=[{"min_slots": 0, "max_slots": 48, "max_days": 1}])
                for one in ("ana", "bo", "caio")
            ],
            requirements=[requirement(f"r{day}", 24 * day + 9, 24 * day + 18) for day in (0, 1)],
        )
    )
