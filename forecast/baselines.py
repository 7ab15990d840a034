"""The two forecasts anybody could make, to be measured against: last week, and eight weeks.

The quantiles of both are negative binomial around their mean, with the dispersion that the same
rule showed over the last eight weeks, so that neither is beaten for want of a fair spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray, IntArray
from forecast.counts import dispersion, quantiles
from forecast.grid import Grid
from forecast.profile import weekday_of
from forecast.series import QUANTILES, ArrivalSeries

WEEKS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """mean: [n, series]; quantiles: [n, series, levels] at `QUANTILES`."""

    mean: FloatArray
    quantiles: FloatArray


def seasonal_naive(history: ArrivalSeries, grid: Grid, origin: int) -> Prediction:
    """What was counted in the same slot of the last same weekday before the origin (an ordinal).

    A slot unseen for eight weeks takes the eight-week mean.
    """
    counts = history.counts.sum(axis=2)
    weeks = (grid.days - origin) // 7 + 1
    found, seen = _look_back(history, grid, grid.days - 7 * weeks)
    mean = np.where(seen[:, None], found, _cell_means(history, counts, grid)[0])
    actual, before = week_on_week(history)
    return Prediction(mean, _spread_out(mean, actual, before))


def weekday_slot_mean(history: ArrivalSeries, grid: Grid) -> Prediction:
    """The mean of the last eight weeks by weekday and slot, over the days that are there."""
    counts = history.counts.sum(axis=2)
    mean, actual, left_out = _cell_means(history, counts, grid)
    return Prediction(mean, _spread_out(mean, actual, left_out))


def week_on_week(history: ArrivalSeries) -> tuple[FloatArray, FloatArray]:
    """Counts and those of a week before, each [pairs, series], over the whole history."""
    before, seen = _look_back(history, history.grid, history.grid.days - 7, tries=1)
    return history.counts.sum(axis=2)[seen], before[seen]


def _look_back(
    history: ArrivalSeries, grid: Grid, days: IntArray, tries: int = WEEKS
) -> tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The counts on `days` in the slots of `grid`, or whole weeks earlier; and which were found."""
    counts = history.counts.sum(axis=2)
    row_at = {
        key: i
        for i, key in enumerate(
            zip(history.grid.days.tolist(), history.grid.slots.tolist(), strict=True)
        )
    }
    found, seen = np.zeros((len(grid), counts.shape[1])), np.zeros(len(grid), dtype=np.bool_)
    for i, (day, slot) in enumerate(zip(days.tolist(), grid.slots.tolist(), strict=True)):
        for back in range(tries):
            row = row_at.get((day - 7 * back, slot))
            if row is not None:
                found[i], seen[i] = counts[row], True
                break
    return found, seen


def _cell_means(
    history: ArrivalSeries, counts: FloatArray, grid: Grid
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means at `grid`; the counts they are made of; and each of these's mean without itself."""
    size, series = grid.slots_a_day, counts.shape[1]
    recent = history.grid.days > history.grid.days.max() - 7 * WEEKS
    weekday, slot, counts = (
        weekday_of(history.grid.days)[recent],
        history.grid.slots[recent],
        counts[recent],
    )
    sums, seen = np.zeros((7, size, series)), np.zeros((7, size))
    np.add.at(sums, (weekday, slot), counts)
    np.add.at(seen, (weekday, slot), 1)
    slot_mean = sums.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)[:, None]
    means = np.where(seen[:, :, None] > 0, sums / np.maximum(seen, 1)[:, :, None], slot_mean)
    others = (seen[weekday, slot] - 1)[:, None]
    without = (sums[weekday, slot] - counts) / np.maximum(others, 1)
    left_out = np.where(others > 0, without, means[weekday, slot])
    return means[weekday_of(grid.days), grid.slots], counts, left_out


def _spread_out(mean: FloatArray, actual: FloatArray, expected: FloatArray) -> FloatArray:
    """Quantiles around `mean` with each series' dispersion of `actual` about `expected`."""
    spread = np.empty(mean.shape)
    for j in range(mean.shape[1]):
        spread[:, j] = dispersion(actual[:, j], expected[:, j], np.ones(len(actual)))
    return quantiles(mean, np.minimum(spread, 2.0), QUANTILES)
