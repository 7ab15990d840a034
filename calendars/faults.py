"""The one exception of this library: everything that is wrong, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: what, which field, the value found, and what was expected."""

    thing: str
    field: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.thing}: {self.field} is {self.value}, expected {self.expected}"


class CalendarFault(ValueError):
    """Input that cannot be used; `faults` holds every reason found, never an empty tuple."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse(thing: str, field: str, value: str, expected: str) -> CalendarFault:
    """A `CalendarFault` with a single reason, for `raise refuse(...)`; `value` in words, or
    `shown` where it comes from outside."""
    return CalendarFault([Fault(thing, field, value, expected)])


def zone_known(name: str) -> bool:
    """Whether this is an IANA time zone that the machine knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return bool(name)


def shown(value: object, longest: int = 80) -> str:
    """`repr` of a value from outside, cut so that a message stays a message."""
    text = repr(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"
