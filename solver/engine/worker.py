"""The second process of a run: first the bound, then a search beside the first one's.

Reads a task and, later, better rosters from stdin; writes bounds and rosters to stdout.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import BinaryIO

from solver.engine.beside import read_frame, write_frame
from solver.engine.board import Instance
from solver.engine.bounding import bounds
from solver.engine.clock import Clock
from solver.engine.companion import Bounded, Found, Task
from solver.engine.first_roster import greedy_plans
from solver.engine.kernel.layout import make_layout
from solver.engine.search import STEPS_A_TURN, Search, cool

BOUND_SHARE = 0.8
"""Of the run; what is left goes to the second search."""


class _Desk:
    """The process's own side of the pipes."""

    def __init__(self, given: BinaryIO, told: BinaryIO) -> None:
        self._told = told
        self.best: Found | None = None
        self._bound = -1
        threading.Thread(target=self._listen, args=(given,), daemon=True).start()

    def _listen(self, given: BinaryIO) -> None:
        while (message := read_frame(given)) is not None:
            if self.best is None or message.cost < self.best.cost:
                self.best = message
        os._exit(0)  # the parent is gone

    def bounded(self, bound: int) -> None:
        if bound > self._bound:
            self._bound = bound
            self.tell(Bounded(bound))

    def tell(self, message: Bounded | Found) -> None:
        write_frame(self._told, message)


def main() -> None:
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # what libraries print must not reach the parent's frames
    given = sys.stdin.buffer
    task: Task = read_frame(given)
    desk = _Desk(given, told)
    clock = Clock(task.seconds)
    instance = Instance.of(task.problem)
    layout = make_layout(instance)
    plans = greedy_plans(instance, layout)
    if plans is None:
        while desk.best is None and not clock.over():
            time.sleep(0.05)
        plans = desk.best.plans if desk.best is not None else None
    if plans is None:
        return
    search = Search(instance, plans, task.seed, layout)
    search.settle(clock)
    proving = Clock(BOUND_SHARE * clock.left, clock.over)
    for bound in bounds(instance, proving, lambda: float(_least(search, desk)), desk.bounded):
        desk.bounded(bound)
    if desk.best is None or search.best_cost < desk.best.cost:
        desk.tell(Found(search.best_plans, search.best_cost))
    while not clock.over():
        if desk.best is not None:
            search.adopt(desk.best.plans, desk.best.cost)
        if search.anneal(STEPS_A_TURN, cool(clock)):
            desk.tell(Found(search.best_plans, search.best_cost))


def _least(search: Search, desk: _Desk) -> int:
    return search.best_cost if desk.best is None else min(search.best_cost, desk.best.cost)


if __name__ == "__main__":
    main()
