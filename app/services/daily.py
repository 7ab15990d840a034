"""What is done once a day by whichever worker comes first."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.failures import AWAY
from app.models import DailyTask, database
from app.services import reminding, retention
from app.services.horizon import NETWORK_ZONE

REST = dt.timedelta(minutes=10)
log = logging.getLogger("escala.daily")
_resting: dict[str, dt.datetime] = {}
"""Task → when this worker tries it again."""


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    hour: int
    """Not before this hour of the network's wall clock."""
    carry_out: Callable[[dt.datetime], object]


TASKS = (
    Task("retention", 3, lambda now: retention.keep_to_register(now)),
    Task("remind", 6, lambda now: reminding.remind(now)),
)


def do_what_is_due(now: dt.datetime) -> list[str]:
    """Do each task whose hour has come and which nobody has done today; their names.

    The day is marked in the same transaction: a worker that dies in it has done nothing. One that
    fails is tried again some minutes later, and holds up neither the others nor the mail.
    """
    local = now.astimezone(ZoneInfo(NETWORK_ZONE))
    done = []
    for task in TASKS:
        early = local.hour < task.hour or now < _resting.get(task.name, now)
        if early or _done(task.name, local.date()):
            continue
        try:
            with database.atomic():
                if _take(task.name, local.date()):
                    task.carry_out(now)
                    done.append(task.name)
        except AWAY:
            raise
        except Exception:
            log.exception("%s failed", task.name)
            _resting[task.name] = now + REST
    return done


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
