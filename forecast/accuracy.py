"""Forecast against what came: errors and coverage by language, and the weeks to distrust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import stats

from forecast.office import OfficeForecast
from forecast.series import ArrivalSeries, FloatArray

COVERED_LEVELS = (0.8, 0.9)
FAR_TAIL = 0.01
"""A week's total is far off beyond the 0.5 and 99.5 % points of what was forecast for it."""
LEVEL_SHARE = 0.5
"""Part of a slot's dispersion taken to be common to the whole week: the level, not the slot."""


class Doubt(StrEnum):
    """Why a week is not to be trusted."""

    UNLOGGED_DAYS = "unlogged_days"
    """The office was open on days of which nothing was logged."""
    FAR_ABOVE = "far_above"
    FAR_BELOW = "far_below"
    SET_ASIDE = "set_aside"
    """The forecast itself gave days of it no weight, being unlike their neighbours."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Errors over the compared slots: of a language, or of all together (language None).

    wape: absolute error of the slots' means per arrival. bias: forecast over actual, less 1.
    covered: share of slots at or below the quantiles of COVERED_LEVELS. nan where nothing came.
    """

    language: str | None
    slots: int
    forecast: float
    actual: float
    wape: float
    bias: float
    covered: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """A week against its forecast. low, high: the band its total was to lie in (99 %)."""

    monday: date
    forecast: float
    actual: float
    low: float
    high: float
    doubts: tuple[Doubt, ...]
    days: tuple[date, ...]
    """The days unlogged or set aside."""


@dataclass(frozen=True, slots=True)
class AccuracyReport:
    """office's total first, then each language; then week by week."""

    total: Accuracy
    by_language: tuple[Accuracy, ...]
    weeks: tuple[Week, ...]

    @property
    def distrusted(self) -> tuple[Week, ...]:
        return tuple(week for week in self.weeks if week.doubts)


def compare(forecast: OfficeForecast, actual: ArrivalSeries, *, until: datetime) -> AccuracyReport:
    """Compare a forecast with what was logged in its slots that ended by `until` (aware).

    Days on which the office was open but nothing was logged are left out of the errors and
    named in their weeks.
    """
    length = timedelta(minutes=forecast.grid.slot_minutes)
    past = np.array([start + length <= until for start in forecast.starts], dtype=np.bool_)
    logged = np.isin(forecast.grid.days, actual.grid.days)
    came = _actual_at(forecast, actual)
    chosen = past & logged
    mean, by_language = forecast.language_mean, forecast.language_quantiles(COVERED_LEVELS)
    total_quantiles = forecast.total_quantiles(COVERED_LEVELS)
    return AccuracyReport(
        _accuracy(
            None, forecast.total_mean[chosen], came.sum(axis=1)[chosen], total_quantiles[chosen]
        ),
        tuple(
            _accuracy(language, mean[chosen, j], came[chosen, j], by_language[chosen, j])
            for j, language in enumerate(forecast.languages)
        ),
        _weeks(forecast, came.sum(axis=1), past, logged),
    )


def distrusted_history(
    days: Sequence[date], set_aside: Sequence[date], unlogged: Sequence[date] = ()
) -> tuple[tuple[date, tuple[Doubt, ...]], ...]:
    """Weeks (their Mondays) of a history that hold days set aside or unlogged.

    days: the history's. set_aside: `OfficeForecast.set_aside`.
    """
    mondays = sorted({_monday(day) for day in [*days, *unlogged]})
    aside = {_monday(day) for day in set_aside}
    missing = {_monday(day) for day in unlogged}
    doubts = [
        (
            monday,
            (
                *((Doubt.UNLOGGED_DAYS,) if monday in missing else ()),
                *((Doubt.SET_ASIDE,) if monday in aside else ()),
            ),
        )
        for monday in mondays
    ]
    return tuple((monday, found) for monday, found in doubts if found)


def _actual_at(forecast: OfficeForecast, actual: ArrivalSeries) -> FloatArray:
    """Logged counts in the forecast's slots, [n, languages]; unforecast languages are left out."""
    row_at = {start: i for i, start in enumerate(forecast.starts)}
    column_at = {language: j for j, language in enumerate(forecast.languages)}
    came = np.zeros((len(forecast.starts), len(forecast.languages)))
    counts = actual.counts.sum(axis=2)
    columns = [(j, column_at[name]) for j, name in enumerate(actual.languages) if name in column_at]
    for i, start in enumerate(actual.grid.starts):
        row = row_at.get(start)
        if row is not None:
            for source, target in columns:
                came[row, target] += counts[i, source]
    return came


def _accuracy(
    language: str | None, mean: FloatArray, came: FloatArray, levels: FloatArray
) -> Accuracy:
    forecast, actual = float(mean.sum()), float(came.sum())
    nan = float("nan")
    return Accuracy(
        language,
        len(mean),
        forecast,
        actual,
        float(np.abs(came - mean).sum()) / actual if actual else nan,
        forecast / actual - 1 if actual else nan,
        tuple(float(np.mean(came <= levels[:, k])) if len(came) else nan for k in range(2)),
    )


def _weeks(
    forecast: OfficeForecast,
    came: FloatArray,
    past: npt.NDArray[np.bool_],
    logged: npt.NDArray[np.bool_],
) -> tuple[Week, ...]:
    mondays = forecast.grid.days - (forecast.grid.days + 6) % 7
    weeks = []
    for monday in np.unique(mondays[past]):
        inside = past & (mondays == monday)
        compared = inside & logged
        expected, seen = float(forecast.total_mean[compared].sum()), float(came[compared].sum())
        low, high = _band(expected, float(forecast.total_spread[inside].mean()))
        unlogged = {date.fromordinal(int(day)) for day in forecast.grid.days[inside & ~logged]}
        aside = {day for day in forecast.set_aside if _monday(day).toordinal() == monday}
        found = [
            (Doubt.UNLOGGED_DAYS, bool(unlogged)),
            (Doubt.FAR_ABOVE, compared.any() and seen > high),
            (Doubt.FAR_BELOW, compared.any() and seen < low),
            (Doubt.SET_ASIDE, bool(aside)),
        ]
        weeks.append(
            Week(
                date.fromordinal(int(monday)),
                expected,
                seen,
                low,
                high,
                tuple(doubt for doubt, holds in found if holds),
                tuple(sorted(unlogged | aside)),
            )
        )
    return tuple(weeks)


def _band(expected: float, spread: float) -> tuple[float, float]:
    """Where a week's total was to lie: a gamma, of Poisson noise and the level's part of spread."""
    if expected <= 0:
        return 0.0, 0.0
    variance = expected + LEVEL_SHARE * spread * expected**2
    shape, scale = expected**2 / variance, variance / expected
    low, high = (
        float(stats.gamma.ppf(tail, shape, scale=scale))
        for tail in (FAR_TAIL / 2, 1 - FAR_TAIL / 2)
    )
    return low, high


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
