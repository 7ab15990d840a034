"""Forecasts for one office or for all, and for the office that has hardly opened.

An office with less than four weeks of its own starts from its likes: the mean of their models,
asked about its own opening hours and scaled, then corrected by what it has counted so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from forecast.arrays import BoolArray, FloatArray
from forecast.calendar import Calendar
from forecast.faults import Fault, refuse
from forecast.grid import Grid, horizon_grid
from forecast.office import (
    OfficeForecast,
    OfficeModel,
    fit_office,
    fit_offices,
    forecast_from,
)
from forecast.past_events import SMALLEST_FACTOR, event_factor, learned_from, usable_days
from forecast.series import ArrivalSeries, Event

WARM_DAYS = 20
"""Days that can be learned from (four working weeks) with which an office stands on its own
history."""
DAY_VARIANCE = 0.09
"""Squared coefficient of variation of one day's total about its expectation."""
SCALE_VARIANCE = 0.5
"""How far an office's size may be from its likes', before it has counted anything."""
LIKES_SHARE_ARRIVALS = 200.0
"""What the likes' shares of languages are worth against the office's own counts."""
LONGEST_HORIZON_DAYS = 62


@dataclass(frozen=True, slots=True, eq=False)
class Like:
    """An office that a new one resembles. scale: expected size of the new one against it."""

    history: ArrivalSeries
    calendar: Calendar
    scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class OfficeRequest:
    """One office of a network: likes are ids of other offices of it → scale."""

    history: ArrivalSeries
    calendar: Calendar
    likes: Mapping[str, float] | None = None


def forecast_office(
    history: ArrivalSeries,
    calendar: Calendar,
    horizon_start: date,
    horizon_days: int,
    *,
    events: Sequence[Event] = (),
    likes: Sequence[Like] = (),
) -> OfficeForecast:
    """Arrivals at one office over `horizon_days` local days from `horizon_start` on.

    Only what was logged before `horizon_start` is used. Slots are those in which the calendar
    says the office is open, as long as the history's. An office with less than WARM_DAYS days
    that events did not empty starts from its likes; with neither it is forecast empty and says
    so in `basis`.
    Raises BadInput for a horizon that is not 1 to 62 days, or a scale that is not above 0.
    """
    refuse(_faults(history.office, horizon_days, likes))
    grid = horizon_grid(calendar, horizon_start, horizon_days, history.grid.slot_minutes)
    own = history.before(horizon_start)
    usable = usable_days(own, events)
    if usable >= WARM_DAYS or (usable and not likes):
        model = fit_office(own, calendar, horizon_start, events)
        return forecast_from(model, own.office, grid, calendar, events)
    models = [
        (fit_office(like.history, like.calendar, horizon_start, events), like.calendar, like.scale)
        for like in likes
        if usable_days(like.history.before(horizon_start), events)
    ]
    return _from_likes(own, grid, calendar, models, events)


def forecast_network(
    requests: Sequence[OfficeRequest],
    horizon_start: date,
    horizon_days: int,
    *,
    events: Sequence[Event] = (),
) -> dict[str, OfficeForecast]:
    """Forecasts of all offices, by office id; arguments as for `forecast_office`.

    A cold office without likes, or whose likes are cold too, takes the middle-sized office of those
    that are not.
    """
    by_id = {request.history.office: request for request in requests}
    known: dict[str, tuple[ArrivalSeries, Calendar]] = {}
    for office, request in by_id.items():
        refuse(_faults(office, horizon_days, ()))
        history = request.history.before(horizon_start)
        if stands_alone(history, events):
            known[office] = history, request.calendar
    fitted = fit_offices(list(known.values()), horizon_start, events)
    models = dict(zip(known, fitted, strict=True))
    forecasts = {}
    for office, request in by_id.items():
        own = request.history.before(horizon_start)
        slot_minutes = own.grid.slot_minutes
        grid = horizon_grid(request.calendar, horizon_start, horizon_days, slot_minutes)
        if office in models:
            model = models[office]
            forecasts[office] = forecast_from(model, office, grid, request.calendar, events)
        else:
            named = {like: scale for like, scale in (request.likes or {}).items() if like in models}
            likes = [
                (models[like], by_id[like].calendar, scale)
                for like, scale in (named or _middle_sized(models, by_id)).items()
            ]
            forecasts[office] = _from_likes(own, grid, request.calendar, likes, events)
    return forecasts


def stands_alone(history: ArrivalSeries, events: Sequence[Event]) -> bool:
    """Whether a history is long enough to learn from, without the days that events emptied."""
    return usable_days(history, events) >= WARM_DAYS


