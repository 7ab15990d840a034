"""The level of an office's days: a Poisson regression and a plain weekday mean, both levelled.

Day totals are regressed (log link, ridge) on weekday, place in the month, place in the year,
trend and kinds of holiday, with the open share of the day's profile as exposure. Beside it
stands the mean of 26 weeks by weekday. Each is multiplied by its own recent level, which dies
away along the horizon, and the two are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, IntArray
from forecast.calendar import Calendar, HolidayKind
from forecast.profile import weekday_of
from forecast.ridge import Regression, poisson_ridges

REGRESSION_SHARE = 0.75
"""Weight of the regression against the weekday mean."""
REGRESSION_HALF_LIFE_DAYS = 180.0
WEEKDAY_WINDOW_DAYS = 182
MONTH_WAVES = 3
YEAR_NEEDS_DAYS = 400
"""A yearly wave is fitted only when the year has been seen all round."""
LEVEL_HALF_LIFE_DAYS = (14.0, 28.0)
LEVEL_PRIOR_DAYS = (4.0, 2.0)
LEVEL_DAMPING_DAYS = 90.0
"""Half-life of the recent level along the horizon."""
TREND_UNIT_DAYS = 182.0
TREND_PENALTY = 10.0
FULL_TRUST_DEVIATIONS = 2.5
NO_TRUST_DEVIATIONS = 6.0

HOLIDAY_EFFECTS = (
    *(f"on_{kind}" for kind in HolidayKind), "eve_of_closure", "after_closure",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class DayFacts:
    """What the calendar says of a set of local days [days]: effects is [days, effects], 0 or 1."""

    days: IntArray
    effects: FloatArray
    designs: dict[tuple[int, bool, bool], tuple[FloatArray, FloatArray]] = field(
        default_factory=dict, init=False, repr=False
    )
    """What `_features` made of them: a fit asks again and again."""


def day_facts(days: IntArray, calendar: Calendar | None) -> DayFacts:
    """The holiday effects of each day; none without a calendar."""
    effects = np.zeros((len(days), len(HOLIDAY_EFFECTS)))
    if calendar is not None and len(days):
        first, last = int(days.min()) - 1, int(days.max()) + 1
        # Over every day from the eve of the first: what the calendar says is little beside it.
        span = np.zeros((last - first + 1, len(HolidayKind) + 1))
        place = {kind: k for k, kind in enumerate(HolidayKind)}
        for holiday in calendar.holidays:
            ordinal = holiday.day.toordinal()
            if first <= ordinal <= last:
                span[ordinal - first, place[holiday.kind]] = 1.0
        for ordinal in calendar.unusual:
            if first <= ordinal <= last and _shut_unlike_its_weekday(ordinal, calendar):
                span[ordinal - first, -1] = 1.0
        at = days - first
        effects[:, :-2] = span[at, :-1]
        effects[:, -2], effects[:, -1] = span[at + 1, -1], span[at - 1, -1]
    return DayFacts(days, effects)


def _shut_unlike_its_weekday(ordinal: int, calendar: Calendar) -> bool:
    day = date.fromordinal(ordinal)
    return bool(calendar.opening.get(day.weekday())) and not calendar.hours(day)


@dataclass(frozen=True, slots=True, eq=False)
class DayModel:
    """A fitted level of days. `level(facts)` multiplies a profile's exposure."""

    origin: int
    coefficients: FloatArray
    with_year: bool
    with_trend: bool
    weekday_level: FloatArray
    recent: tuple[float, float]
    """Recent level of the regression and of the weekday mean, against their long run."""
    weight: FloatArray
    """Trust in each day of the history [days], 0 to 1: outliers have little or none."""
    leverage: FloatArray
    """How far each day of the history pulls its own fit [days], 0 to 1."""

    def level(self, facts: DayFacts) -> FloatArray:
        features, _ = _features(facts, self.origin, self.with_year, self.with_trend)
        ahead = np.maximum(facts.days - self.origin + 0.5, 0.0)
        fading = 0.5 ** (ahead / LEVEL_DAMPING_DAYS)
        regression = np.exp(np.clip(features @ self.coefficients, -30, 30))
        plain = self.weekday_level[weekday_of(facts.days)]
        levelled = [
            series * (1 + (recent - 1) * fading)
            for series, recent in zip((regression, plain), self.recent, strict=True)
        ]
        return np.asarray(REGRESSION_SHARE * levelled[0] + (1 - REGRESSION_SHARE) * levelled[1])

    def fitted(self, facts: DayFacts) -> FloatArray:
        """The regression alone, without the recent level."""
        features, _ = _features(facts, self.origin, self.with_year, self.with_trend)
        return np.asarray(np.exp(np.clip(features @ self.coefficients, -30, 30)))


