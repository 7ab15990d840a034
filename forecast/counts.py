"""Counts whose rate is itself uncertain: the negative binomial as a gamma mixture of Poissons.

A count with mean m and dispersion d has variance m + d·m²: d is the squared coefficient of
variation of its rate. d = 0 is the Poisson.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast.arrays import FloatArray

SMALLEST_DISPERSION = 1e-6
WALKED_MEAN = 2_000.0
"""Larger means are inverted by the library: walking up to them takes too long."""


def dispersion(actual: FloatArray, expected: FloatArray, weight: FloatArray) -> float:
    """Moment estimate of d from counts and their expectations, each [n], weighted."""
    excess = float(np.sum(weight * ((actual - expected) ** 2 - expected)))
    scale = float(np.sum(weight * expected**2))
    if scale <= 0:
        return SMALLEST_DISPERSION
    return max(SMALLEST_DISPERSION, excess / scale)


def quantiles(
    mean: FloatArray, spread: FloatArray, levels: Sequence[float], *, whole: bool = True
) -> FloatArray:
    """Quantiles of negative binomial counts: [*mean.shape, levels].

    mean ≥ 0 and spread (the dispersion) have the same shape. The quantile at p is the least
    whole number k with P(count ≤ k) ≥ p; such a quantile covers more than p, and by much where
    counts are small. With `whole` false the steps of the distribution are joined through their
    middles (P at k + ½ is P(count ≤ k)), never below 0: over many slots that covers p.

    """
    flat = np.maximum(mean.ravel(), 0.0)
    size = 1.0 / np.maximum(spread.ravel(), SMALLEST_DISPERSION)
    found = np.empty((len(flat), len(levels)))
    large = flat > WALKED_MEAN
    found[~large] = _walked(flat[~large], size[~large], levels, whole)
    if large.any():
        found[large] = _inverted(flat[large], size[large], levels, whole)
    return found.reshape((*mean.shape, len(levels)))


def _inverted(
    mean: FloatArray, size: FloatArray, levels: Sequence[float], whole: bool
) -> FloatArray:
    """Quantiles by the library's inverse, [n, levels]."""
    from scipy import stats  # late: it takes a second to import, and few counts are so large

    counted = stats.nbinom(size[:, None], (size / (size + mean))[:, None])
    found = np.asarray(counted.ppf(np.asarray(levels)[None, :]))
    if whole:
        return found
    part = (np.asarray(levels)[None, :] - counted.cdf(found - 1)) / counted.pmf(found)
    return np.asarray(np.maximum(found - 0.5 + np.clip(part, 0.0, 1.0), 0.0))


def _walked(flat: FloatArray, size: FloatArray, levels: Sequence[float], whole: bool) -> FloatArray:
    """The distribution walked upward from 0 for all cells at once, in logarithms, [n, levels].

    That is exact, and quicker than an inverse for small means.
    """
    found = np.zeros((len(flat), len(levels)))
    log_odds = np.log(np.maximum(flat, 1e-300)) - np.log(size + flat)
    log_mass = -size * np.log1p(flat / size)
    below = np.exp(log_mass)
    # How far into its step each quantile lies: first in probability, then as a share of it.
    part = np.tile(np.asarray(levels, dtype=np.float64), (len(flat), 1))
    step = np.tile(below[:, None], (1, len(levels)))
    top = max(levels)
    alive = np.flatnonzero(below < top)
    k = 0
    while len(alive):
        for j, level in enumerate(levels):
            short = alive[below[alive] < level]
            found[short, j] = k + 1
            part[short, j] = level - below[short]
        log_mass[alive] += log_odds[alive] + np.log((size[alive] + k) / (k + 1))
        mass = np.exp(log_mass[alive])
        for j, level in enumerate(levels):
            reached = below[alive] < level
            step[alive[reached], j] = mass[reached]
        below[alive] += mass
        k += 1
        # Past the far tail only rounding keeps the sum below the level.
        alive = alive[(below[alive] < top) & (k < 40 + flat[alive] * 12)]
    if not whole:
        found = np.maximum(found - 0.5 + np.minimum(part / np.maximum(step, 1e-300), 1.0), 0.0)
    return found
