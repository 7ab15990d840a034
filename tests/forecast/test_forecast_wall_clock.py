"""Many instants at once are read on the wall clock as one at a time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecast.calendar import Calendar, always_open
from forecast.grid import horizon_grid
from forecast.wall_clock import (
    DAY_SECONDS,
    local_days,
    shown_on,
    utc_seconds,
    wall_seconds,
)

ZONES = [ZoneInfo(name) for name in ("Europe/Lisbon", "Atlantic/Azores", "Africa/Casablanca")]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_every_half_hour_of_two_years_reads_as_the_zone_says(zone):
    first = round(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    stamps = np.arange(first, first + 730 * DAY_SECONDS, 1800)
    wall = wall_seconds(zone, stamps)
    for stamp, seconds, day in zip(
        stamps.tolist(), wall.tolist(), local_days(wall).tolist(), strict=True
    ):
        local = datetime.fromtimestamp(stamp, zone)
        assert day == local.toordinal()
        assert seconds % DAY_SECONDS == (local.hour * 60 + local.minute) * 60


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_what_a_clock_shows_is_the_instant_that_datetimes_say(zone):
    """Through every change of two years: the first of an hour shown twice, an hour never shown."""
    days = np.arange(date(2026, 1, 1).toordinal(), date(2028, 1, 1).toordinal())
    for minute in (0, 30, 90, 150, 510, 1440):
        wall = shown_on(days, np.full(len(days), minute))
        told = utc_seconds(zone, wall).tolist()
        for ordinal, stamp in zip(days.tolist(), told, strict=True):
            midnight = datetime.combine(date.fromordinal(ordinal), time(), zone)
            assert stamp == round((midnight + timedelta(minutes=minute)).timestamp())


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("zone", ZONES[:2], ids=str)
def test_a_grid_has_the_open_slots_of_each_day_through_a_clock_change(zone, change):
    split = Calendar(zone, dict.fromkeys(range(7), ((0, 90), (105, 1440))))
    for calendar in (always_open(zone), split):
        first = change - timedelta(days=1)
        grid = horizon_grid(calendar, first, 3)
        days = [first + timedelta(days=day) for day in range(3)]
        slots = [(day, start) for day in days for start in calendar.slots(day, 30)]
        assert list(grid.starts) == [start for _day, start in slots]
        assert grid.days.tolist() == [day.toordinal() for day, _start in slots]
        local = [start.astimezone(zone) for start in grid.starts]
        assert grid.slots.tolist() == [(one.hour * 60 + one.minute) // 30 for one in local]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_days_near_the_ends_of_the_calendar_are_read_too(zone):
    """Offsets are kept in blocks of days, the outermost of which the calendar does not fill."""
    for moment in (datetime(1, 6, 1, tzinfo=UTC), datetime(9999, 9, 1, tzinfo=UTC)):
        stamp = round(moment.timestamp())
        local = moment.astimezone(zone).replace(tzinfo=UTC)
        assert wall_seconds(zone, np.array([stamp])).tolist() == [round(local.timestamp())]
