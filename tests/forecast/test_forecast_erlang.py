"""Erlang's formulas and the modified offered load, against textbook sums and an ODE solver."""

from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from forecast.erlang import Target, heads_needed, offered_load, waits_beyond
from forecast.faults import BadInput


def erlang_c(n: int, load: float) -> float:
    """The textbook sum."""
    last = load**n / factorial(n) * n / (n - load)
    return last / (sum(load**k / factorial(k) for k in range(n)) + last)


@given(heads=st.integers(1, 40), used=st.floats(0.01, 0.99), wait=st.floats(0, 5))
def test_waiting_is_the_textbooks(heads, used, wait):
    load = heads * used
    expected = erlang_c(heads, load) * exp(-(heads - load) * wait)
    assert float(waits_beyond(heads, load, wait)) == pytest.approx(expected, rel=1e-9)


def test_all_wait_where_the_load_is_not_below_the_heads():
    assert float(waits_beyond(3, 3.0, 10.0)) == 1.0
    assert float(waits_beyond(3, 5.0, 10.0)) == 1.0
    assert float(waits_beyond(0, 1.0, 10.0)) == 1.0
    assert float(waits_beyond(1, 0.0, 0.0)) == 0.0


@settings(deadline=None)
@given(
    load=st.floats(0.05, 40),
    minutes=st.floats(3, 40),
    share=st.floats(0.5, 0.95),
    wait=st.floats(0, 30),
)
def test_heads_are_the_fewest_that_meet_the_target(load, minutes, share, wait):
    target = Target(share, wait)
    heads, within = heads_needed(np.array([load]), np.array([minutes]), np.array([0.0]), target)
    n = int(heads[0])
    assert within[0] >= share
    # A spread of nothing is stood for by one of a millionth: the edge is that blurred.
    assert 1 - waits_beyond(n, load, wait / minutes) >= share - 5e-3
    if n > load + 0.05:
        fewer = 1 - waits_beyond(n - 1, load, wait / minutes)
        assert fewer < share + 5e-3


def test_an_uncertain_rate_asks_for_more_than_its_mean_and_less_than_its_worst():
    load, minutes = np.array([25.0]), np.array([15.0])
    target = Target(0.8, 15)
    sure, _ = heads_needed(load, minutes, np.array([0.0]), target)
    unsure, _ = heads_needed(load, minutes, np.array([0.04]), target)
    ninetieth, _ = heads_needed(load * 1.26, minutes, np.array([0.0]), target)
    assert sure[0] < unsure[0] < ninetieth[0]


def test_the_share_is_averaged_over_the_rates_of_the_visitors():
    rng = np.random.default_rng(0)
    rates = rng.gamma(1 / 0.05, 0.05, 200_000)
    late = waits_beyond(12, 9 * rates, 1.0)
    expected = 1 - np.mean(late * rates)
    _, within = heads_needed(
        np.array([9.0]), np.array([15.0]), np.array([0.05]), Target(expected - 0.01, 15)
    )
    heads, _ = heads_needed(
        np.array([9.0]), np.array([15.0]), np.array([0.05]), Target(expected - 0.01, 15)
    )
    assert heads[0] == 12
    assert within[0] == pytest.approx(expected, abs=0.01)


def test_no_load_needs_only_the_least():
    heads, _ = heads_needed(np.zeros(2), np.full(2, 15.0), np.zeros(2), Target(), least=0)
    assert heads.tolist() == [0, 0]
    heads, _ = heads_needed(np.zeros(2), np.full(2, 15.0), np.zeros(2), Target(), least=2)
    assert heads.tolist() == [2, 2]


def test_offered_load_follows_the_differential_equation():
    arrivals = np.array([2.0, 12.0, 5.0, 0.0, 7.0])
    service, slot = 25.0, 30
    gaps = np.array([600.0, 0, 0, 45.0, 0])

    rates, ends = [], [0.0]
    for arrived, gap in zip(arrivals, gaps, strict=True):
        rates += [(0.0, gap), (arrived / slot, slot)]
    for _, length in rates:
        ends.append(ends[-1] + length)
    load, averages = 0.0, []
    for rate, length in rates:
        if length:
            solved = solve_ivp(
                lambda _, m, rate=rate: [rate - m[0] / service, m[0]],
                (0, length), [load, 0.0], rtol=1e-10, atol=1e-12,
            )  # fmt: skip
            load = solved.y[0, -1]
            averages.append((length, solved.y[1, -1] / length))
    expected = [average for length, average in averages if length == slot]
    assert offered_load(arrivals, service, slot, gaps) == pytest.approx(expected, rel=1e-6)


def test_a_steady_stream_offers_rate_times_service():
    load = offered_load(np.full(200, 10.0), 15.0, 30, np.zeros(200))
    assert load[-1] == pytest.approx(5.0)
    assert load[0] < 5.0


def test_a_bad_target_names_both_fields():
    with pytest.raises(BadInput) as bad:
        Target(1.0, -1)
    assert [f.field for f in bad.value.faults] == ["share", "wait_minutes"]
