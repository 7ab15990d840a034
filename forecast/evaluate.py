"""How good is the forecast? Rolling origins over a record, beside the two plain forecasts.

Every origin is a midnight; only what lies before it may be used; the last is one horizon before
the end and each a horizon apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from forecast.arrays import FloatArray
from forecast.baselines import Prediction, seasonal_naive, week_on_week, weekday_slot_mean
from forecast.faults import Fault, refuse
from forecast.grid import Grid
from forecast.office import fit_office, forecast_from
from forecast.series import QUANTILES, ArrivalSeries

LEAST_HISTORY_DAYS = 28
LEAST_LOGGED_DAYS = 14
"""Of them, days of which something was counted."""
METHODS = ("seasonal naive", "weekday-slot mean, 8 weeks", "escala")
SHARE_BANDS = (
    (0.1, "10 % and more"),
    (0.02, "2 to 10 %"),
    (0.005, "0.5 to 2 %"),
    (0.0, "under 0.5 %"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """One origin's horizon: its slots, what was counted [n, series], each method's prediction.

    totals: the prediction of the sum over the series, [n, 1].
    """

    origin: date
    grid: Grid
    actual: FloatArray
    predictions: dict[str, Prediction]
    totals: dict[str, Prediction]
    seconds: float
    scale: FloatArray
    """Mean absolute change week on week before the origin, per series: the unit of MASE."""


@dataclass(frozen=True, slots=True)
class Score:
    """wape, mase; pinball and coverage at each of `QUANTILES`."""

    wape: float
    mase: float
    pinball: tuple[float, ...]
    coverage: tuple[float, ...]


def rolling_windows(record: ArrivalSeries, horizon_days: int, origins: int) -> list[Window]:
    """Forecast at each origin. Raises BadInput if the record is too short for them."""
    first, end = int(record.grid.days.min()), int(record.grid.days.max()) + 1
    needed = horizon_days * origins + LEAST_HISTORY_DAYS
    if end - first < needed:
        expected = f"{needed} days: {origins} × {horizon_days} and {LEAST_HISTORY_DAYS} before"
        refuse([Fault(record.office, "days", end - first, expected)])
    known = np.unique(record.grid.days[record.grid.days < end - horizon_days * origins])
    if len(known) < LEAST_LOGGED_DAYS:
        field = f"days before {date.fromordinal(end - horizon_days * origins)}"
        expected = f"at least {LEAST_LOGGED_DAYS} in the file"
        refuse([Fault(record.office, field, len(known), expected)])
    starts = [end - horizon_days * k for k in range(origins, 0, -1)]
    windows = [_window(record, start, horizon_days) for start in starts]
    return [window for window in windows if len(window.grid)]


def _window(record: ArrivalSeries, origin: int, horizon_days: int) -> Window:
    day = date.fromordinal(origin)
    history = record.before(day)
    inside = (record.grid.days >= origin) & (record.grid.days < origin + horizon_days)
    grid, actual = record.grid.take(inside), record.counts[inside].sum(axis=2)
    summed = ArrivalSeries(
        history.office, history.grid, ("",), ("",), history.counts.sum(axis=(1, 2))[:, None, None]
    )
    predictions: dict[str, Prediction] = {}
    totals: dict[str, Prediction] = {}
    if len(grid):
        for series, into in ((history, predictions), (summed, totals)):
            into["seasonal naive"] = seasonal_naive(series, grid, origin)
            into["weekday-slot mean, 8 weeks"] = weekday_slot_mean(series, grid)
    began = time.perf_counter()
    if len(grid):
        model = fit_office(history, None, day)
        forecast = forecast_from(model, record.office, grid, None)
        by_series = forecast.language_quantiles()
        total = Prediction(forecast.total_mean[:, None], forecast.total_quantiles()[:, None, :])
        alone = len(record.languages) == 1
        predictions["escala"] = total if alone else Prediction(forecast.language_mean, by_series)
        totals["escala"] = total
    seconds = time.perf_counter() - began
    now, before = week_on_week(history)
    scale = np.abs(now - before).mean(axis=0) if len(now) else np.zeros(actual.shape[1])
    return Window(day, grid, actual, predictions, totals, seconds, scale)


def score(windows: Sequence[Window], method: str, series: Sequence[int]) -> Score:
    """The scores of a method over all windows, for the series at these positions."""
    chosen = list(series)
    return _score(
        windows,
        lambda window: window.actual[:, chosen],
        lambda window: Prediction(
            window.predictions[method].mean[:, chosen],
            window.predictions[method].quantiles[:, chosen],
        ),
        lambda window: window.scale[chosen],
    )


def score_total(windows: Sequence[Window], method: str) -> Score:
    """The scores of a method on the sum of the series. MASE has no scale here: it is nan."""
    return _score(
        windows,
        lambda window: window.actual.sum(axis=1, keepdims=True),
        lambda window: window.totals[method],
        lambda window: np.zeros(1),
    )


def _score(
    windows: Sequence[Window],
    actual_of: Callable[[Window], FloatArray],
    predicted_of: Callable[[Window], Prediction],
    scale_of: Callable[[Window], FloatArray],
) -> Score:
    actual = np.concatenate([actual_of(window) for window in windows])
    mean = np.concatenate([predicted_of(window).mean for window in windows])
    levels = np.concatenate([predicted_of(window).quantiles for window in windows])
    error = np.abs(actual - mean)
    return Score(
        float(error.sum() / max(actual.sum(), 1.0)),
        _mase(windows, actual_of, predicted_of, scale_of),
        tuple(pinball(actual, levels[..., j], level) for j, level in enumerate(QUANTILES)),
        tuple(float(np.mean(actual <= levels[..., j])) for j in range(len(QUANTILES))),
    )


def _mase(
    windows: Sequence[Window],
    actual_of: Callable[[Window], FloatArray],
    predicted_of: Callable[[Window], Prediction],
    scale_of: Callable[[Window], FloatArray],
) -> float:
    """Mean over series and windows of the error in units of the change week on week."""
    scaled = []
    for window in windows:
        error = np.abs(actual_of(window) - predicted_of(window).mean).mean(axis=0)
        scale = scale_of(window)
        scaled += [e / s for e, s in zip(error, scale, strict=True) if s > 0]
    return float(np.mean(scaled)) if scaled else float("nan")


def pinball(actual: FloatArray, quantile: FloatArray, level: float) -> float:
    """Mean pinball loss: `level` per unit below the actual, 1 − `level` per unit above."""
    gap = actual - quantile
    return float(np.mean(np.where(gap >= 0, level * gap, (level - 1) * gap)))


def share_bands(record: ArrivalSeries) -> list[tuple[str, list[int]]]:
    """The series by class of share of the whole, for a record of several."""
    share = record.counts.sum(axis=(0, 2))
    share = share / max(float(share.sum()), 1.0)
    bands, above = [], np.inf
    for edge, name in SHARE_BANDS:
        members = [j for j, s in enumerate(share) if edge <= s < above]
        if members:
            bands.append((name, members))
        above = edge
    return bands


def dump_rows(record: ArrivalSeries, windows: Sequence[Window]) -> list[list[str]]:
    """`origin,start,series,mean,q50,q80,q90,q95`, one row a slot and series."""
    rows = []
    for window in windows:
        prediction = window.predictions["escala"]
        for i, start in enumerate(window.grid.starts):
            for j, series in enumerate(record.languages):
                rows.append(
                    [
                        f"{window.origin} 00:00",
                        _wall(start),
                        series,
                        f"{prediction.mean[i, j]:.4f}",
                        *(f"{value:g}" for value in prediction.quantiles[i, j]),
                    ]
                )
    return rows


def _wall(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
