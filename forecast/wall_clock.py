"""Instants on the wall clock of a zone, many at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

DAY_SECONDS = 24 * 60 * 60
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def wall_seconds(zone: ZoneInfo, stamps: IntArray) -> IntArray:
    """Seconds since 1970 that the wall clock shows at each instant, [n]; stamps: timestamps.

    A zone is asked at both ends of each UTC day; only on days on which its clock changes is it
    asked about each instant.
    """
    days, at = np.unique(stamps // DAY_SECONDS, return_inverse=True)
    first = _offsets(zone, days * DAY_SECONDS)
    changing = (first != _offsets(zone, (days + 1) * DAY_SECONDS))[at]
    offset = first[at]
    offset[changing] = _offsets(zone, stamps[changing])
    return np.asarray(stamps + offset)


def local_days(seconds: IntArray) -> IntArray:
    """Proleptic ordinals of the days that wall clocks show, [n]; see `wall_seconds`."""
    return np.asarray(seconds // DAY_SECONDS + _EPOCH_ORDINAL)


@lru_cache(maxsize=100_000)
def instant(stamp: int) -> datetime:
    """The instant in UTC of a timestamp; all offices ask about the same half hours."""
    return datetime.fromtimestamp(stamp, UTC)


def _offsets(zone: ZoneInfo, stamps: IntArray) -> IntArray:
    found = [_offset(zone, stamp) for stamp in stamps.tolist()]
    return np.array(found, dtype=np.int64)


@lru_cache(maxsize=20_000)
def _offset(zone: ZoneInfo, stamp: int) -> int:
    """Seconds that a zone's clock is ahead of UTC at an instant."""
    utc = datetime.fromtimestamp(stamp, UTC)
    return round((utc.astimezone(zone).replace(tzinfo=UTC) - utc).total_seconds())
