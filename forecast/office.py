"""The forecast of one office: total × language share × need share, with quantiles.

The recipe: the total is a profile of the day times a level of days (`profile`, `daily`), split
by shares (`shares`), so that languages add up to the total by construction; quantiles are
negative binomial, with a dispersion measured on the office's own past (`spread`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from forecast.arrays import BoolArray, FloatArray, IntArray
from forecast.calendar import Calendar, HolidayKind
from forecast.counts import quantiles
from forecast.daily import DayFacts, DayLevel, DayModel, day_facts, fit_levels
from forecast.grid import Grid
from forecast.past_events import event_factor, learned_from
from forecast.profile import Profile, fit_profile
from forecast.series import QUANTILES, ArrivalSeries, Event
from forecast.shares import ShareModel, fit_shares
from forecast.spread import Spread, fit_spread

OUTLIER_PASSES = 3


@dataclass(frozen=True, slots=True)
class SlotForecast:
    """The arrivals expected in one slot: of a language, or of all together (`language` None)."""

    start: datetime
    language: str | None
    mean: float
    quantiles: tuple[float, ...]
    """At `QUANTILES`."""


@dataclass(frozen=True, slots=True, eq=False)
class OfficeForecast:
    """Arrivals at one office over n slots, L languages and K needs.

    mean: [n, L, K]; everything else that is a mean is a sum of it. spread: the dispersion of
    each language's count [n, L] and of the total's [n] (squared coefficient of variation of the
    rate). weights: trust in each day of the history. basis: what the forecast stands on.
    """

    office: str
    grid: Grid
    languages: tuple[str, ...]
    needs: tuple[str, ...]
    mean: FloatArray
    language_spread: FloatArray
    total_spread: FloatArray
    basis: str
    trusted_days: int
    set_aside: tuple[date, ...] = ()
    """Days of the history that count for nothing, being unlike their neighbours."""

    @property
    def starts(self) -> tuple[datetime, ...]:
        return self.grid.starts

    @property
    def language_mean(self) -> FloatArray:
        """[n, L]."""
        return np.asarray(self.mean.sum(axis=2))

    @property
    def total_mean(self) -> FloatArray:
        """[n]."""
        return np.asarray(self.mean.sum(axis=(1, 2)))

    def language_quantiles(self, levels: Sequence[float] = QUANTILES) -> FloatArray:
        """[n, L, levels]."""
        return quantiles(self.language_mean, self.language_spread, levels)

    def total_quantiles(self, levels: Sequence[float] = QUANTILES) -> FloatArray:
        """[n, levels], not whole numbers, so that each is exceeded as rarely as it says.

        Quantiles of languages are whole numbers and do not add up to these: peaks rarely
        coincide.
        """
        return quantiles(self.total_mean, self.total_spread, levels, whole=False)

    def need_quantiles(self, levels: Sequence[float] = QUANTILES) -> FloatArray:
        """[n, L, K, levels]."""
        spread = np.broadcast_to(self.language_spread[:, :, None], self.mean.shape)
        return quantiles(self.mean, spread, levels)

    def rows(self) -> Iterator[SlotForecast]:
        """Each slot's total, then its languages, in order of time."""
        total_mean, total = self.total_mean.tolist(), self.total_quantiles().tolist()
        mean, quantile = self.language_mean.tolist(), self.language_quantiles().tolist()
        for i, start in enumerate(self.starts):
            yield SlotForecast(start, None, total_mean[i], tuple(total[i]))
            for j, language in enumerate(self.languages):
                yield SlotForecast(start, language, mean[i][j], tuple(quantile[i][j]))


@dataclass(frozen=True, slots=True, eq=False)
class OfficeModel:
    """What was learned from one office's history; can be asked about any grid."""

    origin: int
    profile: Profile
    days: DayModel
    shares: ShareModel
    spread: Spread
    languages: tuple[str, ...]
    needs: tuple[str, ...]
    history_days: IntArray

    def total(self, grid: Grid, calendar: Calendar | None) -> FloatArray:
        """Expected arrivals of each slot, [n], before events."""
        days, at = np.unique(grid.days, return_inverse=True)
        level = self.days.level(day_facts(days, calendar))
        return np.asarray(self.profile.at(grid) * level[at])

    def mean(self, grid: Grid, calendar: Calendar | None) -> FloatArray:
        """Expected arrivals, [n, languages, needs], before events."""
        share = self.shares.at(grid, kept_days(grid, calendar, self.languages))
        return np.asarray(
            (self.total(grid, calendar)[:, None] * share)[:, :, None] * self.shares.needs
        )


def fit_office(
    history: ArrivalSeries,
    calendar: Calendar | None,
    origin: date,
    events: Sequence[Event] = (),
) -> OfficeModel:
    """Learn from the arrivals logged before `origin`, a local day.

    Raises ValueError when nothing was logged before it, or events emptied every day of it.
    """
    return fit_offices([(history, calendar)], origin, events)[0]


