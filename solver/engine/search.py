"""Improving a roster: take a few mediators off the board, and give each their best reply.

A mediator's best plan against everyone else's is exact (`kernel.reply`), so a roster in
which nobody alone can do better is cheap to reach. From there, groups of mediators alike in
skills or tied to the same hours are taken off together and put back one after the other, in
random order and with blurred values; the result stands if it is cheaper, or now and then
when it is a little dearer (simulated annealing, Kirkpatrick et al., 1983).
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from solver.engine.arrays import Floats
from solver.engine.board import Board, Instance, Plan
from solver.engine.choices import NO_SHIFT
from solver.engine.clock import Clock
from solver.engine.kernel import anneal
from solver.engine.kernel.anneal import Best, Likeness
from solver.engine.kernel.layout import firsts, make_layout, make_state
from solver.engine.plans import INFEASIBLE
from solver.problem import Assignment

STEPS_A_TURN = 100
"""Rearrangements between two looks at the clock."""

HOT = 5.0
"""Temperature at the start: a roster this much dearer is kept one time in three."""

LARGEST_GROUP = 4
FIRST_TURN = 4000

START_REWARD = 1e7
"""Outweighs any cost of a day, so that a start roster is kept wherever it is legal."""


class Search:
    """A board, its exact cost, and the best roster it has held."""

    def __init__(self, instance: Instance, plans: list[Plan], seed: int = 0) -> None:
        self.instance = instance
        self.steps = 0
        self.since_better = 0
        self._layout = make_layout(instance)
        self._state = make_state(self._layout)
        for mediator, plan in enumerate(plans):
            self._put(mediator, plan)
        cost = float(self._state.own_cost.sum() + self._state.cover[0])
        self._best = Best(
            self._state.plan.copy(), self._state.own_cost.copy(), np.array([cost, cost])
        )
        self._near = _likeness(instance)
        anneal.seed_randomness(seed % 2**32)

    def _put(self, mediator: int, plan: Plan) -> None:
        numbers = np.array(plan, dtype=np.int64) + self._layout.choice_first[mediator]
        own_cost = self.instance.plans[mediator].cost_of(plan)
        anneal.put(self._layout, self._state, mediator, numbers, own_cost)

    @property
    def best_cost(self) -> int:
        return round(float(self._best.cost[1]))

    @property
    def best_plans(self) -> list[Plan]:
        first = self._layout.choice_first[:-1, None]
        return [tuple(row) for row in (self._best.plan - first).tolist()]

    def settle(self, clock: Clock, rounds: int = 20) -> None:
        """Best replies in turn until nobody alone can do better."""
        for _ in range(rounds):
            if clock.over() or not anneal.settle(self._layout, self._state, self._best):
                return

    def anneal(self, steps: int, temperature: float) -> bool:
        """Rearrange `steps` small groups; whether that found a better roster."""
        self.steps += steps
        self.since_better += steps
        found = anneal.anneal(
            self._layout, self._state, self._best, self._near, steps, temperature, LARGEST_GROUP
        )
        if found:
            self.since_better = 0
        return bool(found)

    def restart_from_best(self) -> None:
        """Put the best roster back on the board."""
        anneal.restore(self._layout, self._state, self._best)

    def adopt(self, plans: list[Plan], cost: int) -> None:
        """Continue from a better roster found elsewhere."""
        if cost >= self.best_cost:
            return
        for mediator, plan in enumerate(plans):
            self._best.plan[mediator] = (
                np.array(plan, dtype=np.int64) + self._layout.choice_first[mediator]
            )
            self._best.own_cost[mediator] = self.instance.plans[mediator].cost_of(plan)
        self._best.cost[1] = cost
        self.restart_from_best()
        self.since_better = 0


def cool(clock: Clock) -> float:
    """The temperature of the search, falling to nothing with the time left."""
    left = clock.left / max(clock.limit, 1e-9)
    return HOT * left**2


def cool_by_steps(steps: int) -> float:
    """The same by the number of steps, in turns of 500, 1000, 2000… steps: no clock decides."""
    turn = FIRST_TURN
    while steps >= turn:
        steps -= turn
        turn *= 2
    return HOT * (1 - steps / turn) ** 2


def _likeness(instance: Instance) -> Likeness:
    """For each mediator, those who may share an office, and how alike their skills are."""
    people = instance.problem.mediators
    by_office: dict[str, list[int]] = {}
    for index, person in enumerate(people):
        for office in person.offices:
            by_office.setdefault(office, []).append(index)
    others: list[list[int]] = []
    weights: list[float] = []
    for index, person in enumerate(people):
        near = sorted({one for office in person.offices for one in by_office[office]} - {index})
        shared = [0.3 + len(person.skills.keys() & people[one].skills.keys()) for one in near]
        others.append(near)
        weights += np.cumsum(shared).tolist()
    return Likeness(
        firsts(len(near) for near in others),
        np.array([one for near in others for one in near], dtype=np.int64),
        np.array(weights, dtype=np.float64),
    )


def greedy_plans(
    instance: Instance,
    *,
    start: Sequence[Assignment] | None = None,
    shuffle: random.Random | None = None,
) -> list[Plan] | None:
    """Everyone's best reply in turn, the least flexible first; None if someone finds no plan.

    Mediators whose part of `start` is a legal plan keep it while capacity lasts; the others
    begin as close to it as their rules allow.
    """
    board = Board(instance)
    order = sorted(range(len(instance.choices)), key=lambda one: len(instance.choices[one]))
    if shuffle is not None:
        shuffle.shuffle(order)
    wanted = _start_values(instance, start or ())
    for mediator in sorted(order, key=lambda one: one not in wanted):
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
