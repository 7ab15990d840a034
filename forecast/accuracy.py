"""Forecast against what came: errors and coverage by language, and the weeks to distrust."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from scipy import special

from forecast.arrays import FloatArray, IntArray
from forecast.faults import Fault, refuse
from forecast.office import OfficeForecast, SlotForecast
from forecast.series import QUANTILES, ArrivalSeries

COVERED_LEVELS = (0.8, 0.9)
FAR_TAIL = 0.01
"""A week's total is far off beyond the 0.5 and 99.5 % points of what was forecast for it."""
OUTSIDE_SHARE = 0.02
"""Part of a week's visitors outside the slots it was foreseen for, beyond which it is doubted."""
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

    CAME_WHILE_SHUT = "came_while_shut"
    """Many were counted at times for which nothing was foreseen; they are in no figure."""


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
    outside: float
    """Visitors counted outside the slots it was foreseen for; no other figure has them."""


@dataclass(frozen=True, slots=True)
class AccuracyReport:
    """office's total first, then each language; then week by week."""

    total: Accuracy
    by_language: tuple[Accuracy, ...]
    weeks: tuple[Week, ...]

    @property
    def distrusted(self) -> tuple[Week, ...]:
        return tuple(week for week in self.weeks if week.doubts)


@dataclass(frozen=True, slots=True, eq=False)
class _Foreseen:
    """What was forecast. days, total_mean, spread: [n]; mean: [n, languages]; quantiles at
    COVERED_LEVELS: by_language [n, languages, 2], total [n, 2]."""

    starts: tuple[datetime, ...]
    days: IntArray
    slot_minutes: int
    languages: tuple[str, ...]
    mean: FloatArray
    by_language: FloatArray
    total_mean: FloatArray
    total: FloatArray
    spread: float
    set_aside: tuple[date, ...]


def compare(forecast: OfficeForecast, actual: ArrivalSeries, *, until: datetime) -> AccuracyReport:
    """Compare a forecast with what was logged in its slots that ended by `until` (aware).

    Days on which the office was open but nothing was logged are left out of the errors and
    named in their weeks.
    """
    foreseen = _Foreseen(
        forecast.starts,
        forecast.grid.days,
        forecast.grid.slot_minutes,
        forecast.languages,
        forecast.language_mean,
        forecast.language_quantiles(COVERED_LEVELS),
        forecast.total_mean,
        forecast.total_quantiles(COVERED_LEVELS),
        float(forecast.total_spread.mean()) if len(forecast.total_spread) else 0.0,
        forecast.set_aside,
    )
    return _report(foreseen, actual, until)


def compare_slots(
    slots: Iterable[SlotForecast],
    actual: ArrivalSeries,
    zone: ZoneInfo,
    *,
    until: datetime,
    set_aside: Sequence[date] = (),
) -> AccuracyReport:
    """Compare a forecast that was kept as rows (`OfficeForecast.rows`) with what was logged.

    The rows may be of several forecasts, one for each week, as long as none of a slot and
    language is there twice. Raises BadInput naming those that are, and slots without a total.
    """
    slots = list(slots)
    refuse(_slot_faults(slots))
    starts = tuple(sorted({slot.start for slot in slots}))
    languages = tuple(dict.fromkeys(slot.language for slot in slots if slot.language is not None))
    row_at = {start: i for i, start in enumerate(starts)}
    column_at = {language: j for j, language in enumerate(languages)}
    n, levels_kept = len(starts), len(COVERED_LEVELS)
    mean, by_language = np.zeros((n, len(languages))), np.zeros((n, len(languages), levels_kept))
    total_mean, total, upper = np.zeros(n), np.zeros((n, levels_kept)), np.zeros(n)
    at = [QUANTILES.index(level) for level in COVERED_LEVELS]
    for slot in slots:
        i, levels = row_at[slot.start], [slot.quantiles[k] for k in at]
        if slot.language is None:
            total_mean[i], total[i], upper[i] = slot.mean, levels, slot.quantiles[-1]
        else:
            j = column_at[slot.language]
            mean[i, j], by_language[i, j] = slot.mean, levels
    foreseen = _Foreseen(
        starts,
        np.array([start.astimezone(zone).toordinal() for start in starts], dtype=np.int64),
        actual.grid.slot_minutes,
        languages,
        mean,
        by_language,
        total_mean,
        total,
        _spread_of(total_mean, upper),
        tuple(set_aside),
    )
    return _report(foreseen, actual, until)


