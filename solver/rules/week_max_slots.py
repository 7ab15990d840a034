"""No accounting week holds more worked slots than the mediator's limit."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "week_max_slots"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        for week, days in enumerate(view.problem.weeks):
            slots = duty.slots_in(days)
            if slots > duty.mediator.weeks[week].max_slots:
                yield Violation(NAME, {"mediator": duty.mediator.id, "week": week, "slots": slots})
