"""A second process beside the search: how it is started, heard, told of rosters, and ended."""

from __future__ import annotations

import logging
import queue
import threading
import time
from dataclasses import dataclass
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from solver.engine.beside import launch, read_frame, write_frame
from solver.engine.board import Plan
from solver.problem import Problem

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    problem: Problem
    until: float
    """When the run is over, by the clock that all processes share: starting takes its time too."""
    seed: int


@dataclass(frozen=True)
class Bounded:
    bound: int


@dataclass(frozen=True)
class ReducedCosts:
    of_choices: npt.NDArray[np.float32]
    """Of all choices, mediator after mediator (`Search.lean`)."""


@dataclass(frozen=True)
class Found:
    plans: list[Plan]
    cost: int


class Companion:
    """The parent's side of the pipes: starts the process, hears it, tells it, ends it."""

    def __init__(self, problem: Problem, seconds: float, seed: int) -> None:
        self._news: queue.SimpleQueue[Bounded | ReducedCosts | Found] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[Task | Found] = queue.SimpleQueue()
        self._told.put(Task(problem, time.monotonic() + seconds, seed))
        self._process = launch("solver.engine.worker")
        self._ended = False
        threading.Thread(target=self._write, daemon=True).start()
        threading.Thread(target=self._read, daemon=True).start()

    def _write(self) -> None:
        while not self._ended:
            message = self._told.get()
            try:
                write_frame(cast(BinaryIO, self._process.stdin), message)
            except (OSError, ValueError):
                return

    def _read(self) -> None:
        try:
            while (message := read_frame(cast(BinaryIO, self._process.stdout))) is not None:
                self._news.put(message)
        except (OSError, ValueError):
            pass
        if not self._ended:
            log.error("the process beside the search ended by itself")

    def news(self) -> list[Bounded | ReducedCosts | Found]:
        """What has come since the last call."""
        found = []
        while not self._news.empty():
            found.append(self._news.get())
        return found

    def tell(self, plans: list[Plan], cost: int) -> None:
        self._told.put(Found(plans, cost))

    def end(self) -> None:
        self._ended = True
        self._process.kill()
        self._process.wait()
