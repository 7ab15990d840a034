"""The forecast of one office: coherent, scaled, learned only from before, bent by what is known."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.calendar import Calendar, Holiday, HolidayKind, always_open
from forecast.network import forecast_office
from forecast.series import ArrivalCount, ArrivalSeries, Event

AZORES = ZoneInfo("Atlantic/Azores")
TUESDAY = timedelta(days=1)

few_examples = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@few_examples
@given(
    seed=st.integers(0, 10_000),
    arrivals_a_day=st.sampled_from([3.0, 40.0, 700.0]),
    days=st.sampled_from([3, 30, 120]),
    rare=st.floats(0.0005, 0.05),
)
def test_languages_and_needs_add_up_and_quantiles_are_in_order(
    make_history, seed, arrivals_a_day, days, rare
):
    made = make_history(
        days=days,
        arrivals_a_day=arrivals_a_day,
        shares={"pt": 0.7, "uk": 0.3 - rare, "wo": rare},
        seed=seed,
        needs=(None, "legal"),
    )
    forecast = forecast_office(made.series, made.calendar, made.last, 14)
    assert np.isfinite(forecast.mean).all()
    assert (forecast.mean >= 0).all()
    assert np.allclose(forecast.language_mean.sum(axis=1), forecast.total_mean)
    assert np.allclose(forecast.mean.sum(axis=2), forecast.language_mean)
    for quantiles in (
        forecast.total_quantiles(),
        forecast.language_quantiles(),
        forecast.need_quantiles(),
    ):
        assert (np.diff(quantiles, axis=-1) >= 0).all()
    assert len(list(forecast.rows())) == len(forecast.grid) * (1 + len(forecast.languages))


@few_examples
@given(factor=st.floats(0.2, 5), seed=st.integers(0, 1000))
def test_an_event_multiplies_whom_it_touches_and_nobody_else(make_history, factor, seed):
    made = make_history(days=63, seed=seed)
    day = made.last + TUESDAY
    event = Event("law", day, day, factor, frozenset({"lisbon"}), frozenset({"uk"}))
    plain = forecast_office(made.series, made.calendar, made.last, 7)
    bent = forecast_office(made.series, made.calendar, made.last, 7, events=[event])
    ratio = bent.mean / plain.mean
    touched = plain.grid.days == day.toordinal()
    uk = plain.languages.index("uk")
    assert np.allclose(ratio[touched, uk], factor)
    ratio[touched, uk] = 1.0
    assert np.allclose(ratio, 1.0)
    assert np.allclose(bent.language_mean.sum(axis=1), bent.total_mean)


def test_an_event_elsewhere_changes_nothing(make_history):
    made = make_history(days=63)
    event = Event("fair", made.first, made.last + timedelta(days=9), 3.0, frozenset({"porto"}))
    plain = forecast_office(made.series, made.calendar, made.last, 7)
    bent = forecast_office(made.series, made.calendar, made.last, 7, events=[event])
    assert np.array_equal(plain.mean, bent.mean)


def test_a_past_event_is_not_mistaken_for_a_new_level(make_history):
    recent = [date(2025, 6, 23) + timedelta(days=d) for d in range(12)]
    made = make_history(days=182, day_factor=dict.fromkeys(recent, 2.0))
    usual = make_history(days=182)
    event = Event("campaign", recent[0], recent[-1], 2.0)
    plain = forecast_office(usual.series, made.calendar, made.last, 7).total_mean.sum()
    told = forecast_office(made.series, made.calendar, made.last, 7, events=[event])
    untold = forecast_office(made.series, made.calendar, made.last, 7)
    assert told.total_mean.sum() == pytest.approx(plain, rel=0.07)
    assert untold.total_mean.sum() > 1.15 * plain


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_an_office_three_times_as_large_is_forecast_about_three_times_as_large(make_history, scale):
    small = make_history(days=182, arrivals_a_day=300, seed=4)
    large = make_history(days=182, arrivals_a_day=300 * scale, seed=4)
    a = forecast_office(small.series, small.calendar, small.last, 7)
    b = forecast_office(large.series, large.calendar, large.last, 7)
    assert b.total_mean.sum() / a.total_mean.sum() == pytest.approx(scale, rel=0.05)
    assert np.allclose(a.total_mean * scale, b.total_mean, rtol=0.35)


def test_counts_multiplied_multiply_the_level_exactly(make_history):
    made = make_history(days=182)
    tenfold = ArrivalSeries(
        "lisbon",
        made.series.grid,
        made.series.languages,
        made.series.needs,
        made.series.counts * 10,
    )
    a = forecast_office(made.series, made.calendar, made.last, 7).total_mean
    b = forecast_office(tenfold, made.calendar, made.last, 7).total_mean
    # Shrinkage is worth so many arrivals, so only the shape of a day may differ a little.
    assert np.allclose(b / a, 10, rtol=0.08)
    assert b.sum() / a.sum() == pytest.approx(10, rel=0.01)


def test_only_what_was_logged_before_the_horizon_is_used(make_history):
    made = make_history(days=120)
    origin = made.first + timedelta(days=90)
    cut = made.series.before(origin)
    later = forecast_office(made.series, made.calendar, origin, 14)
    assert np.array_equal(later.mean, forecast_office(cut, made.calendar, origin, 14).mean)


def test_the_mean_is_near_the_truth_and_the_bands_cover(make_history):
    within = {0.8: [], 0.9: []}
    ratios = []
    for seed in range(24):
        made = make_history(days=196, seed=seed)
        origin = made.first + timedelta(days=182)
        forecast = forecast_office(made.series, made.calendar, origin, 14)
        actual = made.series.counts.sum(axis=(1, 2))[made.series.grid.days >= origin.toordinal()]
        ratios.append(forecast.total_mean.sum() / (400 * 10))
        for level, found in within.items():
            found.append(np.mean(actual <= forecast.total_quantiles((level,))[:, 0]))
    assert np.mean(ratios) == pytest.approx(1, abs=0.04)
    for level, found in within.items():
        assert np.mean(found) == pytest.approx(level, abs=0.04)


def test_one_wild_day_and_one_empty_day_hardly_count(make_history):
    wild = {date(2025, 6, 30): 8.0, date(2025, 7, 2): 0.02}
    usual, spoiled = make_history(), make_history(day_factor=wild)
    a = forecast_office(usual.series, usual.calendar, usual.last, 7)
    b = forecast_office(spoiled.series, spoiled.calendar, spoiled.last, 7)
    assert b.total_mean.sum() == pytest.approx(a.total_mean.sum(), rel=0.05)
    assert set(wild) <= set(b.set_aside)


def test_a_new_level_is_followed(make_history):
    since = {date(2025, 6, 2) + timedelta(days=d): 2.0 for d in range(60)}
    usual, doubled = make_history(), make_history(day_factor=since)
    a = forecast_office(usual.series, usual.calendar, usual.last, 7).total_mean.sum()
    b = forecast_office(doubled.series, doubled.calendar, doubled.last, 7).total_mean.sum()
    assert b > 1.6 * a


def test_a_rare_language_is_a_small_share_and_not_a_lucky_slot(make_history):
    shares = {"pt": 0.997, "wo": 0.003}
    made = make_history(shares=shares, arrivals_a_day=600)
    forecast = forecast_office(made.series, made.calendar, made.last, 14)
    wo = forecast.language_mean[:, forecast.languages.index("wo")]
    assert wo.sum() / forecast.total_mean.sum() == pytest.approx(0.003, rel=0.35)
    share = wo / forecast.total_mean
    assert share.max() / share.min() < 3


def test_a_language_never_logged_is_not_ruled_out(make_history):
    made = make_history(days=30)
    listed = ArrivalSeries(
        "lisbon",
        made.series.grid,
        (*made.series.languages, "zh"),
        made.series.needs,
        np.concatenate([made.series.counts, np.zeros((len(made.series.grid), 1, 1))], axis=1),
    )
    forecast = forecast_office(listed, made.calendar, made.last, 7)
    zh = forecast.language_mean[:, -1].sum()
    assert 0 < zh < 0.01 * forecast.total_mean.sum()


def test_a_holiday_shuts_the_office(make_history):
    made = make_history(days=63)
    shut = made.last + TUESDAY
    calendar = Calendar(
        made.calendar.zone,
        made.calendar.opening,
        (Holiday(shut, HolidayKind.PUBLIC),),
    )
    forecast = forecast_office(made.series, calendar, made.last, 7)
    assert shut.toordinal() not in forecast.grid.days
    assert len(forecast.grid) == 4 * 24


def test_a_kept_day_takes_its_community_away_as_it_did_before(make_history):
    shares = {"pt": 0.6, "bn": 0.4}
    made = make_history(shares=shares)
    feasts = [date(2025, 3, 31), date(2025, 6, 6)]
    bn = made.series.languages.index("bn")
    counts = made.series.counts.copy()
    for feast in feasts:
        counts[made.series.grid.days == feast.toordinal(), bn] *= 0.0
    series = ArrivalSeries("lisbon", made.series.grid, made.series.languages, ("",), counts)
    to_come = made.last + TUESDAY
    kept = tuple(
        Holiday(day, HolidayKind.RELIGIOUS, "Eid", frozenset({"bn"})) for day in [*feasts, to_come]
    )
    calendar = Calendar(made.calendar.zone, made.calendar.opening, kept)
    forecast = forecast_office(series, calendar, made.last, 7)
    on_feast = forecast.grid.days == to_come.toordinal()
    share = forecast.language_mean[:, bn] / forecast.total_mean
    assert share[on_feast].mean() < 0.3 * share[~on_feast].mean()
    assert np.allclose(forecast.language_mean.sum(axis=1), forecast.total_mean)


def test_longer_hours_are_forecast_like_the_nearest_hour(make_history):
    made = make_history(days=63)
    longer = Calendar(made.calendar.zone, dict.fromkeys(range(5), ((480, 1320),)))
    forecast = forecast_office(made.series, longer, made.last, 7)
    new = forecast.grid.slots >= 40
    assert new.sum() == 5 * 4
    assert (forecast.total_mean[new] > 1).all()


@pytest.mark.parametrize("zone", [ZoneInfo("Europe/Lisbon"), AZORES])
@pytest.mark.parametrize(("change", "slots"), [(date(2026, 3, 29), 46), (date(2026, 10, 25), 50)])
def test_a_day_on_which_the_clock_changes_has_its_own_length(zone, change, slots):
    calendar = always_open(zone)
    first = change - timedelta(days=29)
    rng = np.random.default_rng(1)
    rows = [
        ArrivalCount(start, "pt", None, int(rng.poisson(6)))
        for day in range(28)
        for start in calendar.slots(first + timedelta(days=day), 30)
    ]
    series = ArrivalSeries.from_rows("x", rows, calendar)
    forecast = forecast_office(series, calendar, change - timedelta(days=1), 2)
    on_change = forecast.grid.days == change.toordinal()
    assert on_change.sum() == slots
    assert forecast.total_mean[on_change].mean() == pytest.approx(6, rel=0.25)
    assert all(
        isinstance(start, datetime) and start.utcoffset() == timedelta(0)
        for start in forecast.starts
    )


def test_the_order_of_the_languages_changes_nothing(make_history):
    made = make_history(days=63)
    series, order = made.series, [2, 0, 3, 1]
    shuffled = ArrivalSeries(
        series.office,
        series.grid,
        tuple(series.languages[j] for j in order),
        series.needs,
        series.counts[:, order],
    )
    a = forecast_office(series, made.calendar, made.last, 7)
    b = forecast_office(shuffled, made.calendar, made.last, 7)
    assert np.allclose(a.language_mean[:, order], b.language_mean)
    assert np.allclose(a.language_spread[:, order], b.language_spread)


@pytest.mark.parametrize("count", [0, 1])
def test_one_logged_row_is_enough_not_to_fail(make_history, count):
    made = make_history(days=7)
    start = made.series.grid.starts[0]
    rows = [ArrivalCount(start, "pt", None, count)]
    series = ArrivalSeries.from_rows("x", rows, made.calendar, languages=["pt", "wo"])
    forecast = forecast_office(series, made.calendar, made.last, 7)
    assert np.isfinite(forecast.mean).all()
    assert forecast.total_mean.sum() <= 5 * count + 1e-6
    assert np.isfinite(forecast.total_quantiles()).all()


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_four_weeks_ahead_every_half_hour_is_foreseen_with_its_quantiles(make_history, change):
    """Round the clock, over a clock change, a holiday that shuts and an event that doubles."""
    zone = ZoneInfo("Europe/Lisbon")
    start = change - timedelta(days=13)
    shut, doubled = start + timedelta(days=3), start + timedelta(days=24)
    calendar = Calendar(
        zone,
        always_open(zone).opening,
        holidays=(Holiday(shut, HolidayKind.PUBLIC),),
    )
    made = make_history(
        first=start - timedelta(days=70), days=70, calendar=calendar, needs=("general", "legal")
    )
    event = Event("law", doubled, doubled, 2.0)
    plain = forecast_office(made.series, calendar, start, 28)
    forecast = forecast_office(made.series, calendar, start, 28, events=[event])
    halves = 48 * 27 + (-2 if change.month == 3 else 2)
    assert len(forecast.grid) == halves
    assert len(set(forecast.starts)) == halves
    assert set(forecast.grid.days.tolist()) == {
        (start + timedelta(days=day)).toordinal() for day in range(28)
    } - {shut.toordinal()}
    assert set(forecast.needs) == {"general", "legal"}
    for quantiles in (
        forecast.total_quantiles(),
        forecast.language_quantiles(),
        forecast.need_quantiles(),
    ):
        assert quantiles.shape[0] == halves
        assert quantiles.shape[-1] == 4
        assert (np.diff(quantiles, axis=-1) >= 0).all()
    touched = forecast.grid.days == doubled.toordinal()
    assert np.allclose(forecast.mean[touched], 2 * plain.mean[touched])
    assert np.allclose(forecast.mean[~touched], plain.mean[~touched])
    assert forecast.total_mean.min() > 0
