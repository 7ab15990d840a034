"""How good are the forecasts and how quick is the chain? Prints tables; holds nothing to account.

    python tests/bench/bench_forecast.py [--shared DIR] [--seeds 3] [--no-peers] [--speed]
    python tests/bench/bench_forecast.py --demonstration [sqlite:////path/escala.db]

With --speed only the times are taken: of a network's week, and of simulated days. With
--demonstration only that of foreseeing a week at each of its offices, reading and writing
included, from a database it is loaded in or, without one, loaded first.
Records to measure on lie in DIR/demand ($ESCALA_SHARED, or ../shared). With statsforecast
installed (requirements/bench.in), MSTL with AutoETS and AutoETS alone stand beside the single
series.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import sys
import time
import warnings
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "forecast")]

from test_forecast_sparse import DAY_CV, SHARES, sparse_record  # noqa: E402

from forecast.arrays import FloatArray  # noqa: E402
from forecast.calendar import Calendar  # noqa: E402
from forecast.counts import quantiles  # noqa: E402
from forecast.erlang import waits_beyond  # noqa: E402
from forecast.evaluate import (  # noqa: E402
    METHODS,
    Window,
    pinball,
    rolling_windows,
    score,
    score_total,
    share_bands,
)
from forecast.grid import horizon_grid  # noqa: E402
from forecast.network import OfficeRequest, forecast_network  # noqa: E402
from forecast.records import read_records  # noqa: E402
from forecast.requirements import ServiceTimes  # noqa: E402
from forecast.series import ArrivalSeries  # noqa: E402
from forecast.staffing import staff_office  # noqa: E402
from forecast.waiting import Manners, OfficeDay, ServingMediator, simulate  # noqa: E402

MEAN, OURS = METHODS[1], METHODS[2]
LISBON = ZoneInfo("Europe/Lisbon")
LEVELS = (0.5, 0.8, 0.9, 0.95)


def line(name: str, *values: object) -> None:
    cells = (f"{v:10.4f}" if isinstance(v, float) else f"{v!s:>10}" for v in values)
    print(f"{name:40}" + "".join(cells), flush=True)


def single_series(path: Path, peers: bool) -> None:
    record = read_records(path)
    windows = rolling_windows(record, 14, 14)
    print(f"\n{path.name}: 14 origins × 14 days")
    line("", "WAPE", "/ mean", "MASE", "p80", "/ mean", "≤q80", "≤q90", "seconds")
    base = score(windows, MEAN, [0])
    for method in METHODS:
        found = score(windows, method, [0])
        seconds = sum(w.seconds for w in windows) if method == OURS else ""
        line(
            method, found.wape, found.wape / base.wape, found.mase, found.pinball[1],
            found.pinball[1] / base.pinball[1], found.coverage[1], found.coverage[2], seconds,
        )  # fmt: skip
    if peers:
        for name, result in peer_forecasts(record, windows).items():
            mean, q80, q90, seconds = result
            actual = np.concatenate([w.actual[:, 0] for w in windows])
            wape = float(np.abs(actual - mean).sum() / actual.sum())
            p80 = pinball(actual, q80, 0.8)
            line(
                name, wape, wape / base.wape, wape / base.wape * base.mase, p80,
                p80 / base.pinball[1], float(np.mean(actual <= q80)),
                float(np.mean(actual <= q90)), seconds,
            )  # fmt: skip


Peer = tuple[FloatArray, FloatArray, FloatArray, float]


def peer_forecasts(record: ArrivalSeries, windows: list[Window]) -> dict[str, Peer]:
    """statsforecast's models on the same windows: mean, q80, q90, seconds; {} if not installed."""
    try:
        from statsforecast.models import MSTL, AutoETS
    except ImportError:
        print("(statsforecast is not installed: no peers)")
        return {}
    warnings.simplefilter("ignore")
    dense, row_of = regular(record)
    slots = len(np.unique(record.grid.slots))
    week = slots * len({(day + 6) % 7 for day in record.grid.days})
    models = {
        "MSTL + AutoETS": lambda: MSTL([slots, week], trend_forecaster=AutoETS(model="ZZN")),
        "AutoETS": lambda: AutoETS(season_length=slots),
    }
    found = {}
    for name, make in models.items():
        parts: list[FloatArray] = []
        began = time.perf_counter()
        for window in windows:
            rows = [row_of[k] for k in keys(window.grid.days, window.grid.slots)]
            start = row_of_first(row_of, window.origin.toordinal())
            steps = max(rows) - start + 1
            out = make().forecast(
                y=dense[max(0, start - 26 * week) : start], h=steps, level=[60, 80]
            )
            at = np.array(rows) - start
            parts.append(np.stack([out["mean"][at], out["hi-60"][at], out["hi-80"][at]]))
        whole = np.maximum(np.concatenate(parts, axis=1), 0)
        found[name] = (whole[0], whole[1], whole[2], time.perf_counter() - began)
    return found


