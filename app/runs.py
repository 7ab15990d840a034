"""Long jobs. The `run` table is the truth; a worker only reads it.

A worker claims a queued run, or one whose lease ran out because its worker died, holds it by a
lease that a heartbeat renews, and writes what came of it in the same transaction that ends the
run: so a killed worker loses nothing and nothing is done twice. On SIGTERM it hands the run back.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from peewee import Expression

from app.failures import AWAY, failure_of
from app.models import Run, RunStatus, database

LEASE = dt.timedelta(seconds=15)
HEARTBEAT_SECONDS = 0.5
MOST_ATTEMPTS = 3
MOST_POINTS = 400
"""Progress points kept; past that every second one is let go."""

log = logging.getLogger("escala.runs")

Commit = Callable[[], dict[str, Any]]
"""Writes what a job found and returns the run's result; called inside the ending transaction."""


class RunContext:
    """What a handler sees of its run: its parameters, a place to report to, whether to stop."""

    def __init__(self, run: Run, owner: str) -> None:
        self.run_id = int(run.id)
        self.attempt = int(run.attempt)
        self.owner = owner
        self.parameters: dict[str, Any] = dict(run.parameters)
        self.asked_by: int | None = run.asked_by_id
        self._stop = threading.Event()
        self._cancelled = threading.Event()
        self._points: list[dict[str, Any]] = list(run.progress) if run.attempt == 1 else []
        self._lock = threading.Lock()
        self.abandoned = False
        self.lost_database = False
        """The attempt ended because the database did not answer; nothing of it is written."""

    def report(self, **point: Any) -> None:
        """Add one point of progress; the heartbeat writes it."""
        with self._lock:
            self._points.append(point)
            if len(self._points) > MOST_POINTS:
                self._points = self._points[::2]

    def should_stop(self) -> bool:
        """Whether to return the best so far at once."""
        return self._stop.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether someone asked that the run end with nothing kept."""
        return self._cancelled.is_set()

    def stop(self) -> None:
        """End the search; what it found is kept."""
        self._stop.set()

    def cancel(self) -> None:
        """End the search; nothing is kept."""
        self._cancelled.set()
        self._stop.set()

    def abandon(self) -> None:
        """End the search; the run goes on elsewhere, so nothing of it is written here."""
        self.abandoned = True
        self._stop.set()

    def points(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._points)


Handler = Callable[[RunContext], Commit]


def enqueue(
    kind: str,
    parameters: Mapping[str, Any],
    now: dt.datetime,
    asked_by: int | None = None,
    about: str = "",
) -> int:
    """Ask for a job; the run's id. `about` is what its like are found by."""
    run = Run.create(
        kind=kind, parameters=dict(parameters), about=about, asked_by=asked_by, asked_at=now
    )
    return int(run.id)


def claim(owner: str, now: dt.datetime) -> Run | None:
    """The oldest run that waits or whose worker died, now held by `owner`; None when none does.

    The update names the attempt it saw, so two workers never hold one attempt.
    """
    waiting = (Run.status == RunStatus.QUEUED) | (
        (Run.status == RunStatus.RUNNING) & (Run.lease_until < now)
    )
    # All read before anything is written (see DESIGN.md on SQLite).
    for run in list(Run.select().where(waiting).order_by(Run.id).limit(5)):
        if run.attempt >= MOST_ATTEMPTS:
            _give_up(run, now)
            continue
        taken = (
            Run.update(
                status=RunStatus.RUNNING,
                owner=owner,
                attempt=run.attempt + 1,
                lease_until=now + LEASE,
                started_at=now,
            )
            .where(Run.id == run.id, Run.attempt == run.attempt, Run.status == run.status)
            .execute()
        )
        if taken:
            return Run.get_by_id(run.id)
    return None


