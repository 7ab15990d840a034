"""What the duty that has begun in a running week uses, and a person's rules eased to bear it.

Facts told since (a field route, a training, fewer hours) can collide with shifts that have begun.
Neither can be undone, and one such collision would let nobody's week be built. So the rules are
eased just as far as what has begun needs; what is still to come is held to the rest as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from solver import problem as sp
from solver.duty import Duty


def eased(
    one: sp.Mediator, begun: Sequence[sp.Shift], week: sp.Problem, closed: int
) -> sp.Mediator:
    """`one` with no limit left that their duty before slot `closed` breaks."""
    one = replace(one, busy=_apart(one, begun, week.days, closed))
    duty = Duty(one, 0, begun, _by_day(one.busy, week.days))
    passed = [span for span in duty.spans if span.start <= closed]
    if not passed:
        return one
    days = duty.days[: len(passed)]
    one = _rested(one, passed, week.slot_count)
    runs = [
        run.length + (one.history.consecutive_days if run.first == 0 else 0)
        for run in duty.runs
        if run.first in days
    ]
    return replace(
        one,
        max_day_slots=max(one.max_day_slots, *(len(duty.worked_by_day[day]) for day in days)),
        max_consecutive_days=max(one.max_consecutive_days, *runs),
        weeks=tuple(
            replace(
                limits,
                max_slots=max(limits.max_slots, duty.slots_in(inside)),
                max_days=max(limits.max_days, len(set(duty.days) & set(inside))),
            )
            for limits, inside in zip(one.weeks, week.weeks, strict=True)
        ),
    )


def _apart(
    one: sp.Mediator, begun: Sequence[sp.Shift], days: Sequence[sp.Day], closed: int
) -> tuple[sp.Interval, ...]:
    """Busy time, cut before `closed` to a rest's distance from the shifts of other days."""
    kept = []
    for span in one.busy:
        start, end = span
        day = _day_of(span, days)
        for shift in begun:
            if start < closed and shift.day > day:
                end = min(end, shift.start - one.min_rest_slots)
            elif start < closed and shift.day < day:
                start = max(start, min(shift.end + one.min_rest_slots, closed))
        if start < end:
            kept.append(sp.Interval(start, end))
    return tuple(kept)


def _rested(one: sp.Mediator, passed: Sequence[sp.Interval], slot_count: int) -> sp.Mediator:
    """`one` with the rests between what passed allowed, and the whole rest kept after it."""
    rest = one.min_rest_slots
    shortest = max(0, min((rest, *(two.start - first.end for first, two in pairwise(passed)))))
    last_end = one.history.last_end
    if last_end is not None:
        # Nothing but the first duty is held against it, and that has begun.
        last_end = min(last_end, passed[0].start - shortest)
    one = replace(one, min_rest_slots=shortest, history=replace(one.history, last_end=last_end))
    end = passed[-1].end
    until = min(end + rest, slot_count)
    if shortest == rest or end >= until:
        return one
    return replace(one, unavailable=(*one.unavailable, sp.Interval(end, until)))


def _by_day(
    busy: Sequence[sp.Interval], days: Sequence[sp.Day]
) -> dict[int, tuple[sp.Interval, ...]]:
    found: dict[int, tuple[sp.Interval, ...]] = {}
    for span in busy:
        day = _day_of(span, days)
        found[day] = (*found.get(day, ()), span)
    return found


def _day_of(span: sp.Interval, days: Sequence[sp.Day]) -> int:
    return next(index for index, day in enumerate(days) if span.start < day.end)
