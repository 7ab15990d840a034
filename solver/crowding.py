"""Whether the hard minimums of hours have room in the offices at all.

A necessary condition, by counting: those who can only work at certain offices, each with a
capacity, need in a week at least the slots of their hard minimums less their busy time; the
offices offer capacity times the slots in which some shift serves. If they need more, no
roster exists, though nobody's own rules are broken.
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.problem import Mediator, Problem
from solver.result import Violation
from solver.rules import week_min_slots


def crowded(problem: Problem) -> Iterator[Violation]:
    """For each week and office, or group of offices of those who move between them, where the
    hard minimums exceed the room: `needed` and `room` in slots, and the `mediators`."""
    groups = {frozenset(one.offices) for one in problem.mediators}
    for week in range(len(problem.weeks)):
        room = _room(problem, week)
        for offices in sorted(groups, key=sorted):
            if any(room.get(office, 0) is None for office in offices):
                continue
            bound = [one for one in problem.mediators if offices.issuperset(one.offices)]
            owed = {one.id: _owed(problem, one, week) for one in bound}
            space = sum(room.get(office) or 0 for office in offices)
            if sum(owed.values()) > space:
                yield Violation(
                    week_min_slots.NAME,
                    {
                        "week": week,
                        "offices": sorted(offices),
                        "mediators": [name for name, slots in owed.items() if slots],
                        "needed": sum(owed.values()),
                        "room": space,
                        "facts": [],
                    },
                )


def _room(problem: Problem, week: int) -> dict[str, int | None]:
    """Office -> slots that can be worked there in the week; None without a capacity."""
    days = set(problem.weeks[week])
    served: dict[str, set[int]] = {}
    for shift in problem.shifts:
        if shift.day in days:
            served.setdefault(shift.office, set()).update(shift.worked)
    return {
        office.id: None
        if office.capacity is None
        else office.capacity * len(served.get(office.id, ()))
        for office in problem.offices
    }


def _owed(problem: Problem, mediator: Mediator, week: int) -> int:
    """Slots of the hard minimum that busy time does not meet.

    Work during busy time takes no room and adds no slot, so it can be left out of account.
    """
    days = set(problem.weeks[week])
    busy = sum(problem.day_of_slot[slot] in days for slot in mediator.busy_slots)
    return max(0, mediator.weeks[week].hard_min_slots - busy)
