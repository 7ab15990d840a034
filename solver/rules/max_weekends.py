"""No more weekends with a duty day than the mediator's limit."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "max_weekends"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        most = duty.mediator.max_weekends
        if most is None:
            continue
        count = sum(
            not on_duty.isdisjoint(duty.days) for on_duty in map(set, view.problem.weekends)
        )
        if count > most:
            yield Violation(NAME, {"mediator": duty.mediator.id, "weekends": count})
