"""Runs of duty days and of days off."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.tracker import DayWork, Step
from solver.problem import Mediator


class Runs:
    """`max_consecutive_days`, `min_consecutive_days`, `min_consecutive_off`.

    The state is the length of the present run, positive on duty and negative off, and
    whether it may end: it is long enough, or touches the first day. A run still going at the
    end touches the last day. Lengths that no limit looks at are not told apart.
    """

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._most = person.max_consecutive_days
        self._least_on = person.min_consecutive_days
        self._least_off = person.min_consecutive_off
        self._before = person.history.consecutive_days
        self._last = len(frame.problem.days) - 1
        most_days = sum(week.max_days for week in person.weeks)
        self._bounded = self._most < min(self._last + 1, most_days) + self._before
        """Whether a run can become too long; else history makes no difference."""

    def signature(self) -> Hashable:
        if not self._bounded and self._least_on <= 1 and self._least_off <= 1:
            return ()
        longest = (self._most, self._before) if self._bounded else ()
        return ("runs", self._least_on, self._least_off, *longest)

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.duty.astype(np.int64)]

    def start(self) -> Hashable:
        return (self._before, True)

    def step(self, state: Hashable, work: DayWork) -> Step:
        run, settled = state  # type: ignore[misc]
        if work.day == 0:
            run, settled = (self._before + 1 if work.duty else -1), True
        elif work.duty == (run > 0):
            run += 1 if work.duty else -1
        else:
            if not settled:
                return None
            run, settled = (1 if work.duty else -1), False
        if run > self._most:
            return None
        return self._shortened(run, settled), 0

    def _shortened(self, run: int, settled: bool) -> Hashable:
        least = self._least_on if run > 0 else self._least_off
        settled = settled or abs(run) >= least
        if settled and (run < 0 or not self._bounded):
            run = 1 if run > 0 else -1
        return (run, settled)
