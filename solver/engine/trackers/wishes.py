"""Wishes that several days can touch."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.tracker import DayWork, Step
from solver.problem import Mediator, WishKind


class SpanningWishes:
    """The `wishes` cost of wishes that several days can touch; the state: those touched."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._wishes = choices.spanning
        self._days = [
            np.unique(choices.day[choices.touched[:, index]]).tolist()
            for index in range(len(self._wishes))
        ]

    def signature(self) -> Hashable:
        if not self._wishes:
            return ()
        spans = tuple(tuple(days) for days in self._days)
        return (
            "wishes",
            tuple((wish.kind, wish.cost) for wish in self._wishes),
            spans,
        )

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.touched[:, index].astype(np.int64) for index in range(len(self._wishes))]

    def start(self) -> Hashable:
        return ()

    def step(self, state: Hashable, work: DayWork) -> Step:
        touched = set(state)  # type: ignore[call-overload]
        cost = 0
        for index, wish in enumerate(self._wishes):
            if work.touched[index] and index not in touched:
                touched.add(index)
                cost += wish.cost if wish.kind == WishKind.OFF else 0
            if work.day == self._days[index][-1]:
                if index not in touched and wish.kind == WishKind.ON:
                    cost += wish.cost
                touched.discard(index)
        return tuple(sorted(touched)), cost
