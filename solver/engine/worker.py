"""The second process of a run: first the bound, then a search beside the first one's.

Reads a task and, later, better rosters from stdin; writes bounds, the reduced costs of choices and
rosters to stdout.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import BinaryIO, cast

import numpy as np

from solver.engine.arrays import Floats
from solver.engine.beside import read_frame, write_frame
from solver.engine.board import Instance
from solver.engine.bounding import bounds
from solver.engine.clock import Clock
from solver.engine.companion import Bounded, Found, ReducedCosts, Task
from solver.engine.search import STEPS_A_TURN, Search, cool

BOUND_SHARE = 0.8
"""Of the run; what is left goes to the second search."""


class _Desk:
    """The process's own side of the pipes."""

    def __init__(self, given: BinaryIO, told: BinaryIO) -> None:
        self._told = told
        self._best: Found | None = None
        self._begun = threading.Event()
        self._bound = -1
        self.reduced_costs: Floats | None = None
        """Of all choices, once they are known."""
        threading.Thread(target=self._listen, args=(given,), daemon=True).start()

    def _listen(self, given: BinaryIO) -> None:
        while (message := read_frame(given)) is not None:
            if self._best is None or message.cost < self._best.cost:
                self._best = message
                self._begun.set()
        os._exit(0)  # the parent is gone

    @property
    def best(self) -> Found:
        """The best roster that the parent told of; it tells of one at once."""
        self._begun.wait()
        return cast(Found, self._best)

    def bounded(self, bound: int) -> None:
        if bound > self._bound:
            self._bound = bound
            self.tell(Bounded(bound))

    def reduced(self, costs: Floats) -> None:
        self.reduced_costs = costs
        self.tell(ReducedCosts(costs.astype(np.float32)))

    def tell(self, message: Bounded | ReducedCosts | Found) -> None:
        write_frame(self._told, message)


def main() -> None:
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # what libraries print must not reach the parent's frames
    given = sys.stdin.buffer
    task: Task = read_frame(given)
    desk = _Desk(given, told)
    clock = Clock(task.until - time.monotonic())
    instance = Instance.of(task.problem)
    proving = Clock(BOUND_SHARE * clock.left, clock.over)
    for bound in bounds(
        instance, proving, lambda: float(desk.best.cost), desk.bounded, desk.reduced
    ):
        desk.bounded(bound)
    search = Search(instance, desk.best.plans, task.seed)
    if desk.reduced_costs is not None:
        search.lean(desk.reduced_costs)
    while not clock.over():
        best = desk.best
        search.adopt(best.plans, best.cost)
        if search.anneal(STEPS_A_TURN, cool(clock, search.hot)):
            desk.tell(Found(search.best_plans, search.best_cost))


if __name__ == "__main__":
    main()
