"""No accounting week holds more duty days than the mediator's limit."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "week_max_days"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        on_duty = set(duty.days)
        for week, days in enumerate(view.problem.weeks):
            count = sum(day in on_duty for day in days)
            if count > duty.mediator.weeks[week].max_days:
                yield Violation(NAME, {"mediator": duty.mediator.id, "week": week, "days": count})