def _middle_sized(
    models: Mapping[str, OfficeModel], requests: Mapping[str, OfficeRequest]
) -> dict[str, float]:
    """The office whose arrivals per logged day are the median of the network's."""
    sizes = sorted(
        (
            requests[office].history.by_language().sum() / requests[office].history.logged_days,
            office,
        )
        for office in models
    )
    return {sizes[len(sizes) // 2][1]: 1.0} if sizes else {}


def _faults(office: str, horizon_days: int, likes: Sequence[Like]) -> list[Fault]:
    faults = [
        Fault(f"office {office}", f"scale of {like.history.office}", like.scale, "a number above 0")
        for like in likes
        if not like.scale > 0
    ]
    if not 1 <= horizon_days <= LONGEST_HORIZON_DAYS:
        expected = f"from 1 to {LONGEST_HORIZON_DAYS} days"
        faults.append(Fault(f"office {office}", "horizon_days", horizon_days, expected))
    return faults


LikeModel = tuple[OfficeModel, Calendar, float]


def _from_likes(
    own: ArrivalSeries,
    grid: Grid,
    calendar: Calendar,
    likes: Sequence[LikeModel],
    events: Sequence[Event],
) -> OfficeForecast:
    languages, needs = _names(own, likes)
    if not likes:
        nothing = np.zeros((len(grid), len(languages), len(needs)))
        spread = np.full(len(grid), SCALE_VARIANCE)
        by_language = np.full(nothing.shape[:2], SCALE_VARIANCE)
        basis = "nothing: no history and no likes"
        return OfficeForecast(
            own.office, grid, languages, needs, nothing, by_language, spread, basis, 0
        )
    own_days = _OwnDays.of(own, events, likes, calendar, languages, needs)
    scale, scale_variance = own_days.scale()
    expected = scale * _like_mean(likes, grid, calendar, languages, needs)
    mean = _with_own_shares(expected, own_days)
    mean = mean * event_factor(events, own.office, grid, languages, needs)
    office_spread = float(np.mean([like[0].spread.total for like in likes])) + scale_variance
    by_language = np.full(mean.shape[:2], office_spread + SCALE_VARIANCE / 2)
    names = ", ".join(f"{like[2]:g}" for like in likes)
    basis = f"{len(likes)} likes (scales {names}) × {scale:.2f} by {own_days.days} own days"
    return OfficeForecast(
        own.office,
        grid,
        languages,
        needs,
        mean,
        by_language,
        np.full(len(grid), office_spread),
        basis,
        own_days.days,
    )


def _names(
    own: ArrivalSeries, likes: Sequence[LikeModel]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The languages and the needs of an office and its likes, the office's own first."""
    languages = [*own.languages, *(name for like in likes for name in like[0].languages)]
    needs = [*own.needs, *(name for like in likes for name in like[0].needs)]
    return tuple(dict.fromkeys(languages)), tuple(dict.fromkeys(needs))


def _like_mean(
    likes: Sequence[LikeModel],
    grid: Grid,
    calendar: Calendar,
    languages: Sequence[str],
    needs: Sequence[str],
) -> FloatArray:
    """Mean of the likes' forecasts on the office's own grid, scaled: [n, languages, needs]."""
    mean = np.zeros((len(grid), len(languages), len(needs)))
    for model, _, scale in likes:
        rows = [languages.index(name) for name in model.languages]
        columns = [needs.index(name) for name in model.needs]
        mean[np.ix_(range(len(grid)), rows, columns)] += scale * model.mean(grid, calendar)
    return mean / len(likes)


@dataclass(frozen=True, slots=True, eq=False)
class _OwnDays:
    """What a cold office has counted, against what its likes foresaw of the same cells.

    seen, expected: [n, languages, needs], 0 in cells that events emptied; said: those that they
    did not. days: how many days they are.
    """

    seen: FloatArray
    expected: FloatArray
    said: BoolArray
    days: int

    @staticmethod
    def of(
        own: ArrivalSeries,
        events: Sequence[Event],
        likes: Sequence[LikeModel],
        calendar: Calendar,
        languages: Sequence[str],
        needs: Sequence[str],
    ) -> _OwnDays:
        learned = learned_from(own, events)
        rows = [languages.index(name) for name in own.languages]
        columns = [needs.index(name) for name in own.needs]
        shape = (len(own.grid), len(languages), len(needs))
        # What the office never counted was emptied where an event says so of it too.
        factor = event_factor(events, own.office, own.grid, languages, needs)
        said = factor >= SMALLEST_FACTOR
        seen = np.zeros(shape)
        seen[np.ix_(range(shape[0]), rows, columns)] = learned.history.counts
        expected = _like_mean(likes, own.grid, calendar, languages, needs)
        days = len(np.unique(own.grid.days[said.any(axis=(1, 2))]))
        return _OwnDays(seen * said, expected * said, said, days)

    def scale(self) -> tuple[float, float]:
        """The office's size against its likes', and the variance left in it.

        Normal updating of a factor around 1 with variance SCALE_VARIANCE by the ratio of each
        day counted, each with variance DAY_VARIANCE beyond its Poisson.
        """
        total = float(self.expected.sum())
        if total <= 0:
            return 1.0, SCALE_VARIANCE
        precision = 1 / (DAY_VARIANCE / self.days + 1 / total)
        prior = 1 / SCALE_VARIANCE
        ratio = float(self.seen.sum()) / total
        return (prior + precision * ratio) / (prior + precision), 1 / (prior + precision)


def _with_own_shares(mean: FloatArray, own: _OwnDays) -> FloatArray:
    """The likes' languages, moved towards those the office itself has counted."""
    whole = mean.sum(axis=0)
    prior = whole / max(float(whole.sum()), 1e-12)
    # Of a cell only those visitors tell who came while it was not emptied, scaled up to all.
    left = np.maximum(np.tensordot(own.said, prior, axes=2), 1e-12)
    told = np.tensordot(own.seen.sum(axis=(1, 2)) / left, own.said.astype(np.float64), axes=1)
    posterior = (own.seen.sum(axis=0) + LIKES_SHARE_ARRIVALS * prior) / (
        told + LIKES_SHARE_ARRIVALS
    )
    moved = mean * (posterior / np.maximum(prior, 1e-12))
    # What the likes never had has no shape of its own: it follows the total's.
    total = mean.sum(axis=(1, 2), keepdims=True)
    moved = np.where(prior > 0, moved, total * posterior)
    return np.asarray(moved * total / np.maximum(moved.sum(axis=(1, 2), keepdims=True), 1e-12))