def execute(run: Run, handlers: Mapping[str, Handler], owner: str) -> RunContext:
    """Carry out a claimed run to its end, with its heartbeat. Returns its context.

    One that lost its database is the caller's to `release`, on a connection of its own.
    """
    context = RunContext(run, owner)
    begun = time.monotonic()
    ended = threading.Event()
    heart = threading.Thread(target=_beat, args=(context, ended), daemon=True)
    heart.start()
    try:
        commit = handlers[run.kind](context)
        ended.set()
        heart.join()
        outcome = _finish(context, commit)
        if outcome is not None:
            took = time.monotonic() - begun
            log.info("run %s (%s) ended after %.1f s: %s", run.id, run.kind, took, outcome)
    except AWAY as error:
        ended.set()
        heart.join()
        log.error("run %s (%s) lost its database: %s", run.id, run.kind, failure_of(error))
        context.lost_database = True
    except Exception as error:
        ended.set()
        heart.join()
        if context.abandoned:
            return context
        where = failure_of(error)
        if context.cancelled:
            # Told to end before there was anything, a job has nothing to answer with.
            log.info("run %s (%s) was cancelled: %s", run.id, run.kind, where)
            _end(context, status=RunStatus.CANCELLED)
            return context
        log.error("run %s (%s) failed: %s", run.id, run.kind, where)
        _end(context, status=RunStatus.FAILED, error=where)
    finally:
        ended.set()
    return context


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _beat(context: RunContext, ended: threading.Event) -> None:
    """Renew the lease, write the progress, read what is asked, twice a second."""
    while not ended.wait(HEARTBEAT_SECONDS):
        try:
            with database.connection_context():
                if not _update_mine(context, lease_until=_now() + LEASE, progress=context.points()):
                    context.abandon()
                    return
                asked = (
                    Run.select(Run.cancel_asked, Run.stop_asked)
                    .where(Run.id == context.run_id)
                    .get()
                )
        except Exception:
            log.exception("heartbeat of run %s", context.run_id)
            time.sleep(HEARTBEAT_SECONDS)
            continue
        if asked.cancel_asked:
            context.cancel()
        elif asked.stop_asked:
            context.stop()


def _update_mine(context: RunContext, *also: Expression, **columns: Any) -> bool:
    """Update the run only while it is still this attempt's, and that holds `also`; whether so."""
    changed = (
        Run.update(**columns)
        .where(
            Run.id == context.run_id,
            Run.owner == context.owner,
            Run.attempt == context.attempt,
            Run.status == RunStatus.RUNNING,
            *also,
        )
        .execute()
    )
    return bool(changed)


def _finish(context: RunContext, commit: Commit) -> RunStatus | None:
    """Write what the job found and end the run, both or neither; how it ended, None where it is no
    longer this attempt's."""
    if context.abandoned:
        return None
    # Asked for since the last heartbeat, it still holds.
    if context.cancelled or Run.get_by_id(context.run_id).cancel_asked:
        _end(context, status=RunStatus.CANCELLED)
        return RunStatus.CANCELLED
    with database.atomic() as transaction:
        result = commit()
        kept = _update_mine(
            context,
            ~Run.cancel_asked,  # meanwhile, as by an erasure
            status=RunStatus.DONE,
            result=result,
            progress=context.points(),
            ended_at=_now(),
            lease_until=None,
        )
        if not kept:
            transaction.rollback()
    if kept:
        return RunStatus.DONE
    if Run.get_by_id(context.run_id).cancel_asked:
        _end(context, status=RunStatus.CANCELLED)
        return RunStatus.CANCELLED
    log.warning("run %s was taken over; its result is dropped", context.run_id)
    return None


def _end(context: RunContext, *, status: RunStatus, error: str = "") -> None:
    _update_mine(
        context,
        status=status,
        error=error,
        progress=context.points(),
        ended_at=_now(),
        lease_until=None,
    )


def release(context: RunContext) -> None:
    """Queue the run for its next attempt: that the database went away is no fault of it.

    Where it is away still, the lease runs out instead.
    """
    with suppress(*AWAY), database.connection_context():
        _update_mine(context, status=RunStatus.QUEUED, lease_until=None, owner="")


def hand_back(context: RunContext) -> None:
    """Queue the run again, as if this attempt had not been."""
    with database.connection_context():
        _update_mine(
            context,
            status=RunStatus.QUEUED,
            attempt=context.attempt - 1,
            lease_until=None,
            owner="",
        )


def _give_up(run: Run, now: dt.datetime) -> None:
    Run.update(
        status=RunStatus.FAILED,
        error=f"given up after {run.attempt} attempts whose worker did not come back",
        ended_at=now,
        lease_until=None,
    ).where(
        Run.id == run.id,
        Run.attempt == run.attempt,
        Run.status == run.status,
        Run.lease_until.is_null() | (Run.lease_until < now),
    ).execute()
