"""One mediator's duty over the horizon: the shifts given and the busy time that is a fact."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from solver.problem import Interval, Mediator, Shift


class Run(NamedTuple):
    """Days `first`, …, `last`, all of duty."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class Duty:
    """What `shifts` mean for `mediator`. Never changed once made.

    `busy_days` is the mediator's busy time by day, and `index` their place in the problem.
    """

    def __init__(
        self,
        mediator: Mediator,
        index: int,
        shifts: Iterable[Shift],
        busy_days: dict[int, tuple[Interval, ...]],
    ) -> None:
        self.mediator = mediator
        self.index = index
        self.shifts = tuple(sorted(shifts, key=lambda shift: (shift.start, shift.end, shift.id)))
        self.busy_days = busy_days
        self.shifts_by_day: dict[int, list[Shift]] = {}
        for shift in self.shifts:
            self.shifts_by_day.setdefault(shift.day, []).append(shift)
        self.days = tuple(sorted(self.shifts_by_day.keys() | busy_days.keys()))

    @cached_property
    def spans(self) -> tuple[Interval, ...]:
        """For each of `days`, from the first start to the last end of shifts and busy time."""
        return tuple(map(self._span, self.days))

    def _span(self, day: int) -> Interval:
        shifts = self.shifts_by_day.get(day, ())
        busy = self.busy_days.get(day, ())
        if not busy and len(shifts) == 1:
            return Interval(shifts[0].start, shifts[0].end)
        return Interval(
            min((*(shift.start for shift in shifts), *(span.start for span in busy))),
            max((*(shift.end for shift in shifts), *(span.end for span in busy))),
        )

    @cached_property
    def worked_by_day(self) -> dict[int, frozenset[int]]:
        """Duty day -> the slots worked: those of the shift, and busy time."""
        return {day: self._worked_on(day) for day in self.days}

    def _worked_on(self, day: int) -> frozenset[int]:
        shifts = self.shifts_by_day.get(day, ())
        busy = self.busy_days.get(day, ())
        if not busy and len(shifts) == 1:
            return shifts[0].worked_set
        return frozenset().union(
            *(shift.worked for shift in shifts), *(span.slots for span in busy)
        )

    @cached_property
    def worked(self) -> tuple[int, ...]:
        """All slots worked, ascending."""
        return tuple(sorted(slot for slots in self.worked_by_day.values() for slot in slots))

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The longest stretches of duty days, in order."""
        if not self.days:
            return ()
        firsts = [self.days[0]]
        lasts = []
        for day, following in pairwise(self.days):
            if following > day + 1:
                lasts.append(day)
                firsts.append(following)
        lasts.append(self.days[-1])
        return tuple(map(Run, firsts, lasts))

    def slots_in(self, days: Iterable[int]) -> int:
        """Slots worked on these days."""
        worked = self.worked_by_day
        return sum(len(worked[day]) for day in days if day in worked)
