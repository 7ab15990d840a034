"""What each class of a crew's options costs each member, at given costs of the options.

Options of a day that no rule tells apart form a class; of each, only the cheapest matters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solver.engine.horizon.crew import Crew
from solver.engine.horizon.space import Ints, Space
from solver.engine.kernel.crewed import FAR

__all__ = ["FAR", "ClassPrices", "Values"]

Values = NDArray[np.int32]


class ClassPrices:
    """All days' classes, one row each, by the members asked for."""

    def __init__(self, space: Space, crew: Crew) -> None:
        """Lay all days' options one after the other, grouped by class and member."""
        self._space = space
        self._crew = crew
        plans = crew.days
        width = len(crew.members)
        classes = np.cumsum([0, *(len(plan.classes) for plan in plans)])
        sizes = np.cumsum([0, *(len(plan.options) for plan in plans)])
        self._first_class: list[int] = classes[:-1].tolist()
        self.count = int(classes[-1])
        """How many classes all days have together."""
        self.options: Ints = np.concatenate([plan.options for plan in plans])
        self._starts = np.concatenate(
            [plan.starts + size for plan, size in zip(plans, sizes, strict=False)]
        )
        self._groups = np.concatenate(
            [plan.groups + first * width for plan, first in zip(plans, classes, strict=False)]
        ).astype(np.int64)
        self._lengths = np.diff(np.append(self._starts, len(self.options)))
        self._group_of = np.repeat(np.arange(len(self._groups)), self._lengths)
        self.class_of_option: Ints = self._groups[self._group_of] // width
        """The class of each of `options`, as a row of `prices`."""
        self.member_of_option: Ints = self._groups[self._group_of] % width

    def price(self, cost: Ints, who: Ints) -> None:
        """Price every class for the members at `who`: its cheapest option, and that one's cost."""
        width = len(self._crew.members)
        table = np.full(self.count * width, FAR, dtype=np.int32)
        cheapest = np.full(self.count * width, -1, dtype=np.int64)
        if len(self.options):
            costs = cost[self.options]
            least = np.minimum.reduceat(costs, self._starts)
            table[self._groups] = least
            equal = np.flatnonzero(costs == np.repeat(least, self._lengths))[::-1]
            cheapest[self._groups[self._group_of[equal]]] = self.options[equal]
        # Laid out alike however many are asked for: another layout would be compiled anew.
        self.prices: Values = np.ascontiguousarray(table.reshape(-1, width).T[who])
        """[members asked for, classes of all days]."""
        self.cheapest = cheapest.reshape(-1, width)[:, who]
        for _, row in self.idle_rows():
            idle = self.prices[:, row] >= 0
            self.prices[idle, row] = 0
            self.cheapest[row, idle] = -1

    def idle_rows(self) -> list[tuple[int, int]]:
        """(day, class) of busy days that need no shift."""
        forced = self._space.forced[self._crew.members[0]]
        return [
            (day, self._first_class[day] + plan.idle_class)
            for day, plan in enumerate(self._crew.days)
            if plan.idle_class >= 0 and not forced[day]
        ]
