"""When mail goes out: the next daily one over both clock changes, the wait after a failure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.mail_times import LONGEST_WAIT, next_digest, wait_after

LISBON, AZORES = "Europe/Lisbon", "Atlantic/Azores"
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def by_walking(after: dt.datetime, hour: int, zone: str) -> dt.datetime:
    """The oracle: minute by minute until the wall clock shows that hour for the first time on a
    date on which it has not, or jumps over it."""
    place = ZoneInfo(zone)
    start = after - dt.timedelta(days=2)
    at = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0)
    seen: dict[dt.date, dt.datetime] = {}
    while True:
        local = at.astimezone(place)
        first_of_day = (at - 15 * MINUTE).astimezone(place).date() != local.date()
        if local.hour >= hour and local.date() not in seen and (seen or first_of_day):
            seen[local.date()] = at
            if at > after:
                return at
        elif first_of_day and local.hour < hour and not seen:
            seen[local.date() - dt.timedelta(days=1)] = at
        at += 15 * MINUTE


@pytest.mark.parametrize(
    ("zone", "hour", "after", "due"),
    [
        # An ordinary day, and the hour itself: it is the next one's then.
        (LISBON, 7, "2026-01-15T06:59:59", "2026-01-15T07:00:00"),
        (LISBON, 7, "2026-01-15T07:00:00", "2026-01-16T07:00:00"),
        (AZORES, 7, "2026-01-15T07:30:00", "2026-01-15T08:00:00"),
        # 29 March 2026: 01:00 becomes 02:00 in Lisbon, 00:00 becomes 01:00 in the Azores.
        (LISBON, 7, "2026-03-28T07:00:00", "2026-03-29T06:00:00"),
        (LISBON, 1, "2026-03-28T01:00:00", "2026-03-29T01:00:00"),
        (AZORES, 7, "2026-03-28T08:00:00", "2026-03-29T07:00:00"),
        (AZORES, 0, "2026-03-28T01:00:00", "2026-03-29T01:00:00"),
        (AZORES, 0, "2026-03-29T01:00:00", "2026-03-30T00:00:00"),
        # 25 October 2026: Lisbon has 01:00 twice, the Azores have 00:00 twice; the first counts.
        (LISBON, 7, "2026-10-24T06:00:00", "2026-10-25T07:00:00"),
        (LISBON, 1, "2026-10-24T12:00:00", "2026-10-25T00:00:00"),
        (LISBON, 1, "2026-10-25T00:00:00", "2026-10-26T01:00:00"),
        (AZORES, 7, "2026-10-24T07:00:00", "2026-10-25T08:00:00"),
        (AZORES, 0, "2026-10-24T12:00:00", "2026-10-25T00:00:00"),
        (AZORES, 0, "2026-10-25T00:00:00", "2026-10-26T01:00:00"),
    ],
)
def test_the_hour_is_that_of_the_wall_clock(zone: str, hour: int, after: str, due: str) -> None:
    assert next_digest(utc(after), hour, zone) == utc(due)


@pytest.mark.parametrize("zone", [LISBON, AZORES])
@given(
    minutes=st.integers(0, 3 * 24 * 60),
    hour=st.integers(0, 23),
    change=st.sampled_from(["2026-03-28T00:00:00", "2026-10-24T00:00:00"]),
)
def test_it_is_what_walking_along_the_clock_finds(
    zone: str, minutes: int, hour: int, change: str
) -> None:
    after = utc(change) + minutes * MINUTE
    assert next_digest(after, hour, zone) == by_walking(after, hour, zone)


@pytest.mark.parametrize("zone", [LISBON, AZORES])
@pytest.mark.parametrize("hour", range(24))
def test_a_year_has_one_a_day(zone: str, hour: int) -> None:
    at, end = utc("2026-01-01T12:00:00"), utc("2027-01-01T12:00:00")
    dates = []
    while (at := next_digest(at, hour, zone)) <= end:
        dates.append(at.astimezone(ZoneInfo(zone)).date())
    assert len(dates) == len(set(dates)) == 365


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (8, 128), (9, 240), (10, 240), (99, 240)]
)
def test_the_wait_doubles_up_to_four_hours(attempts: int, minutes: int) -> None:
    assert wait_after(attempts) == minutes * MINUTE <= LONGEST_WAIT
