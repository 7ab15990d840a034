"""Sparse languages against the floor: the score of the true distribution, known as it was made."""

import numpy as np
import pytest

from forecast.counts import quantiles
from forecast.evaluate import pinball, rolling_windows, share_bands
from forecast.grid import Grid
from forecast.series import ArrivalSeries

SHARES = np.array(
    [0.46, 0.14, 0.08, 0.07, 0.06, 0.045, 0.035, 0.03, 0.02, 0.013, 0.012, 0.009, 0.008, 0.006,
     0.004, 0.003, 0.003, 0.002]
)  # fmt: skip
DAY_CV = 0.12
WEEKS = 56


def sparse_record(seed):
    """Languages with tilts of their own by band and weekday, drift, one that doubles; the truth."""
    rng = np.random.default_rng(seed)
    languages = len(SHARES)
    days = np.array([date for date in range(738_000, 738_000 + 7 * WEEKS) if (date + 6) % 7 < 5])
    slots = np.arange(16, 40)
    curve = 1 + np.sin((slots - 14) / 26 * 2 * np.pi) ** 2
    curve /= curve.sum()
    weekday = rng.normal(0, 0.08, 5)
    tilt_band = rng.normal(0, 0.25, (languages, 20))
    tilt_weekday = rng.normal(0, 0.15, (languages, 5))
    drift = np.cumsum(rng.normal(0, 0.03, (languages, WEEKS)), axis=1)
    drift[5, WEEKS // 2 :] += np.log(2)
    mean = np.empty((len(days), len(slots), languages))
    for i, day in enumerate(days):
        week, wd = (day - days[0]) // 7, (day + 6) % 7
        share = SHARES * np.exp(drift[:, week] + tilt_weekday[:, wd])
        slot_share = share * np.exp(tilt_band[:, slots // 4]).T
        mean[i] = 600 * np.exp(weekday[wd]) * curve[:, None] * slot_share / SHARES.sum()
    shock = rng.gamma(1 / DAY_CV**2, DAY_CV**2, len(days))
    counts = rng.poisson(mean * shock[:, None, None])
    grid = Grid(
        np.repeat(days, len(slots)), np.tile(slots, len(days)), 30, ("",) * counts[..., 0].size
    )
    names = tuple(f"l{j}" for j in range(languages))
    flat = counts.reshape(-1, languages, 1).astype(float)
    return ArrivalSeries("made", grid, names, ("",), flat), mean.reshape(-1, languages)


@pytest.fixture(scope="module")
def measured():
    """Excess over the floor by class of share and level, over three made records; and coverage."""
    excess, covered = {}, []
    for seed in (11, 12, 13):
        record, truth = sparse_record(seed)
        windows = rolling_windows(record, 14, 14)
        inside = np.isin(record.grid.days, np.concatenate([w.grid.days for w in windows]))
        spread = np.full(truth[inside].shape, DAY_CV**2)
        floor = quantiles(truth[inside], spread, (0.8, 0.9))
        actual = np.concatenate([w.actual for w in windows])
        ours = np.concatenate([w.predictions["escala"].quantiles for w in windows])
        for name, members in share_bands(record):
            for k, level in enumerate((0.8, 0.9)):
                best = pinball(actual[:, members], floor[:, members, k], level)
                found = pinball(actual[:, members], ours[:, members, 1 + k], level)
                excess.setdefault((name, level), []).append(found / best - 1)
        total = np.concatenate([w.totals["escala"].quantiles[:, 0] for w in windows])
        covered.append((actual.sum(axis=1)[:, None] <= total).mean(axis=0))
    return {key: np.mean(found) for key, found in excess.items()}, np.mean(covered, axis=0)


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_within_six_per_cent_of_the_floor_on_average_and_ten_in_each_class(measured, level):
    excess = [found for (_, of), found in measured[0].items() if of == level]
    assert len(excess) == 4
    assert np.mean(excess) < 0.06
    assert max(excess) < 0.10
    # A floor that is beaten by more than chance would be no floor.
    assert min(excess) > -0.01


def test_the_totals_quantiles_cover_what_they_say(measured):
    assert measured[1][1] == pytest.approx(0.8, abs=0.04)
    assert measured[1][2] == pytest.approx(0.9, abs=0.04)
