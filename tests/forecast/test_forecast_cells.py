"""Counts told by the cells that are not 0, against the whole table of them."""

from datetime import date, timedelta

import numpy as np
import pytest

from forecast.cells import Cells
from forecast.network import forecast_office
from forecast.past_events import learned_from
from forecast.series import ArrivalSeries, Event

SHAPE = 6, 3, 2


def some(seed: int = 0) -> tuple[Cells, np.ndarray]:
    """Forty counts, several of one cell, and their table."""
    rng = np.random.default_rng(seed)
    row, kind, count = rng.integers(0, 6, 40), rng.integers(0, 6, 40), rng.integers(1, 9, 40)
    table = np.zeros((6, 6))
    np.add.at(table, (row, kind), count)
    return Cells(SHAPE, row, kind, count.astype(float)), table.reshape(SHAPE)


def test_sums_are_those_of_the_table():
    cells, table = some()
    assert np.array_equal(cells.table(), table)
    assert np.array_equal(cells.by_language(), table.sum(axis=2))
    group = np.array([0, 0, 2, 2, 2, 1])
    by_group = cells.by_group(group, 4)
    assert by_group.shape == (4, 3, 2)
    for k in range(4):
        assert np.array_equal(by_group[k], table[group == k].sum(axis=0))


def test_some_of_its_slots_and_its_counts_divided():
    cells, table = some(1)
    chosen = np.array([True, False, False, True, True, False])
    assert np.array_equal(cells.taken(chosen).table(), table[chosen])
    divisor, group = np.arange(1.0, 13.0).reshape(2, 3, 2), np.array([0, 1, 0, 1, 0, 1])
    assert np.allclose(cells.divided(divisor, group).table(), table / divisor[group])


def as_cells(series: ArrivalSeries) -> ArrivalSeries:
    """The same series, told by its cells."""
    flat = series.counts.reshape(len(series.grid), -1)
    row, kind = np.nonzero(flat)
    return series.with_logged(Cells(series.counts.shape, row, kind, flat[row, kind]))


@pytest.mark.parametrize("factor", [None, 1.4, 0.0])
def test_a_forecast_is_the_same_however_its_history_is_told(make_history, factor):
    made = make_history(days=182, needs=("general", "tax"))
    first = date(2025, 3, 3)
    law = Event("law", first, first + timedelta(days=9), factor or 0.0, needs=frozenset({"tax"}))
    known = [] if factor is None else [law]
    told = as_cells(made.series)
    assert np.allclose(
        learned_from(told, known).history.counts, learned_from(made.series, known).history.counts
    )
    ours, theirs = (
        forecast_office(one, made.calendar, made.last, 7, events=known)
        for one in (told, made.series)
    )
    assert ours.mean == pytest.approx(theirs.mean, rel=1e-9)
    assert ours.language_spread == pytest.approx(theirs.language_spread, rel=1e-7)
    assert ours.set_aside == theirs.set_aside