def _slot_faults(slots: Sequence[SlotForecast]) -> list[Fault]:
    seen = Counter((slot.start, slot.language) for slot in slots)
    faults = [
        Fault(f"forecast of {language or 'all'}", "start", start.isoformat(), "one row a slot")
        for (start, language), times in seen.items()
        if times > 1
    ]
    faults += [
        Fault("forecast of all", "start", start.isoformat(), "a row of the slot's total")
        for start in sorted({start for start, _ in seen})
        if (start, None) not in seen
    ]
    return faults


def _spread_of(mean: FloatArray, upper: FloatArray) -> float:
    """The dispersion that the distances from the means to the 0.95 quantiles speak of."""
    if mean.sum() <= 0:
        return 0.0
    deviation = np.maximum(upper - mean, 0.0) / float(special.ndtri(0.95))
    return max(float(np.sum(deviation**2 - mean)) / float(np.sum(mean**2)), 0.0)


def _report(foreseen: _Foreseen, actual: ArrivalSeries, until: datetime) -> AccuracyReport:
    length = timedelta(minutes=foreseen.slot_minutes)
    past = np.array([start + length <= until for start in foreseen.starts], dtype=np.bool_)
    logged = np.isin(foreseen.days, actual.grid.days)
    came = _actual_at(foreseen, actual)
    total = came.sum(axis=1)
    chosen = past & logged
    return AccuracyReport(
        _accuracy(None, foreseen.total_mean[chosen], total[chosen], foreseen.total[chosen]),
        tuple(
            _accuracy(
                language,
                foreseen.mean[chosen, j],
                came[chosen, j],
                foreseen.by_language[chosen, j],
            )
            for j, language in enumerate(foreseen.languages)
        ),
        _weeks(foreseen, total, past, logged, _outside(foreseen, actual, until)),
    )


def _actual_at(forecast: _Foreseen, actual: ArrivalSeries) -> FloatArray:
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


def _outside(forecast: _Foreseen, actual: ArrivalSeries, until: datetime) -> dict[int, float]:
    """Visitors logged by `until` outside the forecast's slots, by their week's Monday."""
    foreseen, counts = set(forecast.starts), actual.counts.sum(axis=(1, 2))
    length = timedelta(minutes=forecast.slot_minutes)
    found: defaultdict[int, float] = defaultdict(float)
    for start, day, count in zip(actual.grid.starts, actual.grid.days, counts, strict=True):
        if start not in foreseen and start + length <= until:
            found[int(day - (day + 6) % 7)] += float(count)
    return found


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
    forecast: _Foreseen,
    came: FloatArray,
    past: npt.NDArray[np.bool_],
    logged: npt.NDArray[np.bool_],
    outside: Mapping[int, float],
) -> tuple[Week, ...]:
    mondays = forecast.days - (forecast.days + 6) % 7
    weeks = []
    for monday in np.unique(mondays[past]):
        inside = past & (mondays == monday)
        compared = inside & logged
        expected, seen = float(forecast.total_mean[compared].sum()), float(came[compared].sum())
        shut_out = outside.get(int(monday), 0.0)
        low, high = _band(expected, forecast.spread)
        unlogged = {date.fromordinal(int(day)) for day in forecast.days[inside & ~logged]}
        aside = {day for day in forecast.set_aside if _monday(day).toordinal() == monday}
        found = [
            (Doubt.UNLOGGED_DAYS, bool(unlogged)),
            (Doubt.FAR_ABOVE, compared.any() and seen > high),
            (Doubt.FAR_BELOW, compared.any() and seen < low),
            (Doubt.SET_ASIDE, bool(aside)),
            (Doubt.CAME_WHILE_SHUT, shut_out > OUTSIDE_SHARE * (seen + shut_out)),
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
                shut_out,
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
        scale * float(special.gammaincinv(shape, tail)) for tail in (FAR_TAIL / 2, 1 - FAR_TAIL / 2)
    )
    return low, high


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
