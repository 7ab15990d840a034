"""How long does looking a year ahead take? Prints a table; holds nothing to account.

python tests/bench/bench_horizon.py [--people 750] [--certifications 5000] [--runs 5] [--page]

With --page the same country is laid in a database file, and the whole page asked for as a
coordinator's browser does, five times. Seconds are of processor time, so that what else the machine
does is left out; the page is made by one process from its own connection, without waiting.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "training")]

from large_country import keep  # noqa: E402
from population import RULES, Population, populate  # noqa: E402
from small_world import PASSWORD, build_small_world  # noqa: E402

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import migrate  # noqa: E402
from app.models import database  # noqa: E402
from training.horizon import look_ahead  # noqa: E402
from training.proposals import propose_sessions  # noqa: E402
from training.reminders import reminders_due  # noqa: E402

TODAY = date(2026, 1, 15)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=750)
    parser.add_argument("--certifications", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--page", action="store_true", help="the page too, from a database")
    asked = parser.parse_args()
    seconds: dict[str, list[float]] = {"horizon": [], "proposals": [], "reminders": []}
    for seed in range(asked.runs):
        made = populate(TODAY, asked.people, asked.certifications, seed=seed)
        start = time.process_time()
        horizon = look_ahead(
            made.people, made.needs, made.certifications, TODAY, TODAY + timedelta(days=365)
        )
        seconds["horizon"].append(time.process_time() - start)
        start = time.process_time()
        proposals = propose_sessions(horizon, RULES, TODAY)
        seconds["proposals"].append(time.process_time() - start)
        start = time.process_time()
        reminders = reminders_due(horizon.expiries, TODAY, frozenset(), horizon.at_stake())
        seconds["reminders"].append(time.process_time() - start)
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
    if asked.page:
        now = datetime.now(UTC)
        made = populate(now.date(), asked.people, asked.certifications)
        took, size = page_seconds(made, now, asked.runs)
        print(f"{'page':<10} {statistics.median(took):9.3f} {max(took):9.3f}  {size / 1e6:.1f} MB")


def page_seconds(made: Population, now: datetime, runs: int) -> tuple[list[float], int]:
    """Seconds of each request of the page, and its size in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        application = create_app(
            read_settings({"ESCALA_SECRET_KEY": "k" * 40}, instance=Path(folder))
        )
        application.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        migrate(Path(folder))
        with database.connection_context():
            world = build_small_world(now)
            keep(world, made)
        client = application.test_client()
        client.post("/sign-in", data={"email": world.coordinator, "password": PASSWORD})
        seconds = []
        for _ in range(runs):
            start = time.process_time()
            answer = client.get("/horizon")
            seconds.append(time.process_time() - start)
            assert answer.status_code == 200, answer.status
        database.obj.dispose()
    return seconds, len(answer.data)


if __name__ == "__main__":
    main()
