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
HELD_FOR = dt.timedelta(hours=1)
"""How long a worker has a task of several parts to itself."""
log = logging.getLogger("escala.daily")
_resting: dict[str, dt.datetime] = {}
"""Task → when this worker tries it again."""


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    hour: int
    """Not before this hour of the network's wall clock."""
    carry_out: Callable[[dt.datetime], object]
    by_parts: bool = False
    """It commits part after part, each of which may be done again."""


TASKS = (
    Task("retention", 3, lambda now: retention.keep_to_register(now), by_parts=True),
    Task("remind", 6, lambda now: reminding.remind(now)),
)


def do_what_is_due(now: dt.datetime) -> list[str]:
    """Do each task whose hour has come and which nobody has done today; their names.

    The day is marked in the same transaction: a worker that dies in it has done nothing. What goes
    by parts is marked after the last: a worker that dies half way leaves it to the next, an hour
    later, who finds less to do. One that fails is tried again some minutes later, and holds up
    neither the others nor the mail.
    """
    local = now.astimezone(ZoneInfo(NETWORK_ZONE))
    done = []
    for task in TASKS:
        early = local.hour < task.hour or now < _resting.get(task.name, now)
        if early or _is_settled(task.name, local.date(), now):
            continue
        try:
            carry_out = _by_parts if task.by_parts else _at_once
            if carry_out(task, local.date(), now):
                done.append(task.name)
        except AWAY:
            raise
        except Exception:
            log.exception("%s failed", task.name)
            _resting[task.name] = now + REST
    return done


def _at_once(task: Task, date: dt.date, now: dt.datetime) -> bool:
    """Do it in one transaction with the mark; False where another worker has."""
    with database.atomic():
        taken = _take(task.name, date)
        if taken:
            task.carry_out(now)
    return taken


def _by_parts(task: Task, date: dt.date, now: dt.datetime) -> bool:
    """Do it part after part, then mark it; False where another worker has it in hand."""
    _begin(task.name, date)
    mine = DailyTask.name == task.name
    free = DailyTask.held_until.is_null() | (DailyTask.held_until <= now)
    held = DailyTask.update(held_until=now + HELD_FOR).where(mine, DailyTask.done_on < date, free)
    if not held.execute():
        return False
    try:
        task.carry_out(now)
    except AWAY:
        raise
    except Exception:
        DailyTask.update(held_until=None).where(mine).execute()
        raise
    DailyTask.update(done_on=date, held_until=None).where(mine).execute()
    return True


def _is_settled(name: str, date: dt.date, now: dt.datetime) -> bool:
    """Whether it is done for that day, or another worker has it in hand; a look that writes
    nothing, since it is taken twice a second."""
    task = DailyTask.get_or_none(DailyTask.name == name)
    if task is None:
        return False
    return bool(task.done_on >= date or (task.held_until is not None and now < task.held_until))


def _take(name: str, date: dt.date) -> bool:
    """Mark the day; False where another worker has. It holds the row until the transaction ends."""
    _begin(name, date)
    taken = (
        DailyTask.update(done_on=date)
        .where(DailyTask.name == name, DailyTask.done_on < date)
        .execute()
    )
    return bool(taken)


def _begin(name: str, date: dt.date) -> None:
    """See that the task has its row."""
    yesterday = date - dt.timedelta(days=1)
    DailyTask.insert(name=name, done_on=yesterday).on_conflict_ignore().execute()
