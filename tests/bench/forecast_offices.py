"""How long it takes to foresee a week at every office of the demonstration, from table to table."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path

from app import create_app
from app.config import read_settings
from app.database import migrate
from app.models import Arrival, PlanningGroup, database
from app.services import planning, week_rows
from app.services.horizon import monday_of
from seeds import demo

KEY = {"ESCALA_SECRET_KEY": "k" * 40}
TIMES = 3


def measure(url: str | None) -> None:
    """Foresee the week after the last arrival TIMES times over and print each in seconds.

    url: a database in which the demonstration is loaded (brought up to this version's tables; its
    rows stay as they are), None to load it into a folder of its own first, some minutes long.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = {"ESCALA_DATABASE_URL": url} if url else {}
        create_app(read_settings(KEY | given, instance=Path(folder)))
        migrate(Path(folder))
        with database.connection_context():
            if url is None:
                demo.load(dt.datetime.now(dt.UTC).date())
            _measure()
        database.obj.dispose()


def _measure() -> None:
    last = Arrival.select().order_by(Arrival.starts_at.desc()).first().starts_at
    now = last + dt.timedelta(days=1)
    week = monday_of(now.date()) + dt.timedelta(weeks=1)
    groups = list(PlanningGroup.select().order_by(PlanningGroup.id))
    print(f"\nEvery office of the demonstration, the week of {week}; wall (processor) seconds")
    for _time in range(TIMES):
        began = _now()
        prepared = [planning.prepare_forecast(group, week, now) for group in groups]
        foreseen = _now()
        rows = [week_rows.forecast_rows(one, now) for one in prepared]
        reckoned = _now()
        with database.atomic() as transaction:
            written = sum(week_rows.save_forecast(one) for one in rows)
            saved = _now()
            transaction.rollback()
        offices = sum(len(one.offices) for one in prepared)
        print(
            f"{offices} offices: read and foreseen {_between(began, foreseen)}, "
            f"quantiles {_between(foreseen, reckoned)}, "
            f"{written} rows written {_between(reckoned, saved)}, "
            f"in all {_between(began, saved)}",
            flush=True,
        )


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _between(first: tuple[float, float], last: tuple[float, float]) -> str:
    return f"{last[0] - first[0]:.2f} ({last[1] - first[1]:.2f})"
