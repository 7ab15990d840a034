"""The searches of one run: in processes of their own, so that stopping is a matter of a moment."""

from __future__ import annotations

import dataclasses
import logging
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, BinaryIO, cast

from solver.engine.beside import launch, read_frame, write_frame
from solver.engine.horizon.messages import (
    Bounded,
    Finished,
    Found,
    Impossible,
    RosterAndCost,
    Task,
)
from solver.problem import Assignment, Problem

log = logging.getLogger(__name__)

PATIENCE = 0.05
"""Seconds between looks at the clock and at the request to stop."""


class Team:
    """Starts searches, passes the best roster on, and ends them all."""

    def __init__(
        self,
        problem: Problem,
        start: Sequence[Assignment] | None,
        seconds: float,
        workers: int,
        seed: int,
    ) -> None:
        bare = dataclasses.replace(problem)
        kept = None if start is None else tuple(start)
        self._messages: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._deadline = time.monotonic() + seconds
        self._processes = [launch("solver.engine.horizon.worker") for _ in range(max(1, workers))]
        self._told: list[queue.SimpleQueue[Task | RosterAndCost | None]] = []
        for number, process in enumerate(self._processes):
            self._told.append(queue.SimpleQueue())
            self._told[number].put(
                Task(bare, kept, self._deadline, seed + 7919 * number, number == 0)
            )
            for part in (self._tell, self._follow):
                threading.Thread(target=part, args=(number, process), daemon=True).start()

    def _tell(self, number: int, process: subprocess.Popen[bytes]) -> None:
        """Write what the process is to know: it may be long before it reads; the run goes on."""
        try:
            while (message := self._told[number].get()) is not None:
                write_frame(_in(process), message)
        except (OSError, ValueError):
            log.debug("search %d is gone", number)

    def _follow(self, number: int, process: subprocess.Popen[bytes]) -> None:
        stream = cast(BinaryIO, process.stdout)
        try:
            while (message := read_frame(stream)) is not None:
                self._messages.put((number, message))
        except OSError:
            log.debug("search %d is gone", number)
        finally:
            self._messages.put((number, None))

    def run(
        self,
        on_found: Callable[[Found], bool],
        on_bound: Callable[[Bounded], None],
        on_impossible: Callable[[Impossible], None],
        over: Callable[[], bool],
    ) -> None:
        """Hear the searches until time is up, `over` says so, or all have ended.

        `on_found` says whether the roster is the best so far: then the others hear of it.
        """
        active = set(range(len(self._processes)))
        try:
            while active and not over() and time.monotonic() < self._deadline:
                try:
                    number, message = self._messages.get(timeout=PATIENCE)
                except queue.Empty:
                    continue
                if message is None:
                    active.discard(number)
                elif isinstance(message, Finished):
                    active.discard(number)
                    if number == 0:
                        break
                elif isinstance(message, Found):
                    if on_found(message):
                        self._tell_others(number, message)
                elif isinstance(message, Bounded):
                    on_bound(message)
                elif isinstance(message, Impossible):
                    on_impossible(message)
                    break
        finally:
            self.end()

    def _tell_others(self, number: int, message: Found) -> None:
        for other, told in enumerate(self._told):
            if other != number:
                told.put((message.roster, message.cost))

    def end(self) -> None:
        for process in self._processes:
            process.kill()
        for process, told in zip(self._processes, self._told, strict=True):
            process.wait()
            told.put(None)
            with suppress(OSError):  # what was half written reaches nobody now
                _in(process).close()


def _in(process: subprocess.Popen[bytes]) -> BinaryIO:
    return cast(BinaryIO, process.stdin)
