"""What is given and can collide: locks, busy time, leave, history, offices that others fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from solver.problem import Interval, Shift


class Fact(Protocol):
    """Something given that a smaller set may leave out."""

    def to_json(self) -> dict[str, Any]:
        """The fact as part of a violation's details."""
        ...


@dataclass(frozen=True)
class Lock:
    mediator: str
    shift: Shift

    def to_json(self) -> dict[str, Any]:
        return {"fact": "locked", "mediator": self.mediator, "shift": self.shift.id}


@dataclass(frozen=True, slots=True)
class Busy:
    span: Interval

    def to_json(self) -> dict[str, Any]:
        return {"fact": "busy", "start": self.span.start, "end": self.span.end}


@dataclass(frozen=True, slots=True)
class Unavailable:
    span: Interval

    def to_json(self) -> dict[str, Any]:
        return {"fact": "unavailable", "start": self.span.start, "end": self.span.end}


@dataclass(frozen=True, slots=True)
class LastEnd:
    slot: int

    def to_json(self) -> dict[str, Any]:
        return {"fact": "last_end", "slot": self.slot}


@dataclass(frozen=True, slots=True)
class DaysBefore:
    days: int

    def to_json(self) -> dict[str, Any]:
        return {"fact": "consecutive_days", "days": self.days}


@dataclass(frozen=True, slots=True)
class Full:
    """Others' locks fill an office on a day, so that some of its shifts have no room."""

    office: str
    day: int
    shifts: frozenset[str]

    def to_json(self) -> dict[str, Any]:
        return {"fact": "full", "office": self.office, "day": self.day}
