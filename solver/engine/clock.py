"""Time and interruption of one run, and what is told about it on the way."""

from __future__ import annotations

import time
from collections.abc import Callable

from solver.look import Look, Stopped
from solver.result import Progress

ASKED_EVERY = 0.05
"""Seconds between two questions whether to stop."""
GRACE = 0.05
"""Seconds of work that a first roster is given once a run is told to stop before there is one."""


class Clock:
    """Deadline and stop request of a run. Durations only: no wall-clock time."""

    def __init__(self, time_limit: float, should_stop: Callable[[], bool] | None = None) -> None:
        self._start = time.monotonic()
        self._limit = time_limit
        self._should_stop = should_stop
        self._asked = 0.0
        self._told = False
        self._told_at = 0.0
        self._stopped = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    @property
    def left(self) -> float:
        return max(0.0, self._limit - self.seconds)

    @property
    def limit(self) -> float:
        return self._limit

    def part(self, seconds: float) -> Clock:
        """A clock for a part of the run: so long, and half of what is left at most."""
        return Clock(min(seconds, self.left / 2), self.over)

    def over(self) -> bool:
        """Whether to stop now. `should_stop` is asked at most twenty times a second."""
        if not self._stopped:
            self._stopped = self.seconds >= self._limit or self.told()
        return self._stopped

    def look(self) -> None:
        """Raise `Stopped` where the run is over."""
        if self.over():
            raise Stopped

    def look_if_told(self, grace: float = 0.0) -> None:
        """Raise `Stopped` where somebody asked to stop, `grace` seconds of work before: time that
        is up ends nothing here."""
        if self.told() and time.thread_time() - self._told_at >= grace:
            raise Stopped

    def look_within(self, grace: float) -> Look:
        """A look for a piece that begins now: once told to stop, it has `grace` seconds of work."""
        began = time.thread_time()

        def look() -> None:
            if self.told() and time.thread_time() - max(self._told_at, began) >= grace:
                raise Stopped

        return look

    def told(self) -> bool:
        """Whether `should_stop` has said so."""
        now = self.seconds
        if not self._told and self._should_stop is not None and now - self._asked >= ASKED_EVERY:
            self._asked = now
            self._told = self._should_stop()
            self._told_at = time.thread_time()
        return self._told


class Reporter:
    """Best cost and bound so far; tells of each improvement once."""

    def __init__(self, clock: Clock, on_progress: Callable[[Progress], None] | None = None) -> None:
        self._clock = clock
        self._tell = on_progress
        self.cost: int | None = None
        self.bound: int | None = None

    def better_cost(self, cost: int, step: str) -> None:
        if self.cost is None or cost < self.cost:
            self.cost = cost
            if self.bound is None:
                self.bound = 0  # no term of the cost is below 0: all that is known at first
            self._report(step)

    def better_bound(self, bound: int, step: str) -> None:
        if self.bound is None or bound > self.bound:
            self.bound = bound
            self._report(step)

    def _report(self, step: str) -> None:
        if self._tell is not None:
            self._tell(Progress(self._clock.seconds, self.cost, self.bound, step))

    @property
    def proven(self) -> bool:
        return self.cost is not None and self.bound is not None and self.bound >= self.cost
