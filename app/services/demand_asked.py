"""Who is asked for on a day: a row for each label, a cell for each half hour, with its numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.models import Requirement
from app.services.checks import SLOT_MINUTES
from app.services.demand_heat import clock_of
from app.services.names import sorting_key


@dataclass(frozen=True, slots=True)
class Asked:
    """What one half hour asks for under a label, and the numbers that made it."""

    clock: str
    count: int
    derived: int
    """Before any override."""
    minimum: int
    exclusive: bool
    note: str
    reason: dict[str, Any]

    @property
    def overridden(self) -> bool:
        return bool(self.note)


@dataclass(frozen=True, slots=True)
class AskedRow:
    label: str
    name: str
    cells: tuple[Asked | None, ...]
    minutes: int

    @property
    def asked(self) -> tuple[Asked, ...]:
        return tuple(one for one in self.cells if one is not None)


def asked_rows(
    rows: Sequence[Requirement], clocks: Sequence[str], zone: ZoneInfo, names: dict[str, str]
) -> tuple[AskedRow, ...]:
    found: defaultdict[str, dict[str, Requirement]] = defaultdict(dict)
    for one in rows:
        found[one.label][clock_of(one.starts_at, zone)] = one
    shown = [
        AskedRow(
            label,
            names.get(label, label),
            tuple(_one_asked(clock, cells.get(clock)) for clock in clocks),
            sum(one.count for one in cells.values()) * SLOT_MINUTES,
        )
        for label, cells in found.items()
    ]
    return tuple(sorted(shown, key=lambda row: (-row.minutes, sorting_key(row.name))))


def _one_asked(clock: str, one: Requirement | None) -> Asked | None:
    if one is None:
        return None
    derived = one.reason.get("derived", {}).get("count", one.count)
    return Asked(clock, one.count, derived, one.minimum, one.exclusive, one.note, dict(one.reason))
