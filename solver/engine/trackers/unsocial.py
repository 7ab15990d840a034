"""Unsocial shifts beyond the free ones."""

from __future__ import annotations

from collections.abc import Hashable

from solver.engine.arrays import Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.tracker import DayWork, Step
from solver.problem import Mediator


class UnsocialShifts:
    """The `unsocial` cost: each unsocial shift beyond the free ones pays."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._free, self._cost = person.unsocial.free, person.unsocial.cost

    def signature(self) -> Hashable:
        return ("unsocial", self._free, self._cost) if self._cost else ()

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.unsocial] if self._cost else []

    def start(self) -> Hashable:
        return 0

    def step(self, state: Hashable, work: DayWork) -> Step:
        if not (self._cost and work.unsocial):
            return state, 0
        if state == self._free:
            return state, self._cost
        return state + 1, 0  # type: ignore[operator]
