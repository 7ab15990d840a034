"""Each shift is as long as the mediator's contract lets one be, busy time not counted in."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "shift_slots"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        least, most = duty.mediator.shift_slots
        for shift in duty.shifts:
            slots = len(shift.worked)
            if not least <= slots <= most:
                yield Violation(
                    NAME, {"mediator": duty.mediator.id, "shift": shift.id, "slots": slots}
                )
