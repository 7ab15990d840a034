"""How many shifts of a kind."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.tracker import DayWork, Step
from solver.problem import Mediator


class Kinds:
    """`kind_max`: most shifts of a kind in the horizon."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._most = {
            frame.kind_index[kind]: most
            for kind, most in sorted(person.kind_max.items())
            if kind in frame.kind_index and most < len(frame.problem.days)
        }

    def signature(self) -> Hashable:
        return ("kinds", tuple(self._most.items())) if self._most else ()

    def features(self, choices: Choices) -> list[Ints]:
        limited = np.isin(choices.kind, list(self._most))
        return [np.where(limited, choices.kind, -1)] if self._most else []

    def start(self) -> Hashable:
        return tuple(0 for _ in self._most)

    def step(self, state: Hashable, work: DayWork) -> Step:
        if work.kind not in self._most:
            return state, 0
        counts = tuple(
            count + (kind == work.kind)
            for count, kind in zip(state, self._most, strict=True)  # type: ignore[call-overload]
        )
        if any(count > most for count, most in zip(counts, self._most.values(), strict=True)):
            return None
        return counts, 0
