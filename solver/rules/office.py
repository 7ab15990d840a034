"""A mediator works only at the offices open to them."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "office"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        for shift in duty.shifts:
            if shift.office not in duty.mediator.offices:
                yield Violation(NAME, {"mediator": duty.mediator.id, "shift": shift.id})