def keys(days: np.ndarray, slots: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(days.tolist(), slots.tolist(), strict=True))


def row_of_first(row_of: dict[tuple[int, int], int], day: int) -> int:
    return min(row for (d, _), row in row_of.items() if d >= day)


def regular(record: ArrivalSeries) -> tuple[FloatArray, dict[tuple[int, int], int]]:
    """The series without gaps: absent slots of the usual week hold what the week before had."""
    counts = dict(
        zip(keys(record.grid.days, record.grid.slots), record.counts.sum(axis=(1, 2)), strict=True)
    )
    weekdays = {(int(day) + 6) % 7 for day in record.grid.days}
    slots = np.unique(record.grid.slots).tolist()
    row_of, values = {}, []
    for day in range(int(record.grid.days.min()), int(record.grid.days.max()) + 1):
        if (day + 6) % 7 in weekdays:
            for slot in slots:
                value = counts.get((day, slot), counts.get((day - 7, slot), 0.0))
                counts.setdefault((day, slot), value)
                row_of[day, slot] = len(values)
                values.append(value)
    return np.array(values), row_of


def languages(name: str, record: ArrivalSeries, truth: FloatArray) -> None:
    """Per cent above the floor, the score of the true distribution, by class of share."""
    windows = rolling_windows(record, 14, 14)
    inside = np.isin(record.grid.days, np.concatenate([w.grid.days for w in windows]))
    floor = quantiles(truth[inside], np.full(truth[inside].shape, DAY_CV**2), LEVELS)
    actual = np.concatenate([w.actual for w in windows])
    print(f"\n{name}: per cent above the floor")
    line("", "p50", "p80", "p90", "p95")
    for method in (MEAN, OURS):
        ours = np.concatenate([w.predictions[method].quantiles for w in windows])
        rows = []
        for band, members in share_bands(record):
            at = np.ix_(range(len(actual)), members)
            rows.append(
                [
                    100 * (pinball(actual[at], ours[..., k][at], level)
                           / pinball(actual[at], floor[..., k][at], level) - 1)
                    for k, level in enumerate(LEVELS)
                ]
            )  # fmt: skip
            line(f"{method}, {band}", *rows[-1])
        line(f"{method}, mean", *np.mean(rows, axis=0).tolist())
    total = score_total(windows, OURS)
    line("total: share at or below q80, q90", "", *total.coverage[1:3])


def true_means(path: Path, record: ArrivalSeries) -> FloatArray:
    """The column `mean` of a made record, laid out as its counts."""
    index = {start.strftime("%Y-%m-%d %H:%M"): i for i, start in enumerate(record.grid.starts)}
    truth = np.zeros(record.counts.shape[:2])
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            truth[index[row["start"]], record.languages.index(row["series"])] = float(row["mean"])
    return truth


