"""Past events taken out of a history: divided out, emptied cells left out, days set aside."""

from datetime import date, timedelta

import numpy as np
import pytest

from forecast.network import OfficeRequest, forecast_network, forecast_office
from forecast.past_events import learned_from
from forecast.series import ArrivalSeries, Event

LISBON_ONLY = frozenset({"lisbon"})


def emptied(series: ArrivalSeries, event: Event) -> ArrivalSeries:
    """The series with its event in it: the touched cells multiplied."""
    inside = (series.grid.days >= event.first.toordinal()) & (
        series.grid.days <= event.last.toordinal()
    )
    touched = [not event.languages or name in event.languages for name in series.languages]
    wanted = [not event.needs or name in event.needs for name in series.needs]
    counts = series.counts.copy()
    counts[np.ix_(inside, touched, wanted)] *= event.factor
    return ArrivalSeries(
        series.office, series.grid, series.languages, series.needs, np.round(counts)
    )


def week_total(series, made, events) -> float:
    return float(
        forecast_office(series, made.calendar, made.last, 7, events=events).total_mean.sum()
    )


def test_a_need_not_open_yet_leaves_the_rest_to_learn_from(make_history):
    made = make_history(days=61, needs=("general", "tax"))
    event = Event("tax desk not open yet", made.first, made.last, 0.0, needs=frozenset({"tax"}))
    history = emptied(made.series, event)
    usual = week_total(made.series, made, ())
    until_sunday = [Event(event.name, event.first, date(2025, 3, 7), 0.0, needs=event.needs)]
    assert week_total(history, made, until_sunday) == pytest.approx(usual / 2, rel=0.1)


def test_a_need_emptied_for_some_weeks_comes_back_whole(make_history):
    made = make_history(days=182, needs=("general", "tax"))
    first = made.last - timedelta(days=36)
    event = Event(
        "tax desk shut", first, made.last - timedelta(days=1), 0.0, needs=frozenset({"tax"})
    )
    history = emptied(made.series, event)
    forecast = forecast_office(history, made.calendar, made.last, 7, events=[event])
    assert forecast.total_mean.sum() == pytest.approx(week_total(made.series, made, ()), rel=0.05)
    tax = forecast.mean[:, :, forecast.needs.index("tax")].sum()
    assert tax == pytest.approx(forecast.total_mean.sum() / 2, rel=0.1)
    assert not forecast.set_aside


def test_weeks_of_works_leave_no_trace(make_history):
    made = make_history(days=182, arrivals_a_day=200)
    first, last = made.last - timedelta(days=35), made.last - timedelta(days=1)
    event = Event("works", first, last, 0.03, LISBON_ONLY)
    after = week_total(emptied(made.series, event), made, [event])
    assert after == pytest.approx(week_total(made.series, made, ()), rel=0.08)


def test_two_events_that_together_leave_little_set_the_days_aside(make_history):
    made = make_history(days=182, arrivals_a_day=200)
    first, last = made.last - timedelta(days=35), made.last - timedelta(days=1)
    events = [Event(name, first, last, 0.2) for name in ("works", "strike")]
    history = emptied(emptied(made.series, events[0]), events[1])
    assert not learned_from(history, events).usable[-25:].any()
    after = week_total(history, made, events)
    assert after == pytest.approx(week_total(made.series, made, ()), rel=0.08)


@pytest.mark.parametrize("with_like", [True, False])
def test_an_office_of_which_nothing_is_left_falls_back(make_history, with_like):
    made = make_history(days=61)
    like = make_history(days=120, office="porto", first=date(2024, 11, 8), arrivals_a_day=300)
    event = Event("not open yet", made.first, made.last - timedelta(days=1), 0.0, LISBON_ONLY)
    requests = [OfficeRequest(made.series, made.calendar)]
    if with_like:
        requests.append(OfficeRequest(like.series, like.calendar))
    forecasts = forecast_network(requests, made.last, 7, events=[event])
    assert forecasts["lisbon"].trusted_days == 0
    total = forecasts["lisbon"].total_mean.sum()
    other = forecasts["porto"].total_mean.sum() if with_like else 0.0
    assert total == pytest.approx(other, rel=0.01)


def test_the_shut_desk_of_a_new_office_does_not_make_it_small(make_history):
    """Ten days without its tax desk, then all of it: as large as the office it is like."""
    like = make_history(days=120, office="porto", needs=("general", "tax"))
    own = make_history(days=14, first=like.last - timedelta(days=14), needs=("general", "tax"))
    event = Event(
        "tax desk not open yet", own.first, own.last - timedelta(days=1), 0.0,
        LISBON_ONLY, needs=frozenset({"tax"}),
    )  # fmt: skip
    requests = [
        OfficeRequest(emptied(own.series, event), own.calendar),
        OfficeRequest(like.series, like.calendar),
    ]
    forecasts = forecast_network(requests, like.last, 7, events=[event])
    mine, theirs = forecasts["lisbon"], forecasts["porto"]
    assert mine.total_mean.sum() == pytest.approx(theirs.total_mean.sum(), rel=0.15)
    tax = mine.mean[:, :, mine.needs.index("tax")].sum()
    assert tax == pytest.approx(mine.total_mean.sum() / 2, rel=0.2)
