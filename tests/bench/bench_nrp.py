"""Measure the solver on the published nurse rostering instances of Curtois and Qu.

Run as a command, not by pytest:

    .venv/bin/python tests/bench/bench_nrp.py --instances 8,19 --seeds 0,1,2 --time-limit 600

Prints cost, bound, gap, when the first roster and the last came, and the ratio to the best
known cost. Instances are read from `bench/nrp` of the shared data (`$ESCALA_SHARED`, else
`../shared` beside the repository).
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

from bench_solver import shared_folder, verify  # noqa: E402

from solver.engine import solve  # noqa: E402
from solver.formats.nrp import load_nrp  # noqa: E402
from solver.problem import Problem  # noqa: E402
from solver.result import Progress  # noqa: E402

HEADER = "instance seed    cost   bound  gap %  / best  first s   last s  seconds"


def measure(problem: Problem, known: int, seed: int, seconds: float, workers: int) -> str:
    heard: list[Progress] = []

    def listen(progress: Progress) -> None:
        if progress.cost is not None and (not heard or heard[-1].cost != progress.cost):
            heard.append(progress)

    result = solve(problem, time_limit=seconds, workers=workers, seed=seed, on_progress=listen)
    verify(problem, result)
    if result.cost is None or result.gap is None:
        return f"{seed:4d} {result.status.value}"
    return (
        f"{seed:4d} {result.cost:7d} {result.bound or 0:7d} {100 * result.gap:6.2f} "
        f"{result.cost / known:7.4f} {heard[0].seconds:8.1f} {heard[-1].seconds:8.1f} "
        f"{result.seconds:8.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instances", default="1,3,4,6,8,10,12,14,16,19")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--time-limit", type=float, default=600.0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    folder = shared_folder() / "nrp"
    with (folder / "published.csv").open(encoding="utf-8") as lines:
        known = {row["instance"]: int(row["best_known"]) for row in csv.DictReader(lines)}
    print(HEADER)
    for number in asked.instances.split(","):
        name = f"Instance{number}"
        problem = load_nrp(folder / f"{name}.txt")
        for seed in asked.seeds.split(","):
            row = measure(problem, known[name], int(seed), asked.time_limit, asked.workers)
            print(f"{number:>8} {row}", flush=True)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"most memory of one search: {most:.0f} MB")


if __name__ == "__main__":
    main()
