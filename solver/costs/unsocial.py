"""Unsocial: each evening or Saturday shift beyond the mediator's fair share."""

from __future__ import annotations

from solver.view import View

NAME = "unsocial"


def cost(view: View) -> int:
    total = 0
    for duty in view.duties:
        share = duty.mediator.unsocial
        if share.cost:
            total += share.cost * max(0, sum(shift.unsocial for shift in duty.shifts) - share.free)
    return total
