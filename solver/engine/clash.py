"""Who cannot be placed together: named where the facts of nobody alone collide.

When the integer program of `solver.engine.assembly` has proven that no roster exists and no
counting of `solver.infeasible` says why, people, hard minimums, locks and capacities are left
out as long as it stays impossible. What remains collides. The set is irreducible where the
time suffices, and in any case impossible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from solver.engine.assembly import assemble
from solver.engine.board import Instance
from solver.engine.clock import Clock
from solver.look import Stopped
from solver.problem import Mediator, Problem
from solver.result import Violation
from solver.rules import capacity, week_min_slots

SECONDS = 4.0

Kept = TypeVar("Kept")


def clash(
    problem: Problem,
    seed: int = 0,
    seconds: float = SECONDS,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Violation, ...]:
    """One violation with `offices`, `weeks`, `mediators`, and as `facts` their hard minimums
    and locks, for a problem that is known to have no roster.

    Where time is up, or `should_stop` says so, what is left by then: impossible, but not the
    smallest.
    """
    clock = Clock(seconds, should_stop)

    def fails(some: Problem) -> bool:
        try:
            return not clock.over() and _is_impossible(some, clock, seed)
        except Stopped:
            return False

    # Cover and change are costs: they forbid nothing.
    bare = replace(problem, requirements=(), previous=None)
    people = _fewer(_bound(bare), lambda some: fails(_with_people(bare, some)))
    left = _with_people(bare, people)
    locked = _fewer(left.locked, lambda some: fails(replace(left, locked=tuple(some))))
    left = replace(left, locked=tuple(locked))
    weeks = _fewer(_weeks_asked(left), lambda some: fails(_with_weeks(left, some)))
    left = _with_weeks(left, weeks)
    full = [one.id for one in left.offices if one.capacity is not None and _may_work(left, one.id)]
    offices = _fewer(full, lambda some: fails(_with_room(left, some)))
    facts = [
        *({"fact": "locked", "mediator": one.mediator, "shift": one.shift} for one in left.locked),
        *_minimums(left, weeks),
    ]
    details: dict[str, Any] = {
        "offices": list(offices),
        "weeks": list(weeks),
        "mediators": [one.id for one in people],
        "facts": facts,
    }
    return (Violation(week_min_slots.NAME if weeks else capacity.NAME, details),)


def _bound(problem: Problem) -> list[Mediator]:
    """Those who may not simply stay away: without the others it is as impossible."""
    locked = {lock.mediator for lock in problem.locked}
    return [
        one
        for one in problem.mediators
        if one.id in locked
        or any(limits.hard_min_slots for limits in one.weeks)
        or (one.busy and max(one.min_consecutive_days, one.min_consecutive_off) > 1)
    ]


def _is_impossible(problem: Problem, clock: Clock, seed: int) -> bool:
    instance = Instance.of(problem, clock.look)
    if not all(plans.feasible for plans in instance.plans):
        return True
    return assemble(instance, clock, seed)[1]


def _fewer(given: Sequence[Kept], fails: Callable[[Sequence[Kept]], bool]) -> list[Kept]:
    """What is left when entries are left out, many at once at first, as long as it fails."""
    kept = list(given)
    size = max(1, len(kept) // 2)
    while kept:
        place = 0
        while place < len(kept):
            rest = kept[:place] + kept[place + size :]
            if fails(rest):
                kept = rest
            else:
                place += size
        if size == 1:
            break
        size //= 2
    return kept


def _with_people(problem: Problem, people: Sequence[Mediator]) -> Problem:
    names = {one.id for one in people}
    locked = tuple(lock for lock in problem.locked if lock.mediator in names)
    return replace(problem, mediators=tuple(people), locked=locked)


def _weeks_asked(problem: Problem) -> list[int]:
    return [
        week
        for week in range(len(problem.weeks))
        if any(one.weeks[week].hard_min_slots for one in problem.mediators)
    ]


def _with_weeks(problem: Problem, weeks: Sequence[int]) -> Problem:
    """With the hard minimums of these weeks alone."""
    mediators = tuple(
        replace(
            one,
            weeks=tuple(
                limits if week in weeks else replace(limits, hard_min_slots=0)
                for week, limits in enumerate(one.weeks)
            ),
        )
        for one in problem.mediators
    )
    return replace(problem, mediators=mediators)


def _may_work(problem: Problem, office: str) -> bool:
    return any(office in one.offices for one in problem.mediators)


def _with_room(problem: Problem, full: Sequence[str]) -> Problem:
    """With the capacities of these offices alone."""
    offices = tuple(
        one if one.id in full else replace(one, capacity=None) for one in problem.offices
    )
    return replace(problem, offices=offices)


def _minimums(problem: Problem, weeks: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "fact": "hard_min_slots",
            "mediator": one.id,
            "week": week,
            "slots": one.weeks[week].hard_min_slots,
        }
        for one in problem.mediators
        for week in weeks
        if one.weeks[week].hard_min_slots
    ]
