"""The judge: the exact cost of a roster, term by term, and every rule it breaks.

It imports no optimiser. `Draft` judges a roster under edit by what each edit touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from solver.costs import PLACE_TERMS, TERMS
from solver.look import Look, no_look
from solver.problem import Assignment, Problem
from solver.result import Judgement, Result, Violation
from solver.rules import PLACE_RULES, RULES, Rule
from solver.view import View, assignments_of, whole_view


def check(
    problem: Problem, roster: Result | Iterable[Assignment], look: Look = no_look
) -> Judgement:
    """Judge a roster, given as a `Result` or as its assignments. Raises as `look`."""
    return judge(whole_view(problem, assignments_of(roster), look))


def judge(view: View) -> Judgement:
    """The cost of what a view shows, and the rules broken in it. Raises as `view.look`."""
    return Judgement(parts=parts_of(view), violations=violations_of(view))


def parts_of_places(view: View) -> dict[str, int]:
    """The terms that look at places, of a view without duties."""
    return {term.NAME: term.cost(view) for term in PLACE_TERMS}


def violations_of_places(view: View) -> tuple[Violation, ...]:
    """The rules that look at places, of a view without duties."""
    return tuple(violation for rule in PLACE_RULES for violation in _broken(rule, view))


def parts_of(view: View) -> dict[str, int]:
    return {term.NAME: term.cost(view) for term in TERMS}


def violations_of(view: View) -> tuple[Violation, ...]:
    return tuple(violation for rule in RULES for violation in _broken(rule, view))


def _broken(rule: Rule, view: View) -> Iterator[Violation]:
    view.look()
    return rule.violations(view)