@dataclass(frozen=True, slots=True, eq=False)
class DayLevel:
    """What an office's level of days is fitted to.

    total, exposure, weight: [days]; exposure is the open share of each day's profile, weight
    the trust in it so far. usable: the days that may be trusted at all, [days]; None means every
    day. start: coefficients of a fit to nearly the same, from which few steps are left.
    """

    facts: DayFacts
    total: FloatArray
    exposure: FloatArray
    weight: FloatArray
    usable: npt.NDArray[np.bool_] | None = None
    start: FloatArray | None = None


def fit_days(
    facts: DayFacts,
    total: FloatArray,
    exposure: FloatArray,
    weight: FloatArray,
    origin: int,
    usable: npt.NDArray[np.bool_] | None = None,
) -> DayModel:
    """Fit one level of days; origin: ordinal of the first day to forecast. See `DayLevel`."""
    return fit_levels([DayLevel(facts, total, exposure, weight, usable)], origin)[0]


def fit_levels(levels: Sequence[DayLevel], origin: int) -> list[DayModel]:
    """Fit the levels of days of several offices: their regressions are solved together."""
    asked = [_regression(level, origin) for level in levels]
    return [
        _day_model(level, origin, coefficients, leverage)
        for level, (coefficients, leverage) in zip(levels, poisson_ridges(asked), strict=True)
    ]


def _waves(level: DayLevel, origin: int) -> tuple[FloatArray, bool, bool]:
    """The age of each day, and whether the history is long enough for a yearly wave and a trend."""
    age = (origin - level.facts.days).astype(np.float64)
    span = float(age.max(initial=0.0))
    return age, span >= YEAR_NEEDS_DAYS, span >= TREND_UNIT_DAYS


def _regression(level: DayLevel, origin: int) -> Regression:
    age, with_year, with_trend = _waves(level, origin)
    features, penalty = _features(level.facts, origin, with_year, with_trend)
    weight = level.weight * 0.5 ** (age / REGRESSION_HALF_LIFE_DAYS)
    return Regression(features, level.total, level.exposure, weight, penalty, level.start)


def _day_model(
    level: DayLevel, origin: int, coefficients: FloatArray, leverage: FloatArray
) -> DayModel:
    """The level of days of which the regression is fitted."""
    facts, total, exposure = level.facts, level.total, level.exposure
    age, with_year, with_trend = _waves(level, origin)
    features, _ = _features(facts, origin, with_year, with_trend)
    fitted = exposure * np.exp(np.clip(features @ coefficients, -30, 30))
    ratio = total / np.maximum(fitted, 1e-9)
    weight = _trust_of_usable(ratio, level.usable)
    in_window = weight * (age <= WEEKDAY_WINDOW_DAYS)
    weekday_level = _weekday_level(facts.days, total, exposure, in_window)
    plain_ratio = total / np.maximum(weekday_level[weekday_of(facts.days)] * exposure, 1e-9)
    recent = (
        _recent_level(ratio, weight, age, LEVEL_HALF_LIFE_DAYS[0], LEVEL_PRIOR_DAYS[0]),
        _recent_level(plain_ratio, weight, age, LEVEL_HALF_LIFE_DAYS[1], LEVEL_PRIOR_DAYS[1]),
    )
    return DayModel(
        origin, coefficients, with_year, with_trend, weekday_level, recent, weight, leverage
    )


def _trust_of_usable(ratio: FloatArray, usable: npt.NDArray[np.bool_] | None) -> FloatArray:
    """Trust in each day; none in those not usable, which are no measure for the others either."""
    if usable is None:
        return trust(ratio)
    weight = np.zeros(len(ratio))
    weight[usable] = trust(ratio[usable])
    return weight


