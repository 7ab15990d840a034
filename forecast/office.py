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

from forecast.calendar import Calendar, HolidayKind
from forecast.counts import quantiles
from forecast.daily import DayModel, day_facts, fit_days
from forecast.past_events import event_factor, learned_from
from forecast.profile import Profile, fit_profile
from forecast.series import QUANTILES, ArrivalSeries, Event, FloatArray, Grid, IntArray
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
    history = history.before(origin)
    grid = history.grid
    if not len(grid):
        raise ValueError(f"office {history.office}: nothing logged before {origin}")
    learned = learned_from(history, events)
    counts, usable = learned.counts, learned.usable
    if not usable.any():
        raise ValueError(f"office {history.office}: events left nothing before {origin}")
    # As products, which are much quicker than sums over short axes.
    by_language = np.asarray(counts @ np.ones(counts.shape[2]))
    total = np.asarray(by_language @ np.ones(by_language.shape[1]))
    days, day_at = np.unique(grid.days, return_inverse=True)
    facts = day_facts(days, calendar)
    age = (origin.toordinal() - days).astype(np.float64)
    by_day = np.bincount(day_at, total).astype(np.float64)
    weight = usable.astype(np.float64)
    for _ in range(OUTLIER_PASSES):
        profile = fit_profile(grid, total, day_at, weight, age)
        exposure = np.bincount(day_at, profile.at(grid)).astype(np.float64)
        model = fit_days(facts, by_day, exposure, weight, origin.toordinal(), usable)
        weight = model.weight
    kept = kept_days(grid, calendar, history.languages)
    shares = fit_shares(grid, counts, by_language, day_at, weight, age, kept)
    spread = fit_spread(grid, by_language, day_at, facts, profile, model, shares)
    return OfficeModel(
        origin.toordinal(), profile, model, shares, spread, history.languages, history.needs, days
    )


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
