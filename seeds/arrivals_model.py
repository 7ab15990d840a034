"""The stated model of the demonstration's arrivals.

For office o, local date d on which it opens, half hour s, language l and need n the expected
number of visitors is

    μ(d, s, l, n) = base · W(weekday) · S(month) · C(d) · (1 + g)^((d − last)/365)
                    · P(s) · q(l | d) · tilt(s; a_l) · r(n) · tilt(s; b_n)

    W, S    data/weekdays.csv, data/season.csv (S interpolated between mid-months)
    C       calendar: the day after a holiday ×1.18, the day before ×0.92, Carnival ×0.55,
            24 and 31 December ×0.45
    P       a flat part, a peak of share `peak` an hour after opening (people come early for a
            ticket) and a lower one of half that share at half past two; sums to one over the day
    q       data/language_shares.csv for the office's profile, each language growing by its own
            yearly rate, then scaled to sum to one: communities change the mix, not the total
    r       data/needs.csv
    tilt    exp(a · (x − ½)) with x from 0 at opening to 1 at closing

The counts are Poisson given three gamma shocks of mean one: of the day (cv 0.09), of the half hour
(cv 0.12) and of the language on that day (cv 0.15), so that they vary more than Poisson.

`base` and the day shocks are scaled so that the mean over the open Mondays to Fridays of the
window is `daily_visitors` of data/offices.csv: 600 in Lisbon, 450 in Porto, 100 in Faro, "a daily
average" in the case. Saturdays, where an office opens, have the share `saturday` of that.

Yearly totals: the case counts 255,796 services in 2016 for the three centres together. 1,150
visitors on each of that year's 250 working days are 287,500 visits, that is 0.89 services a visit:
some who take a ticket leave, and a family is often one service. `services_of` applies that ratio.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from dateutil.easter import easter
from numpy.typing import NDArray

from seeds.tables import Row, read_table

Floats = NDArray[np.float64]
SEED = 20_160_316
"""The first centre opened on a 16 March; 2016 is the year the case counts."""
DAY_CV, SLOT_CV, LANGUAGE_DAY_CV = 0.09, 0.12, 0.15
SERVICES_2016 = 255_796
VISITORS_A_DAY = 1_150
WORKING_DAYS_2016 = 250
SERVICES_A_VISIT = SERVICES_2016 / (VISITORS_A_DAY * WORKING_DAYS_2016)

PEAK_AFTER_OPENING, PEAK_SPREAD = 60.0, 70.0
SECOND_PEAK, SECOND_SPREAD = 14.5 * 60, 75.0
AFTER_HOLIDAY, BEFORE_HOLIDAY, CARNIVAL, EVE = 1.18, 0.92, 0.55, 0.45
CARNIVAL_BEFORE_EASTER = dt.timedelta(days=47)


@dataclass(frozen=True, slots=True)
class OfficeDemand:
    """What the model needs to know of one office."""

    index: int
    """Its place in the data; part of the seed."""
    daily_visitors: float
    yearly_growth_percent: float
    profile: str
    peak: float
    saturday: float


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A local date and its half hours: the minute of the wall clock and the instant of each."""

    date: dt.date
    minutes: tuple[int, ...]
    starts_at: tuple[dt.datetime, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One count of the model, not zero."""

    starts_at: dt.datetime
    language: str
    need: str
    visitors: int


def draw_arrivals(
    office: OfficeDemand,
    days: Sequence[OpenDay],
    holiday: Callable[[dt.date], str | None],
    last: dt.date,
) -> list[Cell]:
    """The counts of all `days` up to `last`, by time, language and need; zeros left out.

    The same arguments give the same counts: the generator is seeded by the office and `last`.
    """
    if not days:
        return []
    rng = np.random.Generator(np.random.PCG64([SEED, office.index, last.toordinal()]))
    levels = _day_levels(rng, office, days, holiday, last)
    languages, mix = _language_mix(office.profile, [day.date for day in days], last)
    tilts = np.array([float(row["evening_tilt"]) for row in _asked_for()])
    needs = [row["need"] for row in read_table("needs")]
    need_share = _shares(np.array([float(row["share"]) for row in read_table("needs")]))
    need_tilt = np.array([float(row["afternoon_tilt"]) for row in read_table("needs")])
    cells = []
    for index, day in enumerate(days):
        slots = np.array(day.minutes, dtype=float)
        x = (slots - slots[0]) / max(1.0, slots[-1] - slots[0]) - 0.5
        mean = _slot_profile(slots, office.peak)[:, None, None]
        mean = mean * (mix[index] * np.exp(np.outer(x, tilts)))[:, :, None]
        mean = mean * (need_share * np.exp(np.outer(x, need_tilt)))[:, None, :]
        mean *= levels[index] / mean.sum()
        shocks = _gamma(rng, SLOT_CV, (len(slots), 1, 1))
        shocks = shocks * _gamma(rng, LANGUAGE_DAY_CV, (1, len(languages), 1))
        counts = rng.poisson(mean * shocks)
        for s, language, need in zip(*(axis.tolist() for axis in counts.nonzero()), strict=True):
            count = int(counts[s, language, need])
            cells.append(Cell(day.starts_at[s], languages[language], needs[need], count))
    return cells


def services_of(visits: float) -> float:
    """Services delivered for a number of visits, by the ratio of 2016."""
    return visits * SERVICES_A_VISIT


def calendar_factor(date: dt.date, holiday: Callable[[dt.date], str | None]) -> float:
    """C of the model; `holiday` names the holiday of a date."""
    if (date.month, date.day) in ((12, 24), (12, 31)):
        return EVE
    if date + CARNIVAL_BEFORE_EASTER == easter(date.year):
        return CARNIVAL
    factor = 1.0
    if holiday(date - dt.timedelta(days=1)) is not None:
        factor *= AFTER_HOLIDAY
    if holiday(date + dt.timedelta(days=1)) is not None:
        factor *= BEFORE_HOLIDAY
    return factor


def _day_levels(
    rng: np.random.Generator,
    office: OfficeDemand,
    days: Sequence[OpenDay],
    holiday: Callable[[dt.date], str | None],
    last: dt.date,
) -> Floats:
    """Expected visitors of each day, its shock included; the mean of weekdays is exact."""
    weekday = [float(row["factor"]) for row in read_table("weekdays")]
    growth = 1 + office.yearly_growth_percent / 100
    dates = [day.date for day in days]
    level = np.array(
        [
            weekday[date.weekday()]
            * season_factor(date)
            * calendar_factor(date, holiday)
            * growth ** ((date - last).days / 365)
            for date in dates
        ]
    )
    saturdays = np.array([date.weekday() >= 5 for date in dates])
    level[saturdays] *= office.saturday
    level *= _gamma(rng, DAY_CV, level.shape)
    usual = ~saturdays if (~saturdays).any() else saturdays
    scaled: Floats = level * (office.daily_visitors / level[usual].mean())
    return scaled


def season_factor(date: dt.date) -> float:
    """S of the model: the month's factor at its middle, linear between."""
    factors = [float(row["factor"]) for row in read_table("season")]
    position = date.month - 1 + (date.day - 15) / 30.4
    below = int(np.floor(position))
    part = position - below
    return factors[below % 12] * (1 - part) + factors[(below + 1) % 12] * part


def _asked_for() -> list[Row]:
    """The languages that visitors come in; the others only translators hold."""
    return [row for row in read_table("languages") if row["evening_tilt"]]


def _language_mix(
    profile: str, dates: Sequence[dt.date], last: dt.date
) -> tuple[list[str], Floats]:
    """q of the model: [days, languages], each row summing to one."""
    table = _asked_for()
    shares = {row["language"]: float(row[profile]) for row in read_table("language_shares")}
    codes = [row["code"] for row in table]
    growth = np.array([1 + float(row["yearly_growth_percent"]) / 100 for row in table])
    years = np.array([(date - last).days / 365 for date in dates])
    mix = np.array([shares[code] for code in codes]) * growth ** years[:, None]
    return codes, mix / mix.sum(axis=1, keepdims=True)


def _slot_profile(minutes: Floats, peak: float) -> Floats:
    """P of the model over the day's half hours."""
    middle = minutes + 15
    flat = np.full(len(minutes), 1 / len(minutes))
    early = _bump(middle, minutes[0] + PEAK_AFTER_OPENING, PEAK_SPREAD)
    after_lunch = _bump(middle, SECOND_PEAK, SECOND_SPREAD)
    return (1 - 1.5 * peak) * flat + peak * early + 0.5 * peak * after_lunch


def _bump(minutes: Floats, centre: float, spread: float) -> Floats:
    return _shares(np.exp(-0.5 * ((minutes - centre) / spread) ** 2))


def _shares(weights: Floats) -> Floats:
    shares: Floats = weights / weights.sum()
    return shares


def _gamma(rng: np.random.Generator, cv: float, shape: tuple[int, ...]) -> Floats:
    return rng.gamma(1 / cv**2, cv**2, shape)
