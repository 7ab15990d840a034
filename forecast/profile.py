"""How a day's arrivals spread over its slots: a share for each weekday and slot.

A slow profile by weekday (half-life six months) is shrunk towards the profile of all days,
then tilted slot by slot by what the last weeks show (half-life five weeks). Both shrink as
gamma-Poisson posteriors: a prior worth so many arrivals, then what was counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, IntArray
from forecast.grid import Grid

SLOW_HALF_LIFE_DAYS = 180.0
FAST_HALF_LIFE_DAYS = 35.0
WEEKDAY_PRIOR_ARRIVALS = 3000.0
RECENT_PRIOR_ARRIVALS = 500.0


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """shape: [7, slots of the day], weekday Monday 0. The units cancel: see `exposure`."""

    shape: FloatArray

    def at(self, grid: Grid) -> FloatArray:
        return self.shape[weekday_of(grid.days), grid.slots]


def weekday_of(days: IntArray) -> IntArray:
    """Monday 0 … Sunday 6 of proleptic ordinals."""
    return (days + 6) % 7


def fit_profile(
    grid: Grid, total: FloatArray, day_at: IntArray, weight: FloatArray, age_days: FloatArray
) -> Profile:
    """Fit the shape of a day.

    total: arrivals per slot [n]. day_at: index of each slot's day [n]. weight and age_days:
    trust and age of each day [days].
    """
    weekday = weekday_of(grid.days)
    size = grid.slots_a_day
    seen = np.maximum(np.bincount(grid.slots, minlength=size), 1)
    rough = np.bincount(grid.slots, total, size) / seen
    rough /= max(rough.sum(), 1e-12)
    # A day's level is measured over the slots it was open, so that short days are not low.
    open_share = np.maximum(np.bincount(day_at, rough[grid.slots]), 1e-12)
    level = (np.bincount(day_at, total) / open_share)[day_at]

    def counted(half_life: float) -> tuple[FloatArray, FloatArray]:
        trust = (weight * 0.5 ** (age_days / half_life))[day_at]
        cell = weekday * size + grid.slots
        arrivals: FloatArray = np.bincount(cell, trust * total, 7 * size).astype(np.float64)
        exposure: FloatArray = np.bincount(cell, trust * level, 7 * size).astype(np.float64)
        return arrivals.reshape(7, size), exposure.reshape(7, size)

    arrivals, exposure = counted(SLOW_HALF_LIFE_DAYS)
    overall = arrivals.sum(0) / np.maximum(exposure.sum(0), 1e-12)
    prior = WEEKDAY_PRIOR_ARRIVALS
    slow = (arrivals + prior * overall) / (exposure + prior)

    arrivals, exposure = counted(FAST_HALF_LIFE_DAYS)
    expected = (slow * exposure).sum(0)
    prior_at = RECENT_PRIOR_ARRIVALS * overall
    tilt = (arrivals.sum(0) + prior_at) / np.maximum(expected + prior_at, 1e-12)
    tilt[overall <= 0] = 1.0
    return Profile(_filled(slow * tilt, np.bincount(grid.slots, minlength=size) > 0))


def _filled(shape: FloatArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    """Slots never open before take the shape of the nearest that was (hours were extended)."""
    known = np.flatnonzero(seen)
    if not len(known):
        return shape
    nearest = known[np.abs(np.arange(len(seen))[:, None] - known[None, :]).argmin(axis=1)]
    return shape[:, nearest]
