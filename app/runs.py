"""Long jobs. The `run` table is the truth; a worker only reads it.

A worker claims a queued run, or one whose lease ran out because its worker died, holds it by a
lease that a heartbeat renews, and writes what came of it in the same transaction that ends the
run: so a killed worker loses nothing and nothing is done twice. On SIGTERM it hands the run back.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from app.failures import AWAY, failure_of
from app.models import Run, RunStatus, database
from app.services import service_state

LEASE = dt.timedelta(seconds=15)
HEARTBEAT_SECONDS = 0.5
POLL_SECONDS = 0.5
FINISH_SECONDS = 5
"""How long what goes on beside the runs may take to finish when the worker leaves."""
MOST_ATTEMPTS = 3
TROUBLE_SECONDS = 2.0
"""How long a worker rests when the database is away."""
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
    kind: str, parameters: Mapping[str, Any], now: dt.datetime, asked_by: int | None = None
) -> int:
    """Ask for a job; the run's id."""
    run = Run.create(kind=kind, parameters=dict(parameters), asked_by=asked_by, asked_at=now)
    return int(run.id)


def claim(owner: str, now: dt.datetime) -> Run | None:
    """The oldest run that waits or whose worker died, now held by `owner`; None when none does.

    The update names the attempt it saw, so two workers never hold one attempt.
    """
    waiting = (Run.status == RunStatus.QUEUED) | (
        (Run.status == RunStatus.RUNNING) & (Run.lease_until < now)
    )
    for run in Run.select().where(waiting).order_by(Run.id).limit(5):
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
    """Carry out a claimed run to its end, with its heartbeat. Returns its context."""
    context = RunContext(run, owner)
    ended = threading.Event()
    heart = threading.Thread(target=_beat, args=(context, ended), daemon=True)
    heart.start()
    try:
        commit = handlers[run.kind](context)
        ended.set()
        heart.join()
        _finish(context, commit)
    except Exception as error:
        ended.set()
        heart.join()
        if context.abandoned:
            return context
        where = failure_of(error)
        log.error("run %s (%s) failed: %s", run.id, run.kind, where)
        _end(context, status=RunStatus.FAILED, error=where)
    finally:
        ended.set()
    return context


class Worker:
    """Takes runs one after another until told to leave; `beside` goes on in a thread meanwhile.

    `beside` gets the event that says to leave; what it has in hand then, it may finish.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        beside: Callable[[threading.Event], None] | None = None,
    ) -> None:
        self.handlers = handlers
        self.beside = beside
        self.owner = f"{socket.gethostname()}.{os.getpid()}"
        self.started_at = _now()
        self._beat_due = 0.0
        self._leave = threading.Event()
        self._context: RunContext | None = None

    def leave(self, *_signal: object) -> None:
        """Stop taking runs, and hand back the one in hand."""
        self._leave.set()

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self.leave)
        signal.signal(signal.SIGINT, self.leave)
        log.info("worker %s waits for runs", self.owner)
        beside = None
        if self.beside is not None:
            beside = threading.Thread(target=self.beside, args=(self._leave,), daemon=True)
            beside.start()
        while not self._leave.is_set():
            self._leave.wait(self._turn())
        if beside is not None:
            beside.join(FINISH_SECONDS)
        with suppress(*AWAY), database.connection_context():
            service_state.leave(self.owner)

    def _turn(self) -> float:
        """Carry out a run, if one waits; how many seconds to rest after it.

        A database that is away is waited for: a worker that ended would be started anew only to
        find it away still.
        """
        try:
            self._say_alive()
            return 0.0 if self.run_one() else POLL_SECONDS
        except AWAY as error:
            log.error("the database does not answer: %s", failure_of(error))
            return TROUBLE_SECONDS

    def _say_alive(self) -> None:
        """From the thread that takes runs, so that one that hangs is not taken for alive."""
        if time.monotonic() < self._beat_due:
            return
        self._beat_due = time.monotonic() + service_state.BEAT_SECONDS
        with database.connection_context():
            service_state.beat(self.owner, self.started_at, _now())

    def run_one(self) -> bool:
        """Take and carry out one run, if one waits.

        The search runs in a thread of its own: signals reach the main thread, which stays free
        to act on them at once.
        """
        with database.connection_context():
            run = claim(self.owner, _now())
        if run is None:
            return False
        worker = threading.Thread(target=self._carry_out, args=(run,), daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(0.1)
            with suppress(*AWAY):
                self._say_alive()
            if self._leave.is_set() and self._context is not None:
                self._context.abandon()
                _hand_back(self._context)
                return True
        return True

    def _carry_out(self, run: Run) -> None:
        handlers = {kind: self._remembering(handler) for kind, handler in self.handlers.items()}
        try:
            with database.connection_context():
                execute(run, handlers, self.owner)
        finally:
            self._context = None

    def _remembering(self, handler: Handler) -> Handler:
        def remembered(context: RunContext) -> Commit:
            self._context = context
            return handler(context)

        return remembered


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


def _update_mine(context: RunContext, **columns: Any) -> bool:
    """Update the run only while it is still this attempt's; whether it was."""
    changed = (
        Run.update(**columns)
        .where(
            Run.id == context.run_id,
            Run.owner == context.owner,
            Run.attempt == context.attempt,
            Run.status == RunStatus.RUNNING,
        )
        .execute()
    )
    return bool(changed)


def _finish(context: RunContext, commit: Commit) -> None:
    """Write what the job found and end the run, both or neither."""
    if context.abandoned:
        return
    # Asked for since the last heartbeat, it still holds.
    if context.cancelled or Run.get_by_id(context.run_id).cancel_asked:
        _end(context, status=RunStatus.CANCELLED)
        return
    with database.atomic() as transaction:
        result = commit()
        if not _update_mine(
            context,
            status=RunStatus.DONE,
            result=result,
            progress=context.points(),
            ended_at=_now(),
            lease_until=None,
        ):
            transaction.rollback()
            log.warning("run %s was taken over; its result is dropped", context.run_id)


def _end(context: RunContext, *, status: RunStatus, error: str = "") -> None:
    _update_mine(
        context,
        status=status,
        error=error,
        progress=context.points(),
        ended_at=_now(),
        lease_until=None,
    )


def _hand_back(context: RunContext) -> None:
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
