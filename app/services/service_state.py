"""What who runs the service asks of it: is it ready, how much waits, who is alive. No names."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from peewee import PeeweeException, fn
from playhouse.pool import MaxConnectionsExceeded

from app.database import pending_migrations, unknown_migrations
from app.models import Mail, MailStatus, Run, RunStatus, Worker, database

BEAT_SECONDS = 5.0
"""How often a worker says that it is alive."""
BEAT_OLD = dt.timedelta(seconds=30)
"""A worker that said nothing for as long is taken for dead."""
FORGOTTEN = dt.timedelta(days=1)
NEWER = "the database is of a newer version: start that one, or restore a backup of this one's"
OLDER = "the database is of an older version: run `flask migrate`"
_AWAY = (PeeweeException, MaxConnectionsExceeded, OSError)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each is true, or whatever needs it does not work."""

    database: bool
    migrations: bool
    worker: bool
    reason: str = ""
    """Why the tables are not those of this version, for whoever runs the service."""


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    runs: dict[str, int]
    """Runs that have not ended, by status."""
    runs_wait_seconds: float
    """How long the run that waits longest has waited."""
    mails: dict[str, int]
    """Mails that have not come to a good end, by status."""
    mails_wait_seconds: float
    """How long the mail that is due longest has been due."""
    workers: int
    """Alive."""
    beat_age_seconds: float | None
    """Since the youngest heartbeat of any worker; None where none is known."""


def beat(owner: str, started_at: dt.datetime, now: dt.datetime) -> None:
    """Say that the worker `owner` is alive."""
    with database.atomic():
        if not Worker.update(beat_at=now).where(Worker.owner == owner).execute():
            Worker.insert(
                owner=owner, started_at=started_at, beat_at=now
            ).on_conflict_ignore().execute()
            Worker.delete().where(Worker.beat_at < now - FORGOTTEN).execute()


def living(now: dt.datetime) -> Any:
    """The query for the workers that are alive, for any database."""
    return Worker.select().where(Worker.beat_at > now - BEAT_OLD)


def leave(owner: str) -> None:
    """Say that the worker `owner` has gone."""
    Worker.delete().where(Worker.owner == owner).execute()


def readiness(now: dt.datetime) -> Readiness:
    """Asks the database; never raises where it cannot be reached."""
    try:
        lacking, unknown = pending_migrations(), unknown_migrations()
    except _AWAY:
        return Readiness(database=False, migrations=False, worker=False)
    if lacking or unknown:
        reason = NEWER if unknown else OLDER
        return Readiness(database=True, migrations=False, worker=False, reason=reason)
    with database.connection_context():
        return Readiness(database=True, migrations=True, worker=_alive(now) > 0)


def figures_if_reached(now: dt.datetime) -> ServiceFigures | None:
    """What waits, by counts; None where the database cannot be reached or has no tables yet."""
    try:
        with database.connection_context():
            return _figures(now)
    except _AWAY:
        return None


def _figures(now: dt.datetime) -> ServiceFigures:
    open_runs = (RunStatus.QUEUED, RunStatus.RUNNING)
    done = (MailStatus.SENT, MailStatus.REFUSED, MailStatus.GIVEN_UP)
    runs: Counter[str] = Counter(dict.fromkeys(map(str, open_runs), 0))
    for status, count in _by_status(Run, Run.status.in_(open_runs)):
        runs[str(status)] = count
    mails: Counter[str] = Counter({str(one): 0 for one in MailStatus if one not in done})
    for status, count in _by_status(Mail, Mail.status.not_in(done)):
        mails[str(status)] = count
    asked = Run.select(fn.MIN(Run.asked_at)).where(Run.status == RunStatus.QUEUED).scalar()
    due = (
        Mail.select(fn.MIN(Mail.due_at))
        .where(Mail.status == MailStatus.WAITING, Mail.due_at <= now)
        .scalar()
    )
    youngest = Worker.select(fn.MAX(Worker.beat_at)).scalar()
    return ServiceFigures(
        runs=dict(runs),
        runs_wait_seconds=_age(asked, now) or 0.0,
        mails=dict(mails),
        mails_wait_seconds=_age(due, now) or 0.0,
        workers=_alive(now),
        beat_age_seconds=_age(youngest, now),
    )


def _by_status(table: type[Run] | type[Mail], which: object) -> list[tuple[str, int]]:
    query = table.select(table.status, fn.COUNT(table.status)).where(which).group_by(table.status)
    return [(status, int(count)) for status, count in query.tuples()]


def _alive(now: dt.datetime) -> int:
    return int(living(now).count())


def _age(since: dt.datetime | None, now: dt.datetime) -> float | None:
    return max(0.0, (now - since).total_seconds()) if since else None
