"""What was foreseen of the last weeks, as it would have been at the time: something to compare."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from app.models import PlanningGroup, database
from app.services import planning, week_rows
from seeds.staff import NETWORK_ZONE

WEEKS = 3
MADE_BEFORE = dt.timedelta(days=5)
"""A week is foreseen on the Wednesday before it, in the morning."""


def keep_past_forecasts(
    group: PlanningGroup, under_way: dt.date, step: Callable[[int, int], None]
) -> None:
    """Foresee each of the last weeks from what was counted before it, and keep that.

    The week under way, which begins on `under_way`, has none: no forecast asked for its shifts.
    """
    for done, before in enumerate(range(WEEKS, 0, -1), start=1):
        monday = under_way - dt.timedelta(weeks=before)
        morning = dt.datetime.combine(monday - MADE_BEFORE, dt.time(8), NETWORK_ZONE)
        made_at = morning.astimezone(dt.UTC)
        prepared = planning.prepare_forecast(group, monday, made_at)
        foreseen = week_rows.forecast_rows(prepared, made_at)
        with database.atomic():
            week_rows.save_forecast(foreseen)
        step(done, WEEKS)
