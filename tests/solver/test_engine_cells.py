"""Counting in a cell against an assignment solver."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from solver.engine.cells import count_places, exclusive_gain
from solver.engine.crowd import Crowd
from solver.engine.hall import violated_set

values = st.lists(
    st.lists(st.integers(0, 30), min_size=1, max_size=3).map(lambda row: sorted(row, reverse=True)),
    min_size=1,
    max_size=5,
)


def assigned_cost(rows: list[list[int]], masks: list[int]) -> int:
    """The least value of open places, by the Hungarian method."""
    places = [(requirement, value) for requirement, row in enumerate(rows) for value in row]
    saved = np.array(
        [
            [value if mask >> requirement & 1 else 0 for requirement, value in places]
            for mask in masks
        ]
    ).reshape(len(masks), len(places))
    people, taken = linear_sum_assignment(saved, maximize=True)
    return sum(value for _, value in places) - int(saved[people, taken].sum())


@given(values, st.data())
def test_cost_equals_an_assignment_solvers(rows: list[list[int]], data: st.DataObject) -> None:
    masks = data.draw(st.lists(st.integers(0, 2 ** len(rows) - 1), max_size=6))
    assert count_places(rows, masks).cost == assigned_cost(rows, masks)


@given(values, st.data())
def test_gain_is_what_one_more_person_saves(rows: list[list[int]], data: st.DataObject) -> None:
    masks = data.draw(st.lists(st.integers(0, 2 ** len(rows) - 1), max_size=5))
    more = data.draw(st.integers(0, 2 ** len(rows) - 1))
    before = count_places(rows, masks)
    saved = before.cost - count_places(rows, [*masks, more]).cost
    assert exclusive_gain(before.gain, more) == saved


@given(values, st.data())
def test_a_crowd_stays_optimal_as_people_come_and_go(
    rows: list[list[int]], data: st.DataObject
) -> None:
    crowd = Crowd(rows)
    there: dict[int, int] = {}
    for person in range(data.draw(st.integers(1, 12))):
        if there and data.draw(st.booleans()):
            gone = data.draw(st.sampled_from(sorted(there)))
            del there[gone]
            crowd.remove(gone)
        else:
            there[person] = data.draw(st.integers(0, 2 ** len(rows) - 1))
            crowd.add(person, there[person])
        masks = list(there.values())
        assert crowd.cost == assigned_cost(rows, masks)
        for mask in range(2 ** len(rows)):
            saved = crowd.cost - assigned_cost(rows, [*masks, mask])
            assert exclusive_gain(crowd.gain, mask) == saved


@given(st.lists(st.integers(0, 3), min_size=1, max_size=4), st.data())
def test_the_most_violated_set_is_the_worst_of_all(counts: list[int], data: st.DataObject) -> None:
    size = len(counts)
    crowd = data.draw(st.dictionaries(st.integers(1, 2**size - 1), st.floats(0.1, 2.0), max_size=4))

    def violation(chosen: int) -> float:
        wanted = sum(count for bit, count in enumerate(counts) if chosen >> bit & 1)
        return wanted - sum(people for mask, people in crowd.items() if mask & chosen)

    worst = max(violation(chosen) for chosen in range(2**size))
    found, chosen = violated_set([float(count) for count in counts], crowd)
    assert abs(found - max(0.0, worst)) < 1e-4
    if found:
        assert abs(violation(chosen) - worst) < 1e-4
