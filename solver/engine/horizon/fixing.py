"""Which choices no roster better than the best can hold: fixing by reduced cost.

Under any duals, a roster that gives a mediator some shift on some day costs at least the bound
plus what that shift adds to the mediator's cheapest schedule. Where that reaches the best
roster's cost, the choice is of no more use. The same holds for days off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.engine.horizon.class_prices import FAR, Values
from solver.engine.horizon.paths import CrewPaths
from solver.engine.horizon.pricing import SCALE, Paths
from solver.engine.horizon.space import Bools, Ints


@dataclass(frozen=True)
class Through:
    """What the best schedules through each choice add to the bound, in `1 / SCALE`."""

    total: int
    option: Ints
    off: Ints
    """[mediators, days] of a day off (or busy without a shift)."""

    def useful(self, cost: int) -> tuple[Bools, Bools]:
        """The options, and the [mediators, days] off, that a roster below `cost` may hold."""
        room = (cost - 1) * SCALE - self.total
        return self.option <= room, self.off <= room


def look_through(
    paths: Paths, duals: tuple[Ints, Ints, Ints], over: Callable[[], bool]
) -> Through | None:
    """Every choice at these duals (`1 / SCALE`); None when cut off or the duals are too wild."""
    space = paths.program.space
    costs = paths.option_costs(*duals)
    if (costs < -FAR // (4 * space.days)).any():
        return None
    total = paths.bound_constant(*duals)
    option = np.zeros(len(space.shift), dtype=np.int64)
    off = np.zeros((space.mediators, space.days), dtype=np.int64)
    for crew in paths.crews:
        crew.demand(None)
        best = crew.values(costs, SCALE)
        if (best >= FAR).any():
            return None
        total += int(best.sum())
        # From the last day back: what comes before a day is as the best schedules left it.
        for day in range(space.days - 1, -1, -1):
            if over():
                return None
            _look_at_day(crew, day, costs, best, option, off)
    return Through(total, option, off)


def _look_at_day(
    crew: CrewPaths, day: int, costs: Ints, best: Ints, option: Ints, off: Ints
) -> None:
    members = np.array(crew.crew.members)
    options = crew.crew.days[day].options
    shifts = crew.space.shift[options]
    for shift in np.unique(shifts).tolist():
        same = options[shifts == shift]
        values = crew.with_prices(day, _only(crew, day, same, costs), on_duty=True)
        place = np.searchsorted(members, crew.space.mediator[same])
        option[same] = values[place] - best[place]
    values = crew.with_prices(day, _idle(crew, day), on_duty=False)
    off[members, day] = values - best


def _only(crew: CrewPaths, day: int, options: Ints, costs: Ints) -> Values:
    """Prices of the day's classes with these options alone, one a member at most."""
    rows = np.full((len(crew.crew.days[day].classes), len(crew.crew.members)), FAR, dtype=np.int32)
    place = np.searchsorted(crew.crew.members, crew.space.mediator[options])
    rows[crew.classes.class_of(day, options), place] = costs[options]
    return rows


def _idle(crew: CrewPaths, day: int) -> Values:
    plan = crew.crew.days[day]
    rows = np.full((len(plan.classes), len(crew.crew.members)), FAR, dtype=np.int32)
    if plan.idle_class >= 0 and not crew.space.forced[crew.crew.members[0], day]:
        rows[plan.idle_class] = 0
    return rows
