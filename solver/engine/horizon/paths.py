"""The cheapest schedule of each mediator over the whole horizon, by dynamic programming.

The value of the best path is exact, in whole numbers, and sums to a Lagrangian bound without
rounding doubts. The loops are compiled (`solver.engine.kernel.schedules`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solver.engine.horizon.class_prices import FAR, ClassPrices, Values
from solver.engine.horizon.crew import Crew
from solver.engine.horizon.path_layout import lay_out
from solver.engine.horizon.space import Bools, Ints, Space
from solver.engine.kernel.schedules import cheapest
from solver.engine.kernel.through import through


class CrewPaths:
    """Shortest paths for one crew under any option costs."""

    def __init__(self, space: Space, crew: Crew) -> None:
        self.space = space
        self.crew = crew
        self._facts_demand = (space.busy_day | space.forced)[list(crew.members)]
        self._must_work = self._facts_demand
        self._everyone = np.arange(len(crew.members))
        self._classes = ClassPrices(space, crew)
        self._crewed = lay_out(space, crew)
        crewed = self._crewed
        rows = crewed.offs + crewed.labels[-1] * crewed.runs
        size = int(max(crewed.entry_first[-1] + rows * crewed.entry_counters[-1], 1))
        widest = int((np.diff(crewed.source_first) * crewed.entry_counters[:-1]).max(initial=1))
        self._table: Values = np.empty(size, dtype=np.int32)
        self._sources: Values = np.empty(max(1, widest * crewed.runs), dtype=np.int32)

    @property
    def states(self) -> int:
        """How many states the members' paths have."""
        return len(self._table) * len(self.crew.members)

    def demand(self, duty: Bools | None) -> None:
        """Demand duty on these [mediators of the problem, days] besides what facts demand."""
        asked = False if duty is None else duty[list(self.crew.members)]
        self._must_work = self._facts_demand | asked

    def solve(
        self, cost: Ints, scale: int, who: Sequence[int] | None = None
    ) -> tuple[Ints, list[Ints | None]]:
        """Least cost of each member's schedule and its options.

        `cost` is that of every option of the space, in units of `1 / scale`; costs of hours and
        unsocial shifts are scaled here. `who` picks members by their place in the crew. A
        member without a legal schedule has value FAR and None.
        """
        chosen = self._everyone if who is None else np.array(who, dtype=np.int64)
        self._classes.price(cost, chosen)
        best = np.empty(len(chosen), dtype=np.int64)
        classes = np.empty((len(chosen), self.space.days), dtype=np.int64)
        cheapest(
            self._crewed,
            self._classes.prices,
            chosen,
            self._must_work,
            scale,
            self._table,
            self._sources,
            best,
            classes,
        )
        return best, [
            self._options(classes[column], column) if value < FAR else None
            for column, value in enumerate(best.tolist())
        ]

    def _options(self, classes: Ints, column: int) -> Ints:
        """What stands for the classes of a path: the cheapest option of each."""
        options = self._classes.cheapest[classes[classes >= 0], column]
        return np.asarray(options[options >= 0])

    def through(self, cost: Ints, scale: int) -> tuple[Ints, Ints, Ints]:
        """The least cost of everyone's schedule, of those with an option, and with a day off.

        By member, by option of the crew (`options`) and [members, days]; FAR where there is
        none.
        """
        best, _ = self.solve(cost, scale)
        classes = np.empty((self._classes.count, len(self.crew.members)), dtype=np.int64)
        off = np.empty((len(self.crew.members), self.space.days), dtype=np.int64)
        through(
            self._crewed,
            self._classes.prices,
            self._everyone,
            self._must_work,
            scale,
            self._table,
            self._sources,
            np.empty_like(self._table),
            np.empty_like(self._sources),
            classes,
            off,
        )
        for day, row in self._classes.idle_rows():
            off[:, day] = np.minimum(off[:, day], classes[row])
        values = classes[self._classes.class_of_option, self._classes.member_of_option]
        values = values + cost[self.options]
        return best, np.where(values < FAR // 2, values, FAR), np.where(off < FAR // 2, off, FAR)

    @property
    def options(self) -> Ints:
        """The options of the crew's members."""
        return self._classes.options
