"""What a tracker sees of a day, and what it must answer."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, Protocol

from solver.engine.arrays import Ints
from solver.engine.choices import Choices


class DayWork(NamedTuple):
    """What a mediator does on one day, as trackers see it."""

    day: int
    duty: bool
    worked: int
    start: int
    end: int
    kind: int
    unsocial: bool
    touched: tuple[bool, ...]


Step = tuple[Hashable, int] | None
"""The state after a day and the cost incurred; None where a rule is broken."""


class Tracker(Protocol):
    def signature(self) -> Hashable:
        """Equal signatures mean equal behaviour: plan graphs are shared by it.

        An empty one says that the tracker neither forbids nor costs anything here.
        """

    def features(self, choices: Choices) -> list[Ints]: ...

    def start(self) -> Hashable: ...

    def step(self, state: Hashable, work: DayWork) -> Step: ...
