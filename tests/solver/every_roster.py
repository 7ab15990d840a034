"""The optimum of a small problem by trying every roster."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator

from hypothesis import assume

from solver.check import check
from solver.problem import Assignment, Mediator, Problem
from solver.result import Violation
from solver.rules import RULES
from solver.view import whole_view

MOST_ROSTERS = 1500


def brute_force(problem: Problem) -> int | None:
    """The least cost of a legal roster, by trying them all; None where there is none."""
    plans = [personal_plans(problem, mediator) for mediator in problem.mediators]
    size = 1
    for options in plans:
        size *= len(options)
    assume(size <= MOST_ROSTERS)
    best: int | None = None
    for chosen in itertools.product(*plans):
        roster = [one for plan in chosen for one in plan]
        if is_legal(problem, roster):
            cost = check(problem, roster).cost
            best = cost if best is None else min(best, cost)
    return best


def broken_rules(problem: Problem, roster: Iterable[Assignment]) -> Iterator[Violation]:
    """What the judge finds, one after another as it is asked for: most rosters of all are broken,
    and need not be looked through nor priced."""
    view = whole_view(problem, list(roster))
    return (broken for rule in RULES for broken in rule.violations(view))


def is_legal(problem: Problem, roster: Iterable[Assignment]) -> bool:
    return next(broken_rules(problem, roster), None) is None


def personal_plans(problem: Problem, mediator: Mediator) -> list[tuple[Assignment, ...]]:
    """All ways one mediator may spend the horizon without breaking a rule of their own."""
    alone = dataclasses.replace(
        problem,
        mediators=(mediator,),
        locked=tuple(one for one in problem.locked if one.mediator == mediator.id),
    )
    by_day = [
        [None, *(shift.id for shift in problem.shifts if shift.day == day)]
        for day in range(len(problem.days))
    ]
    found = []
    for taken in itertools.product(*by_day):
        plan = tuple(Assignment(mediator.id, shift) for shift in taken if shift is not None)
        if all(broken.rule == "capacity" for broken in broken_rules(alone, plan)):
            found.append(plan)
    return found
