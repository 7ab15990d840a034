"""Lower bounds by pricing cover: Lagrangian relaxation of who is counted for what.

Give every requirement r in every cell a price p_r. The least-cost counting of a crowd is the
dual of an assignment problem,

    cost(crowd) = max over p of  sum over places min(value, p_r) - sum over people max p_r,

the second maximum over the requirements a person answers (0 if none), 0 <= p_r <= dearest
value. Presence requirements count a person each, and their prices may fall to -excess_cost.
For fixed prices the bound

    L(p) = sum over places min(value, p_r) + sum over mediators (cheapest legal plan,
           choices paid back the prices of the cells they serve) - capacity terms

holds for every roster, whatever the prices: nothing rests on a solver's tolerances, and the
people who may work at several offices need no split, since a plan covers all of them. L is
concave; an averaged subgradient (Polyak's step, Barahona and Anbil's volume direction)
comes near the optimum of the linear relaxation over Hall's inequalities and whole plans.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy import sparse

from solver.engine.arrays import Floats, Ints
from solver.engine.board import Instance
from solver.engine.kernel.layout import make_layout, make_state
from solver.engine.kernel.reply import best_plans

SAFETY = 1e-6
"""Relative slack for sums in floating point before a bound is rounded up."""


LEAST_PACE = 2e-3
"""Where the steps have become too short to matter; the offices' programs do the rest."""


@dataclass(frozen=True)
class Evaluation:
    """L at some prices, a supergradient, and the choices of the cheapest plans."""

    value: float
    slope: Floats
    taken: Ints


