"""One search in a process of its own: reads a task from stdin, writes what it finds to stdout."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from typing import BinaryIO

from solver.engine.beside import read_frame, write_frame
from solver.engine.horizon.messages import (
    Bounded,
    Finished,
    Found,
    Impossible,
    RosterAndCost,
)
from solver.engine.horizon.search import Search
from solver.problem import Assignment


class PipeDesk:
    """Reports to the parent and hears of its other searches' rosters."""

    def __init__(self, until: float, given: BinaryIO, told: BinaryIO) -> None:
        self._deadline = until
        self._told = told
        self._news: queue.SimpleQueue[RosterAndCost] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(given,), daemon=True).start()

    def _listen(self, given: BinaryIO) -> None:
        while (message := read_frame(given)) is not None:
            self._news.put(message)
        os._exit(0)  # the parent is gone

    def over(self) -> bool:
        return time.monotonic() >= self._deadline

    def left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def found(self, roster: tuple[Assignment, ...], cost: int, step: str) -> None:
        write_frame(self._told, Found(roster, cost, step))

    def bounded(self, bound: int, step: str) -> None:
        write_frame(self._told, Bounded(bound, step))

    def impossible(self, mediator: str) -> None:
        write_frame(self._told, Impossible(mediator))

    def others(self) -> RosterAndCost | None:
        best = None
        while not self._news.empty():
            told = self._news.get()
            if best is None or told[1] < best[1]:
                best = told
        return best


def main() -> None:
    told = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())  # the pipe is not for what libraries print
    given = sys.stdin.buffer
    task = read_frame(given)
    if task is None:
        return
    desk = PipeDesk(task.until, given, told)
    Search(task.problem, desk, task.seed, task.lead).run(task.start)
    write_frame(told, Finished())
    os._exit(0)  # the listening thread still waits for the parent


if __name__ == "__main__":
    main()
