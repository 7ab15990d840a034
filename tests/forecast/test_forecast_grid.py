"""The slots of an office's days, on its wall clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecast.calendar import Calendar, always_open
from forecast.grid import horizon_grid

LISBON = ZoneInfo("Europe/Lisbon")
MORNING = Calendar(LISBON, dict.fromkeys(range(5), ((540, 720),)))
MONDAY = date(2026, 7, 6)


def test_horizon_skips_the_weekend():
    grid = horizon_grid(MORNING, MONDAY, 7)
    assert len(grid) == 5 * 6
    assert np.unique(grid.days).tolist() == [MONDAY.toordinal() + d for d in range(5)]


def test_slots_begin_on_the_wall_clock_and_know_their_instants():
    grid = horizon_grid(MORNING, MONDAY, 1)
    assert grid.slots.tolist() == list(range(18, 24))
    assert grid.starts[0] == datetime(2026, 7, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize(("day", "slots"), [(date(2026, 3, 29), 46), (date(2026, 10, 25), 50)])
def test_a_day_on_which_clocks_change_has_an_hour_less_or_more(day: date, slots: int):
    grid = horizon_grid(always_open(LISBON), day, 1)
    assert len(grid) == slots
    assert sorted(set(grid.starts)) == list(grid.starts)


def test_the_chosen_slots_keep_their_instants():
    grid = horizon_grid(MORNING, MONDAY, 2)
    later = grid.take(grid.days > MONDAY.toordinal())
    assert len(later) == 6
    assert later.starts == grid.starts[6:]
    assert later.slots_a_day == grid.slots_a_day == 48
