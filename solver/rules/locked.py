"""The roster holds every locked assignment."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "locked"


def violations(view: View) -> Iterator[Violation]:
    locks = view.facts.locks
    if not locks:
        return
    for duty in view.duties:
        given = {shift.id for shift in duty.shifts}
        for shift_id in dict.fromkeys(locks.get(duty.index, ())):
            if shift_id not in given:
                yield Violation(NAME, {"mediator": duty.mediator.id, "shift": shift_id})
