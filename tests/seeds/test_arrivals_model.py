"""The stated model of arrivals keeps to the figures of the case."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter, defaultdict
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.services.openings import OpeningCalendar
from seeds.arrivals import office_cells
from seeds.arrivals_model import (
    CARNIVAL,
    EVE,
    SERVICES_2016,
    Cell,
    calendar_factor,
    season_factor,
    services_of,
)
from seeds.tables import minute, read_table

CENTRES = {"lisbon": 600, "porto": 450, "faro": 100}
DATES = (dt.date(2026, 3, 4), dt.date(2026, 11, 24), dt.date(2025, 1, 1))


def calendar_of(code: str) -> tuple[OpeningCalendar, int]:
    """The office's calendar as data/*.csv tells it, and its index; no database."""
    offices = read_table("offices")
    index = next(i for i, row in enumerate(offices) if row["code"] == code)
    hours: dict[int, tuple[tuple[int, int], ...]] = {}
    for row in read_table("opening_hours"):
        if row["office"] == code:
            for weekday in map(int, row["weekdays"]):
                span = (minute(row["opens"]), minute(row["closes"]))
                hours[weekday] = (*hours.get(weekday, ()), span)
    row = offices[index]
    return OpeningCalendar(ZoneInfo(row["zone"]), row["district"], hours, {}, {}), index


def cells_of(code: str, today: dt.date) -> list[Cell]:
    calendar, index = calendar_of(code)
    return office_cells(calendar, index, today)


def by_day(cells: list[Cell]) -> dict[dt.date, int]:
    days: Counter[dt.date] = Counter()
    for cell in cells:
        days[cell.starts_at.date()] += cell.visitors
    return days


@pytest.mark.parametrize("today", DATES)
def test_the_daily_mean_of_each_centre_is_the_cases(today: dt.date) -> None:
    for code, wanted in CENTRES.items():
        days = by_day(cells_of(code, today))
        assert sum(days.values()) / len(days) == pytest.approx(wanted, rel=0.02), code


@pytest.mark.parametrize("today", DATES)
def test_a_years_services_match_those_counted_in_2016(today: dt.date) -> None:
    year = today - dt.timedelta(days=365)
    visits = sum(
        cell.visitors
        for code in CENTRES
        for cell in cells_of(code, today)
        if cell.starts_at.date() >= year
    )
    assert services_of(visits) == pytest.approx(SERVICES_2016, rel=0.04)


def test_saturdays_of_the_telephone_have_their_share() -> None:
    days = by_day(cells_of("telephone", DATES[0]))
    weekdays = [n for date, n in days.items() if date.weekday() < 5]
    saturdays = [n for date, n in days.items() if date.weekday() == 5]
    assert np.mean(weekdays) == pytest.approx(110, rel=0.02)
    assert np.mean(saturdays) == pytest.approx(0.45 * 110, rel=0.15)


def test_the_same_date_gives_the_same_counts_and_another_does_not() -> None:
    assert cells_of("faro", DATES[0]) == cells_of("faro", DATES[0])
    assert cells_of("faro", DATES[0]) != cells_of("faro", DATES[0] + dt.timedelta(days=1))


@pytest.mark.parametrize("code", ["faro", "amadora", "ponta-delgada", "mobile"])
def test_nobody_arrives_where_it_is_shut(code: str) -> None:
    calendar, index = calendar_of(code)
    for cell in office_cells(calendar, index, DATES[0]):
        local = cell.starts_at.astimezone(calendar.zone)
        spans = calendar.intervals(local.date())
        assert any(start <= cell.starts_at < end for start, end in spans), local
        assert local.minute % 30 == 0
        assert local.date() < DATES[0]
        assert cell.visitors > 0


def test_history_is_53_weeks_up_to_yesterday() -> None:
    days = sorted(by_day(cells_of("lisbon", dt.date(2026, 3, 4))))
    assert days[0] == dt.date(2025, 2, 26)
    assert days[-1] == dt.date(2026, 3, 3)


def test_counts_vary_more_than_poisson() -> None:
    """Mondays to Fridays of one half hour against their mean by weekday and month: the variance
    of a Poisson count is its mean; the shocks of day, half hour and language raise it."""
    groups: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    totals: Counter[dt.datetime] = Counter()
    for cell in cells_of("lisbon", DATES[1]):
        totals[cell.starts_at] += cell.visitors
    zone = ZoneInfo("Europe/Lisbon")
    for starts_at, count in totals.items():
        local = starts_at.astimezone(zone)
        if (local.hour, local.minute) == (9, 30):
            groups[local.weekday(), local.month].append(count)
    ratios = [np.var(g, ddof=1) / np.mean(g) for g in groups.values() if len(g) >= 4]
    assert len(ratios) > 30
    assert np.mean(ratios) > 1.3


def test_people_come_early_for_a_ticket() -> None:
    halves: Counter[int] = Counter()
    zone = ZoneInfo("Europe/Lisbon")
    for cell in cells_of("lisbon", DATES[1]):
        local = cell.starts_at.astimezone(zone)
        halves[local.hour * 2 + local.minute // 30] += cell.visitors
    peak = max(halves, key=lambda half: halves[half])
    assert 16 <= peak <= 19
    assert halves[peak] > 1.5 * sum(halves.values()) / len(halves)
    assert halves[29] > halves[25]


def test_mondays_are_fuller_than_fridays_and_august_is_quiet() -> None:
    days = by_day(cells_of("porto", DATES[1]))
    mean = {w: np.mean([n for d, n in days.items() if d.weekday() == w]) for w in range(5)}
    assert mean[0] > 1.2 * mean[4]
    august = np.mean([n for d, n in days.items() if d.month == 8])
    september = np.mean([n for d, n in days.items() if d.month == 9])
    assert august < 0.9 * september


def test_a_growing_community_grows_and_the_total_does_not_depend_on_it() -> None:
    cells = cells_of("lisbon", DATES[1])
    middle = DATES[1] - dt.timedelta(days=182)

    def share(language: str, late: bool) -> float:
        half = [c for c in cells if (c.starts_at.date() >= middle) == late]
        return sum(c.visitors for c in half if c.language == language) / sum(
            c.visitors for c in half
        )

    assert share("ne", True) > share("ne", False)
    assert share("ro", True) < share("ro", False)


def test_shares_of_languages_are_those_stated() -> None:
    cells = cells_of("porto", DATES[1])
    stated = {row["language"]: float(row["porto"]) for row in read_table("language_shares")}
    total = sum(stated.values())
    seen: Counter[str] = Counter()
    for cell in cells:
        seen[cell.language] += cell.visitors
    for language in ("pt", "uk", "kea"):
        wanted = stated[language] / total
        assert seen[language] / sum(seen.values()) == pytest.approx(wanted, rel=0.12), language


def test_the_calendar_bends_demand() -> None:
    calendar, _index = calendar_of("lisbon")

    def factor(*date: int) -> float:
        return calendar_factor(dt.date(*date), calendar.holiday_name)

    assert factor(2026, 2, 17) == CARNIVAL
    assert factor(2026, 12, 24) == EVE
    assert factor(2026, 3, 4) == 1
    assert factor(2026, 10, 6) > 1
    assert factor(2026, 4, 2) < 1


def test_the_season_is_smooth_across_the_year() -> None:
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=n) for n in range(800)]
    factors = [season_factor(day) for day in days]
    assert max(abs(a - b) for a, b in itertools.pairwise(factors)) < 0.02
    assert season_factor(dt.date(2026, 8, 15)) == pytest.approx(0.82)
