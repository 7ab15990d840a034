"""A first legal roster: everyone's best reply in turn to those who have one."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from solver.engine.arrays import Floats
from solver.engine.board import Board, Instance, Plan
from solver.engine.choices import NO_SHIFT
from solver.engine.clock import Clock
from solver.engine.kernel.layout import Layout, make_state
from solver.engine.kernel.reply import best_plan, give, price_choices
from solver.engine.plans import INFEASIBLE
from solver.look import Look
from solver.problem import Assignment

START_REWARD = 1e7
"""Outweighs any cost of a day, so that a start roster is kept wherever it is legal."""


def greedy_plans(
    instance: Instance,
    layout: Layout | None,
    *,
    start: Sequence[Assignment] | None = None,
    shuffle: random.Random | None = None,
) -> list[Plan] | None:
    """Everyone's best reply in turn, the least flexible first; None if someone finds no plan.

    Mediators whose part of `start` is a legal plan keep it while capacity lasts; the others
    begin as close to it as their rules allow. Without a `layout` (`kernel.layout.suits`) on the
    plain board, which takes some forty times as long. Raises as `instance.look`.
    """
    order = sorted(range(len(instance.choices)), key=lambda one: len(instance.choices[one]))
    if shuffle is not None:
        shuffle.shuffle(order)
    wanted = _start_values(instance, start or ())
    order.sort(key=lambda one: one not in wanted)
    if layout is None:
        return _on_plain_board(instance, order, wanted)
    return _on_compiled_board(layout, order, wanted, instance.look)


def _on_compiled_board(
    layout: Layout, order: list[int], wanted: dict[int, Floats], look: Look
) -> list[Plan] | None:
    state = make_state(layout)
    for mediator in order:
        look()
        price_choices(layout, state, mediator)
        if mediator in wanted:
            state.values[: len(wanted[mediator])] -= wanted[mediator]
        if best_plan(layout, state, mediator) == INFEASIBLE:
            return None
        give(layout, state, mediator)
    return [tuple(row) for row in (state.plan - layout.choice_first[:-1, None]).tolist()]


def _on_plain_board(
    instance: Instance, order: list[int], wanted: dict[int, Floats]
) -> list[Plan] | None:
    board = Board(instance)
    for mediator in order:
        instance.look()
        values = board.values(mediator)
        if mediator in wanted:
            values = values - wanted[mediator]
        value, plan = instance.plans[mediator].best(values)
        if value == INFEASIBLE:
            return None
        board.give(mediator, tuple(plan))
    return [plan for plan in board.plan if plan is not None]


def settled_plans(instance: Instance, plans: list[Plan], clock: Clock) -> list[Plan]:
    """Best replies in turn on the plain board, until nobody alone can do better.

    For problems that the compiled search cannot hold (`kernel.layout.suits`).
    """
    board = Board(instance)
    for mediator, plan in enumerate(plans):
        board.give(mediator, plan)
    cost, better = board.cost(), True
    while better and not clock.over():
        better = False
        for mediator in range(len(plans)):
            if clock.over():
                break
            old = board.take(mediator)
            _, plan = board.best_reply(mediator)
            board.give(mediator, plan or old)
            if board.cost() < cost:
                cost, better = board.cost(), True
            else:
                board.take(mediator)
                board.give(mediator, old)
    return [board.plan_of(mediator) for mediator in range(len(plans))]


def _start_values(instance: Instance, start: Sequence[Assignment]) -> dict[int, Floats]:
    """A large reward for each choice that `start` names, for the mediators it names."""
    wanted: dict[tuple[int, int], int] = {}
    for one in start:
        mediator = instance.frame.mediator_index.get(one.mediator)
        shift = instance.frame.shift_index.get(one.shift)
        if mediator is not None and shift is not None:
            wanted[mediator, instance.problem.shifts[shift].day] = shift
    rewards: dict[int, Floats] = {}
    for mediator in {mediator for mediator, _ in wanted}:
        choices = instance.choices[mediator]
        asked = np.array([wanted.get((mediator, int(day)), NO_SHIFT) for day in choices.day])
        rewards[mediator] = np.where(choices.shift == asked, START_REWARD, 0.0)
    return rewards
