"""The compiled search against its plain form and the judge."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_problems import workable_problems

from solver.check import check
from solver.engine.board import Board, Instance, assignments_of
from solver.engine.clock import Clock
from solver.engine.first_roster import greedy_plans
from solver.engine.kernel import anneal
from solver.engine.kernel.crowd import move
from solver.engine.kernel.layout import Layout, State, make_layout, make_state
from solver.engine.kernel.reply import FULL, best_plan, best_plans, give, price_choices
from solver.engine.plans import INFEASIBLE
from solver.engine.pricing import Pricing
from solver.engine.search import Search
from solver.problem import Problem

MANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def laid_out(problem: Problem) -> tuple[Instance, Layout, State]:
    instance = Instance.of(problem)
    assume(all(plans.feasible for plans in instance.plans))
    layout = make_layout(instance)
    return instance, layout, make_state(layout)


@MANY
@given(workable_problems(), st.randoms(use_true_random=False))
def test_cells_cost_and_choices_are_priced_as_on_the_plain_board(problem: Problem, random) -> None:
    instance, layout, state = laid_out(problem)
    board = Board(instance)
    assert state.cover[0] == board.cover_cost()
    for _ in range(12):
        mediator = random.randrange(len(problem.mediators))
        if board.plan[mediator] is not None:
            board.take(mediator)
            move(layout, state, mediator, -1)
            assert state.cover[0] == board.cover_cost()
        plans = instance.plans[mediator]
        expected = board.values(mediator)
        price_choices(layout, state, mediator)
        values = state.values[: len(expected)]
        full = values > FULL / 2
        assert (full == np.isinf(expected)).all()
        assert (values[~full] == expected[~full]).all()
        value = best_plan(layout, state, mediator)
        assert value == plans.best(expected)[0]
        if value == INFEASIBLE:
            plan = plans.best(plans.choices.cost.astype(float))[1]
            numbers = np.array(plan) + layout.choice_first[mediator]
            anneal.put(layout, state, mediator, numbers, plans.cost_of(plan))
        else:
            give(layout, state, mediator)
            plan = (state.plan[mediator] - layout.choice_first[mediator]).tolist()
            assert state.own_cost[mediator] == plans.cost_of(plan)
        board.give(mediator, tuple(plan))
        assert state.cover[0] == board.cover_cost()


@MANY
@given(workable_problems(), st.randoms(use_true_random=False))
def test_everyones_cheapest_plans_are_those_of_the_plain_graphs(problem: Problem, random) -> None:
    instance, layout, state = laid_out(problem)
    values = np.array([random.uniform(-20, 30) for _ in layout.choice_cost])
    taken = np.zeros(state.plan.shape, dtype=np.int64)
    total = best_plans(layout, state, values, taken)
    expected = 0.0
    for mediator, plans in enumerate(instance.plans):
        own = values[layout.choice_first[mediator] : layout.choice_first[mediator + 1]]
        value, plan = plans.best(own)
        expected += value
        assert (taken[mediator] - layout.choice_first[mediator]).tolist() == plan
    assert np.isclose(total, expected)


@MANY
@given(workable_problems(), st.integers(0, 2**40))
def test_what_the_search_holds_is_legal_and_costs_what_the_judge_says(
    problem: Problem, seed: int
) -> None:
    instance = Instance.of(problem)
    assume(all(plans.feasible for plans in instance.plans))
    plans = greedy_plans(instance, make_layout(instance))
    assume(plans is not None)
    assert plans == greedy_plans(instance, None)
    first = check(problem, assignments_of(instance, list(plans)))
    search = Search(instance, plans, seed)
    assert search.best_cost == first.cost
    search.settle(Clock(5))
    settled = search.best_cost
    search.anneal(60, 5.0)
    assert search.best_cost <= settled <= first.cost
    judgement = check(problem, assignments_of(instance, list(search.best_plans)))
    assert judgement.violations == ()
    assert judgement.cost == search.best_cost
    search.restart_from_best()
    reduced = Pricing(instance).reduced_costs()
    for leaning in (reduced, reduced.astype(np.float32), np.where(reduced > 0, np.inf, 0.0)):
        search.lean(leaning)
        search.anneal(20, 0.0)
        search.anneal(20, 5.0)
        held = search._state.own_cost.sum() + search._state.cover[0]
        assert search._best.cost[0] == held
    judgement = check(problem, assignments_of(instance, list(search.best_plans)))
    assert judgement.violations == ()
    assert judgement.cost == search.best_cost


@given(workable_problems())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_seed_gives_the_same_search(problem: Problem) -> None:
    instance = Instance.of(problem)
    assume(all(plans.feasible for plans in instance.plans))
    plans = greedy_plans(instance, make_layout(instance))
    assume(plans is not None)
    found = []
    for _ in range(2):
        search = Search(instance, plans, 7)
        search.anneal(50, 3.0)
        search.lean(Pricing(instance).reduced_costs())
        search.anneal(50, 3.0)
        found.append((search.best_cost, search.best_plans))
    assert found[0] == found[1]
