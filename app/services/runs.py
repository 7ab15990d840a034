"""Runs as people see them: asked, watched, stopped."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app import runs
from app.models import Run, RunStatus, database
from app.services import audit
from app.services.errors import NotFound
from app.services.rights import Actor, require_any_coordinator, require_coordinator


@dataclass(frozen=True, slots=True)
class RunView:
    id: int
    kind: str
    status: RunStatus
    points: tuple[dict[str, Any], ...]
    """Progress, oldest first: `{seconds, cost, bound, step}`; either of the costs may be null."""
    error: str
    result: dict[str, Any]
    parameters: dict[str, Any]
    asked_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    stop_asked: bool
    """To end with the best so far."""
    cancel_asked: bool
    """To end with nothing."""

    @property
    def ended(self) -> bool:
        return self.status in (RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED)


SAME_FOR = dt.timedelta(seconds=60)
"""A job asked for again within this time of its first asking is the same, though it has begun."""


def ask(
    actor: Actor,
    kind: str,
    parameters: dict[str, Any],
    now: dt.datetime,
    about: str = "",
    *,
    told: dict[str, Any] | None = None,
) -> int:
    """Queue a job; its id. The caller has checked the right to what the job does.

    `about` is what `newest` finds it by. `told` is what the log, which keeps numbers alone, says
    in place of parameters that hold a code or free text.

    Asked twice, by a second press or by two people, a job that has not begun (or only just) is
    the same job. Call within a transaction.
    """
    require_any_coordinator(actor)
    audit.hold_log()
    known = _same(kind, parameters, now)
    if known is not None:
        return known
    run_id = runs.enqueue(kind, parameters, now, asked_by=actor.user_id, about=about)
    said = parameters if told is None else told
    audit.record(actor, f"run.ask.{kind}", "run", run_id, now, **said)
    return run_id


def newest(
    kind: str,
    about: str,
    statuses: Iterable[RunStatus],
    parameters: dict[str, Any] | None = None,
) -> Run | None:
    """The newest run of a kind about something; of those parameters alone, where they are given."""
    rows = (
        Run.select(Run.id, Run.parameters)
        .where(Run.kind == kind, Run.about == about, Run.status.in_(list(statuses)))
        .order_by(Run.id.desc())
    )
    for row in rows.iterator():
        if parameters is None or row.parameters == parameters:
            found: Run = Run.get_by_id(row.id)
            return found
    return None


def _same(kind: str, parameters: dict[str, Any], now: dt.datetime) -> int | None:
    """The id of the run that waits for its turn, or has just begun, with these parameters."""
    fresh = (Run.status == RunStatus.RUNNING) & (Run.asked_at >= now - SAME_FOR)
    rows = Run.select().where(
        Run.kind == kind,
        (Run.status == RunStatus.QUEUED) | fresh,
        ~Run.cancel_asked,
        ~Run.stop_asked,
    )
    wanted = json.loads(json.dumps(parameters))
    return next((int(row.id) for row in rows.order_by(Run.id) if row.parameters == wanted), None)


def run_view(actor: Actor, run_id: int) -> RunView:
    """A run as it stands. Coordinators only."""
    require_any_coordinator(actor)
    run = Run.get_or_none(Run.id == run_id)
    if run is None:
        raise NotFound
    return RunView(
        id=run.id,
        kind=run.kind,
        status=run.status,
        points=tuple(run.progress),
        error=run.error,
        result=dict(run.result),
        parameters=dict(run.parameters),
        asked_at=run.asked_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        stop_asked=run.stop_asked,
        cancel_asked=run.cancel_asked,
    )


def ask_stop(actor: Actor, run_id: int, now: dt.datetime) -> None:
    """End the search and keep the best so far. Who may ask for a build may end it."""
    _ask(actor, run_id, now, "stop")


def ask_cancel(actor: Actor, run_id: int, now: dt.datetime) -> None:
    """End the run and keep nothing."""
    _ask(actor, run_id, now, "cancel")


def _ask(actor: Actor, run_id: int, now: dt.datetime, what: str) -> None:
    require_coordinator(actor)
    run = Run.get_or_none(Run.id == run_id)
    if run is None:
        raise NotFound
    column = Run.stop_asked if what == "stop" else Run.cancel_asked
    with database.atomic():
        Run.update({column: True}).where(Run.id == run_id).execute()
        if what == "cancel":
            Run.update(status=RunStatus.CANCELLED, ended_at=now).where(
                Run.id == run_id, Run.status == RunStatus.QUEUED
            ).execute()
        audit.record(actor, f"run.{what}", "run", run_id, now)
