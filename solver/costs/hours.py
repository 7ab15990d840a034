"""Hours: each slot worked below the `min_slots` of an accounting week."""

from __future__ import annotations

from solver.view import View

NAME = "hours"


def cost(view: View) -> int:
    missing = 0
    for duty in view.duties:
        for limits, days in zip(duty.mediator.weeks, view.problem.weeks, strict=True):
            if limits.min_slots:
                missing += max(0, limits.min_slots - duty.slots_in(days))
    return missing * view.problem.costs.under_slot
