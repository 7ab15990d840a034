"""Instants on the wall clock of a zone, many at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from forecast.arrays import IntArray

DAY_SECONDS = 24 * 60 * 60
BLOCK_DAYS = 512
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
FIRST_DAY, LAST_DAY = (
    day.toordinal() - _EPOCH_ORDINAL for day in (date(1, 1, 2), date(9999, 12, 30))
)
"""Days since 1970 on which every zone's clock shows a date that there is."""


def wall_seconds(zone: ZoneInfo, stamps: IntArray) -> IntArray:
    """Seconds since 1970 that the wall clock shows at each instant, [n]; stamps: timestamps.

    A zone is asked at both ends of each UTC day; only on days on which its clock changes is it
    asked about each instant.
    """
    days = stamps // DAY_SECONDS
    offset, next_day = _at_midnights(zone, days), _at_midnights(zone, days + 1)
    changing = offset != next_day
    if changing.any():
        offset[changing] = [_offset(zone, stamp) for stamp in stamps[changing].tolist()]
    return np.asarray(stamps + offset)


def utc_seconds(zone: ZoneInfo, wall: IntArray) -> IntArray:
    """Timestamps of what a wall clock shows (seconds since 1970), [n]: the inverse of
    `wall_seconds`; of an hour shown twice the first, as with datetimes.

    Only about times near a change of the clock the zone is asked one by one.
    """
    days = wall // DAY_SECONDS
    before, after = (_at_midnights(zone, days + near) for near in (-1, 2))
    stamps = wall - before
    changing = np.flatnonzero(before != after)
    stamps[changing] = [_stamp(zone, shown) for shown in wall[changing].tolist()]
    return stamps


def local_days(seconds: IntArray) -> IntArray:
    """Proleptic ordinals of the days that wall clocks show, [n]; see `wall_seconds`."""
    return np.asarray(seconds // DAY_SECONDS + _EPOCH_ORDINAL)


def shown_on(days: IntArray, minutes: IntArray) -> IntArray:
    """Seconds since 1970 that wall clocks show on days (ordinals) at minutes of the day, [n]."""
    return np.asarray((days - _EPOCH_ORDINAL) * DAY_SECONDS + minutes * 60)


@lru_cache(maxsize=100_000)
def instant(stamp: int) -> datetime:
    """The instant in UTC of a timestamp; all offices ask about the same half hours."""
    return datetime.fromtimestamp(stamp, UTC)


@lru_cache(maxsize=20_000)
def _stamp(zone: ZoneInfo, shown: int) -> int:
    """The timestamp of what the zone's clock shows."""
    wall = datetime.fromtimestamp(shown, UTC).replace(tzinfo=zone)
    return round(wall.timestamp())


def _at_midnights(zone: ZoneInfo, days: IntArray) -> IntArray:
    """Seconds that a zone's clock is ahead of UTC as each UTC day begins, [n]; days since 1970."""
    if not len(days):
        return np.zeros(0, dtype=np.int64)
    first, last = int(days.min()) // BLOCK_DAYS, int(days.max()) // BLOCK_DAYS
    return np.asarray(_blocks(zone, first, last)[days - first * BLOCK_DAYS])


@lru_cache(maxsize=64)
def _blocks(zone: ZoneInfo, first: int, last: int) -> IntArray:
    """The same of every day of whole blocks, both included: offices ask about the same years."""
    days = range(first * BLOCK_DAYS, (last + 1) * BLOCK_DAYS)
    within = (min(max(day, FIRST_DAY), LAST_DAY) for day in days)
    return np.array([_offset(zone, day * DAY_SECONDS) for day in within], dtype=np.int64)


@lru_cache(maxsize=20_000)
def _offset(zone: ZoneInfo, stamp: int) -> int:
    """Seconds that a zone's clock is ahead of UTC at an instant."""
    utc = datetime.fromtimestamp(stamp, UTC)
    return round((utc.astimezone(zone).replace(tzinfo=UTC) - utc).total_seconds())
