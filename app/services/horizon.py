"""A planning week as slots: between instants and the solver's whole numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from solver.problem import Day

NETWORK_ZONE = "Europe/Lisbon"
"""The zone whose calendar days a network's week is counted in; offices elsewhere keep their own
hours and are laid on the same instants."""


@dataclass(frozen=True)
class Horizon:
    """`days` local calendar days from `starts_on`; slot 0 is its midnight, in elapsed time."""

    starts_on: dt.date
    day_count: int = 7
    slot_minutes: int = 30
    zone: str = NETWORK_ZONE

    @cached_property
    def starts_at(self) -> dt.datetime:
        return self._midnight(0)

    @cached_property
    def ends_at(self) -> dt.datetime:
        return self._midnight(self.day_count)

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """A day of 23 or 25 hours has fewer or more slots."""
        return tuple(
            Day(
                date=self.date(index).isoformat(),
                start=self.slot(self._midnight(index)),
                end=self.slot(self._midnight(index + 1)),
            )
            for index in range(self.day_count)
        )

    @cached_property
    def dates(self) -> tuple[dt.date, ...]:
        return tuple(self.date(index) for index in range(self.day_count))

    @property
    def slot_count(self) -> int:
        return self.days[-1].end

    def date(self, index: int) -> dt.date:
        return self.starts_on + dt.timedelta(days=index)

    def instant(self, slot: int) -> dt.datetime:
        """The aware UTC instant at which `slot` begins."""
        return self.starts_at + dt.timedelta(minutes=slot * self.slot_minutes)

    def slot(self, instant: dt.datetime) -> int:
        """The slot that holds `instant`; negative before the horizon."""
        return (instant - self.starts_at) // dt.timedelta(minutes=self.slot_minutes)

    def position(self, instant: dt.datetime) -> float:
        """`instant` in slots, between two where it lies between them."""
        return (instant - self.starts_at) / dt.timedelta(minutes=self.slot_minutes)

    def slot_ceiling(self, instant: dt.datetime) -> int:
        """The first slot that begins at `instant` or later."""
        return -((self.starts_at - instant) // dt.timedelta(minutes=self.slot_minutes))

    def span(self, starts_at: dt.datetime, ends_at: dt.datetime) -> tuple[int, int] | None:
        """The slots that `[starts_at, ends_at)` touches, cut to the horizon; None outside it."""
        start = max(0, self.slot(starts_at))
        end = min(self.slot_count, self.slot_ceiling(ends_at))
        return (start, end) if start < end else None

    def wall(self, date: dt.date, minute: int, zone: str | None = None) -> dt.datetime:
        """The UTC instant of a wall-clock minute of a date (1440 is the next midnight)."""
        local = dt.datetime.combine(
            date + dt.timedelta(days=minute // 1440),
            dt.time(minute % 1440 // 60, minute % 60),
            tzinfo=ZoneInfo(zone or self.zone),
        )
        return local.astimezone(dt.UTC)

    def _midnight(self, index: int) -> dt.datetime:
        midnight = dt.datetime.combine(self.date(index), dt.time(), tzinfo=ZoneInfo(self.zone))
        return midnight.astimezone(dt.UTC)


def monday_of(date: dt.date) -> dt.date:
    """The Monday of the week that holds `date`."""
    return date - dt.timedelta(days=date.weekday())


def network_date(now: dt.datetime) -> dt.date:
    """The calendar day that `now` lies in, for the network as a whole."""
    return now.astimezone(ZoneInfo(NETWORK_ZONE)).date()
