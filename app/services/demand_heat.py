"""The heat map of a day: visitors foreseen by language and half hour."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import ForecastSlot

HEAT_LEVELS = 6


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Visitors foreseen in one half hour; None where nothing is foreseen."""

    clock: str
    mean: float | None
    q80: float
    level: int
    """0 to HEAT_LEVELS - 1, of the busiest cell of the day."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    name: str
    cells: tuple[HeatCell, ...]
    mean: float
    """Visitors of the day."""


def heat_rows(
    slots: Sequence[ForecastSlot], clocks: Sequence[str], zone: ZoneInfo, names: dict[str, str]
) -> list[HeatRow]:
    """The total's row, then each language's, the most visitors first."""
    found: defaultdict[str | None, dict[str, ForecastSlot]] = defaultdict(dict)
    for one in slots:
        found[one.language_id][clock_of(one.starts_at, zone)] = one
    if not found:
        return []
    total = _heat_row(_("All languages"), found.pop(None, {}), clocks, None)
    top = max((one.mean for row in found.values() for one in row.values()), default=0.0)
    rows = [_heat_row(names.get(str(code), str(code)), row, clocks, top)
            for code, row in found.items()]  # fmt: skip
    return [total, *sorted(rows, key=lambda row: -row.mean)]


def _heat_row(
    name: str, slots: dict[str, ForecastSlot], clocks: Sequence[str], top: float | None
) -> HeatRow:
    highest = max((one.mean for one in slots.values()), default=0.0) if top is None else top
    cells = []
    for clock in clocks:
        one = slots.get(clock)
        if one is None:
            cells.append(HeatCell(clock, None, 0.0, 0))
            continue
        # Square roots, so that rare languages still show a shape beside Portuguese.
        share = (one.mean / highest) ** 0.5 if highest else 0.0
        level = min(HEAT_LEVELS - 1, int(share * HEAT_LEVELS))
        cells.append(HeatCell(clock, one.mean, one.q80, level))
    return HeatRow(name, tuple(cells), sum(one.mean for one in slots.values()))


def clock_of(instant: dt.datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%H:%M}"
