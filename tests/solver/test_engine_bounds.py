"""Plans and bounds against brute force, on small problems that use the whole contract."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
import small_problem
from every_roster import broken_rules
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_problems import problems

from solver.check import check
from solver.engine.arrays import Floats
from solver.engine.board import Board, Instance
from solver.engine.bounding import bounds
from solver.engine.choices import NO_SHIFT
from solver.engine.clock import Clock
from solver.engine.kernel.layout import make_layout
from solver.engine.plans import INFEASIBLE
from solver.engine.pricing import Pricing
from solver.engine.skill_days import skill_days
from solver.formats.problem_file import read_problem
from solver.problem import Assignment, Problem

MANY = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def choices_by_day(instance: Instance, mediator: int) -> list[list[int]]:
    choices = instance.choices[mediator]
    return [
        np.flatnonzero(choices.day == day).tolist() for day in range(len(instance.problem.days))
    ]


@MANY
@given(problems(), st.integers(0, 10**6))
def test_best_plan_is_the_cheapest_of_all_legal_ones(problem: Problem, seed: int) -> None:
    """The plan graph's paths are exactly what the judge finds legal, at the judge's cost."""
    instance = Instance.of(problem)
    person = problem.mediators[0]
    plans = instance.plans[0]
    values = instance.choices[0].cost + np.random.default_rng(seed).integers(
        -20, 20, len(plans.choices)
    )
    alone = dataclasses.replace(
        problem,
        mediators=(person,),
        requirements=(),
        locked=tuple(one for one in problem.locked if one.mediator == person.id),
        previous=None
        if problem.previous is None
        else tuple(one for one in problem.previous if one.mediator == person.id),
    )
    best = INFEASIBLE
    for taken in itertools.product(*choices_by_day(instance, 0)):
        shifts = [int(plans.choices.shift[choice]) for choice in taken]
        roster = [
            Assignment(person.id, problem.shifts[shift].id) for shift in shifts if shift != NO_SHIFT
        ]
        legal = all(broken.rule == "capacity" for broken in broken_rules(alone, roster))
        cost = check(alone, roster).cost if legal else INFEASIBLE
        assert plans.cost_of(taken) == cost
        if legal:
            extra = float((values - plans.choices.cost)[list(taken)].sum())
            best = min(best, cost + extra)
    value, plan = plans.best(values.astype(float))
    assert value == best
    if plan:
        assert np.isclose(plans.through(values.astype(float))[plan], value).all()


def test_days_worked_before_make_a_graph_of_their_own_only_where_a_run_may_be_too_long() -> None:
    def after(identifier: str, days: int, most: int) -> dict[str, Any]:
        return small_problem.mediator(
            identifier,
            weeks=[{"min_slots": 0, "max_slots": 168, "max_days": 5}],
            max_consecutive_days=most,
            history={"last_end": None, "consecutive_days": days},
        )

    people = [after("m0", 0, 7), after("m1", 2, 7), after("m2", 0, 6), after("m3", 2, 6)]
    shifts = [small_problem.shift(f"s{day}", day, 9, 17) for day in range(7)]
    problem = read_problem(small_problem.problem(shifts=shifts, mediators=people))
    first, *others = Instance.of(problem).plans
    assert [plans.graph is first.graph for plans in others] == [True, True, False]


@MANY
@given(problems(), st.randoms(use_true_random=False))
def test_no_bound_lies_above_any_legal_roster(problem: Problem, random) -> None:
    instance = Instance.of(problem)
    if not all(plans.feasible for plans in instance.plans):
        return
    board = Board(instance)
    for mediator in range(len(problem.mediators)):
        values = np.array([random.uniform(0, 30) for _ in instance.choices[mediator].day])
        _, plan = instance.plans[mediator].best(values)
        board.give(mediator, tuple(plan))
    if board.overfull():
        return
    judgement = check(problem, board.assignments())
    assert judgement.violations == ()
    assert judgement.cost == board.cost()
    heard: list[int] = []
    # A target far above the optimum must do no harm.
    told = list(bounds(instance, Clock(0.7), lambda: float(judgement.cost), heard.append))
    assert told == sorted(told)
    assert max([0, *told, *heard]) <= judgement.cost


@pytest.mark.parametrize("morning", [True, False])
def test_whoever_comes_on_the_eve_covers_the_night_as_well(build, morning: bool) -> None:
    """One duty day: the night shift serves all that is asked, though nobody comes on day 1."""
    shifts = [
        build.shift("night", 0, 20, 28),
        *([build.shift("morning", 1, 1, 6)] if morning else []),
    ]
    world = read_problem(
        build.problem(
            2,
            shifts=shifts,
            mediators=[
                build.mediator("ana", weeks=[{"min_slots": 0, "max_slots": 40, "max_days": 1}]),
                build.mediator("bo", skills={}),
            ],
            requirements=[build.requirement("evening", 20, 22), build.requirement("night", 25, 27)],
        )
    )
    assert check(world, [("ana", "night")]).cost == 0
    instance = Instance.of(world)
    assert max([0, *bounds(instance, Clock(5), lambda: 100.0, lambda _: None)]) == 0
    days = {(cell, table.day) for table in skill_days(instance) for cell, _ in table.requirements}
    assert {day for cell, day in days if cell >= 24} == (set() if morning else {0})


def test_whoever_is_in_training_all_their_shift_is_in_no_table(build) -> None:
    """The one shift left to bo lies in it: they serve nowhere."""
    world = read_problem(
        build.problem(
            1,
            shifts=[build.shift("day", 0, 8, 12), build.shift("late", 0, 14, 18)],
            mediators=[
                build.mediator("ana"),
                build.mediator("bo", unavailable=[[0, 13]], busy=[[13, 19]]),
            ],
            requirements=[build.requirement("pt", 8, 12)],
        )
    )
    (table,) = skill_days(Instance.of(world))
    assert table.types == ((0,),)


@MANY
@given(problems(), st.randoms(use_true_random=False))
def test_no_roster_covers_a_skill_day_better_than_its_table(problem: Problem, random) -> None:
    instance = Instance.of(problem)
    tables = skill_days(instance)
    coming: dict[tuple[int, int, int], int] = {}
    for mediator, choices in enumerate(instance.choices):
        values = np.array([random.uniform(0, 30) for _ in choices.day])
        _, plan = instance.plans[mediator].best(values)
        for choice in plan:
            if choices.shift[choice] != NO_SHIFT:
                coming[mediator, int(choices.office[choice]), int(choices.day[choice])] = choice
    for table in tables:
        least = promised(table, coming)
        assert least <= skill_cost(instance, table, coming)


def promised(table, coming) -> int:
    """What the table says: the cheapest entry that asks for no more people than come."""
    there = [
        sum((mediator, table.office, table.day) in coming for mediator in members)
        for members in table.types
    ]
    return min(
        int(cost)
        for counts, cost in zip(table.counts, table.cost, strict=True)
        if all(count <= have for count, have in zip(counts, there, strict=True))
    )


def skill_cost(instance: Instance, table, coming) -> int:
    """Shortfall of the table's requirements if everyone who comes served only them."""
    total = 0
    needs: dict[int, list[int]] = {}
    for cell, bit in table.requirements:
        needs.setdefault(cell, []).append(bit)
    masks = instance.demand.masks if table.exclusive else instance.demand.presences
    for cell, bits in needs.items():
        demand = instance.demand.cells[cell]
        rows = [
            demand.exclusive[bit].values if table.exclusive else demand.presence[bit].worth
            for bit in bits
        ]
        values = sorted((value for row in rows for value in row), reverse=True)
        there = sum(
            any(masks[mediator].get(cell, 0) >> bit & 1 for bit in bits)
            and cell in instance.choices[mediator].served(choice)
            for (mediator, office, day), choice in coming.items()
        )
        total += sum(values[there:])
    return total


