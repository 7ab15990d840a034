"""Published counts: small ones are left out and cannot be worked out from the rest."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from app.services.disclosure import LEAST, TOTAL, Published, publish

TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda size: st.lists(
        st.lists(
            st.one_of(st.integers(0, 6), st.integers(0, 60)), min_size=size[1], max_size=size[1]
        ),
        min_size=size[0],
        max_size=size[0],
    )
)


def table(rows: list[list[int]]) -> dict[tuple[str, str], int]:
    return {(f"r{i}", f"c{j}"): count for i, row in enumerate(rows) for j, count in enumerate(row)}


def most(published: Published, wanted: tuple[object, object]) -> float:
    """The most that a count left out can be, by an integer program over all that is published."""
    lines = [(*published.rows, TOTAL), (*published.columns, TOTAL)]
    cells = list(product(*lines))
    place = {cell: n for n, cell in enumerate(cells)}
    equations = []
    for row in lines[0]:
        equations.append([(place[row, c], -1.0 if c == TOTAL else 1.0) for c in lines[1]])
    for column in lines[1]:
        equations.append([(place[r, column], -1.0 if r == TOTAL else 1.0) for r in lines[0]])
    matrix = np.zeros((len(equations), len(cells)))
    for n, terms in enumerate(equations):
        for index, sign in terms:
            matrix[n, index] = sign
    low = [1 if published.counts[one] is None else published.counts[one] for one in cells]
    high = [200 if published.counts[one] is None else published.counts[one] for one in cells]
    aim = np.zeros(len(cells))
    aim[place[wanted]] = -1
    found = milp(
        aim,
        constraints=LinearConstraint(matrix, 0, 0),
        bounds=(low, high),
        integrality=np.ones(len(cells)),
    )
    assert found.success
    return -float(found.fun)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_no_small_count_can_be_worked_out(rows: list[list[int]]) -> None:
    """Of each count from 1 to 4, totals included, what is published allows 5 or more as well."""
    counts = table(rows)
    published = publish(counts)
    for cell, shown in published.counts.items():
        row, column = cell
        true = sum(
            count for (r, c), count in counts.items() if row in (r, TOTAL) and column in (c, TOTAL)
        )
        assert shown in (None, true)
        assert shown is None or shown == 0 or shown >= LEAST
        if shown is None and true < LEAST:
            assert most(published, cell) >= LEAST


def test_two_small_counts_of_a_line_do_not_give_one_another_away() -> None:
    """Left out are 1 and 1 of a total of 102; were these all, 2 would be known to be 1 and 1."""
    published = publish(table([[1, 1, 100], [50, 40, 30], [20, 20, 20]]))
    assert published.counts["r0", TOTAL] == 102
    assert published.counts["r0", "c2"] is None


def test_a_table_without_small_counts_is_published_whole() -> None:
    published = publish(table([[5, 0], [7, 12]]))
    assert published.left_out == 0
    assert published.counts[TOTAL, TOTAL] == 24


def test_totals_are_given_up_last() -> None:
    published = publish(table([[2, 30, 40], [50, 60, 70], [80, 90, 10]]))
    assert published.left_out == 4
    assert all(published.counts[one] is not None for one in published.counts if TOTAL in one)


def test_what_is_no_table_of_counts_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        publish({("a", "b"): -1})
    with pytest.raises(ValueError, match="names the totals"):
        publish({("a", TOTAL): 1})
