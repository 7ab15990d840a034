"""From logged rows to a grid of watched slots."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forecast.calendar import Calendar, always_open
from forecast.faults import BadInput
from forecast.series import ArrivalCount, ArrivalSeries, Event

LISBON = ZoneInfo("Europe/Lisbon")
MORNING = Calendar(LISBON, dict.fromkeys(range(5), ((540, 720),)))
MONDAY = date(2026, 7, 6)


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LISBON)


def test_open_slots_without_arrivals_are_zeros_and_rows_add_up():
    series = ArrivalSeries.from_rows(
        "x",
        [
            ArrivalCount(at(9, 30), "uk", "legal", 2),
            ArrivalCount(at(9, 41), "uk", "legal", 1),
            ArrivalCount(at(11), "pt", None, 4),
        ],
        MORNING,
    )
    assert series.languages == ("pt", "uk")
    assert series.needs == ("", "legal")
    assert series.counts.shape == (6, 2, 2)
    assert series.counts[1, 1, 1] == 3
    assert series.counts[4, 0, 0] == 4
    assert series.counts.sum() == 7
    assert series.grid.starts[0] == datetime(2026, 7, 6, 8, tzinfo=UTC)


def test_a_day_without_any_arrival_is_left_out():
    rows = [
        ArrivalCount(at(9), "pt", None, 1),
        ArrivalCount(at(9, day=date(2026, 7, 8)), "pt", None, 1),
    ]
    series = ArrivalSeries.from_rows("x", rows, MORNING)
    assert series.logged_days == 2
    assert date(2026, 7, 7).toordinal() not in series.grid.days


def test_arrivals_outside_the_hours_are_kept():
    series = ArrivalSeries.from_rows("x", [ArrivalCount(at(20), "pt", None, 5)], MORNING)
    assert series.counts.sum() == 5
    assert len(series.grid) == 7


def test_both_hours_of_an_autumn_night_keep_their_counts():
    night = date(2026, 10, 25)
    rows = [
        ArrivalCount(datetime(2026, 10, 25, 1, tzinfo=LISBON, fold=fold), "pt", None, 1 + fold)
        for fold in (0, 1)
    ]
    series = ArrivalSeries.from_rows("x", rows, always_open(LISBON))
    assert len(series.grid) == 50
    one_o_clock = (series.grid.slots == 2) & (series.grid.days == night.toordinal())
    assert series.counts[one_o_clock].sum() == 3
    assert sorted(series.counts[one_o_clock].ravel()) == [1, 2]


def test_listed_languages_and_needs_come_first_though_never_logged():
    rows = [ArrivalCount(at(9), "pt", "social", 1)]
    series = ArrivalSeries.from_rows("x", rows, MORNING, languages=["wo"], needs=["legal"])
    assert series.languages == ("wo", "pt")
    assert series.needs == ("legal", "social")


def test_nothing_logged_is_an_empty_series():
    series = ArrivalSeries.from_rows("x", [], MORNING)
    assert len(series.grid) == 0
    assert series.logged_days == 0


def test_every_bad_row_is_named():
    rows = [
        ArrivalCount(datetime(2026, 7, 6, 9), "pt", None, 1),  # noqa: DTZ001
        ArrivalCount(at(9), "pt", None, 1),
        ArrivalCount(at(9), "pt", None, -2),
    ]
    with pytest.raises(BadInput) as bad:
        ArrivalSeries.from_rows("faro", rows, MORNING)
    assert [str(f).split(" is ")[0] for f in bad.value.faults] == [
        "office faro row 1: start",
        "office faro row 3: count",
    ]


def test_before_cuts_at_local_midnight():
    rows = [ArrivalCount(at(9) + timedelta(days=d), "pt", None, d + 1) for d in range(3)]
    series = ArrivalSeries.from_rows("x", rows, MORNING)
    assert series.before(MONDAY + timedelta(days=2)).counts.sum() == 3
    assert series.before(MONDAY).counts.sum() == 0


def test_bad_events_name_every_field():
    with pytest.raises(BadInput) as bad:
        Event("law", date(2026, 2, 2), date(2026, 2, 1), -1.0)
    assert [f.field for f in bad.value.faults] == ["factor", "last"]
