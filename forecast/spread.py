"""How wrong the forecast's rates have been: dispersions of the total and of each language.

Measured on the office's own past, with the recent level taken as it stood a week before each
day, so that what is measured is a forecast's error and not a fit's. Languages are pooled by
class of share: a rare language alone would say nothing about its own spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray, IntArray
from forecast.counts import SMALLEST_DISPERSION, dispersion
from forecast.daily import LEVEL_HALF_LIFE_DAYS, LEVEL_PRIOR_DAYS, DayFacts, DayModel
from forecast.grid import Grid
from forecast.profile import Profile
from forecast.shares import ShareModel

SHARE_CLASSES = (0.005, 0.02, 0.1)
"""Lower edges of the classes of share over which languages' dispersions are pooled."""
LEAD_DAYS = 7
TOTAL_WINDOW_DAYS = 182
LANGUAGE_WINDOW_DAYS = 56
UNKNOWN_DISPERSION = 0.05
"""Assumed where fewer than MEASURED_DAYS days can be measured."""
MEASURED_DAYS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Dispersion of the total's rate, and of each language's [languages]."""

    total: float
    languages: FloatArray


def fit_spread(
    grid: Grid,
    by_language: FloatArray,
    day_at: IntArray,
    facts: DayFacts,
    profile: Profile,
    days: DayModel,
    shares: ShareModel,
) -> Spread:
    """Measure the dispersions. by_language: [n, languages]; day_at: each slot's day [n]."""
    total = by_language.sum(axis=1)
    age = days.origin - facts.days
    measured = days.weight * (age <= TOTAL_WINDOW_DAYS)
    if np.count_nonzero(measured) < MEASURED_DAYS:
        return Spread(UNKNOWN_DISPERSION, np.full(by_language.shape[1], 2 * UNKNOWN_DISPERSION))
    profiled, fitted = profile.at(grid), days.fitted(facts)
    exposure = np.bincount(day_at, profiled) * fitted
    ratio = np.bincount(day_at, total) / np.maximum(exposure, 1e-9)
    expected = profiled * (fitted * _level_before(facts, ratio, days.weight))[day_at]
    office = dispersion(total, expected, measured[day_at]) * _honesty(days.leverage, measured)
    recent = (days.weight * (age <= LANGUAGE_WINDOW_DAYS))[day_at]
    return Spread(office, _language_spread(grid, by_language, expected, recent, shares, office))


def _honesty(leverage: FloatArray, measured: FloatArray) -> float:
    """What a fit's residuals must be multiplied by to be a forecast's errors.

    A fit is too near its own days by 1 − h, and as far from new ones as 1 + h (h: leverage).
    """
    mean = min(float(measured @ leverage) / max(float(measured.sum()), 1e-12), 0.5)
    return (1 + mean) / (1 - mean)


def _level_before(facts: DayFacts, ratio: FloatArray, weight: FloatArray) -> FloatArray:
    """The recent level known a week before each day, [days]."""
    days, prior = facts.days.tolist(), LEVEL_PRIOR_DAYS[0]
    level = np.ones(len(days))
    seen, trusted, known, at = 0.0, 0.0, 0, days[0] if days else 0
    for i, day in enumerate(days):
        fading = 0.5 ** ((day - at) / LEVEL_HALF_LIFE_DAYS[0])
        seen, trusted, at = seen * fading, trusted * fading, day
        while days[known] <= day - LEAD_DAYS:
            recency = weight[known] * 0.5 ** ((day - days[known]) / LEVEL_HALF_LIFE_DAYS[0])
            seen += recency * min(ratio[known], 3.0)
            trusted += recency
            known += 1
        level[i] = (seen + prior) / (trusted + prior)
    return level


def _language_spread(
    grid: Grid,
    by_language: FloatArray,
    expected: FloatArray,
    weight: FloatArray,
    shares: ShareModel,
    office: float,
) -> FloatArray:
    """Dispersion of each language, pooled by class of share and never below the office's."""
    told = weight > 0
    by_language, weight = by_language[told], weight[told]
    split = expected[told, None] * shares.at(grid, chosen=told)
    classes = np.digitize(shares.share, SHARE_CLASSES)
    spread = np.empty(len(shares.share))
    for each in np.unique(classes):
        members = classes == each
        trust = np.broadcast_to(weight[:, None], split[:, members].shape)
        seen = by_language[:, members]
        pooled = dispersion(seen.ravel(), split[:, members].ravel(), trust.ravel())
        spread[members] = max(pooled, office, SMALLEST_DISPERSION)
    return spread
