"""Improving a roster: take a few mediators off the board, and give each their best reply.

A mediator's best plan against everyone else's is exact (`Board.best_reply`), so a roster in
which nobody alone can do better is cheap to reach. From there, groups of mediators alike in
skills or tied to the same hours are taken off together and put back one after the other, in
random order and with blurred values; the result stands if it is cheaper, or now and then
when it is a little dearer (simulated annealing, Kirkpatrick et al., 1983).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np

from solver.engine.board import Board, Instance, Plan
from solver.engine.choices import NO_SHIFT
from solver.engine.clock import Clock
from solver.engine.plans import INFEASIBLE, Floats
from solver.problem import Assignment

BLURS = (0.0, 3.0, 6.0, 10.0, 20.0)
"""Random amounts, up to these, that blur the values of choices."""

HOT = 5.0
"""Temperature at the start: a roster this much dearer is kept one time in three."""

FIRST_TURN = 500

START_REWARD = 1e7
"""Outweighs any cost of a day, so that a start roster is kept wherever it is legal."""


class Search:
    """A board, its exact cost, and the best roster it has held."""

    def __init__(self, instance: Instance, plans: list[Plan], seed: int = 0) -> None:
        self.instance = instance
        self.board = Board(instance)
        for mediator, plan in enumerate(plans):
            self.board.give(mediator, plan)
        self.cost = self.board.cost()
        self.best_cost = self.cost
        self.best_plans = list(plans)
        self.steps = 0
        self.since_better = 0
        self._random = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._near = _neighbours(instance)

    def polish(self, mediator: int) -> bool:
        """Give one mediator their best reply; whether that was cheaper."""
        old = self.board.take(mediator)
        values = self.board.values(mediator)
        before = self._plan_value(mediator, values, old)
        after, taken = self.instance.plans[mediator].best(values)
        better = after < before - 0.5
        self.board.give(mediator, tuple(taken) if better else old)
        if better:
            self.cost += round(after - before)
            self._note()
        return better

    def step(self, temperature: float, most: int = 4) -> None:
        """Rearrange one small group."""
        self.steps += 1
        self.since_better += 1
        group = self._group(self._random.randint(2, most))
        blur = self._random.choice(BLURS)
        self.rearrange(group, temperature, blur)

    def rearrange(self, group: list[int], temperature: float, blur: float) -> None:
        """Take `group` off, put them back by blurred best replies, keep the result or not."""
        old: dict[int, Plan] = {}
        delta = 0.0
        for mediator in group:
            old[mediator], saved = self.board.withdraw(mediator)
            delta -= saved
        order = group[:]
        self._random.shuffle(order)
        gained = self._put_back(order, blur)
        if gained is not None:
            if all(self.board.plan[mediator] == old[mediator] for mediator in group):
                return
            gained += self._second_thoughts(order if blur else order[:-1])
        if gained is not None and self._accept(delta + gained, temperature):
            self.cost += round(delta + gained)
            self._note()
            return
        for mediator in order:
            if self.board.plan[mediator] is not None:
                self.board.take(mediator)
        for mediator in group:
            self.board.give(mediator, old[mediator])

    def _put_back(self, order: list[int], blur: float) -> float | None:
        total = 0.0
        for mediator in order:
            values = self.board.values(mediator)
            seen = values
            if blur:
                seen = values + self._noise.random(len(values)) * blur
            value, taken = self.instance.plans[mediator].best(seen)
            if not taken:
                return None
            plan = tuple(taken)
            total += self._plan_value(mediator, values, plan) if blur else value
            self.board.give(mediator, plan)
        return total

    def _second_thoughts(self, order: list[int]) -> float:
        total = 0.0
        for mediator in order:
            _, saved = self.board.withdraw(mediator)
            value, taken = self.instance.plans[mediator].best(self.board.values(mediator))
            total += value - saved
            self.board.give(mediator, tuple(taken))
        return total

    def _plan_value(self, mediator: int, values: Floats, plan: Plan) -> float:
        rows = list(plan)
        plans = self.instance.plans[mediator]
        return plans.cost_of(plan) + float((values[rows] - plans.choices.cost[rows]).sum())

    def _accept(self, delta: float, temperature: float) -> bool:
        if delta <= 0.5:
            return True
        return temperature > 0 and self._random.random() < math.exp(-delta / temperature)

    def _note(self) -> None:
        if self.cost < self.best_cost:
            self.best_cost = self.cost
            self.best_plans = [plan for plan in self.board.plan if plan is not None]
            self.since_better = 0

    def restart_from_best(self) -> None:
        """Put the best roster back on the board."""
        for mediator, plan in enumerate(self.best_plans):
            if self.board.plan[mediator] != plan:
                self.board.take(mediator)
                self.board.give(mediator, plan)
        self.cost = self.best_cost

    def adopt(self, plans: list[Plan], cost: int) -> None:
        """Continue from a better roster found elsewhere."""
        if cost < self.best_cost:
            self.best_plans, self.best_cost = list(plans), cost
            self.restart_from_best()
            self.since_better = 0

    def _group(self, size: int) -> list[int]:
        first = self._random.randrange(len(self.best_plans))
        others, weights = self._near[first]
        group = [first]
        while len(group) < min(size, len(others) + 1):
            other = self._random.choices(others, weights)[0]
            if other not in group:
                group.append(other)
        return group


def settle(search: Search, clock: Clock, rounds: int = 6) -> None:
    """Best replies in turn until nobody alone can do better."""
    for _ in range(rounds):
        better = False
        for mediator in range(len(search.best_plans)):
            if clock.over():
                return
            better |= search.polish(mediator)
        if not better:
            return


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


def _neighbours(instance: Instance) -> list[tuple[list[int], list[float]]]:
    """For each mediator, those who may share an office, and how alike their skills are."""
    people = instance.problem.mediators
    by_office: dict[str, list[int]] = {}
    for index, person in enumerate(people):
        for office in person.offices:
            by_office.setdefault(office, []).append(index)
    near = []
    for index, person in enumerate(people):
        others = sorted({one for office in person.offices for one in by_office[office]} - {index})
        weights = [0.3 + len(person.skills.keys() & people[one].skills.keys()) for one in others]
        near.append((others, weights))
    return near


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
