"""A roster under construction: who does what, who stands in each cell, and what it costs.

The board holds at most one choice per mediator and day, keeps the cover cost of every cell
exact, and prices a mediator's choices against everyone else's: because cells add up, the
best reply of one mediator is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from solver.engine.arrays import Floats
from solver.engine.cells import Demand, exclusive_gain
from solver.engine.choices import NO_SHIFT, Choices, make_choices
from solver.engine.crowd import Crowd
from solver.engine.frame import Frame, make_frame
from solver.engine.plans import INFEASIBLE, PlanMaker, Plans
from solver.look import Look, no_look
from solver.problem import Assignment, Problem


@dataclass(frozen=True)
class Instance:
    """A problem laid out for the engine."""

    problem: Problem
    frame: Frame
    demand: Demand
    choices: list[Choices]
    plans: list[Plans]
    capacity: dict[int, int]
    """Office number -> most people serving there at once."""
    look: Look = field(default=no_look, compare=False)
    """Called by what takes long on a large problem, between its pieces; it may raise."""

    @staticmethod
    def of(problem: Problem, look: Look = no_look) -> Instance:
        """Lay a problem out. Raises as `look`."""
        frame = make_frame(problem, look)
        maker = PlanMaker(frame, look)
        choices = []
        for index in range(len(problem.mediators)):
            look()
            choices.append(make_choices(frame, index))
        return Instance(
            problem=problem,
            frame=frame,
            demand=Demand(frame, look),
            choices=choices,
            plans=[maker.make(one) for one in choices],
            look=look,
            capacity={
                index: office.capacity
                for index, office in enumerate(problem.offices)
                if office.capacity is not None
            },
        )


Plan = tuple[int, ...]
"""A mediator's choice for each day."""


class Board:
    """Everyone's plans and the exact state of the cells they serve."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.plan: list[Plan | None] = [None] * len(instance.choices)
        self._demand = instance.demand
        self._crowd = {
            cell: Crowd([places.values for places in demand.exclusive])
            for cell, demand in self._demand.cells.items()
        }
        self._present: dict[int, list[int]] = {
            cell: [0] * len(demand.presence) for cell, demand in self._demand.cells.items()
        }
        self._serving = np.zeros(len(instance.problem.offices) * instance.frame.slots, np.int64)
        self._limit = np.full(len(self._serving), np.iinfo(np.int64).max)
        for office, most in instance.capacity.items():
            self._limit[office * instance.frame.slots :][: instance.frame.slots] = most
        self._gain: dict[int, dict[tuple[int, int], int]] = {}

    def give(self, mediator: int, plan: Plan) -> None:
        """Put a mediator who has no plan on the board."""
        if self.plan[mediator] is not None:
            raise ValueError(f"mediator {mediator} is on the board already")
        self.plan[mediator] = plan
        self._move(mediator, plan, 1)

    def take(self, mediator: int) -> Plan:
        """Take a mediator off the board and return their plan."""
        plan = self.plan_of(mediator)
        self._move(mediator, plan, -1)
        self.plan[mediator] = None
        return plan

    def plan_of(self, mediator: int) -> Plan:
        """The plan of a mediator on the board."""
        plan = self.plan[mediator]
        if plan is None:
            raise ValueError(f"mediator {mediator} is not on the board")
        return plan

    def _move(self, mediator: int, plan: Plan, sign: int) -> None:
        choices = self.instance.choices[mediator]
        masks = self._demand.masks[mediator]
        presences = self._demand.presences[mediator]
        for choice in plan:
            if choices.shift[choice] == NO_SHIFT:
                continue
            served = choices.served(choice)
            self._serving[served] += sign
            for cell in served.tolist():
                if mask := masks.get(cell):
                    if sign > 0:
                        self._crowd[cell].add(mediator, mask)
                    else:
                        self._crowd[cell].remove(mediator)
                    self._gain.pop(cell, None)
                if bits := presences.get(cell):
                    present = self._present[cell]
                    for bit in range(len(present)):
                        if bits >> bit & 1:
                            present[bit] += sign
                    self._gain.pop(cell, None)

    def cell_cost(self, cell: int) -> int:
        present = self._present[cell]
        demand = self._demand.cells[cell]
        cost = self._crowd[cell].cost
        for item, people in zip(demand.presence, present, strict=True):
            cost += item.cost(people)
        return cost

    def own_cost(self, mediator: int) -> int:
        """What a mediator's plan costs besides cover (hours, wishes, office, unsocial, change)."""
        return round(self.instance.plans[mediator].cost_of(self.plan_of(mediator)))

    def cost(self) -> int:
        """The exact cost of the roster; everyone must be on the board."""
        own = sum(self.own_cost(mediator) for mediator in range(len(self.plan)))
        return own + self.cover_cost()

    def cover_cost(self) -> int:
        return sum(self.cell_cost(cell) for cell in self._demand.cells)

    def values(self, mediator: int, *, keep_capacity: bool = True) -> Floats:
        """Cost of each choice of a mediator off the board, given everyone on it.

        Infinite where the office is full.
        """
        choices = self.instance.choices[mediator]
        gains = np.array([self._person_gain(mediator, cell) for cell in choices.cells.tolist()])
        if keep_capacity:
            full = self._serving[choices.cells] >= self._limit[choices.cells]
            gains[full] = -INFEASIBLE
        if not len(gains):
            return choices.cost.astype(np.float64)
        found: Floats = choices.cost - choices.matrix @ gains
        return found

    def _person_gain(self, mediator: int, cell: int) -> float:
        mask = self._demand.masks[mediator].get(cell, 0)
        bits = self._demand.presences[mediator].get(cell, 0)
        if not (mask or bits):
            return 0.0
        known = self._gain.setdefault(cell, {})
        gain = known.get((mask, bits))
        if gain is None:
            gain = exclusive_gain(self._crowd[cell].gain, mask) if mask else 0
            demand = self._demand.cells[cell]
            for bit, (item, people) in enumerate(
                zip(demand.presence, self._present[cell], strict=True)
            ):
                if bits >> bit & 1:
                    gain += item.gain(people)
            known[mask, bits] = gain
        return float(gain)

    def overfull(self) -> bool:
        """Whether some office holds more people than its capacity."""
        return bool((self._serving > self._limit).any())

    def best_reply(self, mediator: int) -> tuple[float, Plan]:
        """The cheapest plan of a mediator off the board, given everyone on it."""
        value, taken = self.instance.plans[mediator].best(self.values(mediator))
        return value, tuple(taken)

    def assignments(self) -> tuple[Assignment, ...]:
        """The roster on the board, in the order of the mediators and days."""
        return assignments_of(self.instance, self.plan)


def assignments_of(instance: Instance, plans: list[Plan | None]) -> tuple[Assignment, ...]:
    """The assignments that these plans stand for."""
    problem = instance.problem
    return tuple(
        Assignment(problem.mediators[mediator].id, problem.shifts[shift].id)
        for mediator, plan in enumerate(plans)
        if plan is not None
        for shift in (int(instance.choices[mediator].shift[choice]) for choice in plan)
        if shift != NO_SHIFT
    )
