"""Which language, which need: shares of an office's total, shrunk where few are counted.

A rare language is never forecast alone. It has a share of a well-forecast total: a slow share
(half-life four months) corrected by the last weeks as far as their count allows, tilted by
two-hour band and by weekday. Every correction is a gamma-Poisson posterior: with a prior of
strength a, n counted where e were expected gives the factor (n + a) / (e + a).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.arrays import BoolArray, FloatArray, IntArray
from forecast.calendar import MINUTES_A_DAY
from forecast.grid import Grid
from forecast.grouping import sum_by
from forecast.profile import weekday_of

SLOW_HALF_LIFE_DAYS = 120.0
FAST_HALF_LIFE_DAYS = 21.0
DRIFT_PRIOR_ARRIVALS = 20.0
"""Strength of the slow share against the last weeks: shares drift by about a fifth."""
TILT_HALF_LIFE_DAYS = 180.0
NEAR_DAYS = 24
"""A weekday's tilt is against the share of the seven weeks around."""
BAND_MINUTES = 120
TILT_PRIOR_RANGE = (10.0, 1000.0)
NEED_HALF_LIFE_DAYS = 120.0
NEED_PRIOR_ARRIVALS = 30.0
KEPT_DAY_PRIOR_ARRIVALS = 20.0

UNSEEN_SHARE_ARRIVALS = 0.5
"""A language of the list that never came is given half an arrival, so that it is not ruled out."""


@dataclass(frozen=True, slots=True, eq=False)
class ShareModel:
    """share: [languages], sums to 1. band: [languages, bands of the day]. weekday: [languages, 7].
    needs: [languages, needs], each row sums to 1. kept_day: [languages], factor on the days a
    community keeps as its own."""

    share: FloatArray
    band: FloatArray
    weekday: FloatArray
    needs: FloatArray
    kept_day: FloatArray

    def at(
        self, grid: Grid, kept: FloatArray | None = None, chosen: BoolArray | None = None
    ) -> FloatArray:
        """Shares of each slot, [n, languages]; every row sums to 1.

        kept: as for `fit_shares`. chosen: the slots asked about, a mask of the grid's; None for
        all.
        """
        slots, days = (
            (grid.slots, grid.days) if chosen is None else (grid.slots[chosen], grid.days[chosen])
        )
        bands = slots * grid.slot_minutes // BAND_MINUTES
        tilted = self.share * self.band[:, bands].T * self.weekday[:, weekday_of(days)].T
        if kept is not None:
            tilted = tilted * np.where(kept > 0, self.kept_day, 1.0)
        return np.asarray(tilted / tilted.sum(axis=1, keepdims=True))


def fit_shares(
    grid: Grid,
    daily_needs: FloatArray,
    by_language: FloatArray,
    day_at: IntArray,
    weight: FloatArray,
    age_days: FloatArray,
    kept: FloatArray | None = None,
) -> ShareModel:
    """Fit the shares.

    daily_needs: arrivals of each day, [days, languages, needs]; by_language: of each slot,
    [n, languages]. day_at: index of each slot's day [n]. weight, age_days: trust and age of each
    day [days]. kept: [n, languages], 1 where the community keeps the day.
    """
    daily = np.asarray(daily_needs.sum(axis=2))
    share = _recent_share(daily, weight, age_days)
    band = _band_tilt(grid, by_language, daily, day_at, weight, age_days)
    weekday = _weekday_tilt(grid, daily, day_at, weight, age_days)
    needs = _need_shares(daily_needs, weight * 0.5 ** (age_days / NEED_HALF_LIFE_DAYS))
    return ShareModel(share, band, weekday, needs, _kept_day_factor(by_language, share, kept))


def _recent_share(daily: FloatArray, weight: FloatArray, age_days: FloatArray) -> FloatArray:
    """Share of each language now, from daily counts [days, languages]."""
    slow = weight * 0.5 ** (age_days / SLOW_HALF_LIFE_DAYS)
    # Where no day is trusted every language has the same share, rather than none at all.
    counted = slow @ daily + UNSEEN_SHARE_ARRIVALS * (float(slow.max(initial=0.0)) or 1.0)
    share = counted / max(float(counted.sum()), 1e-12)
    fast = weight * 0.5 ** (age_days / FAST_HALF_LIFE_DAYS)
    seen = fast @ daily
    # Weights below one thin the counts; seen and expected are thinned alike, so the posterior
    # is a little more cautious than the counts alone would make it.
    factor = (seen + DRIFT_PRIOR_ARRIVALS) / (seen.sum() * share + DRIFT_PRIOR_ARRIVALS)
    share = share * factor
    return np.asarray(share / share.sum())


