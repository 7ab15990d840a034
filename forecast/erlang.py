"""Waiting in a pooled queue, and the load that a changing stream of visitors offers.

Erlang C (M/M/n): visitors arrive at random, n mediators serve in order of arrival, service
times are exponential. The changing rate enters by the modified offered load of Jennings,
Mandelbaum, Massey & Whitt (1996): staff each moment for the mean number in service were there
always somebody free, which lags behind the arrivals by about a service time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from forecast.arrays import FloatArray, IntArray
from forecast.faults import Fault, refuse

RATE_NODES = 25
"""Equally likely rates over which Erlang's formula is averaged."""


@dataclass(frozen=True, slots=True)
class Target:
    """A share of visitors is to wait at most so many minutes."""

    share: float = 0.8
    wait_minutes: float = 15.0

    def __post_init__(self) -> None:
        faults = []
        if not 0 < self.share < 1:
            faults.append(Fault("target", "share", self.share, "a number between 0 and 1"))
        if not self.wait_minutes >= 0:
            faults.append(Fault("target", "wait_minutes", self.wait_minutes, "minutes ≥ 0"))
        refuse(faults)


def offered_load(
    arrivals: FloatArray,
    service_minutes: float,
    slot_minutes: int,
    gap_before_minutes: FloatArray,
) -> FloatArray:
    """Mean number of visitors in service, averaged over each slot: [n, …] in mediators.

    arrivals: visitors per slot [n, …], in order of time. gap_before_minutes: minutes shut before
    each slot [n]; what is in service then runs out. With rate λ in the slot and service rate μ,
    the load follows m' = λ − μ m; the slot's average is taken in closed form.
    """
    slot = slot_minutes / service_minutes
    average = np.empty_like(arrivals)
    load = np.zeros(arrivals.shape[1:])
    for i in range(len(arrivals)):
        load = load * np.exp(-gap_before_minutes[i] / service_minutes)
        steady = arrivals[i] / slot
        average[i] = steady + (load - steady) * (-np.expm1(-slot)) / slot
        load = steady + (load - steady) * np.exp(-slot)
    return average


def waits_beyond(heads: int, load: npt.ArrayLike, wait_in_services: npt.ArrayLike) -> FloatArray:
    """P(a visitor waits longer than a time), the time in mean service times.

    load: offered load in mediators. All wait where the load is not below the heads.
    """
    load = np.asarray(load, dtype=np.float64)
    blocked = np.ones_like(load)
    for n in range(1, heads + 1):
        blocked = load * blocked / (n + load * blocked)
    idle = np.maximum(heads - load, 0.0)
    return np.asarray(_delayed(blocked, heads, load) * np.exp(-idle * np.asarray(wait_in_services)))


def _delayed(blocked: FloatArray, heads: int, load: FloatArray) -> FloatArray:
    """Erlang's C from Erlang's B."""
    if heads == 0:
        return np.ones_like(load)
    used = np.minimum(load / heads, 1.0)
    return np.asarray(np.where(load < heads, blocked / (1 - used * (1 - blocked)), 1.0))


def heads_needed(
    load: FloatArray,
    service_minutes: FloatArray,
    spread: FloatArray,
    target: Target,
    least: int = 0,
) -> tuple[IntArray, FloatArray]:
    """Fewest mediators that meet the target in each slot [n], and the share within it [n].

    The rate is uncertain: the load is multiplied by a gamma variable of mean 1 and variance
    `spread` [n], and the share is that of the visitors, so that busy days count for the many
    who come on them. Zero load needs nobody beyond the `least` heads.
    """
    rates = _rates(spread)
    loads = load[:, None] * rates
    wait = target.wait_minutes / np.maximum(service_minutes, 1e-9)[:, None]
    heads = np.zeros(len(load), dtype=np.int64)
    within = (load <= 0).astype(np.float64)
    blocked = np.ones_like(loads)
    n = 0
    while (open_slots := np.flatnonzero((within < target.share) | (n < least))).size:
        n += 1
        some = loads[open_slots]
        blocked[open_slots] = some * blocked[open_slots] / (n + some * blocked[open_slots])
        late = _delayed(blocked[open_slots], n, some) * np.exp(
            -np.maximum(n - some, 0.0) * wait[open_slots]
        )
        heads[open_slots] = n
        within[open_slots] = ((1 - late) * rates[open_slots]).mean(axis=1)
    return heads, within


def _rates(spread: FloatArray) -> FloatArray:
    """Equally likely factors of the rate, [n, nodes], of mean 1."""
    middles = (np.arange(RATE_NODES) + 0.5) / RATE_NODES
    variance = np.maximum(spread, 1e-6)[:, None]
    factors = variance * np.asarray(special.gammaincinv(1 / variance, middles[None, :]))
    return np.asarray(factors / factors.mean(axis=1, keepdims=True))
