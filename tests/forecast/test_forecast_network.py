"""Many offices at once, and offices that have hardly opened."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecast.faults import BadInput
from forecast.network import WARM_DAYS, Like, OfficeRequest, forecast_network, forecast_office
from forecast.series import ArrivalSeries, Event


def opened_late(made, days, office="faro"):
    """The same office as if it had opened `days` local days before the last."""
    origin = made.last.toordinal()
    chosen = made.series.grid.days >= origin - days
    series = made.series
    return ArrivalSeries(
        office, series.grid.take(chosen), series.languages, series.needs, series.counts[chosen]
    )


def test_a_network_forecasts_each_office_as_if_alone(make_history):
    offices = [
        make_history(office=f"office-{i}", days=91, arrivals_a_day=50 * (i + 1), seed=i)
        for i in range(3)
    ]
    last = offices[0].last
    together = forecast_network([OfficeRequest(o.series, o.calendar) for o in offices], last, 7)
    for office in offices:
        alone = forecast_office(office.series, office.calendar, last, 7)
        assert np.array_equal(together[office.series.office].mean, alone.mean)


def test_offices_of_unlike_histories_are_fitted_together_as_if_alone(make_history):
    made = [
        make_history(office=f"office-{i}", days=days, arrivals_a_day=60 * (i + 1), seed=i)
        for i, days in enumerate((91, 182, 500, 120))
    ]
    last = max(one.last for one in made)
    event = Event("law", last - timedelta(days=30), last - timedelta(days=10), 1.5)
    requests = [OfficeRequest(one.series, one.calendar) for one in made]
    together = forecast_network(requests, last, 7, events=[event])
    for one in made:
        alone = forecast_office(one.series, one.calendar, last, 7, events=[event])
        ours = together[one.series.office]
        assert ours.mean == pytest.approx(alone.mean, rel=1e-9)
        assert ours.total_spread == pytest.approx(alone.total_spread, rel=1e-7)
        assert ours.language_spread == pytest.approx(alone.language_spread, rel=1e-7)
        assert ours.set_aside == alone.set_aside


def test_an_office_without_history_is_its_like_scaled(make_history):
    porto = make_history(office="porto", days=182)
    faro = ArrivalSeries.from_rows("faro", [], porto.calendar)
    like = forecast_office(porto.series, porto.calendar, porto.last, 7)
    new = forecast_office(
        faro, porto.calendar, porto.last, 7, likes=[Like(porto.series, porto.calendar, 0.4)]
    )
    order = [new.languages.index(language) for language in like.languages]
    assert np.allclose(new.language_mean[:, order], 0.4 * like.language_mean)
    assert np.allclose(new.language_mean.sum(axis=1), new.total_mean)
    wide = new.total_quantiles() / np.maximum(new.total_mean[:, None], 1e-9)
    narrow = like.total_quantiles() / np.maximum(like.total_mean[:, None], 1e-9)
    assert (wide[:, 3] > narrow[:, 3]).all()
    assert "likes" in new.basis


def test_a_few_own_days_correct_the_scale_and_narrow_the_band(make_history):
    porto = make_history(office="porto", arrivals_a_day=400, seed=1)
    faro = make_history(office="faro", arrivals_a_day=100, seed=2)
    likes = [Like(porto.series, porto.calendar, 0.5)]
    totals, spreads = [], []
    for days in (0, 4, 14):
        own = opened_late(faro, days)
        forecast = forecast_office(own, faro.calendar, faro.last, 7, likes=likes)
        totals.append(forecast.total_mean.sum())
        spreads.append(forecast.total_spread[0])
    assert totals[0] == pytest.approx(1000, rel=0.1)
    assert abs(totals[1] - 500) < abs(totals[0] - 500)
    assert totals[2] == pytest.approx(500, rel=0.12)
    assert spreads[0] > spreads[1] > spreads[2]


def test_own_languages_replace_the_likes(make_history):
    porto = make_history(office="porto", shares={"pt": 0.9, "uk": 0.1}, seed=1)
    faro = make_history(office="faro", shares={"pt": 0.3, "ne": 0.7}, seed=2)
    own = opened_late(faro, 14)
    forecast = forecast_office(
        own, faro.calendar, faro.last, 7, likes=[Like(porto.series, porto.calendar)]
    )
    share = dict(
        zip(
            forecast.languages,
            forecast.language_mean.sum(axis=0) / forecast.mean.sum(),
            strict=True,
        )
    )
    assert share["ne"] == pytest.approx(0.7, abs=0.08)
    assert share["uk"] < 0.02


def test_the_limit_between_likes_and_own_history(make_history):
    porto = make_history(office="porto", days=182)
    likes = [Like(porto.series, porto.calendar)]
    for days, basis in [(WARM_DAYS - 1, "likes"), (WARM_DAYS, "own history")]:
        own = opened_late(porto, 28)
        chosen = np.isin(own.grid.days, np.unique(own.grid.days)[:days])
        own = replace_counts(own, chosen)
        assert own.logged_days == days
        forecast = forecast_office(own, porto.calendar, porto.last, 7, likes=likes)
        assert basis in forecast.basis


def replace_counts(series, chosen):
    return replace(series, grid=series.grid.take(chosen), logged=series.counts[chosen])


def test_a_network_lends_a_cold_office_the_middle_sized_one(make_history):
    offices = [
        make_history(office=f"office-{i}", arrivals_a_day=size, seed=i)
        for i, size in enumerate((20, 80, 500))
    ]
    cold = ArrivalSeries.from_rows("cold", [], offices[0].calendar)
    requests = [OfficeRequest(o.series, o.calendar) for o in offices]
    requests.append(OfficeRequest(cold, offices[0].calendar))
    forecasts = forecast_network(requests, offices[0].last, 7)
    assert forecasts["cold"].mean.sum() == pytest.approx(forecasts["office-1"].mean.sum())
    named = [*requests[:3], OfficeRequest(cold, offices[0].calendar, {"office-0": 2.0})]
    forecasts = forecast_network(named, offices[0].last, 7)
    assert forecasts["cold"].mean.sum() == pytest.approx(2 * forecasts["office-0"].mean.sum())


def test_nothing_known_is_forecast_empty_and_says_so(make_history):
    made = make_history(days=7)
    cold = ArrivalSeries.from_rows("cold", [], made.calendar, languages=["pt"])
    forecast = forecast_office(cold, made.calendar, made.last, 7)
    assert forecast.mean.sum() == 0
    assert forecast.basis.startswith("nothing")
    assert forecast_network([OfficeRequest(cold, made.calendar)], made.last, 7)["cold"].basis == (
        forecast.basis
    )


def test_events_reach_a_cold_office(make_history):
    porto = make_history(office="porto")
    cold = ArrivalSeries.from_rows("cold", [], porto.calendar)
    event = Event("law", porto.last, porto.last + timedelta(days=6), 2.0, frozenset({"cold"}))
    likes = [Like(porto.series, porto.calendar)]
    plain = forecast_office(cold, porto.calendar, porto.last, 7, likes=likes)
    bent = forecast_office(cold, porto.calendar, porto.last, 7, likes=likes, events=[event])
    assert np.allclose(bent.mean, 2 * plain.mean)


def test_every_fault_of_a_request_is_named(make_history):
    made = make_history(days=7)
    likes = [Like(made.series, made.calendar, 0.0)]
    with pytest.raises(BadInput) as bad:
        forecast_office(made.series, made.calendar, date(2025, 2, 3), 63, likes=likes)
    assert [f.field for f in bad.value.faults] == ["scale of lisbon", "horizon_days"]
