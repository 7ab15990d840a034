"""No shorter run of duty days than the mediator's least, but at the edges of the horizon."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "min_consecutive_days"


def violations(view: View) -> Iterator[Violation]:
    last_day = view.facts.day_count - 1
    for duty in view.duties:
        for run in duty.runs:
            inside = run.first > 0 and run.last < last_day
            if inside and run.length < duty.mediator.min_consecutive_days:
                yield Violation(
                    NAME,
                    {"mediator": duty.mediator.id, "day": run.first, "days": run.length},
                )
