"""What will the wait be? Many simulated days of an office with a roster, with 95 % intervals.

Arrivals are Poisson around the forecast, all slots of a day multiplied by one gamma factor whose
variance is the forecast's spread: a busy day is busy all day. Days are independent, so the
intervals of means and shares, which are ratios over visitors, are those of a ratio estimator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

import numpy as np
from scipy import special

from forecast.arrays import FloatArray
from forecast.erlang import Target
from forecast.faults import Fault, refuse
from forecast.queueing import DayTrace, Outcome, run_day
from forecast.visitors import NEVER, Manners, OfficeDay, Plan, ServingMediator, Visitors

__all__ = [
    "Estimate",
    "Manners",
    "MediatorLoad",
    "OfficeDay",
    "ServingMediator",
    "WaitingReport",
    "WaitingRow",
    "simulate",
]

CONFIDENCE = 0.97
"""Nominal level of the intervals called 95 %: with few replications and long-tailed waits some
2 % of the coverage are lost, and an interval that promises 95 % should hold at least that often."""
FEW_VISITORS = 30
"""With fewer visitors over all replications an estimate is flagged."""


class _Measure(IntEnum):
    VISITORS = 0
    WAITED = 1
    WITHIN = 2
    PHONE = 3
    LEFT = 4
    UNSERVED = 5


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications and its 95 % interval (see CONFIDENCE)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """The wait of the visitors of a language (None: all) who came in an hour (None: the day).

    visitors: mean a day. mean_wait: minutes in the queue, however it ended. within: share who
    reached a mediator within the target. phone: sent to the telephone service. left: gave up.
    unserved: still waiting at the end. few: so few were simulated that the figures say little.
    """

    language: str | None
    hour: datetime | None
    visitors: float
    mean_wait: Estimate
    within: Estimate
    phone: Estimate
    left: Estimate
    unserved: Estimate
    few: bool


@dataclass(frozen=True, slots=True)
class MediatorLoad:
    """utilisation: minutes with visitors per minute of serving time (over 1: services overran)."""

    id: str
    serving_minutes: float
    visitors: float
    utilisation: Estimate


@dataclass(frozen=True, slots=True)
class WaitingReport:
    """overall, then by language, by hour of arrival, by both, and each mediator's load."""

    replications: int
    target: Target
    overall: WaitingRow
    by_language: tuple[WaitingRow, ...]
    by_hour: tuple[WaitingRow, ...]
    by_language_hour: tuple[WaitingRow, ...]
    mediators: tuple[MediatorLoad, ...]


def simulate(day: OfficeDay, *, replications: int = 200, seed: int = 0) -> WaitingReport:
    """Simulate a day over and over; the same seed gives the same report."""
    if replications < 2:
        refuse([Fault("simulation", "replications", replications, "a whole number ≥ 2")])
    rng = np.random.default_rng(seed)
    plan = Plan.of(day)
    shape = (replications, len(_Measure), len(day.languages), max(plan.hours, 1))
    tally = np.zeros(shape)
    busy = np.zeros((replications, len(day.mediators)))
    served = np.zeros((replications, len(day.mediators)))
    for r in range(replications):
        visitors = plan.draw(rng)
        trace = run_day(
            plan.office,
            visitors.arrival.tolist(),
            visitors.queue.tolist(),
            visitors.service.tolist(),
            visitors.patience.tolist(),
            day.manners.phone_after_minutes or NEVER,
        )
        _count(tally[r], visitors, trace, day.manners.target.wait_minutes)
        busy[r], served[r] = trace.busy, trace.served
    return _report(day, plan, tally, busy, served)


