"""Stopping and calling off: done with its entry in the log, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from small_world import SmallWorld

from app.models import Run, RunStatus
from app.runs import enqueue
from app.services import audit, runs


@pytest.mark.parametrize("ask", [runs.ask_stop, runs.ask_cancel])
def test_what_cannot_be_logged_is_not_done(
    world: SmallWorld,
    now: dt.datetime,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Any, int, dt.datetime], None],
) -> None:
    run_id = enqueue("build", {}, now)

    def fail(*_args: Any, **_details: Any) -> None:
        raise RuntimeError("no log")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        ask(world.system, run_id, now)
    run = Run.get_by_id(run_id)
    assert (run.status, run.stop_asked, run.cancel_asked) == (RunStatus.QUEUED, False, False)


def test_a_run_that_waits_is_called_off_at_once(world: SmallWorld, now: dt.datetime) -> None:
    run_id = enqueue("build", {}, now)
    runs.ask_cancel(world.system, run_id, now)
    assert Run.get_by_id(run_id).status == RunStatus.CANCELLED