def trust(ratio: FloatArray) -> FloatArray:
    """Trust in each day from its ratio to what was fitted, [days] in order of time.

    The ratio is taken against the median of the fifteen days around, so that a new level is
    not an outlier while a lone day, or a lone week, is. Deviations are in robust standard
    deviations of the logarithm: full trust within 2.5, none beyond 6, Huber's square between.
    """
    if len(ratio) < 10:
        return np.ones(len(ratio))
    padded = np.concatenate([ratio[7:0:-1], ratio, ratio[-2:-9:-1]])
    # The middle one of fifteen is their median, without the library's general ways to it.
    around = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 15), axis=1)[:, 7]
    logs = np.log(np.maximum(ratio / np.maximum(around, 0.05), 0.02))
    logs -= _median(logs)
    deviation = np.abs(logs) / max(1.4826 * _median(np.abs(logs)), 0.05)
    weight = (FULL_TRUST_DEVIATIONS / np.maximum(deviation, FULL_TRUST_DEVIATIONS)) ** 2
    return np.where(deviation > NO_TRUST_DEVIATIONS, 0.0, weight)


def _median(values: FloatArray) -> float:
    """As numpy's, [n], in a fifth of its time on few values."""
    ordered, middle = np.sort(values), len(values) // 2
    if len(values) % 2:
        return float(ordered[middle])
    return float((ordered[middle - 1] + ordered[middle]) / 2)


def _weekday_level(
    days: IntArray, total: FloatArray, exposure: FloatArray, weight: FloatArray
) -> FloatArray:
    """Mean level by weekday [7]; a weekday never seen takes the mean of all."""
    weekday = weekday_of(days)
    arrivals = np.bincount(weekday, weight * total, 7)
    exposed = np.bincount(weekday, weight * exposure, 7)
    mean = arrivals.sum() / max(exposed.sum(), 1e-9)
    return np.where(exposed > 1e-9, arrivals / np.maximum(exposed, 1e-9), mean)


def _recent_level(
    ratio: FloatArray, weight: FloatArray, age: FloatArray, half_life: float, prior_days: float
) -> float:
    """Exponentially weighted mean ratio, shrunk towards 1 by `prior_days` days at 1."""
    trusted = weight * 0.5 ** (age / half_life)
    # A day at more than three times its fit says "much higher", not by how much.
    seen = float(np.sum(trusted * np.minimum(ratio, 3.0)))
    return (seen + prior_days) / (float(trusted.sum()) + prior_days)


def _features(
    facts: DayFacts, origin: int, with_year: bool, with_trend: bool
) -> tuple[FloatArray, FloatArray]:
    """Design matrix [days, features] and the ridge penalty of each feature."""
    asked = (origin, with_year, with_trend)
    if asked not in facts.designs:
        facts.designs[asked] = _designed(facts, *asked)
    return facts.designs[asked]


def _designed(
    facts: DayFacts, origin: int, with_year: bool, with_trend: bool
) -> tuple[FloatArray, FloatArray]:
    of_days, penalty = _of_days(facts.days.tobytes(), origin, with_year, with_trend)
    effects = facts.effects
    return (
        np.concatenate([of_days, effects], axis=1),
        np.concatenate([penalty, np.ones(effects.shape[1])]),
    )


@lru_cache(maxsize=64)
def _of_days(
    ordinals: bytes, origin: int, with_year: bool, with_trend: bool
) -> tuple[FloatArray, FloatArray]:
    """The columns that days have whatever the office: those of the same hours share them."""
    days = np.frombuffer(ordinals, dtype=np.int64)
    weekday = weekday_of(days)
    columns: list[FloatArray] = [np.ones(len(days))]
    penalty = [0.0]
    for k in range(7):
        columns.append((weekday == k).astype(np.float64))
        penalty.append(1.0)
    dates = (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    month, year = dates.astype("datetime64[M]"), dates.astype("datetime64[Y]")
    month_days = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int)
    in_month = (dates - month.astype("datetime64[D]")).astype(int) / month_days
    for k in range(1, MONTH_WAVES + 1):
        columns += [np.sin(2 * np.pi * k * in_month), np.cos(2 * np.pi * k * in_month)]
        penalty += [float(k)] * 2
    if with_year:
        in_year = (dates - year.astype("datetime64[D]")).astype(int) / 365.25
        columns += [np.sin(2 * np.pi * in_year), np.cos(2 * np.pi * in_year)]
        penalty += [5.0] * 2
    if with_trend:
        # Flat beyond the origin: a trend tells where the office stands, it is not extended.
        columns.append(np.clip((days - origin) / TREND_UNIT_DAYS, -4.0, 0.0))
        penalty.append(TREND_PENALTY)
    return np.array(columns).T, np.array(penalty)
