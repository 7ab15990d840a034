"""What is done once a day by whichever worker comes first."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from app.models import DailyTask, database
from app.services import reminding
from app.services.horizon import NETWORK_ZONE

HOUR = 6
"""Not before this hour of the network's wall clock."""


def remind_once_a_day(now: dt.datetime) -> bool:
    """Tell of certifications that end, if nobody has today; whether it was done now.

    The day is marked in the same transaction: a worker that dies in it has done nothing.
    """
    local = now.astimezone(ZoneInfo(NETWORK_ZONE))
    if local.hour < HOUR or _done("remind", local.date()):
        return False
    with database.atomic():
        if not _take("remind", local.date()):
            return False
        reminding.remind(now)
    return True


def _done(name: str, date: dt.date) -> bool:
    task = DailyTask.get_or_none(DailyTask.name == name)
    return task is not None and task.done_on >= date


def _take(name: str, date: dt.date) -> bool:
    """Mark the day; False where another worker has. It holds the row until the transaction ends."""
    yesterday = date - dt.timedelta(days=1)
    DailyTask.insert(name=name, done_on=yesterday).on_conflict_ignore().execute()
    taken = (
        DailyTask.update(done_on=date)
        .where(DailyTask.name == name, DailyTask.done_on < date)
        .execute()
    )
    return bool(taken)
