"""What does raising languages do to the demonstration's week? One line for each way of asking.

    python tests/bench/bench_raising.py --raised 0 [--seconds 40] [--workers 2] [--seed 0]

The demonstration is laid in a database of its own; its week is asked for with counts raised by so
many at most, built, and every day of every office simulated with that roster.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import migrate  # noqa: E402
from app.models import Office, Requirement, Roster, database  # noqa: E402
from app.services import coverage, planning, reception, rosters, week_rows  # noqa: E402
from app.services.horizon import monday_of  # noqa: E402
from app.services.judging import judge  # noqa: E402
from app.services.problems import BuildOptions  # noqa: E402
from app.services.rights import SYSTEM  # noqa: E402
from app.services.waiting_run import REPLICATIONS, SEED, on_day, serving_mediators  # noqa: E402
from forecast import raising  # noqa: E402
from forecast.visitors import OfficeDay  # noqa: E402
from forecast.waiting import simulate  # noqa: E402
from seeds import demo  # noqa: E402
from seeds.demo_run import GROUP  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--raised", type=int, required=True, help="by how many at most")
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--today", type=dt.date.fromisoformat, default=dt.date(2026, 11, 26))
    asked = parser.parse_args()
    raising.RAISED_MOST = asked.raised
    with tempfile.TemporaryDirectory() as folder:
        create_app(read_settings({"ESCALA_SECRET_KEY": "k" * 40}, instance=Path(folder)))
        migrate(Path(folder))
        with database.connection_context():
            measure(asked)
        database.obj.dispose()


def measure(asked: argparse.Namespace) -> None:
    demo.load(asked.today)
    group = planning.group_of_code(GROUP)
    week = monday_of(asked.today) + dt.timedelta(days=7)
    morning = dt.datetime.combine(asked.today, dt.time(8), dt.UTC)
    prepared = planning.prepare_forecast(group, week, morning)
    began = time.perf_counter()
    derived = week_rows.derive(prepared)
    with database.atomic():
        week_rows.save_requirements(derived)
    deriving = time.perf_counter() - began
    built = rosters.build(
        group, week, BuildOptions(), seconds=asked.seconds, workers=asked.workers, seed=asked.seed
    )
    now = dt.datetime.combine(asked.today, dt.time(9), dt.UTC)
    with database.atomic():
        roster = Roster.get_by_id(rosters.save_draft(SYSTEM, built, now))
    cover = coverage.of_roster(roster)
    heads = sum(row.count for row in Requirement.select().where(Requirement.week_starts_on == week))
    within, waited, visitors, rare = received(prepared, roster, week)
    print(
        f"raised by {asked.raised}: heads {heads}, derived in {deriving:.1f} s, "
        f"cost {built.judgement.cost}, bound {built.result.bound}, cover {cover.share:.1%}, "
        f"in time {within / visitors:.2%}, in languages but Portuguese {rare:.2%}, "
        f"mean wait {waited / visitors:.2f} min, broken rules {len(built.judgement.violations)}"
    )


def received(
    prepared: planning.PreparedForecast, roster: Roster, week: dt.date
) -> tuple[float, float, float, float]:
    """Visitors of the week received within the target, minutes waited, visitors in all; and the
    share received in time of those who do not speak Portuguese."""
    judged = judge(roster)
    sums: Counter[str] = Counter()
    for office in Office.select().where(Office.group == prepared.group, Office.active):
        serving = serving_mediators(office, week, judged)
        for index in range(7):
            date = week + dt.timedelta(days=index)
            day = OfficeDay.of_forecast(
                prepared.forecasts[office.code],
                date,
                on_day(serving, date, ZoneInfo(office.zone)),
                service=reception.service_times(office, week),
                manners=reception.manners(office),
            )
            if not day.starts:
                continue
            report = simulate(day, replications=REPLICATIONS, seed=SEED + index)
            for row in report.by_language:
                sums["visitors"] += row.visitors
                sums["within"] += row.visitors * row.within.value
                sums["waited"] += row.visitors * row.mean_wait.value
                if row.language != "pt":
                    sums["others"] += row.visitors
                    sums["others within"] += row.visitors * row.within.value
    rare = sums["others within"] / max(sums["others"], 1e-9)
    return sums["within"], sums["waited"], sums["visitors"], rare


if __name__ == "__main__":
    main()
