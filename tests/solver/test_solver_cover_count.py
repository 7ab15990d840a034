from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from small_problem import mediator, problem, requirement

from solver.cover_count import CoverCount, slot_cost, slot_counting
from solver.formats.problem_file import read_problem
from solver.problem import Mediator, Problem, Requirement


def assigned_cost(needs: list[Requirement], people: list[Mediator], slot: int) -> int:
    """The same cost by the Hungarian method: people against units, dear units first."""
    worth = []
    qualified = []
    total = 0
    for need in needs:
        fits = [all(one.holds(skill, slot) for skill in need.needs) for one in people]
        if not need.exclusive:
            total += need.shortfall_cost(max(0, need.count - sum(fits)))
            total += need.excess_cost * max(0, sum(fits) - need.count)
            continue
        for unit in range(need.count):
            worth.append(need.minimum_cost if unit < need.minimum else need.cost)
            qualified.append(fits)
    if not worth:
        return total
    if not people:
        return total + sum(worth)
    saved = np.array(qualified) * np.array(worth)[:, None]
    rows, columns = linear_sum_assignment(saved, maximize=True)
    return total + sum(worth) - int(saved[rows, columns].sum())


SKILLS = ["a", "b", "c", "d"]


@st.composite
def slots(draw: st.DrawFn) -> Problem:
    needs = []
    for index in range(draw(st.integers(0, 6))):
        count = draw(st.integers(0, 3))
        cost = draw(st.integers(0, 9))
        exclusive = draw(st.integers(0, 3)) > 0
        needs.append(
            requirement(
                f"r{index}",
                0,
                1,
                needs=draw(st.lists(st.sampled_from(SKILLS), unique=True, max_size=2)),
                count=count,
                minimum=draw(st.integers(0, count)),
                cost=cost,
                minimum_cost=cost + draw(st.integers(0, 9)),
                exclusive=exclusive,
                excess_cost=0 if exclusive else draw(st.integers(0, 5)),
            )
        )
    people = [
        mediator(
            f"m{index}",
            skills={
                skill: draw(st.sampled_from([None, [0, 1], [1, 2]]))
                for skill in draw(st.lists(st.sampled_from(SKILLS), unique=True))
            },
        )
        for index in range(draw(st.integers(0, 7)))
    ]
    return read_problem(problem(1, requirements=needs, mediators=people))


@given(slots())
@settings(max_examples=400, deadline=None)
def test_the_greedy_count_costs_what_an_assignment_costs(problem: Problem) -> None:
    needs, people = list(problem.requirements), list(problem.mediators)
    expected = assigned_cost(needs, people, 0)
    assert slot_cost(needs, people, 0) == expected
    assert CoverCount(problem).cost(0, 0, range(len(people))) == expected


@given(slots())
@settings(max_examples=200, deadline=None)
def test_what_is_missing_and_who_serves_agree_with_the_cost(problem: Problem) -> None:
    needs, people = list(problem.requirements), list(problem.mediators)
    missing = slot_counting(needs, people, 0)
    exclusive = [need for need in needs if need.exclusive]
    cost = sum(need.shortfall_cost(missing[need.id]) for need in exclusive)
    presences = [need for need in needs if not need.exclusive]
    assert cost == assigned_cost(exclusive, people, 0)
    assert all(0 <= missing[need.id] <= need.count for need in presences)

    serves = CoverCount(problem).serves(0, 0, range(len(people)))
    for person, index in serves.items():
        if index is not None:
            assert all(people[person].holds(skill, 0) for skill in exclusive[index].needs)
    for index, need in enumerate(exclusive):
        met = sum(served == index for served in serves.values())
        assert need.count - met == missing[need.id]


@given(slots())
@settings(max_examples=100, deadline=None)
def test_one_more_mediator_or_skill_never_costs_more_without_excess(problem: Problem) -> None:
    needs = [need for need in problem.requirements if need.exclusive]
    people = list(problem.mediators)
    costs = [slot_cost(needs, people[:count], 0) for count in range(len(people) + 1)]
    assert costs == sorted(costs, reverse=True)


def test_minimum_units_come_before_dearer_looking_others(build: Any) -> None:
    problem = read_problem(
        build.problem(
            1,
            requirements=[
                build.requirement("x", 0, 1, count=2, minimum=1, cost=10, minimum_cost=25),
                build.requirement("y", 0, 1, count=1, cost=20, minimum_cost=20),
            ],
            mediators=[build.mediator("one"), build.mediator("two")],
        )
    )
    # The two meet x's minimum (25) and y (20); x's second unit is left.
    assert slot_cost(problem.requirements, problem.mediators, 0) == 10
    assert slot_counting(problem.requirements, problem.mediators, 0) == {"x": 1, "y": 0}


def test_a_long_chain_of_moves_is_found(build: Any) -> None:
    """Each of ten can serve two neighbours; the last unit needs all of them to move on."""
    size = 10
    needs = [
        build.requirement(f"r{index}", 0, 1, needs=[f"s{index}"], cost=size - index + 10,
                          minimum_cost=size - index + 10)
        for index in range(size)
    ]  # fmt: skip
    needs.append(
        build.requirement("last", 0, 1, needs=["s0"], cost=1, minimum_cost=1),
    )
    people = [
        build.mediator(f"m{index}", skills={f"s{index}": None, f"s{index + 1}": None})
        for index in range(size - 1)
    ]
    people += [
        build.mediator("first", skills={"s0": None}),
        build.mediator("end", skills={f"s{size - 1}": None}),
    ]
    problem = read_problem(build.problem(1, requirements=needs, mediators=people))
    assert slot_cost(problem.requirements, problem.mediators, 0) == 0


@pytest.mark.parametrize(("present", "cost"), [(0, 50), (1, 10), (2, 0), (3, 4), (4, 8)])
def test_a_presence_counts_all_and_charges_the_excess(build: Any, present: int, cost: int) -> None:
    problem = read_problem(
        build.problem(
            1,
            requirements=[
                build.requirement(
                    "p", 0, 1, count=2, minimum=1, cost=10, minimum_cost=40,
                    exclusive=False, excess_cost=4,
                )
            ],
            mediators=[build.mediator(f"m{index}") for index in range(present)],
        )
    )  # fmt: skip
    assert slot_cost(problem.requirements, problem.mediators, 0) == cost


def test_a_skill_counts_only_while_it_is_held(build: Any) -> None:
    problem = read_problem(
        build.problem(
            1,
            requirements=[build.requirement("r", 0, 6)],
            mediators=[build.mediator("one", skills={"lang:pt": [2, 4]})],
        )
    )
    count = CoverCount(problem)
    assert [count.cost(0, slot, [0]) for slot in range(7)] == [10, 10, 0, 0, 10, 10, 0]
