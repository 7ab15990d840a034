"""Weekends with a duty day."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.periods import Periods
from solver.engine.trackers.tracker import DayWork, Step
from solver.problem import Mediator


class Weekends:
    """`max_weekends`: weekends with a duty day."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        problem = frame.problem
        self._most = person.max_weekends
        self._periods = Periods(problem.weekends, len(problem.days))
        if self._most is not None and self._most >= len(problem.weekends):
            self._most = None

    def signature(self) -> Hashable:
        return ("weekends", self._most) if self._most is not None else ()

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.duty.astype(np.int64)] if self._most is not None else []

    def start(self) -> Hashable:
        return (0, ())

    def step(self, state: Hashable, work: DayWork) -> Step:
        if self._most is None:
            return state, 0
        count: int
        touched: tuple[int, ...]
        count, touched = state  # type: ignore[misc]
        if work.duty:
            fresh = [one for one in self._periods.on[work.day] if one not in touched]
            count += len(fresh)
            touched = tuple(sorted((*touched, *fresh)))
            if count > self._most:
                return None
        closing = self._periods.closing[work.day]
        return (count, tuple(one for one in touched if one not in closing)), 0
