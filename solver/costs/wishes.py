"""Wishes: time asked off and worked, time asked for and not worked at all."""

from __future__ import annotations

from bisect import bisect_left

from solver.duty import Duty
from solver.problem import Wish, WishKind
from solver.view import View

NAME = "wishes"


def cost(view: View) -> int:
    return sum(
        wish.cost
        for duty in view.duties
        for wish in duty.mediator.wishes
        if not is_granted(wish, duty)
    )


def is_granted(wish: Wish, duty: Duty) -> bool:
    """Whether the duty, busy time included, leaves the wish nothing to pay for."""
    next_worked = bisect_left(duty.worked, wish.start)
    works = next_worked < len(duty.worked) and duty.worked[next_worked] < wish.end
    return works == (wish.kind is WishKind.ON)
