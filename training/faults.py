"""The one exception of this library: everything that is wrong, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: what, which field, the value found, and what was expected."""

    thing: str
    field: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.thing}: {self.field} is {self.value}, expected {self.expected}"


class TrainingFault(ValueError):
    """Input that cannot be used; `faults` holds every reason found, never an empty tuple."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse(thing: str, field: str, value: object, expected: str) -> TrainingFault:
    """A `TrainingFault` with a single reason, for `raise refuse(...)`."""
    return TrainingFault([Fault(thing, field, str(value), expected)])
