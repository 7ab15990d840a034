"""What each class of a crew's options costs each member, at given costs of the options.

Options of a day that no rule tells apart form a class; of each, only the cheapest matters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solver.engine.horizon.crew import Crew
from solver.engine.horizon.space import Bools, Ints, Space

Values = NDArray[np.int32]
FAR = 1 << 29
"""Longer than any path."""


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
        self.first_class: list[int] = classes[:-1].tolist()
        self._class_count = int(classes[-1])
        self._options = np.concatenate([plan.options for plan in plans])
        self._starts = np.concatenate(
            [plan.starts + size for plan, size in zip(plans, sizes, strict=False)]
        )
        self._groups = np.concatenate(
            [plan.groups + first * width for plan, first in zip(plans, classes, strict=False)]
        ).astype(np.int64)
        self._lengths = np.diff(np.append(self._starts, len(self._options)))
        self._group_of = np.repeat(np.arange(len(self._groups)), self._lengths)

    def price(self, cost: Ints, who: Ints) -> None:
        """Price every class for the members at `who`: its cheapest option, and that one's cost."""
        width = len(self._crew.members)
        table = np.full(self._class_count * width, FAR, dtype=np.int32)
        cheapest = np.full(self._class_count * width, -1, dtype=np.int64)
        if len(self._options):
            costs = cost[self._options]
            least = np.minimum.reduceat(costs, self._starts)
            table[self._groups] = least
            equal = np.flatnonzero(costs == np.repeat(least, self._lengths))[::-1]
            cheapest[self._groups[self._group_of[equal]]] = self._options[equal]
        self.prices = table.reshape(-1, width)[:, who]
        self.cheapest = cheapest.reshape(-1, width)[:, who]
        for day, plan in enumerate(self._crew.days):
            if plan.idle_class >= 0 and not self._space.forced[self._crew.members[0], day]:
                row = self.first_class[day] + plan.idle_class
                idle = self.prices[row] >= 0
                self.prices[row, idle] = 0
                self.cheapest[row, idle] = -1
        self.open_classes: Bools = self.prices < FAR // 2
        """[classes of all days, members] whether a member may be given one of the class."""
        self.shut: Bools = np.asarray(~self.open_classes.any(axis=1))

    def class_of(self, day: int, options: Ints) -> Ints:
        """The class, among those of the day, of each of the crew's options."""
        plan = self._crew.days[day]
        group = np.searchsorted(plan.starts, np.arange(len(plan.options)), side="right") - 1
        order = np.argsort(plan.options)
        place = order[np.searchsorted(plan.options[order], options)]
        return np.asarray(plan.groups[group[place]] // len(self._crew.members))
