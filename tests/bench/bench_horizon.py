"""How long does looking a year ahead take? Prints a table; holds nothing to account.

python tests/bench/bench_horizon.py [--people 750] [--certifications 5000] [--runs 5]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "training")]

from population import RULES, populate  # noqa: E402

from training.horizon import look_ahead  # noqa: E402
from training.proposals import propose_sessions  # noqa: E402
from training.reminders import reminders_due  # noqa: E402

TODAY = date(2026, 1, 15)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=750)
    parser.add_argument("--certifications", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    seconds: dict[str, list[float]] = {"horizon": [], "proposals": [], "reminders": []}
    for seed in range(asked.runs):
        made = populate(TODAY, asked.people, asked.certifications, seed=seed)
        start = time.perf_counter()
        horizon = look_ahead(
            made.people, made.needs, made.certifications, TODAY, TODAY + timedelta(days=365)
        )
        seconds["horizon"].append(time.perf_counter() - start)
        start = time.perf_counter()
        proposals = propose_sessions(horizon, RULES, TODAY)
        seconds["proposals"].append(time.perf_counter() - start)
        start = time.perf_counter()
        reminders = reminders_due(horizon.expiries, TODAY, frozenset(), horizon.at_stake())
        seconds["reminders"].append(time.perf_counter() - start)
    asked_for = sum(len(need.languages) for need in made.needs)
    print(
        f"{asked.people} people, {asked.certifications} certifications, "
        f"{asked_for} desks and languages, a year ahead"
    )
    print(
        f"last run: {len(horizon.expiries)} expiries, {len(horizon.losses)} losses, "
        f"{len(proposals)} sessions proposed, {len(reminders)} reminders"
    )
    print("step        median s   worst s")
    for step, times in seconds.items():
        print(f"{step:<10} {statistics.median(times):9.3f} {max(times):9.3f}")
    total = [sum(run) for run in zip(*seconds.values(), strict=True)]
    print(f"{'all':<10} {statistics.median(total):9.3f} {max(total):9.3f}")


if __name__ == "__main__":
    main()
