"""How someone leaves a day without breaking rules of their own on others.

Shortest runs or a hard minimum of hours can ask for a change on later days as well. One such
change is looked for among all shifts that fit them; two only among the cheapest of each day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from solver.cover_worth import CoverWorth
from solver.draft import Change, Draft
from solver.problem import Mediator, Shift
from solver.result import Violation
from solver.stand_in import has_new
from solver.view import facts_of

MOST_A_DAY = 6
"""Other shifts of a day that are tried together with a change of another day."""


def leaving(
    before: Draft, absent: str, day: int, stays: str | None, accepted: tuple[Violation, ...]
) -> tuple[Change, ...]:
    """The day left (or `stays` worked of it), with one or two changes of later days where that
    alone is not legal; alone, where nothing helps."""
    leave = Change(absent, day, stays)
    if not has_new(before.own_violations([leave]), accepted):
        return (leave,)
    return _Leaving(before, leave, accepted).best() or (leave,)


class _Leaving:
    def __init__(self, before: Draft, leave: Change, accepted: tuple[Violation, ...]) -> None:
        self._before = before
        self._leave = leave
        self._accepted = accepted
        self._worth = CoverWorth(before)
        self._index = facts_of(before.problem).mediator_index[leave.mediator]
        self._mediator = before.problem.mediators[self._index]

    def best(self) -> tuple[Change, ...] | None:
        """The cheapest legal one found, a single further change before two."""
        single = sorted(self._weighed(), key=lambda one: one[0])
        for _, change in single:
            if self._is_legal((self._leave, change)):
                return self._leave, change
        pairs = (
            (one_cost + two_cost, one, two)
            for (one_cost, one), (two_cost, two) in combinations(self._few_a_day(single), 2)
            if one.day != two.day
        )
        for _, one, two in sorted(pairs, key=lambda pair: pair[0]):
            if self._is_legal((self._leave, one, two)):
                return self._leave, one, two
        return None

    def _is_legal(self, changes: tuple[Change, ...]) -> bool:
        """By their own rules, and, where these hold, by the room in the offices."""
        if has_new(self._before.own_violations(changes), self._accepted):
            return False
        return not has_new(self._before.with_changes(changes).violations, self._accepted)

    def _weighed(self) -> Iterator[tuple[int, Change]]:
        """Changes of later days, each with what it costs."""
        for day, shift in self._later():
            had = self._before.duty(self._leave.mediator).shifts_by_day.get(day, [])
            steps = self._worth.steps(self._index, had, shift)
            change = Change(self._leave.mediator, day, shift.id if shift is not None else None)
            own = self._before.own_cost_change([self._leave, change])
            yield self._worth.change(self._index, steps) + own, change

    def _later(self) -> Iterator[tuple[int, Shift | None]]:
        """A later day given up, or another shift worked there."""
        held = self._before.duty(self._leave.mediator).shifts_by_day
        for day in held:
            if day > self._leave.day:
                yield day, None
        for shift in self._before.problem.shifts:
            later = shift.day > self._leave.day and shift not in held.get(shift.day, ())
            if later and _fits(self._mediator, shift):
                yield shift.day, shift

    def _few_a_day(self, weighed: Sequence[tuple[int, Change]]) -> list[tuple[int, Change]]:
        """The cheapest of each day and length, so many of a day at most."""
        kept: dict[tuple[int, int], tuple[int, Change]] = {}
        a_day: Counter[int] = Counter()
        for cost, change in weighed:
            place = (change.day, self._slots_worked(change))
            if place not in kept and a_day[change.day] < MOST_A_DAY:
                kept[place] = (cost, change)
                a_day[change.day] += 1
        return list(kept.values())

    def _slots_worked(self, change: Change) -> int:
        if change.shift is None:
            return 0
        return len(self._before.problem.shift_by_id[change.shift].worked)


def _fits(mediator: Mediator, shift: Shift) -> bool:
    """Whether office, length and leave allow the shift."""
    least, most = mediator.shift_slots
    return (
        shift.office in mediator.offices
        and least <= len(shift.worked) <= most
        and not any(start < shift.end and shift.start < end for start, end in mediator.unavailable)
    )
