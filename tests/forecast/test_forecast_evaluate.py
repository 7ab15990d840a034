"""Rolling origins: nothing from after an origin is used, and the scores are what they say."""

import csv
from datetime import date, datetime, time, timedelta

import numpy as np
import pytest

from forecast.__main__ import main
from forecast.baselines import seasonal_naive, weekday_slot_mean
from forecast.evaluate import METHODS, pinball, rolling_windows, score, score_total, share_bands
from forecast.faults import BadInput
from forecast.records import read_records
from forecast.series import QUANTILES

FIRST = date(2026, 1, 5)


def write_record(path, days=98, *, series=("",), rate=9.0, seed=0, until=None, factor=1.0):
    """Weekdays 08:00 to 12:00 by half hour; from `until` on, everything is `factor` times it."""
    rng = np.random.default_rng(seed)
    lines = ["start,count,series" if series != ("",) else "start,count"]
    for d in range(days):
        day = FIRST + timedelta(days=d)
        if day.weekday() < 5:
            level = rng.gamma(70, 1 / 70) * (factor if until and day >= until else 1.0)
            for slot in range(8):
                start = datetime.combine(day, time(8)) + timedelta(minutes=30 * slot)
                for j, name in enumerate(series):
                    count = rng.poisson(rate * level * (1 + slot % 3) / 2 ** (2 * j))
                    lines.append(f"{start:%Y-%m-%d %H:%M},{count}" + (f",{name}" if name else ""))
    path.write_text("\n".join(lines) + "\n")
    return path


