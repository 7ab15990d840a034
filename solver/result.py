"""What the solver answers with, and the one error it raises."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from solver.problem import Assignment

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 120  # room for a path, or for where a file cannot be read


class Status(StrEnum):
    OPTIMAL = "optimal"
    """A roster whose cost equals the proven bound."""
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    """Facts and locks alone break a rule: no roster exists."""
    NO_SOLUTION = "no_solution"
    """None found in the time given."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an input: which object, which field, what it holds and what was expected."""

    id: str
    field: str
    value: Any
    expected: str

    def __str__(self) -> str:
        return f"{self.id}: {self.field} is {self.shown}, expected {self.expected}"

    @property
    def shown(self) -> str:
        """The value in few characters, whatever it is."""
        return _SHORT.repr(self.value)

    def to_json(self) -> dict[str, str]:
        return {
            "id": self.id,
            "field": self.field,
            "value": self.shown,
            "expected": self.expected,
        }


class BadInput(ValueError):
    """An input that cannot be read; carries every fault found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken hard rule. `details` holds what the rule wants to say (mediator, day, slot…)."""

    rule: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"rule": self.rule, **self.details}


COST_TERMS = ("cover", "hours", "wishes", "office", "unsocial", "change")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `check` says of a roster: its exact cost, term by term, and every broken rule."""

    parts: Mapping[str, int]
    violations: tuple[Violation, ...]

    @property
    def cost(self) -> int:
        return sum(self.parts.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "cost": self.cost,
            "parts": dict(self.parts),
            "violations": [violation.to_json() for violation in self.violations],
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """One improvement, or a heartbeat of a running search."""

    seconds: float
    cost: int | None
    bound: int | None
    step: str
    """What the search is doing, a short key (`relaxation`, `construction`, `improvement`…)."""

    @property
    def gap(self) -> float | None:
        return gap(self.cost, self.bound)


def gap(cost: int | None, bound: int | None) -> float | None:
    """`(cost - bound) / max(1, cost)`, or None while either is unknown."""
    if cost is None or bound is None:
        return None
    return (cost - bound) / max(1, cost)


@dataclass(frozen=True)
class Result:
    """The answer of `solve`: an `escala-roster/1` and why, where there is none."""

    problem: str
    status: Status
    cost: int | None
    bound: int | None
    seconds: float
    assignments: tuple[Assignment, ...]
    conflict: tuple[Violation, ...] = ()
    """With INFEASIBLE: a smallest set of facts and locks that collide."""

    @property
    def gap(self) -> float | None:
        return gap(self.cost, self.bound)

    def to_json(self) -> dict[str, Any]:
        return {
            "format": "escala-roster/1",
            "problem": self.problem,
            "status": str(self.status),
            "cost": self.cost,
            "bound": self.bound,
            "seconds": round(self.seconds, 3),
            "assignments": [
                {"mediator": one.mediator, "shift": one.shift} for one in self.assignments
            ],
        }
