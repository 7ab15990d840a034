"""A week half hour by half hour: the band that was foreseen, and what came."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from app.services.checks import SLOT_MINUTES
from app.services.horizon import monday_of
from forecast.office import SlotForecast
from forecast.series import QUANTILES, ArrivalSeries

STEP = dt.timedelta(minutes=SLOT_MINUTES)
SHOWN_LEVELS = (0.5, 0.8, 0.95)
_AT = tuple(QUANTILES.index(level) for level in SHOWN_LEVELS)


@dataclass(frozen=True, slots=True)
class HalfHour:
    """Visitors of one half hour: the quantiles foreseen at SHOWN_LEVELS, and how many came."""

    starts_at: dt.datetime
    mean: float
    levels: tuple[float, float, float]
    came: int | None
    """None where it has not passed, or nothing was counted that day."""

    @property
    def outside(self) -> bool:
        """More came than were to come 19 times in 20."""
        return self.came is not None and self.came > self.levels[2]

    def told(self) -> list[Any]:
        """As a run keeps it."""
        return [self.starts_at.isoformat(), round(self.mean, 2), *self.levels, self.came]

    @staticmethod
    def read(told: Sequence[Any]) -> HalfHour:
        start, mean, low, middle, high, came = told
        return HalfHour(dt.datetime.fromisoformat(start), mean, (low, middle, high), came)


@dataclass(frozen=True, slots=True)
class BandDay:
    date: dt.date
    stretches: tuple[tuple[HalfHour, ...], ...]
    """The half hours without a gap between them: one for each opening."""

    @property
    def half_hours(self) -> tuple[HalfHour, ...]:
        return tuple(one for stretch in self.stretches for one in stretch)


@dataclass(frozen=True, slots=True)
class BandWeek:
    monday: dt.date
    days: tuple[BandDay, ...]
    top: float
    """The highest number of the week, at least 1: all days are drawn to it."""


def half_hours(
    slots: Iterable[SlotForecast], actual: ArrivalSeries, until: dt.datetime
) -> list[HalfHour]:
    """The totals of the slots, in order of time; what came is left open after `until`."""
    came = dict(zip(actual.grid.starts, actual.counts.sum(axis=(1, 2)).tolist(), strict=True))
    found = []
    for one in sorted((slot for slot in slots if slot.language is None), key=lambda s: s.start):
        low, middle, high = (round(one.quantiles[k], 2) for k in _AT)
        seen = came.get(one.start) if one.start + STEP <= until else None
        count = None if seen is None else round(seen)
        found.append(HalfHour(one.start, one.mean, (low, middle, high), count))
    return found


def weeks_of(found: Iterable[HalfHour], zone: ZoneInfo) -> Mapping[dt.date, BandWeek]:
    """Monday → its week, in order of time."""
    days: defaultdict[dt.date, list[HalfHour]] = defaultdict(list)
    for one in found:
        days[one.starts_at.astimezone(zone).date()].append(one)
    weeks: defaultdict[dt.date, list[BandDay]] = defaultdict(list)
    for date, inside in sorted(days.items()):
        weeks[monday_of(date)].append(BandDay(date, _stretches(inside)))
    return {monday: BandWeek(monday, tuple(kept), _top(kept)) for monday, kept in weeks.items()}


def _stretches(inside: Sequence[HalfHour]) -> tuple[tuple[HalfHour, ...], ...]:
    cuts = [0]
    for index, (before, after) in enumerate(pairwise(inside), start=1):
        if after.starts_at - before.starts_at != STEP:
            cuts.append(index)
    return tuple(tuple(inside[a:b]) for a, b in pairwise([*cuts, len(inside)]))


def _top(days: Iterable[BandDay]) -> float:
    values = [max(one.levels[2], one.came or 0) for day in days for one in day.half_hours]
    return max(1.0, *values)
