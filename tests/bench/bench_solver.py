"""Measure the solver on the shared instances: cost, bound, gap, seconds, ratio to the best known.

Run as a command, not by pytest:

    .venv/bin/python tests/bench/bench_solver.py --families cnaim-week,faro-week --seeds 0,1,2
    .venv/bin/python tests/bench/bench_solver.py --families cnaim-week --against plain,timefold

`--against` sets other solvers on the same problems for the same time, one after the other, and
shows what they reached and its ratio to ours; a roster that breaks rules is marked. Timefold
needs the packages of requirements/bench.txt and a Java 17.

Instances are read from `bench/instances` of the shared data (`$ESCALA_SHARED`, else
`../shared` beside the repository).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import resource
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from beside import SOLVERS, TIMEFOLD_NEEDS, Beside, timefold_is_there  # noqa: E402

from solver.check import check  # noqa: E402
from solver.engine import solve  # noqa: E402
from solver.problem import Problem  # noqa: E402
from solver.result import Progress, Result  # noqa: E402

FAMILIES = (
    "faro-week",
    "lisbon-day",
    "cnaim-week",
    "training-week",
    "dst-week",
    "cnaim-double",
    "evening-week",
    "rich-month",
    "cnaim-repair",
    "network-week",
)
LIMITS = {"faro-week": 20.0, "lisbon-day": 20.0, "cnaim-repair": 10.0}
LONG_LIMITS = {"rich-month": 600.0, "network-week": 600.0}
HEADER = ("problem", "seed", "cost", "bound", "gap %", "first s", "seconds", "/ best")


@dataclass(frozen=True)
class Row:
    problem: str
    family: str
    seed: int
    result: Result
    first_seconds: float | None
    best_known: int | None
    others: tuple[Beside, ...]

    def cells(self) -> tuple[str, ...]:
        result = self.result
        return (
            self.problem,
            str(self.seed),
            str(result.cost),
            str(result.bound),
            "-" if result.gap is None else f"{100 * result.gap:.2f}",
            "-" if self.first_seconds is None else f"{self.first_seconds:.1f}",
            f"{result.seconds:.1f}",
            _ratio(result.cost, self.best_known),
            *(cell for other in self.others for cell in _beside(other, result.cost)),
        )


def _ratio(cost: int | None, other: int | None) -> str:
    return "-" if cost is None or not other else f"{cost / other:.3f}"


def _beside(other: Beside, ours: int | None) -> tuple[str, str]:
    """What another solver reached, with the rules it broke, and its ratio to ours."""
    broken = f" ({other.violations} broken)" if other.violations else ""
    return f"{other.cost}{broken}", _ratio(other.cost, ours)


def shared_folder() -> Path:
    return Path(os.environ.get("ESCALA_SHARED", ROOT.parent / "shared")) / "bench"


def instances(folder: Path, families: list[str]) -> list[tuple[str, Path]]:
    """(family, path) of every instance of the families, by name."""
    found = []
    for path in sorted((folder / "instances").glob("*.json.gz")):
        family = path.name.removesuffix(".json.gz").rpartition("-")[0]
        if family in families:
            found.append((family, path))
    return found


def best_known(folder: Path) -> dict[str, int]:
    with (folder / "best-known.csv").open(encoding="utf-8") as lines:
        return {row["problem"]: int(row["best_cost"]) for row in csv.DictReader(lines)}


def measure(
    path: Path, family: str, seed: int, options: argparse.Namespace, known: dict[str, int]
) -> Row:
    with gzip.open(path, "rt", encoding="utf-8") as text:
        problem = Problem.from_json(json.load(text))
    seconds = options.time_limit or LIMITS.get(family) or LONG_LIMITS.get(family, 60.0)
    first: list[float] = []

    def listen(progress: Progress) -> None:
        if progress.cost is not None and not first:
            first.append(progress.seconds)
        if options.progress:
            print(f"  {progress.seconds:7.1f} {progress.cost} {progress.bound}", file=sys.stderr)

    result = solve(
        problem, time_limit=seconds, workers=options.workers, seed=seed, on_progress=listen
    )
    verify(problem, result)
    others = tuple(
        SOLVERS[name](problem, seconds, options.workers, seed) for name in options.against
    )
    name = path.name.removesuffix(".json.gz")
    return Row(name, family, seed, result, first[0] if first else None, known.get(name), others)


def verify(problem: Problem, result: Result) -> None:
    """The judge must find the roster legal, at the cost claimed, not below the bound."""
    if result.cost is None:
        return
    judgement = check(problem, result)
    if judgement.violations or judgement.cost != result.cost:
        raise SystemExit(f"{problem.name}: the judge disagrees: {judgement}")
    if result.bound is not None and result.bound > result.cost:
        raise SystemExit(f"{problem.name}: bound {result.bound} above cost {result.cost}")


def solver_names(text: str) -> tuple[str, ...]:
    """The names of `--against`, separated by commas."""
    names = tuple(text.split(","))
    if unknown := set(names) - SOLVERS.keys():
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


def summary(rows: list[Row]) -> list[str]:
    """Mean and worst gap of each family."""
    gaps: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.result.gap is not None:
            gaps[row.family].append(100 * row.result.gap)
    return [
        f"{family}: gap mean {sum(found) / len(found):.2f} %, worst {max(found):.2f} %"
        for family, found in gaps.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--time-limit", type=float, help="seconds; default by family")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--against",
        type=solver_names,
        default=(),
        help=f"others beside, same time: {', '.join(SOLVERS)}",
    )
    parser.add_argument("--progress", action="store_true")
    options = parser.parse_args()
    if "timefold" in options.against and not timefold_is_there():
        raise SystemExit(TIMEFOLD_NEEDS)
    folder = shared_folder()
    known = best_known(folder)
    rows = []
    beside = [title for name in options.against for title in (name, f"{name} / ours")]
    print("\t".join([*HEADER, *beside]))
    for family, path in instances(folder, options.families.split(",")):
        for seed in options.seeds.split(","):
            row = measure(path, family, int(seed), options, known)
            rows.append(row)
            print("\t".join(row.cells()), flush=True)
    print("\n".join(summary(rows)))
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    whose = ", others beside included" if options.against else ""
    print(f"most memory of one process{whose}: {peak / 1024:.0f} MB")


if __name__ == "__main__":
    main()