def network() -> None:
    """75 offices × 20 languages × one week, and the requirements of them all."""
    calendar = Calendar(LISBON, dict.fromkeys(range(6), ((480, 1200),)))
    rng = np.random.default_rng(0)
    first = date(2025, 1, 6)
    grid = horizon_grid(calendar, first, 7 * 52)
    share = rng.dirichlet(np.full(20, 0.4))
    names = tuple(f"l{j}" for j in range(20))
    requests = []
    for office in range(75):
        size = 600.0 if office < 3 else rng.uniform(5, 40)
        day_shock = dict(zip(np.unique(grid.days), rng.gamma(50, 0.02, 400), strict=False))
        rate = size / 24 * np.array([day_shock[day] for day in grid.days])
        counts = rng.poisson(rate[:, None, None] * share[None, :, None] / 4, (len(grid), 20, 4))
        needs = ("", "legal", "social", "work")
        series = ArrivalSeries(f"o{office}", grid, names, needs, counts.astype(float))
        requests.append(OfficeRequest(series, calendar))
    began = time.perf_counter()
    forecasts = forecast_network(requests, first + timedelta(days=7 * 52), 7)
    forecast_seconds = time.perf_counter() - began
    began = time.perf_counter()
    rows = sum(len(list(forecast.rows())) for forecast in forecasts.values())
    row_seconds = time.perf_counter() - began
    began = time.perf_counter()
    needs_count = sum(len(staff_office(f, ServiceTimes()).needs) for f in forecasts.values())
    print("\n75 offices × 20 languages × 4 needs × one week, from a year of history")
    line("forecast", f"{forecast_seconds:.2f} s")
    line(f"{rows} rows with quantiles", f"{row_seconds:.2f} s")
    line(f"{needs_count} requirements", f"{time.perf_counter() - began:.2f} s")


def waits() -> None:
    """200 days of 600 visitors, and how often an interval holds the closed form."""
    calendar = Calendar(LISBON, dict.fromkeys(range(6), ((480, 1200),)))
    starts = horizon_grid(calendar, date(2026, 2, 2), 1).starts
    shares = SHARES / SHARES.sum()
    names = tuple(f"l{j}" for j in range(len(shares)))
    rng = np.random.default_rng(1)
    likely = np.sqrt(shares) / np.sqrt(shares).sum()
    serving = ((starts[0], starts[8]), (starts[10], starts[-1] + timedelta(minutes=30)))
    team = tuple(
        ServingMediator(
            f"m{m}",
            frozenset(f"lang:{name}" for name in rng.choice(names, 3, False, likely)),
            serving,
        )
        for m in range(20)
    )
    mean = np.tile(600 / len(starts) * shares, (len(starts), 1))[:, :, None]
    day = OfficeDay(starts, 30, names, ("",), mean, 0.015, team)
    began = time.perf_counter()
    report = simulate(day, replications=200)
    print("\nSimulated waits")
    line("200 days of 600 visitors", f"{time.perf_counter() - began:.2f} s")
    line("share within the target", report.overall.within.value)

    heads, rate, minutes = 3, 0.45, 5.0
    all_day = ((starts[0], starts[-1] + timedelta(hours=1)),)
    steady = OfficeDay(
        starts,
        30,
        ("pt",),
        ("",),
        np.full((len(starts), 1, 1), 30 * rate),
        0.0,
        tuple(ServingMediator(f"m{i}", frozenset({"lang:pt"}), all_day) for i in range(heads)),
        ServiceTimes(default_minutes=minutes),
        manners=Manners(patience_minutes=None, phone_after_minutes=None),
    )
    expected = float(waits_beyond(heads, rate * minutes, 0.0)) * minutes / (heads - rate * minutes)
    held = 0
    for seed in range(100):
        wait = simulate(steady, replications=40, seed=seed).by_hour[-1].mean_wait
        held += wait.low <= expected <= wait.high
    line("intervals that hold M/M/3, of 100", held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = os.environ.get("ESCALA_SHARED", str(ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=Path(shared))
    parser.add_argument("--seeds", type=int, default=3, help="made records of sparse languages")
    parser.add_argument("--no-peers", action="store_true", help="leave statsforecast out")
    parser.add_argument("--speed", action="store_true", help="only how quick the chain is")
    parser.add_argument("--demonstration", nargs="?", const="", metavar="DATABASE")
    options = parser.parse_args()
    if options.demonstration is not None:
        from forecast_offices import measure  # the application is for this alone

        measure(options.demonstration or None)
        return
    if not options.speed:
        quality(options.shared / "demand", options.seeds, not options.no_peers)
    network()
    waits()


def quality(demand: Path, seeds: int, peers: bool) -> None:
    for name in ("bank600_30min.csv", "uihc_hourly.csv"):
        single_series(demand / name, peers)
    path = demand / "languages15.csv.gz"
    record = read_records(path)
    languages(path.name, record, true_means(path, record))
    for seed in range(seeds):
        languages(f"18 made languages, seed {seed}", *sparse_record(seed))


if __name__ == "__main__":
    main()
