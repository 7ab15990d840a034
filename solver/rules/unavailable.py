"""No shift overlaps a time the mediator is unavailable, its breaks included."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "unavailable"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        away = duty.mediator.unavailable
        if not away:
            continue
        for shift in duty.shifts:
            if any(start < shift.end and shift.start < end for start, end in away):
                yield Violation(NAME, {"mediator": duty.mediator.id, "shift": shift.id})
