"""No accounting week holds fewer worked slots than `hard_min_slots`."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "week_min_slots"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        for week, days in enumerate(view.problem.weeks):
            least = duty.mediator.weeks[week].hard_min_slots
            slots = duty.slots_in(days) if least else 0
            if slots < least:
                yield Violation(NAME, {"mediator": duty.mediator.id, "week": week, "slots": slots})
