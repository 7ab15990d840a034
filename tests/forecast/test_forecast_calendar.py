"""Opening hours on the wall clock, through clock changes, holidays and closures."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forecast.calendar import Calendar, Holiday, HolidayKind, always_open
from forecast.faults import BadInput

LISBON, AZORES = ZoneInfo("Europe/Lisbon"), ZoneInfo("Atlantic/Azores")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize("zone", [LISBON, AZORES])
@pytest.mark.parametrize(("day", "slots"), [(SPRING, 46), (AUTUMN, 50), (date(2026, 3, 30), 48)])
def test_a_day_round_the_clock_has_as_many_slots_as_half_hours(zone, day, slots):
    starts = list(always_open(zone).slots(day, 30))
    assert len(starts) == slots
    assert len(set(starts)) == slots
    assert all(b - a == timedelta(minutes=30) for a, b in itertools.pairwise(starts))


def test_the_clock_change_moves_the_opening_in_utc():
    calendar = Calendar(LISBON, dict.fromkeys(range(7), ((480, 540),)))
    assert next(calendar.slots(SPRING - timedelta(days=1), 30)).hour == 8
    assert next(calendar.slots(SPRING, 30)).hour == 7
    assert next(calendar.slots(AUTUMN, 30)).hour == 8


def test_the_azores_are_an_hour_behind():
    calendar = Calendar(AZORES, {0: ((540, 600),)})
    monday = date(2026, 1, 5)
    assert list(calendar.slots(monday, 30)) == [
        datetime(2026, 1, 5, 10, 0, tzinfo=UTC),
        datetime(2026, 1, 5, 10, 30, tzinfo=UTC),
    ]


def test_closed_on_holidays_of_the_kinds_that_close():
    day = date(2026, 6, 10)
    hours = dict.fromkeys(range(7), ((480, 1200),))
    for kind, shut in [
        (HolidayKind.PUBLIC, True),
        (HolidayKind.MUNICIPAL, True),
        (HolidayKind.RELIGIOUS, False),
    ]:
        calendar = Calendar(LISBON, hours, holidays=(Holiday(day, kind),))
        assert (calendar.hours(day) == ()) is shut
        assert calendar.hours(day + timedelta(days=1)) == ((480, 1200),)


def test_special_hours_open_a_holiday_and_a_closure_shuts_them():
    day = date(2026, 6, 10)
    holidays = (Holiday(day, HolidayKind.PUBLIC),)
    special = {day: ((540, 720),)}
    assert Calendar(LISBON, {}, holidays, special=special).hours(day) == ((540, 720),)
    assert Calendar(LISBON, {}, holidays, frozenset({day}), special=special).hours(day) == ()


def test_every_bad_interval_is_named():
    with pytest.raises(BadInput) as bad:
        Calendar(LISBON, {7: ((0, 60),), 0: ((600, 600), (700, 1441)), 1: ((0, 1440),)})
    assert [(f.field, f.value) for f in bad.value.faults] == [
        ("weekday", 7),
        ("interval", (600, 600)),
        ("interval", (700, 1441)),
    ]
