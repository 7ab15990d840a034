"""The most violated Hall set, against trying every set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.hall import violated_set

values = st.integers(0, 12).map(lambda quarters: quarters / 4)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[float], dict[int, float]]:
    missing = draw(st.lists(values, min_size=1, max_size=6))
    masks = st.integers(1, 2 ** len(missing) - 1)
    return missing, draw(st.dictionaries(masks, values, max_size=8))


def violation(missing: list[float], crowd: dict[int, float], chosen: int) -> float:
    wanted = sum(value for bit, value in enumerate(missing) if chosen >> bit & 1)
    return wanted - sum(value for mask, value in crowd.items() if mask & chosen)


@given(crowds())
def test_no_set_is_violated_more(case: tuple[list[float], dict[int, float]]) -> None:
    missing, crowd = case
    found, chosen = violated_set(missing, crowd)
    worst = max(violation(missing, crowd, one) for one in range(2 ** len(missing)))
    assert found == pytest.approx(max(0.0, worst), abs=1e-6)
    if found:
        assert violation(missing, crowd, chosen) == pytest.approx(found, abs=1e-6)
