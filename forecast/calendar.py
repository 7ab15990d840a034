"""When an office is open and which days are not like the others: facts, passed in as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from forecast.faults import Fault, refuse

Interval = tuple[int, int]
"""Wall-clock minutes of a day, [from, to): (480, 1200) is 08:00 to 20:00; 1440 is midnight."""

MINUTES_A_DAY = 24 * 60


class HolidayKind(StrEnum):
    PUBLIC = "public"
    MUNICIPAL = "municipal"
    RELIGIOUS = "religious"
    """Kept by a community, not by the state: the office is open, fewer of its speakers come."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day that is not like the others. `languages` are those whose speakers keep it."""

    day: date
    kind: HolidayKind
    name: str = ""
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The opening hours and the holidays of one office.

    zone: the office's time zone. opening: weekday (Monday 0) → its opening intervals in
    wall-clock minutes; a weekday that is absent is closed. closed: single days the office is
    shut. special: days with other hours than their weekday's. closed_on: the kinds of holiday
    on which the office is shut. A day in `special` is open whatever the holiday.
    """

    zone: ZoneInfo
    opening: Mapping[int, tuple[Interval, ...]]
    holidays: tuple[Holiday, ...] = ()
    closed: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    closed_on: frozenset[HolidayKind] = frozenset({HolidayKind.PUBLIC, HolidayKind.MUNICIPAL})
    unusual: frozenset[int] = field(default=frozenset(), init=False, repr=False, compare=False)
    """The days (ordinals) that may keep other hours than their weekday's."""
    _by_day: dict[date, list[Holiday]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for holiday in self.holidays:
            self._by_day.setdefault(holiday.day, []).append(holiday)
        kept = [one.day for one in self.holidays if one.kind in self.closed_on]
        days = frozenset(day.toordinal() for day in (*self.closed, *self.special, *kept))
        object.__setattr__(self, "unusual", days)
        faults = [
            Fault("opening", "weekday", weekday, "a whole number from 0 (Monday) to 6")
            for weekday in self.opening
            if weekday not in range(7)
        ]
        for key, intervals in [*self.opening.items(), *self.special.items()]:
            faults += [
                Fault(f"opening {key}", "interval", interval, "0 ≤ from < to ≤ 1440 minutes")
                for interval in intervals
                if not 0 <= interval[0] < interval[1] <= MINUTES_A_DAY
            ]
        refuse(faults)

    def holidays_on(self, day: date) -> tuple[Holiday, ...]:
        return tuple(self._by_day.get(day, ()))

    def hours(self, day: date) -> tuple[Interval, ...]:
        """The opening intervals of a local day, empty when the office is shut."""
        if day in self.closed:
            return ()
        if day in self.special:
            return self.special[day]
        if any(holiday.kind in self.closed_on for holiday in self.holidays_on(day)):
            return ()
        return self.opening.get(day.weekday(), ())

    def slots(self, day: date, slot_minutes: int) -> Iterator[datetime]:
        """The starts, in UTC, of the slots in which the office is open on a local day.

        Slots are counted in elapsed time from each opening, so that a day on which the clock
        goes back has as many more as it is longer.
        """
        for start, end in self.spans(day):
            while start < end:
                yield start
                start += timedelta(minutes=slot_minutes)

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The openings of a local day as instants in UTC."""
        return [
            (self.instant(day, opens), self.instant(day, closes))
            for opens, closes in self.hours(day)
        ]

    def instant(self, day: date, minute: int) -> datetime:
        """The instant, in UTC, of a wall-clock minute of a local day."""
        return _instant(self.zone, day, minute)


@lru_cache(maxsize=20_000)
def _instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """See `Calendar.instant`; many offices open at the same minute."""
    if minute == MINUTES_A_DAY:
        day, minute = day + timedelta(days=1), 0
    wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return wall.astimezone(UTC)


def always_open(zone: ZoneInfo, weekdays: int = 7) -> Calendar:
    """A calendar without holidays, open round the clock on the first `weekdays` of the week."""
    return Calendar(zone, dict.fromkeys(range(weekdays), ((0, MINUTES_A_DAY),)))
