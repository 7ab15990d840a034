"""Openings: wall-clock hours as instants, across clock changes, holidays and closures."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_world import SmallWorld

from app.models import Closure, ExtraHoliday, OpeningHours
from app.services.openings import OpeningCalendar, holiday_name, opening_intervals


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc]


def calendar(zone: str, *spans: tuple[int, int], district: str = "11") -> OpeningCalendar:
    hours = dict.fromkeys(range(7), spans)
    return OpeningCalendar(ZoneInfo(zone), district, hours, {}, {})


def test_the_azores_open_an_hour_later_than_lisbon(world: SmallWorld) -> None:
    date = dt.date(2026, 3, 9)
    assert opening_intervals(world.lisbon, date) == [(utc(2026, 3, 9, 8), utc(2026, 3, 9, 18))]
    assert opening_intervals(world.azores, date) == [(utc(2026, 3, 9, 9), utc(2026, 3, 9, 19))]
    assert opening_intervals(world.lisbon, dt.date(2026, 3, 14)) == []


def test_summer_time_moves_the_instants_and_not_the_wall_clock(world: SmallWorld) -> None:
    assert opening_intervals(world.lisbon, dt.date(2026, 3, 27))[0][0] == utc(2026, 3, 27, 8)
    assert opening_intervals(world.lisbon, dt.date(2026, 3, 30))[0][0] == utc(2026, 3, 30, 7)
    assert opening_intervals(world.lisbon, dt.date(2026, 10, 26))[0][0] == utc(2026, 10, 26, 8)


def test_a_whole_day_has_23_or_25_hours_where_clocks_change() -> None:
    whole = calendar("Europe/Lisbon", (0, 1440))

    def hours(date: dt.date) -> float:
        ((start, end),) = whole.intervals(date)
        return (end - start) / dt.timedelta(hours=1)

    assert hours(dt.date(2026, 3, 28)) == 24
    assert hours(dt.date(2026, 3, 29)) == 23
    assert hours(dt.date(2026, 10, 25)) == 25


def test_an_opening_inside_the_skipped_hour_is_none() -> None:
    # In Lisbon 01:00 to 02:00 does not exist on 29 March 2026.
    assert calendar("Europe/Lisbon", (60, 120)).intervals(dt.date(2026, 3, 29)) == []
    assert len(calendar("Europe/Lisbon", (60, 120)).intervals(dt.date(2026, 3, 28))) == 1


def test_an_office_may_open_twice_in_a_day(world: SmallWorld) -> None:
    OpeningHours.create(office=world.lisbon, weekday=0, opens_minute=1140, closes_minute=1200)
    spans = opening_intervals(world.lisbon, dt.date(2026, 3, 9))
    assert spans == [
        (utc(2026, 3, 9, 8), utc(2026, 3, 9, 18)),
        (utc(2026, 3, 9, 19), utc(2026, 3, 9, 20)),
    ]


@pytest.mark.parametrize(
    ("district", "closed", "open_"),
    [
        ("11", dt.date(2025, 6, 13), dt.date(2025, 6, 24)),
        ("13", dt.date(2025, 6, 24), dt.date(2025, 6, 13)),
        ("08", dt.date(2026, 9, 7), dt.date(2025, 6, 13)),
        ("20", dt.date(2026, 5, 25), dt.date(2025, 6, 13)),
        ("", dt.date(2026, 4, 3), dt.date(2025, 6, 13)),
    ],
)
def test_municipal_days_are_the_districts(district: str, closed: dt.date, open_: dt.date) -> None:
    office = calendar("Europe/Lisbon", (540, 600), district=district)
    assert office.intervals(closed) == []
    assert office.intervals(open_) != []


def test_public_holidays_have_a_name_in_the_readers_language(world: SmallWorld) -> None:
    day = dt.date(2026, 10, 5)
    assert holiday_name(world.lisbon, day) == "Implantação da República"
    assert holiday_name(world.lisbon, day, "en") == "Republic Day"
    assert holiday_name(world.lisbon, dt.date(2026, 10, 6)) is None


def test_closures_and_own_holidays_shut_the_office(world: SmallWorld) -> None:
    Closure.create(office=world.lisbon, date=dt.date(2026, 3, 10), reason="Obras")
    ExtraHoliday.create(office=world.azores, month=3, day=11, name="Dia da ilha")
    assert opening_intervals(world.lisbon, dt.date(2026, 3, 10)) == []
    assert opening_intervals(world.azores, dt.date(2026, 3, 10)) != []
    assert opening_intervals(world.azores, dt.date(2026, 3, 11)) == []
    assert opening_intervals(world.azores, dt.date(2031, 3, 11)) == []
    assert holiday_name(world.azores, dt.date(2026, 3, 11)) == "Dia da ilha"
    assert holiday_name(world.lisbon, dt.date(2026, 3, 10)) is None


@given(
    date=st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31)),
    zone=st.sampled_from(["Europe/Lisbon", "Atlantic/Azores", "Atlantic/Madeira"]),
    edges=st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True),
)
def test_openings_keep_their_wall_clock_and_their_order(
    date: dt.date, zone: str, edges: list[int]
) -> None:
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    spans = tuple((a * 30, b * 30) for a, b in zip(ordered[::2], ordered[1::2], strict=True))
    office = calendar(zone, *spans)
    found = office.intervals(date)
    assert found == sorted(found)
    assert all(first[1] <= second[0] for first, second in pairwise(found))
    for start, end in found:
        assert start < end
        assert start.tzinfo is dt.UTC
    if office.holiday_name(date) is not None:
        assert found == []
    elif date.month not in (3, 10):
        walls = [start.astimezone(office.zone) for start, _end in found]
        assert [wall.hour * 60 + wall.minute for wall in walls] == [opens for opens, _ in spans]
        worked = sum(((end - start) for start, end in found), dt.timedelta())
        assert worked == dt.timedelta(minutes=sum(b - a for a, b in spans))
