"""Improving a roster: take a few mediators off the board, and give each their best reply.

A mediator's best plan against everyone else's is exact (`kernel.reply`), so a roster in
which nobody alone can do better is cheap to reach. From there, groups of mediators alike in
skills or tied to the same hours are taken off together and put back one after the other, in
random order and with blurred values; the result stands if it is cheaper, or now and then
when it is a little dearer (simulated annealing, Kirkpatrick et al., 1983).

Whoever is put back first sees nothing of those who are still to come. Once prices of cover are
known (`solver.engine.pricing`), replies lean towards what fits a good roster of everyone: part of
each choice's reduced cost is added to its value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.engine.board import Instance, Plan
from solver.engine.clock import Clock
from solver.engine.kernel import anneal
from solver.engine.kernel.anneal import Best, Likeness
from solver.engine.kernel.layout import Layout, firsts, make_layout, make_state

STEPS_A_TURN = 100
"""Rearrangements between two looks at the clock."""

HOT = 5.0
"""Temperature at the start: a roster this much dearer is kept one time in three."""
HOT_LEANING = 10.0
"""The same of a search that leans: it comes back from farther."""

LARGEST_GROUP = 4
LEANING = 0.3
"""The part of a reduced cost that a choice is dearer by while a group is put back."""
DEAREST = 200.0
"""Reduced costs beyond, infinite ones too, count as this much: nothing is forbidden."""
FIRST_TURN = 4000
"""Steps of the first turn of a search that is cooled by its steps."""


class Search:
    """A board, its exact cost, and the best roster it has held."""

    def __init__(
        self, instance: Instance, plans: list[Plan], seed: int = 0, layout: Layout | None = None
    ) -> None:
        """Begin from everyone's plans; `layout` is the instance's, if it was made already.

        Raises as `instance.look`.
        """
        self.instance = instance
        self.steps = 0
        self.since_better = 0
        self.hot = HOT
        self._layout = layout or make_layout(instance)
        self._state = make_state(self._layout)
        for mediator, plan in enumerate(plans):
            instance.look()
            self._put(mediator, plan)
        cost = float(self._state.own_cost.sum() + self._state.cover[0])
        self._best = Best(
            self._state.plan.copy(), self._state.own_cost.copy(), np.array([cost, cost])
        )
        self._near = _likeness(instance)
        self._leaning = np.zeros(int(self._layout.choice_first[-1]))
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
            self._layout,
            self._state,
            self._best,
            self._near,
            self._leaning,
            steps,
            temperature,
            LARGEST_GROUP,
        )
        if found:
            self.since_better = 0
        return bool(found)

    def lean(self, reduced_costs: npt.NDArray[np.floating]) -> None:
        """From here on replies lean away from choices of high reduced cost.

        One for each choice, mediator after mediator: what the mediator's cheapest plan with it
        costs at good prices of cover beyond their cheapest of all.
        """
        self._leaning[:] = LEANING * np.minimum(reduced_costs, DEAREST)
        self.hot = HOT_LEANING

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


def cool(clock: Clock, hot: float) -> float:
    """The temperature of the search, from `hot` falling to nothing with the time left."""
    left = clock.left / max(clock.limit, 1e-9)
    return hot * left**2


def cool_by_steps(steps: int, hot: float) -> float:
    """The same by the number of steps, in turns each twice as long as the one before: no clock
    decides."""
    turn = FIRST_TURN
    while steps >= turn:
        steps -= turn
        turn *= 2
    return hot * (1 - steps / turn) ** 2


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
        instance.look()
        near = sorted({one for office in person.offices for one in by_office[office]} - {index})
        shared = [0.3 + len(person.skills.keys() & people[one].skills.keys()) for one in near]
        others.append(near)
        weights += np.cumsum(shared).tolist()
    return Likeness(
        firsts(len(near) for near in others),
        np.array([one for near in others for one in near], dtype=np.int64),
        np.array(weights, dtype=np.float64),
    )
