"""Every assignment is of a mediator of the problem."""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "unknown_mediator"


def violations(view: View) -> Iterator[Violation]:
    for one in view.unknown:
        if one.mediator not in view.facts.mediator_index:
            yield Violation(NAME, {"mediator": one.mediator})
