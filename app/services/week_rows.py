"""A week's forecasts and requirements as rows: reckoned first, then written at once.

Who writes holds up everybody else who would (SQLite has one writer), so that nothing is reckoned
while a transaction is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.models import ForecastSlot, Office, Requirement
from app.services import overrides, requirements
from app.services.bulk import insert_columns, insert_rows
from app.services.requirements import Row
from forecast.arrays import FloatArray
from forecast.counts import quantiles
from forecast.office import OfficeForecast
from forecast.series import QUANTILES

if TYPE_CHECKING:
    from app.services.planning import PreparedForecast

OnOffice = Callable[[int, int], None]
"""Called with how many offices are done, of how many."""


@dataclass(frozen=True, slots=True)
class ForecastRows:
    """The rows of `ForecastSlot` of some offices' week, in columns equally long."""

    offices: tuple[Office, ...]
    week_starts_on: dt.date
    columns: dict[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class RequirementRows:
    """What each office's week is derived to ask for, before any override."""

    week_starts_on: dt.date
    derived: tuple[tuple[Office, list[Row]], ...]


def forecast_rows(prepared: PreparedForecast, now: dt.datetime) -> ForecastRows:
    """What foreseeing came to: of each office each slot's total, then its languages."""
    found = [(office, prepared.forecasts[office.code]) for office in prepared.offices]
    columns: dict[str, list[Any]] = {
        name: [] for name in ("office", "starts_at", "language", "mean", *_LEVELS)
    }
    levels = _quantiles([one for _office, one in found])
    for (office, one), told in zip(found, levels, strict=True):
        kinds = 1 + len(one.languages)
        columns["office"] += [office.id] * (kinds * len(one.grid))
        columns["starts_at"] += [start for start in one.starts for _kind in range(kinds)]
        columns["language"] += [None, *one.languages] * len(one.grid)
        mean = np.concatenate([one.total_mean[:, None], one.language_mean], axis=1)
        columns["mean"] += mean.ravel().tolist()
        for name, values in zip(_LEVELS, told.reshape(-1, len(_LEVELS)).T, strict=True):
            columns[name] += values.tolist()
    rows = len(columns["office"])
    week = prepared.week_starts_on
    same: dict[str, Sequence[Any]] = {"week_starts_on": [week] * rows, "made_at": [now] * rows}
    return ForecastRows(prepared.offices, week, {**columns, **same})


_LEVELS = tuple(f"q{level * 100:g}" for level in QUANTILES)


def _quantiles(forecasts: Sequence[OfficeForecast]) -> list[FloatArray]:
    """Of each forecast its total's, then its languages', [n, 1 + languages, levels].

    All languages of all offices are asked about at once: that takes as many steps as the largest.
    """
    if not forecasts:
        return []
    means = [one.language_mean for one in forecasts]
    spreads = [one.language_spread for one in forecasts]
    flat = quantiles(
        np.concatenate([mean.ravel() for mean in means]),
        np.concatenate([spread.ravel() for spread in spreads]),
        QUANTILES,
    )
    totals = quantiles(
        np.concatenate([one.total_mean for one in forecasts]),
        np.concatenate([one.total_spread for one in forecasts]),
        QUANTILES,
        whole=False,
    )
    of_languages = np.split(flat, np.cumsum([mean.size for mean in means])[:-1])
    of_totals = np.split(totals, np.cumsum([len(mean) for mean in means])[:-1])
    return [
        np.concatenate([total[:, None], told.reshape(*mean.shape, len(QUANTILES))], axis=1)
        for mean, told, total in zip(means, of_languages, of_totals, strict=True)
    ]


def save_forecast(rows: ForecastRows) -> int:
    """Put these in place of the week's forecasts; how many. Call within a transaction."""
    ids = [office.id for office in rows.offices]
    ForecastSlot.delete().where(
        ForecastSlot.office.in_(ids), ForecastSlot.week_starts_on == rows.week_starts_on
    ).execute()
    return insert_columns(ForecastSlot, rows.columns)


def derive(prepared: PreparedForecast, on_office: OnOffice | None = None) -> RequirementRows:
    """What a forecast asks for at each office."""
    derived = []
    for done, office in enumerate(prepared.offices, start=1):
        forecast = prepared.forecasts[office.code]
        asked = requirements.of_office(office, prepared.week_starts_on, forecast)
        derived.append((office, asked))
        if on_office:
            on_office(done, len(prepared.offices))
    return RequirementRows(prepared.week_starts_on, tuple(derived))


def save_requirements(rows: RequirementRows) -> int:
    """Put these in place of the week's requirements, overrides as they are now laid on them; how
    many. Call within a transaction."""
    week = rows.week_starts_on
    laid = [
        one
        for office, derived in rows.derived
        for one in overrides.applied(office, week, derived)
    ]  # fmt: skip
    ids = [office.id for office, _derived in rows.derived]
    Requirement.delete().where(
        Requirement.office.in_(ids), Requirement.week_starts_on == week
    ).execute()
    return insert_rows(Requirement, laid)
