"""A forecast against what came: errors by hand, unlogged days set apart, odd weeks named."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from forecast.accuracy import Doubt, compare, compare_slots
from forecast.faults import BadInput
from forecast.grid import Grid
from forecast.network import forecast_office
from forecast.series import ArrivalCount, ArrivalSeries

MUCH_LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def made(make_history):
    return make_history(days=196)


@pytest.fixture
def forecast(made):
    return forecast_office(made.series, made.calendar, made.first + timedelta(days=182), 14)


def altered(made, change):
    """The history with the counts of the last fortnight changed by a function of the day."""
    counts = made.series.counts.copy()
    days = made.series.grid.days
    for day in np.unique(days[days >= (made.first + timedelta(days=182)).toordinal()]):
        counts[days == day] *= change(date.fromordinal(int(day)))
    return ArrivalSeries(
        "lisbon", made.series.grid, made.series.languages, made.series.needs, counts
    )


def test_errors_are_the_sums_they_say(made, forecast):
    report = compare(forecast, made.series, until=MUCH_LATER)
    inside = made.series.grid.days >= (made.first + timedelta(days=182)).toordinal()
    actual = made.series.counts[inside].sum(axis=2)
    assert report.total.actual == actual.sum()
    assert report.total.slots == len(actual)
    assert report.total.wape == pytest.approx(
        np.abs(actual.sum(axis=1) - forecast.total_mean).sum() / actual.sum()
    )
    for j, row in enumerate(report.by_language):
        assert row.language == forecast.languages[j]
        assert row.actual == actual[:, j].sum()
        assert row.bias == pytest.approx(forecast.language_mean[:, j].sum() / row.actual - 1)
        q80 = forecast.language_quantiles((0.8,))[:, j, 0]
        assert row.covered[0] == pytest.approx(np.mean(actual[:, j] <= q80))
    assert sum(row.actual for row in report.by_language) == report.total.actual
    assert report.distrusted == ()


def test_only_slots_that_have_ended_are_compared(made, forecast):
    third = forecast.starts[2]
    assert compare(forecast, made.series, until=third).total.slots == 2
    nearly = third + timedelta(minutes=29)
    assert compare(forecast, made.series, until=nearly).total.slots == 2
    ended = third + timedelta(minutes=30)
    assert compare(forecast, made.series, until=ended).total.slots == 3
    none = compare(forecast, made.series, until=forecast.starts[0])
    assert none.total.slots == 0
    assert none.weeks == ()
    assert np.isnan(none.total.wape)


@pytest.mark.parametrize(("factor", "doubt"), [(2.0, Doubt.FAR_ABOVE), (0.4, Doubt.FAR_BELOW)])
def test_a_week_far_off_is_distrusted_and_the_other_is_not(made, forecast, factor, doubt):
    second = made.first + timedelta(days=189)
    actual = altered(made, lambda day: factor if day >= second else 1.0)
    report = compare(forecast, actual, until=MUCH_LATER)
    assert [(week.monday, week.doubts) for week in report.distrusted] == [(second, (doubt,))]
    assert all(week.low < week.forecast < week.high for week in report.weeks)


def test_a_day_not_logged_is_named_and_left_out_of_the_errors(made, forecast):
    missing = made.first + timedelta(days=183)
    chosen = made.series.grid.days != missing.toordinal()
    actual = ArrivalSeries(
        "lisbon",
        made.series.grid.take(chosen),
        made.series.languages,
        made.series.needs,
        made.series.counts[chosen],
    )
    report = compare(forecast, actual, until=MUCH_LATER)
    assert report.total.slots == 9 * 24
    assert report.weeks[0].doubts == (Doubt.UNLOGGED_DAYS,)
    assert report.weeks[0].days == (missing,)
    assert report.weeks[1].doubts == ()


def test_a_forecast_kept_as_rows_compares_alike(made, forecast):
    second = made.first + timedelta(days=189)
    actual = altered(made, lambda day: 2.0 if day >= second else 1.0)
    whole = compare(forecast, actual, until=MUCH_LATER)
    kept = compare_slots(
        forecast.rows(), actual, made.calendar.zone, until=MUCH_LATER, set_aside=forecast.set_aside
    )
    assert kept.total == whole.total
    assert kept.by_language == whole.by_language
    assert [week.doubts for week in kept.weeks] == [week.doubts for week in whole.weeks]
    for a, b in zip(kept.weeks, whole.weeks, strict=True):
        assert (a.forecast, a.actual) == (b.forecast, b.actual)
        assert a.high == pytest.approx(b.high, rel=0.05)


def test_rows_that_are_there_twice_or_without_a_total_are_named(made, forecast):
    rows = list(forecast.rows())
    with pytest.raises(BadInput) as bad:
        compare_slots([*rows[1:], rows[7]], made.series, made.calendar.zone, until=MUCH_LATER)
    assert [fault.expected for fault in bad.value.faults] == [
        "one row a slot",
        "a row of the slot's total",
    ]
    nothing = compare_slots([], made.series, made.calendar.zone, until=MUCH_LATER)
    assert nothing.weeks == ()


def test_who_came_while_shut_is_told_and_doubted(made, forecast):
    """Opened on a Saturday and foreseen for no Saturday."""
    saturday = made.first + timedelta(days=187)
    assert saturday.weekday() == 5
    starts = [datetime(saturday.year, saturday.month, saturday.day, 9, tzinfo=UTC)]
    rows = [ArrivalCount(start, "pt", None, 300) for start in starts]
    calendar = made.calendar
    came = ArrivalSeries.from_rows("lisbon", rows, calendar, languages=made.series.languages)
    grid, both = made.series.grid, np.concatenate([made.series.counts, came.counts])
    joined = Grid(
        np.concatenate([grid.days, came.grid.days]),
        np.concatenate([grid.slots, came.grid.slots]),
        grid.slot_minutes,
        (*grid.starts, *came.grid.starts),
    )
    actual = ArrivalSeries("lisbon", joined, made.series.languages, made.series.needs, both)
    report = compare(forecast, actual, until=MUCH_LATER)
    assert [week.outside for week in report.weeks] == [300, 0]
    assert [week.doubts for week in report.weeks] == [(Doubt.CAME_WHILE_SHUT,), ()]
    assert report.total.actual == compare(forecast, made.series, until=MUCH_LATER).total.actual
