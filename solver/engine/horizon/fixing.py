"""Which choices no roster better than the best can hold: fixing by reduced cost.

Under any duals, a roster that gives a mediator some shift on some day costs at least the bound
plus what that shift adds to the mediator's cheapest schedule. Where that reaches the best
roster's cost, the choice is of no more use. The same holds for days off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.engine.horizon.class_prices import FAR
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
        if over():
            return None
        crew.demand(None)
        best, with_option, with_off = crew.through(costs, SCALE)
        if (best >= FAR).any():
            return None
        total += int(best.sum())
        members = np.array(crew.crew.members)
        place = np.searchsorted(members, space.mediator[crew.options])
        option[crew.options] = with_option - best[place]
        off[members] = with_off - best[:, None]
    return Through(total, option, off)
