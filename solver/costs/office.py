"""Office: what each shift away from the home office costs the mediator."""

from __future__ import annotations

from solver.view import View

NAME = "office"


def cost(view: View) -> int:
    return sum(
        duty.mediator.offices.get(shift.office, 0) for duty in view.duties for shift in duty.shifts
    )
