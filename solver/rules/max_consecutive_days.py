"""No more duty days in a row than the mediator's limit, those before the horizon included."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "max_consecutive_days"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        for run in duty.runs:
            before = duty.mediator.history.consecutive_days if run.first == 0 else 0
            if run.length + before > duty.mediator.max_consecutive_days:
                yield Violation(
                    NAME,
                    {
                        "mediator": duty.mediator.id,
                        "day": run.first,
                        "days": run.length + before,
                    },
                )