def _band_tilt(
    grid: Grid,
    by_language: FloatArray,
    daily: FloatArray,
    day_at: IntArray,
    weight: FloatArray,
    age_days: FloatArray,
) -> FloatArray:
    """How much more of a language comes in a two-hour band than its share of the day says."""
    bands = grid.slots * grid.slot_minutes // BAND_MINUTES
    trust = weight * 0.5 ** (age_days / TILT_HALF_LIFE_DAYS)
    count = MINUTES_A_DAY // BAND_MINUTES
    seen = sum_by(bands, trust[day_at][:, None] * by_language, count)
    # A language is expected in a band by the part of the day's visitors that came in it.
    cell = bands * len(weight) + day_at
    total = by_language @ np.ones(by_language.shape[1])
    came = np.bincount(cell, total, count * len(weight)).reshape(count, -1)
    part = came * (trust / np.maximum(daily.sum(axis=1), 1e-12))
    return _shrunk(seen.T, (part @ daily).T)


def _weekday_tilt(
    grid: Grid, daily: FloatArray, day_at: IntArray, weight: FloatArray, age_days: FloatArray
) -> FloatArray:
    """How much more of a language comes on a weekday than its share of the total says."""
    day_of = np.zeros(len(weight), dtype=np.int64)
    day_of[day_at] = grid.days
    weekday = weekday_of(day_of)
    trust = weight * 0.5 ** (age_days / TILT_HALF_LIFE_DAYS)
    # Against the share of the weeks around, lest a growing language look like a weekday's.
    first = np.searchsorted(day_of, day_of - NEAR_DAYS, side="left")
    last = np.searchsorted(day_of, day_of + NEAR_DAYS, side="right")
    sums = np.concatenate([np.zeros((1, daily.shape[1])), np.cumsum(weight[:, None] * daily, 0)])
    near = sums[last] - sums[first]
    local = near / np.maximum(near.sum(axis=1, keepdims=True), 1e-12)
    seen = sum_by(weekday, trust[:, None] * daily, 7)
    expected = sum_by(weekday, trust[:, None] * daily.sum(axis=1)[:, None] * local, 7)
    return _shrunk(seen.T, expected.T)


def _shrunk(seen: FloatArray, expected: FloatArray) -> FloatArray:
    """Gamma-Poisson factors; the prior's strength is the inverse variance found among them all."""
    excess = float(np.sum((seen - expected) ** 2 - expected))
    scale = float(np.sum(expected**2))
    strength = scale / excess if excess > 0 else np.inf
    strength = float(np.clip(strength, *TILT_PRIOR_RANGE))
    return (seen + strength) / (expected + strength)


def _need_shares(daily: FloatArray, trust: FloatArray) -> FloatArray:
    """Share of each need within each language, shrunk towards the office's.

    daily: [days, languages, needs]; trust: [days].
    """
    seen = np.tensordot(trust, daily, axes=1)
    office = seen.sum(axis=0)
    needs = len(office)
    office = office / office.sum() if office.sum() > 0 else np.full(needs, 1 / needs)
    posterior = seen + NEED_PRIOR_ARRIVALS * office
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))


def _kept_day_factor(
    by_language: FloatArray, share: FloatArray, kept: FloatArray | None
) -> FloatArray:
    """What is left of a language on the days its community keeps, [languages], pooled first."""
    if kept is None or not kept.any():
        return np.ones(len(share))
    slots = kept.any(axis=1)
    by_language, kept = by_language[slots], kept[slots]
    seen = (by_language * kept).sum(axis=0)
    expected = (by_language.sum(axis=1, keepdims=True) * share * kept).sum(axis=0)
    prior = KEPT_DAY_PRIOR_ARRIVALS
    pooled = (seen.sum() + prior) / (expected.sum() + prior)
    return np.asarray((seen + prior * pooled) / (expected + prior))
