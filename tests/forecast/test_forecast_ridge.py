"""The regression against scikit-learn's; many at once against one by one."""

import numpy as np
import pytest
from sklearn.linear_model import PoissonRegressor

from forecast.ridge import Regression, poisson_ridge, poisson_ridges


@pytest.mark.parametrize("penalty", [0.01, 1.0, 30.0])
def test_the_ridge_is_scikit_learns(penalty):
    rng = np.random.default_rng(5)
    features = rng.normal(size=(150, 4))
    exposure = rng.uniform(0.5, 2.0, 150)
    weight = rng.uniform(0.1, 1.0, 150)
    total = rng.poisson(exposure * np.exp(3 + features @ [0.3, -0.2, 0.0, 0.1])).astype(float)
    design = np.column_stack([np.ones(150), features])
    ours, _ = poisson_ridge(design, total, exposure, weight, np.array([0.0] + [penalty] * 4))
    mean = float((exposure * np.exp(design @ ours)).mean())
    alpha = penalty * mean / float((weight * exposure).sum())
    theirs = PoissonRegressor(alpha=alpha, tol=1e-10, max_iter=1000).fit(
        features, total / exposure, sample_weight=weight * exposure
    )
    assert ours[0] == pytest.approx(theirs.intercept_, abs=1e-4)
    assert ours[1:] == pytest.approx(theirs.coef_, abs=1e-4)


def test_leverages_are_those_of_the_hat_matrix():
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(40), rng.normal(size=(40, 3))])
    total = rng.poisson(50, 40).astype(float)
    _, leverage = poisson_ridge(design, total, np.ones(40), np.ones(40), np.zeros(4))
    assert leverage.sum() == pytest.approx(4, rel=1e-6)
    _, tied = poisson_ridge(design, total, np.ones(40), np.ones(40), np.array([0, 50, 50, 50.0]))
    assert 1 < tied.sum() < 4


def test_nothing_ever_counted_is_a_level_of_nothing():
    beta, leverage = poisson_ridge(
        np.ones((3, 1)), np.zeros(3), np.ones(3), np.ones(3), np.zeros(1)
    )
    assert np.exp(beta[0]) < 1e-12
    assert (leverage == 0).all()


def made(days: int, features: int, seed: int, level: float = 3.0) -> Regression:
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(days), rng.normal(size=(days, features - 1))])
    exposure = rng.uniform(0.5, 2.0, days)
    total = rng.poisson(exposure * np.exp(level + 0.2 * design[:, 1])).astype(float)
    return Regression(design, total, exposure, rng.uniform(0.0, 1.0, days), np.ones(features))


def test_many_at_once_are_as_one_by_one():
    asked = [made(40 + 7 * k, 4 + k % 2, k, level=k % 5) for k in range(40)]
    nothing = Regression(np.ones((3, 4)), np.zeros(3), np.ones(3), np.ones(3), np.ones(4))
    asked.insert(5, nothing)
    for one, (beta, leverage) in zip(asked, poisson_ridges(asked), strict=True):
        alone = poisson_ridge(one.features, one.total, one.exposure, one.weight, one.penalty)
        assert beta == pytest.approx(alone[0], rel=1e-9, abs=1e-12)
        assert leverage == pytest.approx(alone[1], rel=1e-7, abs=1e-12)
        assert len(leverage) == len(one.total)
    assert poisson_ridges([]) == []


def test_where_it_starts_changes_nothing():
    one = made(60, 5, 1)
    beta, leverage = poisson_ridges([one])[0]
    near = Regression(one.features, one.total, one.exposure, one.weight, one.penalty, beta + 0.05)
    again = poisson_ridges([near])[0]
    assert again[0] == pytest.approx(beta, rel=1e-8, abs=1e-10)
    assert again[1] == pytest.approx(leverage, rel=1e-6)