def fit_offices(
    asked: Sequence[tuple[ArrivalSeries, Calendar | None]],
    origin: date,
    events: Sequence[Event] = (),
) -> list[OfficeModel]:
    """`fit_office` of several offices, whose regressions are solved together."""
    learning = [_Learning.of(history, calendar, origin, events) for history, calendar in asked]
    weights = [one.usable.astype(np.float64) for one in learning]
    starts: list[FloatArray | None] = [None] * len(learning)
    for _ in range(OUTLIER_PASSES):
        profiles = [one.profile(weight) for one, weight in zip(learning, weights, strict=True)]
        levels = [
            one.day_level(profile, weight, start)
            for one, profile, weight, start in zip(learning, profiles, weights, starts, strict=True)
        ]
        models = fit_levels(levels, origin.toordinal())
        weights = [one.weight for one in models]
        starts = [one.coefficients for one in models]
    return [
        one.model(profile, days)
        for one, profile, days in zip(learning, profiles, models, strict=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Learning:
    """What one office's history of n slots tells, before any of it is fitted.

    day_at: the day of each slot, [n]. age: of each day, [days]. total, by_language: of each slot.
    """

    history: ArrivalSeries
    calendar: Calendar | None
    origin: int
    day_at: IntArray
    facts: DayFacts
    age: FloatArray
    usable: BoolArray
    by_language: FloatArray
    total: FloatArray
    by_day: FloatArray

    @staticmethod
    def of(
        history: ArrivalSeries, calendar: Calendar | None, origin: date, events: Sequence[Event]
    ) -> _Learning:
        history = history.before(origin)
        if not len(history.grid):
            raise ValueError(f"office {history.office}: nothing logged before {origin}")
        learned = learned_from(history, events)
        if not learned.usable.any():
            raise ValueError(f"office {history.office}: events left nothing before {origin}")
        days, day_at = np.unique(history.grid.days, return_inverse=True)
        by_language = learned.history.by_language()
        total = np.asarray(by_language @ np.ones(by_language.shape[1]))
        return _Learning(
            learned.history, calendar, origin.toordinal(), day_at, day_facts(days, calendar),
            (origin.toordinal() - days).astype(np.float64), learned.usable, by_language, total,
            np.bincount(day_at, total).astype(np.float64),
        )  # fmt: skip

    def profile(self, weight: FloatArray) -> Profile:
        """The shape of its days, by the trust in each."""
        return fit_profile(self.history.grid, self.total, self.day_at, weight, self.age)

    def day_level(self, profile: Profile, weight: FloatArray, start: FloatArray | None) -> DayLevel:
        """What the level of its days is to be fitted to."""
        exposure = np.bincount(self.day_at, profile.at(self.history.grid)).astype(np.float64)
        return DayLevel(self.facts, self.by_day, exposure, weight, self.usable, start)

    def model(self, profile: Profile, days: DayModel) -> OfficeModel:
        """The office as learned, from the shape and the level of its days."""
        history, grid = self.history, self.history.grid
        kept = kept_days(grid, self.calendar, history.languages)
        daily = history.by_group(self.day_at, len(self.age))
        shares = fit_shares(grid, daily, self.by_language, self.day_at, days.weight, self.age, kept)
        spread = fit_spread(grid, self.by_language, self.day_at, self.facts, profile, days, shares)
        return OfficeModel(
            self.origin, profile, days, shares, spread, history.languages, history.needs,
            self.facts.days,
        )  # fmt: skip


def forecast_from(
    model: OfficeModel,
    office: str,
    grid: Grid,
    calendar: Calendar | None,
    events: Sequence[Event] = (),
) -> OfficeForecast:
    """The forecast of a fitted office on a grid of slots."""
    mean = model.mean(grid, calendar)
    mean = mean * event_factor(events, office, grid, model.languages, model.needs)
    set_aside = model.history_days[model.days.weight <= 0]
    return OfficeForecast(
        office,
        grid,
        model.languages,
        model.needs,
        mean,
        np.broadcast_to(model.spread.languages, mean.shape[:2]),
        np.full(len(grid), model.spread.total),
        "own history",
        int(np.count_nonzero(model.days.weight > 0)),
        tuple(date.fromordinal(int(day)) for day in set_aside),
    )


def kept_days(grid: Grid, calendar: Calendar | None, languages: Sequence[str]) -> FloatArray | None:
    """[n, languages]: 1 on the religious holidays kept by the speakers of a language."""
    if calendar is None:
        return None
    kept = np.zeros((len(grid), len(languages)))
    own = [
        one
        for one in calendar.holidays
        if one.kind is HolidayKind.RELIGIOUS and not one.languages.isdisjoint(languages)
    ]
    days = np.array([one.day.toordinal() for one in own], dtype=np.int64)
    # Slots are in order of time, so that those of a day lie together.
    spans = np.searchsorted(grid.days, [days, days + 1]).T.tolist()
    for holiday, (first, last) in zip(own, spans, strict=True):
        if first < last:
            touched = [j for j, name in enumerate(languages) if name in holiday.languages]
            kept[first:last, touched] = 1.0
    return kept
