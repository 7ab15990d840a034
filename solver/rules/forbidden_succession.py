"""A shift of one kind does not follow, on the next day, one of a kind that forbids it."""

from __future__ import annotations

from collections.abc import Iterator

from solver.duty import Duty
from solver.result import Violation
from solver.view import View

NAME = "forbidden_succession"


def violations(view: View) -> Iterator[Violation]:
    forbidden = set(view.problem.forbidden_successions)
    if not forbidden:
        return
    for duty in view.duties:
        for day in duty.shifts_by_day:
            for first in sorted(_kinds(duty, day - 1)):
                for second in sorted(_kinds(duty, day)):
                    if (first, second) in forbidden:
                        yield Violation(
                            NAME,
                            {"mediator": duty.mediator.id, "day": day, "kinds": [first, second]},
                        )


def _kinds(duty: Duty, day: int) -> set[str]:
    return {shift.kind for shift in duty.shifts_by_day.get(day, ()) if shift.kind is not None}
