"""Slots and instants agree over both clock changes and for offices in the Azores."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.services.horizon import Horizon, monday_of

mondays = st.dates(dt.date(2024, 1, 1), dt.date(2032, 1, 1)).map(monday_of)


def test_the_week_of_the_spring_change_has_a_day_of_23_hours() -> None:
    horizon = Horizon(dt.date(2026, 3, 23))
    lengths = [day.end - day.start for day in horizon.days]
    assert lengths == [48] * 6 + [46]


def test_the_week_of_the_autumn_change_has_a_day_of_25_hours() -> None:
    horizon = Horizon(dt.date(2026, 10, 19))
    assert [day.end - day.start for day in horizon.days] == [48] * 6 + [50]


def test_nine_in_the_azores_is_ten_in_lisbon() -> None:
    horizon = Horizon(dt.date(2026, 3, 9))
    date = dt.date(2026, 3, 10)
    azores = horizon.wall(date, 9 * 60, "Atlantic/Azores")
    assert azores == horizon.wall(date, 10 * 60)
    assert azores.astimezone(ZoneInfo("Atlantic/Azores")).hour == 9


@given(mondays, st.integers(0, 330))
def test_slot_and_instant_are_each_others_inverse(monday: dt.date, slot: int) -> None:
    horizon = Horizon(monday)
    instant = horizon.instant(slot)
    assert horizon.slot(instant) == horizon.slot_ceiling(instant) == slot
    assert horizon.slot(instant + dt.timedelta(minutes=1)) == slot
    assert horizon.slot_ceiling(instant + dt.timedelta(minutes=1)) == slot + 1


@given(mondays)
def test_days_follow_each_other_and_begin_at_local_midnight(monday: dt.date) -> None:
    horizon = Horizon(monday)
    for before, after in zip(horizon.days, horizon.days[1:], strict=False):
        assert before.end == after.start
    for day, date in zip(horizon.days, horizon.dates, strict=True):
        local = horizon.instant(day.start).astimezone(ZoneInfo(horizon.zone))
        assert (local.date(), local.hour, local.minute) == (date, 0, 0)


def test_a_span_is_cut_to_the_horizon_and_rounded_outwards() -> None:
    horizon = Horizon(dt.date(2026, 3, 9))
    start = horizon.starts_at
    assert horizon.span(start - dt.timedelta(hours=2), start + dt.timedelta(minutes=31)) == (0, 2)
    assert horizon.span(start - dt.timedelta(hours=2), start) is None
    assert horizon.span(horizon.ends_at, horizon.ends_at + dt.timedelta(hours=1)) is None
