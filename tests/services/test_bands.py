"""Half hours laid out by day and opening."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from app.services.bands import HalfHour, weeks_of

NOON = dt.datetime(2026, 10, 23, 12, tzinfo=dt.UTC)
LISBON = ZoneInfo("Europe/Lisbon")


def half(minutes: float, came: int | None = None) -> HalfHour:
    return HalfHour(NOON + dt.timedelta(minutes=minutes), 2.0, (1.5, 2.5, 4.0), came)


def test_a_lunch_break_cuts_a_day_in_two_and_weeks_begin_on_mondays() -> None:
    found = [half(0), half(30), half(120, 9), half(3 * 24 * 60, 0)]
    weeks = weeks_of(found, LISBON)
    assert list(weeks) == [dt.date(2026, 10, 19), dt.date(2026, 10, 26)]
    (friday,) = weeks[dt.date(2026, 10, 19)].days
    assert [len(stretch) for stretch in friday.stretches] == [2, 1]
    assert weeks[dt.date(2026, 10, 19)].top == 9
    assert weeks[dt.date(2026, 10, 26)].top == 4


def test_outside_is_above_the_band_and_a_run_keeps_it_whole() -> None:
    assert [half(0, came).outside for came in (None, 4, 5)] == [False, False, True]
    for one in (half(0), half(30, 3)):
        assert HalfHour.read(one.told()) == one
