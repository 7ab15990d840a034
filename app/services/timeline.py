"""The hours of a day as a page draws them: a window of wall-clock time in units of one slot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Window:
    """From `opens_minute` to `closes_minute` of each day, on the wall clock of `zone`."""

    zone: ZoneInfo
    opens_minute: int
    closes_minute: int
    slot_minutes: int

    @property
    def units(self) -> int:
        """How many slots wide the window is."""
        return (self.closes_minute - self.opens_minute) // self.slot_minutes

    @property
    def hours(self) -> range:
        """The whole hours in it."""
        return range(self.opens_minute // 60, self.closes_minute // 60)

    @property
    def units_an_hour(self) -> int:
        return 60 // self.slot_minutes

    @property
    def ticks(self) -> tuple[tuple[int, int], ...]:
        """Unit and hour of the axis: every fourth hour of the clock."""
        return tuple(
            ((hour - self.opens_minute // 60) * self.units_an_hour, hour)
            for hour in self.hours
            if hour % 4 == 0
        )

    def unit(self, instant: dt.datetime) -> int:
        """The unit in which `instant` falls on its own day, cut to the window."""
        local = instant.astimezone(self.zone)
        minutes = local.hour * 60 + local.minute - self.opens_minute
        return min(self.units, max(0, minutes // self.slot_minutes))

    def place(self, starts_at: dt.datetime, ends_at: dt.datetime) -> tuple[int, int]:
        """Where `[starts_at, ends_at)` begins and how wide it is drawn, at least one unit."""
        start = min(self.units - 1, self.unit(starts_at))
        over_midnight = (
            ends_at.astimezone(self.zone).date() > starts_at.astimezone(self.zone).date()
        )
        end = self.units if over_midnight else self.unit(ends_at)
        return start, max(1, end - start)

    def clock(self, unit: int) -> str:
        """The wall-clock time at which `unit` begins: 09:30."""
        minutes = self.opens_minute + unit * self.slot_minutes
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
