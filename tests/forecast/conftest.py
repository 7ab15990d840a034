"""Made arrivals whose truth is known, for the tests of this package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecast.calendar import Calendar
from forecast.grid import horizon_grid
from forecast.series import ArrivalCount, ArrivalSeries

LISBON = ZoneInfo("Europe/Lisbon")
WEEKDAYS_8_TO_20 = dict.fromkeys(range(5), ((480, 1200),))


@dataclass(frozen=True)
class MadeHistory:
    series: ArrivalSeries
    calendar: Calendar
    first: date
    last: date


MakeHistory = Callable[..., MadeHistory]


def made_rows(
    calendar: Calendar,
    first: date,
    days: int,
    arrivals_a_day: float,
    shares: Mapping[str, float],
    *,
    day_cv: float = 0.12,
    seed: int = 0,
    day_factor: Mapping[date, float] | None = None,
    needs: tuple[str | None, ...] = (None,),
) -> list[ArrivalCount]:
    """Two-humped Poisson days with a gamma factor each; languages keep their shares."""
    rng = np.random.default_rng(seed)
    grid = horizon_grid(calendar, first, days)
    shape = np.array([1 + np.sin((slot - 14) / 24 * 2 * np.pi) ** 2 for slot in range(48)])
    rows = []
    for ordinal in np.unique(grid.days):
        shock = rng.gamma(1 / day_cv**2, day_cv**2) if day_cv else 1.0
        shock *= (day_factor or {}).get(date.fromordinal(int(ordinal)), 1.0)
        inside = np.flatnonzero(grid.days == ordinal)
        curve = shape[grid.slots[inside]]
        rate = arrivals_a_day * shock * curve / curve.sum()
        for language, share in shares.items():
            counts = rng.poisson(rate * share)
            for i, count in zip(inside, counts, strict=True):
                if count:
                    need = needs[int(rng.integers(len(needs)))]
                    rows.append(ArrivalCount(grid.starts[i], language, need, int(count)))
    return rows


@pytest.fixture
def make_history() -> MakeHistory:
    def make(
        *,
        office: str = "lisbon",
        first: date = date(2025, 1, 6),
        days: int = 182,
        arrivals_a_day: float = 400.0,
        shares: Mapping[str, float] | None = None,
        calendar: Calendar | None = None,
        **more: object,
    ) -> MadeHistory:
        calendar = calendar or Calendar(LISBON, WEEKDAYS_8_TO_20)
        shares = shares or {"pt": 0.6, "kea": 0.25, "uk": 0.12, "wo": 0.03}
        rows = made_rows(calendar, first, days, arrivals_a_day, shares, **more)  # type: ignore[arg-type]
        series = ArrivalSeries.from_rows(office, rows, calendar)
        return MadeHistory(series, calendar, first, date.fromordinal(first.toordinal() + days))

    return make
