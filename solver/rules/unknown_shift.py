"""Every assignment is of a shift of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "unknown_shift"


def violations(view: View) -> Iterator[Violation]:
    for one in view.unknown:
        if one.shift not in view.problem.shift_by_id:
            yield Violation(NAME, {"mediator": one.mediator, "shift": one.shift})
