"""What is worked in each accounting week."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers.periods import Periods
from solver.engine.trackers.tracker import DayWork, Step
from solver.problem import Mediator


class Weeks:
    """`week_max_slots`, `week_min_slots`, `week_max_days` and the `hours` cost."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        problem = frame.problem
        self._periods = Periods(problem.weeks, len(problem.days))
        self._limits = person.weeks
        self._under = problem.costs.under_slot

    def signature(self) -> Hashable:
        return ("weeks", self._limits)

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.worked, choices.duty.astype(np.int64)]

    def start(self) -> Hashable:
        return ()

    def step(self, state: Hashable, work: DayWork) -> Step:
        open_weeks = dict(state)  # type: ignore[call-overload]
        cost = 0
        for week in self._periods.on[work.day]:
            limits = self._limits[week]
            slots, days = open_weeks.get(week, (0, 0))
            slots, days = slots + work.worked, days + work.duty
            if slots > limits.max_slots or days > limits.max_days:
                return None
            open_weeks[week] = (slots, days)
        for week in self._periods.closing[work.day]:
            limits = self._limits[week]
            slots, _ = open_weeks.pop(week)
            if slots < limits.hard_min_slots:
                return None
            cost += self._under * max(0, limits.min_slots - slots)
        return tuple(sorted(open_weeks.items())), cost
