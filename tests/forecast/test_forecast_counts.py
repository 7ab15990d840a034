"""Negative binomial quantiles against scipy's, and dispersions against what they were made with."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecast.counts import SMALLEST_DISPERSION, dispersion, quantiles

LEVELS = (0.5, 0.8, 0.9, 0.95)


@given(
    mean=st.one_of(st.floats(0, 300), st.floats(1_900, 20_000)),
    spread=st.floats(0, 1),
    level=st.floats(0.01, 0.99),
)
def test_quantile_is_scipys(mean, spread, level):
    found = quantiles(np.array([mean]), np.array([spread]), (level,))[0, 0]
    size = 1 / max(spread, SMALLEST_DISPERSION)
    law = stats.nbinom(size, size / (size + mean)) if mean > 0 else stats.poisson(0)
    # The two sums round differently: at a step of the distribution either side is right.
    assert law.cdf(found) >= level - 1e-9
    assert found == 0 or law.cdf(found - 1) < level + 1e-9


@given(mean=st.floats(0, 100), spread=st.floats(0, 0.5))
def test_quantiles_rise_with_their_level(mean, spread):
    for whole in (True, False):
        found = quantiles(np.array([mean]), np.array([spread]), LEVELS, whole=whole)[0]
        assert (np.diff(found) >= 0).all()
        assert (found >= 0).all()


@given(mean=st.floats(0, 100), spread=st.floats(0, 0.5))
def test_joined_steps_lie_within_half_of_the_whole_number(mean, spread):
    whole = quantiles(np.array([mean]), np.array([spread]), LEVELS)
    joined = quantiles(np.array([mean]), np.array([spread]), LEVELS, whole=False)
    assert (np.abs(joined - whole) <= 0.5 + 1e-9).all()


@pytest.mark.parametrize("level", LEVELS)
def test_joined_steps_cover_what_they_say_where_whole_numbers_cover_more(level):
    mean = np.linspace(2, 8, 4001)
    spread = np.full(mean.shape, 0.02)
    law = stats.nbinom(50, 50 / (50 + mean))
    joined = quantiles(mean, spread, (level,), whole=False)[:, 0]
    whole = quantiles(mean, spread, (level,))[:, 0]
    assert abs(law.cdf(np.floor(joined)).mean() - level) < 0.01
    assert law.cdf(whole).mean() > level + 0.012


def test_shape_is_kept():
    assert quantiles(np.ones((3, 4)), np.ones((3, 4)), LEVELS).shape == (3, 4, 4)
    assert quantiles(np.zeros((0, 4)), np.zeros((0, 4)), LEVELS).shape == (0, 4, 4)


@pytest.mark.parametrize("made", [0.0, 0.02, 0.2])
def test_dispersion_is_found(made):
    rng = np.random.default_rng(3)
    expected = rng.uniform(5, 40, 40_000)
    rate = expected * (rng.gamma(1 / made, made, len(expected)) if made else 1.0)
    found = dispersion(rng.poisson(rate).astype(float), expected, np.ones(len(expected)))
    assert found == pytest.approx(made, abs=0.004)


def test_no_expectation_gives_the_least_dispersion():
    assert dispersion(np.zeros(3), np.zeros(3), np.ones(3)) == SMALLEST_DISPERSION


def test_usual_counts_do_not_wait_for_the_library():
    """Importing scipy's statistics takes a second, longer than an office's forecast."""
    told = (
        "import sys, numpy as np; from forecast.counts import quantiles;"
        "quantiles(np.array([3.0, 1900.0]), np.array([0.1, 0.1]), (0.5, 0.9));"
        "sys.exit('scipy.stats' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0
