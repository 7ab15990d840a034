"""A mediator works at most one shift of a day."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "one_shift_a_day"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        for day, shifts in duty.shifts_by_day.items():
            if len(shifts) > 1:
                yield Violation(NAME, {"mediator": duty.mediator.id, "day": day})
