"""Rest between duty days."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.tracker import DayWork, Step
from solver.problem import Mediator


class Rest:
    """`min_rest` between duty days, and from `history.last_end`.

    The state is the end of the last duty while a later start could still come too soon.
    """

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._rest = person.min_rest_slots
        days = len(frame.problem.days)
        self._earliest = [10**9] * (days + 1)
        for day in range(days - 1, -1, -1):
            starts = choices.start[(choices.day == day) & choices.duty]
            first = int(starts.min()) if len(starts) else 10**9
            self._earliest[day] = min(first, self._earliest[day + 1])
        last_end = person.history.last_end
        self._first = self._pending(last_end, 0) if last_end is not None else None
        ends = [
            int(choices.end[(choices.day == day) & choices.duty].max(initial=-(10**9)))
            for day in range(days)
        ]
        before = [last_end if last_end is not None else -(10**9), *ends]
        self._latest_before = np.maximum.accumulate(np.array(before, dtype=np.int64))
        """[day]: the latest end of any duty before that day."""
        self._binds = self._first is not None or any(
            self._pending(ends[day], day + 1) is not None for day in range(days)
        )

    def _pending(self, end: int, day: int) -> int | None:
        return end if self._earliest[day] < end + self._rest else None

    def signature(self) -> Hashable:
        return ("rest", self._rest, tuple(self._earliest), self._first) if self._binds else ()

    def features(self, choices: Choices) -> list[Ints]:
        """Starts and ends, those that no rest can forbid or ask for left out."""
        if not self._binds:
            return []
        early = choices.duty & (choices.start < self._latest_before[choices.day] + self._rest)
        earliest_after = np.array(self._earliest)[choices.day + 1]
        late = choices.duty & (choices.end + self._rest > earliest_after)
        return [np.where(early, choices.start, -1), np.where(late, choices.end, -1)]

    def start(self) -> Hashable:
        return self._first

    def step(self, state: Hashable, work: DayWork) -> Step:
        if not self._binds:
            return None, 0
        end = state
        if work.duty:
            if end is not None and work.start - end < self._rest:  # type: ignore[operator]
                return None
            end = work.end
        return (None if end is None else self._pending(end, work.day + 1)), 0  # type: ignore[arg-type]
