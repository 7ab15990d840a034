"""No more shifts of a kind in the horizon than the mediator's limit."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "kind_max"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        for kind, most in duty.mediator.kind_max.items():
            count = sum(shift.kind == kind for shift in duty.shifts)
            if count > most:
                yield Violation(NAME, {"mediator": duty.mediator.id, "kind": kind, "shifts": count})
