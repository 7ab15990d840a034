"""No day holds more worked slots than the mediator's limit: those of the shift, and busy time."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "max_day_slots"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        for day, worked in duty.worked_by_day.items():
            if len(worked) > duty.mediator.max_day_slots:
                yield Violation(
                    NAME, {"mediator": duty.mediator.id, "day": day, "slots": len(worked)}
                )
