"""Change: each day on which a mediator's shift differs from the roster already published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from solver.problem import Shift
from solver.view import View

NAME = "change"


def cost(view: View) -> int:
    if view.problem.previous is None or not view.problem.costs.change:
        return 0
    shift_by_id = view.problem.shift_by_id
    changes = sum(
        _changes(shift_by_id, view.facts.previous.get(duty.index, ()), duty.shifts)
        for duty in view.duties
    )
    return changes * view.problem.costs.change


def _changes(
    shift_by_id: Mapping[str, Shift], previous: Iterable[str], shifts: Iterable[Shift]
) -> int:
    """A day whose shift is given, taken away or replaced counts once, whatever the number of
    shifts published there; one more given on the same day, which a rule forbids, counts too."""
    before = set(previous)
    now = {shift.id for shift in shifts}
    if before == now:
        return 0
    given = Counter(shift_by_id[shift_id].day for shift_id in now - before)
    taken = {shift_by_id[shift_id].day for shift_id in before - now}
    return given.total() + len(taken - given.keys())
