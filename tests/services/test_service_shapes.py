"""Shift shapes keep to opening hours and to the law's longest stretch of work."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.services.shapes import Shape, ShapeRule, shapes_of_day

FULL = ShapeRule(worked_slots=16, longest_stretch_slots=10, break_slots=2)
HALF = ShapeRule(worked_slots=8, longest_stretch_slots=10, break_slots=2)


def test_a_short_shift_has_no_break_and_starts_at_every_slot() -> None:
    assert shapes_of_day([(16, 26)], [HALF]) == [
        Shape(16, 24, ()),
        Shape(17, 25, ()),
        Shape(18, 26, ()),
    ]


def test_work_of_exactly_the_longest_stretch_needs_no_break_and_one_slot_more_does() -> None:
    limit = ShapeRule(10, 10, 2)
    past = ShapeRule(11, 10, 2)
    assert all(not shape.breaks for shape in shapes_of_day([(0, 20)], [limit]))
    assert all(shape.breaks for shape in shapes_of_day([(0, 20)], [past]))
    assert shapes_of_day([(0, 20)], [past])


def test_an_opening_too_short_for_the_shift_gives_none() -> None:
    assert shapes_of_day([(0, 7)], [HALF]) == []


def test_a_shift_may_span_the_hours_an_office_is_shut() -> None:
    shapes = shapes_of_day([(18, 25), (28, 35)], [ShapeRule(14, 10, 2)])
    assert shapes == [Shape(18, 35, ((25, 28),))]


slots = st.integers(0, 48)


@given(
    st.lists(st.tuples(slots, slots), max_size=2).map(
        lambda pairs: (
            []
            if len({s for p in pairs for s in p}) < 2 * len(pairs)
            else [
                tuple(sorted(s for p in pairs for s in p)[i : i + 2])
                for i in range(0, 2 * len(pairs), 2)
            ]
        )
    ),
    st.builds(ShapeRule, st.integers(1, 20), st.integers(4, 12), st.integers(1, 4)),
)
def test_every_shape_is_legal_and_within_opening(
    opening: list[tuple[int, int]], rule: ShapeRule
) -> None:
    open_slots = {slot for start, end in opening for slot in range(start, end)}
    for shape in shapes_of_day(opening, [rule]):
        paused = {slot for start, end in shape.breaks for slot in range(start, end)}
        worked = [slot for slot in range(shape.start, shape.end) if slot not in paused]
        assert len(worked) == rule.worked_slots
        assert set(worked) <= open_slots
        stretch = longest = 1
        for before, after in itertools.pairwise(worked):
            stretch = stretch + 1 if after == before + 1 else 1
            longest = max(longest, stretch)
        assert longest <= max(rule.longest_stretch_slots, 1)