def dumped(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_origins_are_midnights_a_horizon_apart_and_the_last_a_horizon_before_the_end(tmp_path):
    record = read_records(write_record(tmp_path / "a.csv", days=96))
    windows = rolling_windows(record, 7, 5)
    last_day = date.fromordinal(int(record.grid.days.max()))
    assert [w.origin for w in windows] == [
        last_day + timedelta(days=1 - 7 * k) for k in range(5, 0, -1)
    ]
    for window in windows:
        days = window.grid.days - window.origin.toordinal()
        assert (days >= 0).all()
        assert (days < 7).all()


def test_what_comes_after_an_origin_changes_nothing_before_it(tmp_path):
    since = FIRST + timedelta(days=84)
    for name, factor in (("a", 1.0), ("b", 6.0)):
        path = write_record(
            tmp_path / f"{name}.csv", series=("pt", "uk"), until=since, factor=factor
        )
        main(["evaluate", str(path), "--horizon", "7d", "--origins", "6",
              "--dump", str(tmp_path / f"{name}.dump")])  # fmt: skip
    rows = zip(dumped(tmp_path / "a.dump"), dumped(tmp_path / "b.dump"), strict=True)
    same = differing = 0
    for a, b in rows:
        if date.fromisoformat(a["origin"][:10]) <= since:
            assert a == b
            same += 1
        else:
            differing += a != b
    assert same
    assert differing


def test_the_dump_has_a_row_for_each_slot_and_series(tmp_path):
    path = write_record(tmp_path / "a.csv", series=("pt", "uk", "wo"))
    out = tmp_path / "out.csv"
    assert (
        main(["evaluate", str(path), "--horizon", "2w", "--origins", "3", "--dump", str(out)]) == 0
    )
    rows = dumped(out)
    assert list(rows[0]) == ["origin", "start", "series", "mean", "q50", "q80", "q90", "q95"]
    assert len(rows) == 3 * 10 * 8 * 3
    for row in rows:
        levels = [float(row[name]) for name in ("q50", "q80", "q90", "q95")]
        assert levels == sorted(levels)
        assert float(row["mean"]) >= 0
        assert row["origin"] <= row["start"]
    assert [p.name for p in tmp_path.iterdir() if p.name not in ("a.csv", "out.csv")] == []


def test_the_report_names_every_method_class_and_the_total(tmp_path, capsys):
    path = write_record(tmp_path / "a.csv", series=("pt", "uk", "wo"))
    assert main(["evaluate", str(path), "--horizon", "7", "--origins", "3"]) == 0
    out = capsys.readouterr().out
    for text in (*METHODS, "WAPE", "MASE", "p80", "≤q90", "total of the series", "share 2 to 10 %"):
        assert text in out


def test_bad_files_end_with_two_and_every_fault(tmp_path, capsys):
    path = tmp_path / "bad.csv"
    path.write_text("start,count\n2026-03-02 08:00,x\nnever,3\n")
    assert main(["evaluate", str(path), "--dump", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert "line 2: count is 'x', expected a whole number" in err
    assert "line 3: start is 'never', expected a local time" in err
    assert not (tmp_path / "out").exists()
    assert main(["evaluate", str(tmp_path / "absent.csv")]) == 2


def test_a_dump_that_cannot_be_written_ends_with_two(tmp_path, capsys):
    path = write_record(tmp_path / "a.csv")
    out = tmp_path / "nowhere" / "out.csv"
    assert main(["evaluate", str(path), "--origins", "2", "--dump", str(out)]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_a_record_too_short_says_how_long_it_should_be(tmp_path):
    record = read_records(write_record(tmp_path / "a.csv", days=54))
    with pytest.raises(BadInput, match="56 days"):
        rolling_windows(record, 7, 4)
    assert len(rolling_windows(record, 6, 4)) == 4


def test_scores_are_the_sums_they_say(tmp_path):
    record = read_records(write_record(tmp_path / "a.csv", series=("pt", "uk")))
    windows = rolling_windows(record, 7, 3)
    found = score(windows, "escala", [0, 1])
    actual = np.concatenate([w.actual.ravel() for w in windows])
    mean = np.concatenate([w.predictions["escala"].mean.ravel() for w in windows])
    q80 = np.concatenate([w.predictions["escala"].quantiles[..., 1].ravel() for w in windows])
    assert found.wape == pytest.approx(sum(abs(actual - mean)) / sum(actual))
    loss = [0.8 * (a - q) if a > q else 0.2 * (q - a) for a, q in zip(actual, q80, strict=True)]
    assert found.pinball[1] == pytest.approx(sum(loss) / len(loss))
    assert found.coverage[1] == pytest.approx(np.mean(actual <= q80))
    total = score_total(windows, "escala")
    assert total.wape < found.wape


def test_a_better_forecast_of_steady_arrivals_than_either_plain_one(tmp_path):
    record = read_records(write_record(tmp_path / "a.csv", days=196, seed=3))
    windows = rolling_windows(record, 14, 8)
    scores = {method: score(windows, method, [0]) for method in METHODS}
    naive, mean, ours = (scores[method] for method in METHODS)
    assert ours.wape < mean.wape < naive.wape
    assert ours.pinball[1] < mean.pinball[1] < naive.pinball[1]
    assert ours.coverage[1] == pytest.approx(0.8, abs=0.05)


def test_the_plain_forecasts_are_what_their_names_say(tmp_path):
    record = read_records(write_record(tmp_path / "a.csv", days=82))
    origin = FIRST + timedelta(days=70)
    history = record.before(origin)
    chosen = record.grid.days >= origin.toordinal()
    grid = record.grid.take(chosen)
    at = {
        (int(d), int(s)): record.counts[i, 0, 0]
        for i, (d, s) in enumerate(zip(record.grid.days, record.grid.slots, strict=True))
    }
    naive = seasonal_naive(history, grid, origin.toordinal()).mean[:, 0]
    mean = weekday_slot_mean(history, grid).mean[:, 0]
    for i, (day, slot) in enumerate(zip(grid.days.tolist(), grid.slots.tolist(), strict=True)):
        weeks = 1 if day < origin.toordinal() + 7 else 2
        assert naive[i] == at[day - 7 * weeks, slot]
        eight = [at[day - 7 * k, slot] for k in range(weeks, weeks + 8)]
        assert mean[i] == pytest.approx(np.mean(eight))


def test_share_bands_take_every_series_once(tmp_path):
    record = read_records(write_record(tmp_path / "a.csv", series=("a", "b", "c", "d", "e")))
    members = [j for _, band in share_bands(record) for j in band]
    assert sorted(members) == [0, 1, 2, 3, 4]


def test_pinball_by_hand():
    assert pinball(np.array([10.0, 0.0]), np.array([6.0, 6.0]), 0.8) == pytest.approx(
        (0.8 * 4 + 0.2 * 6) / 2
    )
    assert QUANTILES == (0.5, 0.8, 0.9, 0.95)


def test_a_record_with_hardly_a_day_before_the_first_origin_is_refused(tmp_path):
    path = write_record(tmp_path / "a.csv", days=60)
    text = path.read_text().replace("start,count\n", "start,count\n0900-01-01 08:00,3\n")
    path.write_text(text)
    rolling_windows(read_records(path), 7, 5)
    with pytest.raises(BadInput, match="at least 14"):
        rolling_windows(read_records(path), 7, 7)


def test_enormous_counts_are_measured_all_the_same(tmp_path, capsys):
    path = write_record(tmp_path / "a.csv", days=70, rate=50_000_000.0)
    assert main(["evaluate", str(path), "--horizon", "1w", "--origins", "3"]) == 0
    assert "escala" in capsys.readouterr().out
    assert main(["evaluate", str(path), "--dump", str(tmp_path / "no" / "where.csv")]) == 2