def _count(tally: FloatArray, visitors: Visitors, trace: DayTrace, wait_minutes: float) -> None:
    """Add one replication's visitors to its tally [measures, languages, hours]."""
    outcome, waited = np.array(trace.outcome, dtype=np.int64), np.array(trace.waited)
    hour = (visitors.arrival // 60).astype(np.int64)
    at = visitors.language * tally.shape[2] + hour
    measured = {
        _Measure.VISITORS: np.ones(len(at)),
        _Measure.WAITED: waited,
        _Measure.WITHIN: (outcome == Outcome.SERVED) & (waited <= wait_minutes),
        _Measure.PHONE: outcome == Outcome.PHONE,
        _Measure.LEFT: outcome == Outcome.LEFT,
        _Measure.UNSERVED: outcome == Outcome.UNSERVED,
    }
    for measure, value in measured.items():
        sums = np.bincount(at, value, tally[measure].size)
        tally[measure] += sums.reshape(tally.shape[1:])


def _report(
    day: OfficeDay, plan: Plan, tally: FloatArray, busy: FloatArray, served: FloatArray
) -> WaitingReport:
    hours = [plan.origin + timedelta(hours=h) for h in range(plan.hours)]
    cells = [
        _row(name, hour, tally[:, :, j, h])
        for j, name in enumerate(day.languages)
        for h, hour in enumerate(hours)
        if tally[:, _Measure.VISITORS, j, h].any()
    ]
    return WaitingReport(
        len(tally),
        day.manners.target,
        _row(None, None, tally.sum(axis=(2, 3))),
        tuple(_row(name, None, tally[:, :, j].sum(axis=2)) for j, name in enumerate(day.languages)),
        tuple(_row(None, hour, tally[:, :, :, h].sum(axis=2)) for h, hour in enumerate(hours)),
        tuple(cells),
        tuple(
            _load(mediator, busy[:, m], served[:, m]) for m, mediator in enumerate(day.mediators)
        ),
    )


def _row(language: str | None, hour: datetime | None, sums: FloatArray) -> WaitingRow:
    """One row from the sums of each replication, [replications, measures]."""
    visitors = sums[:, _Measure.VISITORS]
    return WaitingRow(
        language,
        hour,
        float(visitors.mean()),
        ratio(sums[:, _Measure.WAITED], visitors),
        ratio(sums[:, _Measure.WITHIN], visitors, top=1.0),
        ratio(sums[:, _Measure.PHONE], visitors, top=1.0),
        ratio(sums[:, _Measure.LEFT], visitors, top=1.0),
        ratio(sums[:, _Measure.UNSERVED], visitors, top=1.0),
        bool(visitors.sum() < FEW_VISITORS),
    )


def _load(mediator: ServingMediator, busy: FloatArray, served: FloatArray) -> MediatorLoad:
    minutes = sum((end - start).total_seconds() / 60 for start, end in mediator.serving)
    utilisation = ratio(busy, np.full(len(busy), max(minutes, 1e-9)))
    return MediatorLoad(mediator.id, minutes, float(served.mean()), utilisation)


def ratio(part: FloatArray, whole: FloatArray, top: float = NEVER) -> Estimate:
    """Estimate of E[part] / E[whole] over replications, kept within 0 and `top`.

    The interval is Student's for a ratio (delta method), bent for skewness by Hall's (1992)
    transformation: waits of crowded days have a long tail, for which the plain interval lies too
    low. Nothing seen at all: 0, and an interval as wide as can be.
    """
    n, total = len(part), float(whole.sum())
    if total <= 0:
        return Estimate(0.0, 0.0, top)
    value = float(part.sum()) / total
    deviation = (part - value * whole) * (n / total)
    # Leaving out the replication itself, the ratio's deviation is a little larger (jackknife).
    deviation = deviation / np.maximum(1 - whole / total, 1e-9)
    error = float(np.sqrt((deviation @ deviation) / (n * (n - 1))))
    if error <= 0:
        return _without_variation(value, total, top)
    skewness = float(np.mean(deviation**3)) / float(np.mean(deviation**2)) ** 1.5
    reach = float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2))
    low = value - error * _unskewed(reach, skewness, n)
    high = value - error * _unskewed(-reach, skewness, n)
    return Estimate(value, max(low, 0.0), min(high, top))


def _without_variation(value: float, visitors: float, top: float) -> Estimate:
    """An estimate of which every day said the same: a share of none, or of all, of n visitors
    may still be as far off as leaves that a fair chance (Clopper & Pearson, 1934)."""
    reach = 1 - ((1 - CONFIDENCE) / 2) ** (1 / visitors) if top == 1.0 else 0.0
    low, high = value - reach if value > 0 else 0.0, value + reach if value < top else top
    return Estimate(value, max(low, 0.0), min(high, top))


def _unskewed(x: float, skewness: float, n: int) -> float:
    """Inverse of Hall's monotone transformation of a studentised mean of skewed values."""
    bend = skewness / np.sqrt(n)
    if abs(bend) < 1e-6:
        return x
    return float(3 / bend * (np.cbrt(1 + bend * (x - bend / 6)) - 1))
