"""How long does a search for a session's time take? On a demonstration that is there already.

    ESCALA_INSTANCE=DIR python tests/bench/bench_placing.py [--people 12] [--weeks 6]

The search is the run itself, as a worker carries it out: weeks without a roster are foreseen and
built. Prints what it came to; nothing is planned.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from app import create_app, settings_of  # noqa: E402
from app.handlers import handlers_for  # noqa: E402
from app.models import Course, Mediator, Office, Run, database  # noqa: E402
from app.runs import execute  # noqa: E402
from app.services import placing  # noqa: E402
from app.services.placing_times import Wanted  # noqa: E402
from app.services.rights import SYSTEM  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--weeks", type=int, default=6)
    parser.add_argument("--minutes", type=int, default=180)
    asked = parser.parse_args()
    application = create_app()
    now = dt.datetime.now(dt.UTC)
    with database.connection_context():
        office = Office.get(Office.code == "lisbon")
        people = Mediator.select().where(Mediator.home_office == office, Mediator.active)
        tomorrow = now.date() + dt.timedelta(days=1)
        wanted = Wanted(
            course_id=Course.get(Course.active).id,
            minutes=asked.minutes,
            first_day=tomorrow,
            last_day=tomorrow + dt.timedelta(days=7 * asked.weeks - 1),
            people=tuple(row.id for row in people.order_by(Mediator.code).limit(asked.people)),
            office_id=office.id,
        )
        run = Run.get_by_id(placing.ask(SYSTEM, wanted, now))
        Run.update(status="running", owner="bench", attempt=1).where(Run.id == run.id).execute()
        began = time.perf_counter()
        execute(Run.get_by_id(run.id), handlers_for(settings_of(application)), "bench")
        seconds = time.perf_counter() - began
        page = placing.page(SYSTEM, run.id)
    print(f"{len(wanted.people)} people, {asked.weeks} weeks: {page.status} in {seconds:.1f} s")
    print(f"weeks built for it: {page.weeks_solved}, without a roster: {len(page.weeks_unsolved)}")
    for one in page.choices:
        when = " and ".join(f"{group.starts_at:%d %b %H:%M}" for group in one.groups)
        print(f"  {when}: cost {one.cost}, absent {len(one.absent)}")
    print(page.error, end="")


if __name__ == "__main__":
    main()