class Prices:
    """The price vector's layout: one price per (cell, requirement), then per capped cell."""

    def __init__(self, instance: Instance, *, plainly: bool = False) -> None:
        """Raises as `instance.look`. `plainly`: evaluated without the compiled kernel."""
        self._instance = instance
        self._plainly = plainly
        self._layout = make_layout(instance)
        self._state = make_state(self._layout)
        cells = instance.demand.cells
        self.exclusive: dict[tuple[int, int], int] = {}
        """Number of the price of a cell's exclusive requirement, by its bit."""
        self.presence: dict[tuple[int, int], int] = {}
        """Likewise of a presence requirement."""
        values: list[tuple[int, ...]] = []
        floor: list[float] = []
        for cell, demand in cells.items():
            for bit, places in enumerate(demand.exclusive):
                self.exclusive[cell, bit] = len(values)
                values.append(places.values)
                floor.append(0.0)
            for bit, item in enumerate(demand.presence):
                self.presence[cell, bit] = len(values)
                values.append(item.worth)
                floor.append(-float(item.excess_cost))
        self.demand_size = len(values)
        self._cell_of_price = [
            cell
            for cell, demand in cells.items()
            for _ in range(len(demand.exclusive) + len(demand.presence))
        ]
        self._capped = capped = self._capped_cells()
        self.capacity = np.array([most for _, most in capped], dtype=np.float64)
        self.size = self.demand_size + len(capped)
        self._place_price = np.repeat(
            np.arange(self.demand_size), [len(row) for row in values]
        ).astype(np.int64)
        self._place_value = np.array([value for row in values for value in row], dtype=np.float64)
        top = [float(max(row, default=0)) for row in values]
        most = sum(top) + 1.0
        self.low = np.array([*floor, *([0.0] * len(capped))])
        self.high = np.array([*top, *([most] * len(capped))])
        self.room = {cell: self.demand_size + index for index, (cell, _) in enumerate(capped)}
        """Number of the price of a capped cell's room."""
        self._lay_out_people()

    def _capped_cells(self) -> list[tuple[int, int]]:
        """Cells where more people may come than capacity allows, with that capacity."""
        instance = self._instance
        crowd: dict[int, int] = {}
        for choices in instance.choices:
            instance.look()
            for cell in choices.cells.tolist():
                crowd[cell] = crowd.get(cell, 0) + 1
        slots = instance.frame.slots
        return [
            (cell, instance.capacity[cell // slots])
            for cell in sorted(crowd)
            if crowd[cell] > instance.capacity.get(cell // slots, crowd[cell])
        ]

    def _lay_out_people(self) -> None:
        """For each (mediator, cell) the prices they may earn; price `size` is always 0."""
        instance = self._instance
        answers: list[list[int]] = []
        counted: list[list[int]] = []
        rooms: list[int] = []
        for mediator, choices in enumerate(instance.choices):
            instance.look()
            masks = instance.demand.masks[mediator]
            presences = instance.demand.presences[mediator]
            for cell in choices.cells.tolist():
                answers.append([self.exclusive[cell, bit] for bit in bits(masks.get(cell, 0))])
                counted.append([self.presence[cell, bit] for bit in bits(presences.get(cell, 0))])
                rooms.append(self.room.get(cell, self.size))
        self._answers = _padded(answers, self.size)
        self._counted = _padded(counted, self.size)
        self._rooms = np.array(rooms, dtype=np.int64)
        self._serves = sparse.block_diag(
            [choices.matrix for choices in instance.choices], format="csr"
        )
        self._serves_by_pair = self._serves.T.tocsr()
        self._cost = np.concatenate([choices.cost for choices in instance.choices]).astype(float)
        self._offset = np.cumsum([0, *(len(choices) for choices in instance.choices)])

    def evaluate(self, prices: Floats) -> Evaluation:
        """L(prices), with a supergradient."""
        values, pick = self._price_choices(prices)
        total, chosen = self._cheapest_plans(values)
        place_price = prices[self._place_price]
        total += float(np.minimum(self._place_value, place_price).sum())
        total -= float(self.capacity @ prices[self.demand_size :])
        return Evaluation(total, self._slope(prices, chosen, pick), chosen)

    def _cheapest_plans(self, values: Floats) -> tuple[float, Ints]:
        """Everyone's cheapest plan at `values` of all choices: their sum, and the choices."""
        if not self._plainly:
            taken = np.zeros(self._state.plan.shape, dtype=np.int64)
            return best_plans(self._layout, self._state, values, taken), taken.ravel()
        total, chosen = 0.0, []
        for first, plans in zip(self._offset.tolist(), self._instance.plans, strict=False):
            self._instance.look()
            value, plan = plans.best(values[first : first + len(plans.choices)])
            total += value
            chosen += [first + choice for choice in plan]
        return total, np.array(chosen, dtype=np.int64)

    def _price_choices(self, prices: Floats) -> tuple[Floats, Ints]:
        padded = np.append(prices, 0.0)
        offers = padded[self._answers]
        pick = offers.argmax(axis=1)
        earned = offers[np.arange(len(offers)), pick]
        earned = earned + padded[self._counted].sum(axis=1) - padded[self._rooms]
        return self._cost - self._serves @ earned, pick

    def choice_values(self, prices: Floats) -> list[Floats]:
        """Cost of every mediator's choices less what they earn at these prices."""
        values, _ = self._price_choices(prices)
        return [
            values[self._offset[index] : self._offset[index + 1]]
            for index in range(len(self._instance.plans))
        ]

    def office_constants(self, prices: Floats) -> list[float]:
        """The part of L that no mediator brings, office by office."""
        instance = self._instance
        place_value = np.minimum(self._place_value, prices[self._place_price])
        by_price = np.bincount(self._place_price, place_value, minlength=self.demand_size)
        parts = [0.0] * len(instance.problem.offices)
        for price, cell in enumerate(self._cell_of_price):
            parts[cell // instance.frame.slots] += float(by_price[price])
        for index, (cell, most) in enumerate(self._capped):
            parts[cell // instance.frame.slots] -= most * float(prices[self.demand_size + index])
        return parts

    def levels(self, prices: Floats) -> dict[int, list[int]]:
        """Per cell, the sets of exclusive requirements priced at least x, for every x > 0.

        They are the sets whose Hall inequalities carry the prices.
        """
        found: dict[int, list[int]] = {}
        begin = 0
        for cell, demand in self._instance.demand.cells.items():
            size = len(demand.exclusive)
            row = prices[begin : begin + size]
            begin += size + len(demand.presence)
            found[cell] = [
                sum(1 << bit for bit in range(size) if row[bit] >= level - 1e-6)
                for level in sorted({float(level) for level in row if level > 1e-3})
            ]
        return found

    def _slope(self, prices: Floats, chosen: Ints, pick: Ints) -> Floats:
        slope = np.zeros(self.size + 1)
        open_places = self._place_value > prices[self._place_price]
        np.add.at(slope, self._place_price[open_places], 1.0)
        slope[self.demand_size : self.size] -= self.capacity
        indicator = np.zeros(len(self._cost))
        indicator[chosen] = 1.0
        served = np.flatnonzero(self._serves_by_pair @ indicator)
        np.subtract.at(slope, self._answers[served, pick[served]], 1.0)
        np.subtract.at(slope, self._counted[served].ravel(), 1.0)
        np.add.at(slope, self._rooms[served], 1.0)
        return slope[: self.size]


def bits(mask: int) -> list[int]:
    """The numbers of the bits set in a mask."""
    return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]


def _padded(rows: list[list[int]], filler: int) -> Ints:
    """Rows of unequal length as a table; the last column is always filler."""
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    table = np.full((len(rows), int(lengths.max(initial=0)) + 1), filler, dtype=np.int64)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=int(lengths.sum()))
    table[np.repeat(np.arange(len(rows)), lengths), np.arange(len(flat)) - first] = flat
    return table


class Pricing:
    """Climbs L step by step and remembers the best bound and prices."""

    def __init__(self, instance: Instance, *, plainly: bool = False) -> None:
        self._instance = instance
        self.layout = Prices(instance, plainly=plainly)
        self.prices = 0.5 * self.layout.high
        self.prices[self.layout.demand_size :] = 0.0
        self.best_prices = self.prices.copy()
        self.value = -math.inf
        self.converged = False
        self._pace = 1.0
        self._since_better = 0
        self._direction: Floats | None = None

    @property
    def bound(self) -> int:
        """The proven bound: costs are whole numbers, so L is rounded up."""
        return round_up(self.value)

    def reduced_costs(self) -> Floats:
        """For each choice, mediator after mediator: what the mediator's cheapest legal plan with it
        costs at the best prices beyond their cheapest of all; infinite where no legal plan has it.

        Raises as `instance.look`.
        """
        found = []
        values = self.layout.choice_values(self.best_prices)
        for plans, one in zip(self._instance.plans, values, strict=True):
            self._instance.look()
            through = plans.through(one)
            found.append(through - through.min())
        return np.concatenate(found)

    def step(self, target: float) -> None:
        """One step towards `target`, the cost of the best roster known."""
        found = self.layout.evaluate(self.prices)
        if found.value > self.value:
            if found.value > self.value + 1e-5 * abs(found.value):
                self._since_better = 0
            self.value = found.value
            self.best_prices = self.prices.copy()
        self._since_better += 1
        if self._since_better > 20:
            self._slow_down()
            found = self.layout.evaluate(self.prices)
        slope = found.slope
        if self._direction is not None:
            slope = 0.3 * slope + 0.7 * self._direction
        self._direction = slope
        blocked = ((self.prices <= self.layout.low) & (slope < 0)) | (
            (self.prices >= self.layout.high) & (slope > 0)
        )
        move = np.where(blocked, 0.0, slope)
        length = float(move @ move)
        if length == 0.0:
            self.converged = True
            return
        reach = self._pace * max(target - found.value, 1.0) / length
        self.prices = np.clip(self.prices + reach * move, self.layout.low, self.layout.high)

    def _slow_down(self) -> None:
        self._pace *= 0.7
        self._since_better = 0
        self._direction = None
        self.prices = self.best_prices.copy()
        if self._pace < LEAST_PACE:
            self.converged = True


def round_up(value: float) -> int:
    """The least whole number a cost can have when it is at least `value`."""
    if not math.isfinite(value):
        return 0
    return max(0, math.ceil(value - SAFETY * max(1.0, abs(value))))
