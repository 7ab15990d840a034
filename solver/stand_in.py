"""What each colleague could do for an office on a day, weighed slot by slot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from solver.cover_worth import CoverWorth
from solver.draft import Change, Draft
from solver.problem import Mediator, Shift
from solver.result import Violation
from solver.view import facts_of

MOST_SHAPES = 5
"""Legal shifts offered of each colleague: those best for cover."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`mediator` works `shift`; `was` is what they had that day. `cost` is the whole roster's."""

    mediator: str
    shift: Shift
    was: Shift | None
    cost: int

    @property
    def changes(self) -> tuple[Change, ...]:
        return (Change(self.mediator, self.shift.day, self.shift.id),)


WORSE_IF_MORE = {
    "capacity": "present",
    "kind_max": "shifts",
    "max_consecutive_days": "days",
    "max_day_slots": "slots",
    "max_weekends": "weekends",
    "week_max_days": "days",
    "week_max_slots": "slots",
}
"""Rule -> the detail that says by how much it is broken."""
WORSE_IF_LESS = {
    "min_consecutive_days": "days",
    "min_consecutive_off": "days",
    "min_rest": "slots",
    "week_min_slots": "slots",
}


def has_new(found: Iterable[Violation], accepted: Iterable[Violation]) -> bool:
    """Whether something is broken that was not broken already, or more than it was."""
    known = list(accepted)
    return any(
        one not in known and not any(_is_no_worse(one, was) for was in known) for one in found
    )


def _is_no_worse(one: Violation, was: Violation) -> bool:
    """Whether the same rule was broken in the same place as much already."""
    if one.rule != was.rule:
        return False
    measure = WORSE_IF_MORE.get(one.rule) or WORSE_IF_LESS.get(one.rule)
    if measure is None or one.details.keys() != was.details.keys():
        return False
    if any(one.details[key] != was.details[key] for key in one.details if key != measure):
        return False
    grown = int(one.details[measure]) - int(was.details[measure])
    return grown <= 0 if one.rule in WORSE_IF_MORE else grown >= 0


class StandIns:
    """Colleagues for a shift that nobody works in `draft`, on its day and at its office.

    `now` is in slots, between two where it lies between them: nobody is given hours before it.
    """

    def __init__(
        self,
        draft: Draft,
        absent: str,
        lost: Shift,
        accepted: tuple[Violation, ...],
        now: float | None = None,
    ) -> None:
        self._draft = draft
        self._absent = absent
        self._lost = lost
        self._accepted = accepted
        self._now = now
        self._problem = draft.problem
        self._facts = facts_of(draft.problem)
        self._office = self._facts.office_index[lost.office]
        self._shapes = [
            shift
            for shift in self._problem.shifts
            if shift.day == lost.day and shift.office == lost.office
        ]
        self._room = self._problem.offices[self._office].capacity
        self._worth = CoverWorth(draft)

    def candidates(self) -> Iterator[Candidate]:
        """For each colleague, the legal ones of their shifts best for cover, and the lost one."""
        for index, mediator in self._colleagues():
            was = self._shift_of(mediator)
            weighed = sorted(
                (
                    (self._cover_change(index, was, shift), place)
                    for place, shift in enumerate(self._shapes)
                    if self._fits(mediator, shift, was)
                ),
            )
            legal = 0
            for change, place in weighed:
                shift = self._shapes[place]
                if legal < MOST_SHAPES or shift.id == self._lost.id:
                    for one in self._candidate(mediator, shift, was, change):
                        legal += 1
                        yield one

    def takers(self, shift: Shift) -> Iterator[Candidate]:
        """Those who could legally work `shift`."""
        for index, mediator in self._colleagues():
            was = self._shift_of(mediator)
            if self._fits(mediator, shift, was):
                change = self._cover_change(index, was, shift)
                yield from self._candidate(mediator, shift, was, change)

    def fitting(self, shift: Shift) -> Iterator[str]:
        """Those whom length, leave and room let work `shift`, whatever else binds them."""
        for _, mediator in self._colleagues():
            if self._fits(mediator, shift, self._shift_of(mediator)):
                yield mediator.id

    def _colleagues(self) -> Iterator[tuple[int, Mediator]]:
        for index, mediator in enumerate(self._problem.mediators):
            if mediator.id != self._absent and self._lost.office in mediator.offices:
                yield index, mediator

    def _shift_of(self, mediator: Mediator) -> Shift | None:
        shifts = self._draft.duty(mediator.id).shifts_by_day.get(self._lost.day)
        return shifts[0] if shifts else None

    def _fits(self, mediator: Mediator, shift: Shift, was: Shift | None) -> bool:
        """What is cheap to see: the shift's length, leave, and room at the office."""
        least, most = mediator.shift_slots
        if not least <= len(shift.worked) <= most or shift == was:
            return False
        if not self._still_possible(shift, was):
            return False
        if any(start < shift.end and shift.start < end for start, end in mediator.unavailable):
            return False
        if self._room is None:
            return True
        had = set(was.worked) if was is not None and was.office == shift.office else set()
        return all(
            slot in had or len(self._draft.servers(shift.office, slot)) < self._room
            for slot in shift.worked
            if slot not in mediator.busy_slots
        )

    def _still_possible(self, shift: Shift, was: Shift | None) -> bool:
        """Whether it gives no hours that have passed, and takes none away."""
        if self._now is None:
            return True
        if was is None or was.start > self._now:
            return shift.start >= self._now
        # Their shift has begun: it may end at another time, unless it is over.
        return (
            was.end > self._now
            and (shift.office, shift.start) == (was.office, was.start)
            and self._until_now(shift) == self._until_now(was)
        )

    def _until_now(self, shift: Shift) -> tuple[int, ...]:
        return tuple(slot for slot in shift.worked if self._now is None or slot < self._now)

    def _candidate(
        self, mediator: Mediator, shift: Shift, was: Shift | None, cover_change: int
    ) -> Iterator[Candidate]:
        changes = [Change(mediator.id, shift.day, shift.id)]
        if not has_new(self._draft.own_violations(changes), self._accepted):
            cost = self._draft.cost + cover_change + self._draft.own_cost_change(changes)
            yield Candidate(mediator.id, shift, was, cost)

    def _cover_change(self, mediator: int, was: Shift | None, shift: Shift) -> int:
        steps = self._worth.steps(mediator, [was] if was is not None else [], shift)
        return self._worth.change(mediator, steps)
