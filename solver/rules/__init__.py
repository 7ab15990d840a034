"""The hard rules, one a module: `NAME` and `violations(view)`.

A new rule is a module here, its line in `RULES`, and its tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from solver.result import Violation
from solver.rules import (
    capacity,
    forbidden_succession,
    kind_max,
    locked,
    max_consecutive_days,
    max_day_slots,
    max_weekends,
    min_consecutive_days,
    min_consecutive_off,
    min_rest,
    office,
    one_shift_a_day,
    shift_slots,
    unavailable,
    unknown_mediator,
    unknown_shift,
    week_max_days,
    week_max_slots,
    week_min_slots,
)
from solver.view import View


class Rule(Protocol):
    """What a module of this package is."""

    NAME: str

    def violations(self, view: View) -> Iterator[Violation]:
        """Each way in which what the view shows breaks the rule."""
        ...


RULES: tuple[Rule, ...] = (
    unknown_mediator,
    unknown_shift,
    one_shift_a_day,
    office,
    unavailable,
    shift_slots,
    max_day_slots,
    week_max_slots,
    week_min_slots,
    week_max_days,
    min_rest,
    max_consecutive_days,
    min_consecutive_days,
    min_consecutive_off,
    max_weekends,
    kind_max,
    forbidden_succession,
    capacity,
    locked,
)

PLACE_RULES: tuple[Rule, ...] = (capacity,)
"""Those that look at places; the others look at duties."""
RULE_NAMES = tuple(rule.NAME for rule in RULES)
