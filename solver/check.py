"""The judge: the exact cost of a roster, term by term, and every rule it breaks.

It imports no optimiser. `Draft` judges a roster under edit by what each edit touches.
"""

from __future__ import annotations

from collections.abc import Iterable

from solver.costs import TERMS
from solver.problem import Assignment, Problem
from solver.result import Judgement, Result, Violation
from solver.rules import RULES
from solver.view import View, assignments_of, whole_view


def check(problem: Problem, roster: Result | Iterable[Assignment]) -> Judgement:
    """Judge a roster, given as a `Result` or as its assignments."""
    return judge(whole_view(problem, assignments_of(roster)))


def judge(view: View) -> Judgement:
    """The cost of what a view shows, and the rules broken in it."""
    return Judgement(parts=parts_of(view), violations=violations_of(view))


def parts_of(view: View) -> dict[str, int]:
    return {term.NAME: term.cost(view) for term in TERMS}


def violations_of(view: View) -> tuple[Violation, ...]:
    return tuple(violation for rule in RULES for violation in rule.violations(view))
