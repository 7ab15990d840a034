"""Stopping and calling off: done with its entry in the log, or not at all."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from small_world import SmallWorld

from app.models import Run, RunStatus, database
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


def ask_twice(world: SmallWorld, first: dt.datetime, second: dt.datetime, **change: Any) -> bool:
    """Whether asking for a build at both times makes one run."""
    parameters = {"group": world.group.id, "week": "2026-03-09", "options": {"few": False}}
    with database.atomic():
        one = runs.ask(world.system, "build", parameters, first)
    if change:
        Run.update(**change).where(Run.id == one).execute()
    with database.atomic():
        return runs.ask(world.system, "build", dict(parameters), second) == one


def test_a_second_press_leads_to_the_run_that_waits(world: SmallWorld, now: dt.datetime) -> None:
    assert ask_twice(world, now, now + dt.timedelta(hours=5))
    assert Run.select().count() == 1


def test_a_run_just_begun_is_the_same_for_a_minute_and_no_longer(
    world: SmallWorld, now: dt.datetime
) -> None:
    begun = {"status": RunStatus.RUNNING}
    assert ask_twice(world, now, now + runs.SAME_FOR, **begun)
    Run.delete().execute()
    later = now + runs.SAME_FOR + dt.timedelta(seconds=1)
    assert not ask_twice(world, now, later, **begun)


@pytest.mark.parametrize(
    "change",
    [
        {"status": RunStatus.DONE},
        {"status": RunStatus.FAILED},
        {"cancel_asked": True},
        {"parameters": {"group": 1, "week": "2026-03-16"}},
        {"kind": "forecast"},
    ],
)
def test_what_has_ended_or_differs_is_another_run(
    world: SmallWorld, now: dt.datetime, change: dict[str, Any]
) -> None:
    assert not ask_twice(world, now, now, **change)


def test_presses_at_the_same_time_make_one_run(world: SmallWorld, now: dt.datetime) -> None:
    """Four threads, each with a connection of its own, on the database of the suite."""
    start, made = threading.Barrier(4), []

    def press() -> None:
        with database.connection_context():
            start.wait()
            with database.atomic():
                made.append(runs.ask(world.system, "build", {"week": "2026-03-09"}, now))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
