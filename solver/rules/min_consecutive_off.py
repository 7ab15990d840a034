"""No shorter run of days off than the mediator's least, but at the edges of the horizon."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from solver.result import Violation
from solver.view import View

NAME = "min_consecutive_off"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        for run, following in pairwise(duty.runs):
            days = following.first - run.last - 1
            if days < duty.mediator.min_consecutive_off:
                yield Violation(
                    NAME, {"mediator": duty.mediator.id, "day": run.last + 1, "days": days}
                )
