"""Ridge-penalised Poisson regressions by iteratively reweighted least squares, many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray, IntArray

STEPS_MOST = 30
SMALLEST_STEP = 1e-10
"""So small that what is found does not depend on where it started."""
LONGEST_STEP = 4.0
"""Of a coefficient: long steps of a start far off overshoot under a log link."""
TOGETHER_MOST = 32
"""More at once would not stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Counts of some days [days] and what they are told by.

    features: [days, features]. total, exposure, weight: [days]. penalty: of each feature. start:
    coefficients to start from, None to start from the mean.
    """

    features: FloatArray
    total: FloatArray
    exposure: FloatArray
    weight: FloatArray
    penalty: FloatArray
    start: FloatArray | None = None


def poisson_ridge(
    features: FloatArray,
    total: FloatArray,
    exposure: FloatArray,
    weight: FloatArray,
    penalty: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """One regression: the coefficients and each day's leverage (the hat matrix's diagonal)."""
    return poisson_ridges([Regression(features, total, exposure, weight, penalty)])[0]


def poisson_ridges(asked: Sequence[Regression]) -> list[tuple[FloatArray, FloatArray]]:
    """The coefficients and the leverages of each regression.

    The working weights are scaled to mean one, so that a penalty of 1 is worth one day of
    history, whatever the size of the office (a quasi-Poisson view: its spread is the days').
    Regressions of as many features are solved as one stack, the shorter ones filled up with days
    that have no exposure and no weight, which changes nothing of them.
    """
    found: dict[int, tuple[FloatArray, FloatArray]] = {}
    alike: defaultdict[int, list[int]] = defaultdict(list)
    for at, one in enumerate(asked):
        if one.weight @ one.total > 0:
            alike[one.features.shape[1]].append(at)
        else:
            nothing = np.zeros(one.features.shape[1])
            nothing[0] = -30.0
            found[at] = nothing, np.zeros(len(one.total))
    for places in alike.values():
        for first in range(0, len(places), TOGETHER_MOST):
            some = places[first : first + TOGETHER_MOST]
            found.update(zip(some, _solved([asked[at] for at in some]), strict=True))
    return [found[at] for at in range(len(asked))]


def _solved(asked: Sequence[Regression]) -> list[tuple[FloatArray, FloatArray]]:
    stack = _Stack.of(asked)
    beta = np.array([_start(one) for one in asked])
    leverage = np.zeros(stack.total.shape)
    live = np.arange(len(asked))
    for step_number in range(STEPS_MOST):
        gram, working, step = stack.step(beta[live])
        longest = np.abs(step).max(axis=1)
        beta[live] += step * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, 1e-12))[:, None]
        done = (longest < SMALLEST_STEP) | (step_number == STEPS_MOST - 1)
        if done.any():
            # Of what is done the last step's matrix tells the leverages too.
            inverse = np.linalg.inv(gram[done])
            features = stack.features[done]
            spread = ((features @ inverse) * features).sum(axis=2)
            leverage[live[done]] = np.clip(working[done] * spread, 0.0, 1.0)
            live, stack = live[~done], stack.taken(~done)
        if not len(live):
            break
    return [(beta[i], leverage[i, : len(one.total)]) for i, one in enumerate(asked)]


def _start(one: Regression) -> FloatArray:
    if one.start is not None:
        return one.start
    beta = np.zeros(one.features.shape[1])
    beta[0] = np.log((one.weight @ one.total) / (one.weight @ one.exposure))
    return beta


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """k regressions as one: features [k, days, features], total, exposure, weight [k, days],
    ridge [k, features, features], days: how many each has."""

    features: FloatArray
    total: FloatArray
    exposure: FloatArray
    weight: FloatArray
    ridge: FloatArray
    days: IntArray

    @staticmethod
    def of(asked: Sequence[Regression]) -> _Stack:
        days = np.array([len(one.total) for one in asked])
        longest = int(days.max())

        def filled(values: Sequence[FloatArray]) -> FloatArray:
            made = np.zeros((len(values), longest, *values[0].shape[1:]))
            for k, one in enumerate(values):
                made[k, : len(one)] = one
            return made

        return _Stack(
            filled([one.features for one in asked]),
            filled([one.total for one in asked]),
            filled([one.exposure for one in asked]),
            filled([one.weight for one in asked]),
            np.array([np.diag(one.penalty + 1e-9) for one in asked]),
            days,
        )

    def taken(self, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> _Stack:
        return _Stack(
            self.features[chosen], self.total[chosen], self.exposure[chosen],
            self.weight[chosen], self.ridge[chosen], self.days[chosen],
        )  # fmt: skip

    def step(self, beta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """One step of each from its coefficients [k, features]: the penalised gram matrices, the
        working weights [k, days] and how far the coefficients go."""
        linear = (self.features @ beta[:, :, None])[:, :, 0]
        mean = self.exposure * np.exp(np.clip(linear, -30, 30))
        usual = np.maximum(mean.sum(axis=1) / self.days, 1e-12)
        working = self.weight * mean / usual[:, None]
        target = linear + (self.total - mean) / np.maximum(mean, 1e-12)
        weighted = np.ascontiguousarray((self.features * working[:, :, None]).transpose(0, 2, 1))
        gram = weighted @ self.features + self.ridge
        aimed = np.linalg.solve(gram, weighted @ target[:, :, None])[:, :, 0]
        return gram, working, aimed - beta
