"""The one error of this package: bad input, with every fault found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where it is (an id, or a line of a file), which field, its value, what was due."""

    where: str
    field: str
    value: Any
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.field} is {self.value!r}, expected {self.expected}"


class BadInput(ValueError):
    """Input that cannot be used; `faults` holds every fault found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def refuse(faults: Sequence[Fault]) -> None:
    """Raise `BadInput` if there is any fault."""
    if faults:
        raise BadInput(faults)
