"""Reading the fields of a JSON object, noting every fault and going on.

A field that is missing or wrong gives a harmless stand-in, so that reading can continue;
whoever compares fields with one another first asks `sound`, or a single fault would echo.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any

from solver.problem import Interval
from solver.result import BadInput, Fault

MOST_NUMBER = 10**9
MOST_TEXT = 200
MOST_FAULTS = 1000
_MISSING = "(missing)"


class Faults:
    """The faults found so far; beyond `MOST_FAULTS` they are only counted."""

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self.count = 0

    def add(self, owner: str, field: str, value: Any, expected: str) -> None:
        self.count += 1
        if self.count <= MOST_FAULTS:
            self.found.append(Fault(owner, field, value, expected))

    def raise_any(self) -> None:
        if self.count > MOST_FAULTS:
            left = self.count - MOST_FAULTS
            self.found.append(Fault("file", "faults", f"{left} more", "the first ones mended"))
        if self.found:
            raise BadInput(self.found)


class Fields:
    """One JSON object: `owner` is its id, `path` where it stands in the file."""

    def __init__(self, faults: Faults, owner: str, path: str, data: Any) -> None:
        self.faults = faults
        self.owner = owner
        self.path = path
        self._before = faults.count
        self._wrong: set[str] = set()
        self.data: dict[str, Any] = {}
        self._is_object = isinstance(data, dict)
        if self._is_object:
            self.data = data
        else:
            faults.add(owner, path or "content", data, "an object")

    @property
    def clean(self) -> bool:
        """Whether no fault has been noted since this object was begun."""
        return self.faults.count == self._before

    def sound(self, *fields: str) -> bool:
        """Whether no fault has been noted of any of these fields, nor within them."""
        return self._is_object and self._wrong.isdisjoint(fields)

    def at(self, field: str) -> str:
        return f"{self.path}.{field}" if self.path else field

    def fault(self, field: str, value: Any, expected: str) -> None:
        if self._is_object:  # else that alone is the fault, its fields would only echo it
            self._wrong.add(re.split(r"[.\[]", field, maxsplit=1)[0])
            self.faults.add(self.owner, self.at(field), value, expected)

    def has(self, field: str) -> bool:
        return field in self.data

    def integer(
        self, field: str, low: int = 0, high: int = MOST_NUMBER, default: int | None = None
    ) -> int:
        if default is not None and field not in self.data:
            return default
        value = self.data.get(field, _MISSING)
        if not is_integer(value) or not low <= value <= high:
            self.fault(field, value, f"a whole number from {low} to {high}")
            return low
        return int(value)

    def optional_integer(self, field: str, low: int = 0, high: int = MOST_NUMBER) -> int | None:
        """As `integer`, or None where the field is null or missing."""
        return None if self.data.get(field) is None else self.integer(field, low, high)

    def text(self, field: str) -> str:
        value = self.data.get(field, _MISSING)
        if field in self.data and is_text(value):
            return str(value)
        self.fault(field, value, f"a text of 1 to {MOST_TEXT} characters")
        return ""

    def optional_text(self, field: str) -> str | None:
        return None if self.data.get(field) is None else self.text(field)

    def flag(self, field: str) -> bool:
        value = self.data.get(field, _MISSING)
        if isinstance(value, bool):
            return value
        self.fault(field, value, "true or false")
        return False

    def items(self, field: str, optional: bool = False) -> list[Any]:
        """The list in `field`; with `optional` a missing field or null is an empty one."""
        if optional and self.data.get(field) is None:
            return []
        value = self.data.get(field, _MISSING)
        if isinstance(value, list):
            return value
        self.fault(field, value, "a list")
        return []

    def mapping(self, field: str, optional: bool = False) -> dict[str, Any]:
        """The object in `field`, its keys checked as texts."""
        if optional and self.data.get(field) is None:
            return {}
        value = self.data.get(field, _MISSING)
        if not isinstance(value, dict):
            self.fault(field, value, "an object")
            return {}
        for key in value:
            if not is_text(key):
                self.fault(field, key, f"keys of 1 to {MOST_TEXT} characters")
        return value

    def part(self, field: str) -> Fields:
        """The object in `field`, read as belonging to this one."""
        return Fields(self.faults, self.owner, self.at(field), self.data.get(field, _MISSING))

    def intervals(self, field: str, low: int, high: int) -> tuple[Interval, ...]:
        """A list of `[start, end)` within `[low, high]`, each of at least one slot."""
        read = (
            self.interval(f"{field}[{index}]", value, low, high)
            for index, value in enumerate(self.items(field))
        )
        return tuple(span for span in read if span is not None)

    def interval(self, field: str, value: Any, low: int, high: int) -> Interval | None:
        if (
            isinstance(value, list)
            and len(value) == 2
            and all(is_integer(one) for one in value)
            and low <= value[0] < value[1] <= high
        ):
            return Interval(value[0], value[1])
        self.fault(field, value, f"[start, end) with {low} <= start < end <= {high}")
        return None

    def refuse_unknown(self, field: str, value: str, known: Collection[str], thing: str) -> None:
        if value not in known:
            self.fault(field, value, f"the id of {thing}")

    def refuse_overlaps(self, field: str, spans: Iterable[Interval]) -> None:
        for left, right in pairwise(sorted(spans)):
            if right.start < left.end:
                self.fault(field, [list(left), list(right)], "intervals that do not overlap")


def is_integer(value: Any) -> bool:
    """Whether a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_text(value: Any) -> bool:
    """Whether a non-empty text of sane length that UTF-8 can hold."""
    if not isinstance(value, str) or not 0 < len(value) <= MOST_TEXT:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