@MANY
@given(problems(), st.integers(0, 20))
def test_a_reduced_cost_is_what_the_cheapest_plan_with_a_choice_costs_more(
    problem: Problem, steps: int
) -> None:
    instance = Instance.of(problem)
    assume(all(plans.feasible for plans in instance.plans))
    pricing = Pricing(instance)
    for _ in range(steps):
        pricing.step(50.0)
    found = pricing.reduced_costs()
    values = pricing.layout.choice_values(pricing.best_prices)
    assert len(found) == sum(map(len, values))
    numbered = make_layout(instance).choice_first.tolist()
    first = 0
    for mediator, (plans, own) in enumerate(zip(instance.plans, values, strict=True)):
        assert first == numbered[mediator]
        least, _ = plans.best(own)
        for choice in range(0, len(own), 3):
            others = plans.choices.day == plans.choices.day[choice]
            others[choice] = False
            alone, _ = plans.best(np.where(others, INFEASIBLE, own))
            assert np.isclose(found[first + choice], alone - least)
        first += len(own)


def test_reduced_costs_are_told_once_where_prices_come_to_their_end(build) -> None:
    instance = Instance.of(read_problem(build.problem(mediators=[build.mediator("ana")])))
    told: list[Floats] = []
    for seconds in (0.0, 60.0):
        list(bounds(instance, Clock(seconds), lambda: 100.0, lambda _: None, told.append))
        assert len(told) == (seconds > 0)
