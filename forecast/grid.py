"""Slots on an office's wall clock: of days to come, and of those on which arrivals were logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import compress

import numpy as np

from forecast.arrays import BoolArray, IntArray
from forecast.calendar import MINUTES_A_DAY, Calendar
from forecast.wall_clock import (
    DAY_SECONDS,
    instant,
    local_days,
    shown_on,
    utc_seconds,
    wall_seconds,
)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """n slots on the wall clock: `days` (proleptic ordinals) and `slots` (of the day), each [n].

    starts: their instants in UTC, [n]; empty for files that carry only wall-clock times.
    """

    days: IntArray
    slots: IntArray
    slot_minutes: int
    starts: tuple[datetime, ...] = ()

    def __len__(self) -> int:
        return len(self.days)

    @property
    def slots_a_day(self) -> int:
        return MINUTES_A_DAY // self.slot_minutes

    def take(self, chosen: BoolArray) -> Grid:
        """The grid of the chosen slots only; `chosen` is a mask [n]."""
        starts = tuple(compress(self.starts, chosen.tolist()))
        return Grid(self.days[chosen], self.slots[chosen], self.slot_minutes, starts)


def horizon_grid(calendar: Calendar, start: date, days: int, slot_minutes: int = 30) -> Grid:
    """The open slots of `days` local days from `start` on."""
    first = start.toordinal()
    stamps, of_day = _open_slots(calendar, np.arange(first, first + days), slot_minutes)
    return _as_grid(calendar, stamps, of_day, slot_minutes)


def grid_of(calendar: Calendar, arrived: IntArray, slot_minutes: int) -> tuple[Grid, IntArray]:
    """All open slots of the days with arrivals, and the slots with arrivals outside the hours;
    with their timestamps."""
    days = local_days(wall_seconds(calendar.zone, arrived))
    open_stamps, open_days = _open_slots(calendar, np.unique(days), slot_minutes)
    stamps, first = np.unique(np.concatenate([arrived, open_stamps]), return_index=True)
    of_day = np.concatenate([days, open_days])[first]
    return _as_grid(calendar, stamps, of_day, slot_minutes), stamps


def _open_slots(calendar: Calendar, days: IntArray, slot_minutes: int) -> tuple[IntArray, IntArray]:
    """Timestamps of the open slots of local days (ordinals), and the day of each."""
    step = slot_minutes * 60
    unusual = np.isin(days, np.array(sorted(calendar.unusual), dtype=np.int64))
    usual = days[~unusual]
    openings = [
        (usual[(usual + 6) % 7 == weekday], interval)
        for weekday, intervals in calendar.opening.items()
        for interval in intervals
    ] + [
        (np.array([ordinal], dtype=np.int64), interval)
        for ordinal in days[unusual].tolist()
        for interval in calendar.hours(date.fromordinal(ordinal))
    ]
    if not openings:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    of_day = np.concatenate([those for those, _interval in openings])
    first, last = (
        utc_seconds(
            calendar.zone,
            shown_on(of_day, np.concatenate([np.full(len(those), interval[end])
                                             for those, interval in openings])),
        )
        for end in (0, 1)
    )  # fmt: skip
    order = np.argsort(first, kind="stable")
    of_day, first, last = of_day[order], first[order], last[order]
    count = np.maximum(-((first - last) // step), 0)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(first, count) + within * step, np.repeat(of_day, count)


def _as_grid(calendar: Calendar, stamps: IntArray, days: IntArray, slot_minutes: int) -> Grid:
    wall = wall_seconds(calendar.zone, stamps)
    return Grid(
        days, wall % DAY_SECONDS // (slot_minutes * 60), slot_minutes,
        tuple(map(instant, stamps.tolist())),
    )  # fmt: skip
