"""Which kind may follow which."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.tracker import DayWork, Step
from solver.problem import Mediator


class Successions:
    """`forbidden_succession`: no shift of the second kind on the day after the first."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        index = frame.kind_index
        self._pairs = frozenset(
            (index[first], index[second])
            for first, second in frame.problem.forbidden_successions
            if first in index and second in index
        )
        self._firsts = frozenset(first for first, _ in self._pairs)

    def signature(self) -> Hashable:
        return ("successions", self._pairs) if self._pairs else ()

    def features(self, choices: Choices) -> list[Ints]:
        if not self._pairs:
            return []
        named = {kind for pair in self._pairs for kind in pair}
        return [np.where(np.isin(choices.kind, list(named)), choices.kind, -1)]

    def start(self) -> Hashable:
        return None

    def step(self, state: Hashable, work: DayWork) -> Step:
        if not self._pairs:
            return None, 0
        if (state, work.kind) in self._pairs:
            return None
        return (work.kind if work.kind in self._firsts else None), 0
