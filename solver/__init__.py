"""The roster problem and its solution. Pure: knows neither Flask nor the database.

`solve` brings an optimiser with it, which is imported only when it is asked for: judging,
explaining and repairing do without, and `stations` imports its assignment solver when called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solver.causes import Cause, HeldBack
from solver.check import check
from solver.draft import Change, Draft
from solver.explain import Closer, Explanation, Scope, Shortfall, closers, explain
from solver.infeasible import conflict
from solver.problem import (
    Assignment,
    Costs,
    Day,
    History,
    Interval,
    Mediator,
    Office,
    Problem,
    Requirement,
    Shift,
    Unsocial,
    WeekLimits,
    Wish,
    WishKind,
)
from solver.replace import Repair, RepairKind, replacements
from solver.result import (
    COST_TERMS,
    BadInput,
    Fault,
    Judgement,
    Progress,
    Result,
    Status,
    Violation,
)
from solver.rules import RULE_NAMES
from solver.stations import Station, stations

if TYPE_CHECKING:
    from solver.engine.solve import solve

__all__ = [
    "COST_TERMS",
    "RULE_NAMES",
    "Assignment",
    "BadInput",
    "Cause",
    "Change",
    "Closer",
    "Costs",
    "Day",
    "Draft",
    "Explanation",
    "Fault",
    "HeldBack",
    "History",
    "Interval",
    "Judgement",
    "Mediator",
    "Office",
    "Problem",
    "Progress",
    "Repair",
    "RepairKind",
    "Requirement",
    "Result",
    "Scope",
    "Shift",
    "Shortfall",
    "Station",
    "Status",
    "Unsocial",
    "Violation",
    "WeekLimits",
    "Wish",
    "WishKind",
    "check",
    "closers",
    "conflict",
    "explain",
    "replacements",
    "solve",
    "stations",
]


def __getattr__(name: str) -> Any:
    if name == "solve":
        from solver.engine.solve import solve

        return solve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
