"""Runs: claimed once, kept alive, taken over from the dead, ended together with their result."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from peewee import OperationalError

from app import runs
from app.config import ROOT
from app.models import PlanningGroup, Run, RunStatus, database
from app.runs import LEASE, MOST_ATTEMPTS, RunContext, claim, enqueue, execute
from app.services.errors import Conflict
from app.worker import Worker

NOW = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)


def add_group(context: RunContext) -> runs.Commit:
    def commit() -> dict[str, Any]:
        return {"group": PlanningGroup.create(code=f"g{context.run_id}", name="x").id}

    return commit


def test_the_oldest_waiting_run_is_claimed_and_only_once(database_ready: None) -> None:
    first = enqueue("a", {}, NOW)
    second = enqueue("a", {}, NOW)
    claimed = [claim("one", NOW), claim("two", NOW), claim("three", NOW)]
    assert [run.id if run else None for run in claimed] == [first, second, None]


def test_a_lease_that_holds_is_respected_and_one_that_ran_out_is_taken_over(
    database_ready: None,
) -> None:
    run_id = enqueue("a", {}, NOW)
    assert claim("dead", NOW)
    assert claim("heir", NOW + LEASE) is None
    taken = claim("heir", NOW + LEASE + dt.timedelta(milliseconds=1))
    assert taken is not None
    assert (taken.id, taken.owner, taken.attempt) == (run_id, "heir", 2)


def test_a_run_is_given_up_after_its_last_attempt(database_ready: None) -> None:
    run_id = enqueue("a", {}, NOW)
    later = NOW
    for attempt in range(MOST_ATTEMPTS):
        taken = claim(f"worker {attempt}", later)
        assert taken is not None
        later += 2 * LEASE
    assert claim("one more", later) is None
    run = Run.get_by_id(run_id)
    assert run.status == RunStatus.FAILED
    assert "given up after 3 attempts" in run.error


def test_result_and_end_are_written_together_and_told(
    database_ready: None, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue("a", {}, NOW)
    run = claim("me", dt.datetime.now(dt.UTC))
    assert run is not None
    with caplog.at_level("INFO", "escala.runs"):
        execute(run, {"a": add_group}, "me")
    ended = Run.get_by_id(run.id)
    assert ended.status == RunStatus.DONE
    (told,) = caplog.messages
    assert re.fullmatch(rf"run {run.id} \(a\) ended after \d+\.\d s: done", told)
    assert PlanningGroup.get_by_id(ended.result["group"]).code == f"g{run.id}"


def test_a_worker_whose_run_was_taken_over_writes_nothing(database_ready: None) -> None:
    enqueue("a", {}, NOW)
    run = claim("slow", dt.datetime.now(dt.UTC))
    assert run is not None

    def slow(context: RunContext) -> runs.Commit:
        Run.update(owner="heir", attempt=2).where(Run.id == run.id).execute()
        return add_group(context)

    execute(run, {"a": slow}, "slow")
    assert PlanningGroup.select().count() == 0
    assert Run.get_by_id(run.id).owner == "heir"


def test_a_failure_is_kept_with_its_place_and_names_nobody(
    database_ready: None, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue("a", {}, NOW)
    run = claim("me", dt.datetime.now(dt.UTC))
    assert run is not None

    def broken(_context: RunContext) -> runs.Commit:
        raise ValueError("mediator ana-0815 has no languages")

    execute(run, {"a": broken}, "me")
    failed = Run.get_by_id(run.id)
    assert failed.status == RunStatus.FAILED
    assert failed.error.startswith("ValueError at test_runs.py:")
    assert "broken" in failed.error
    assert "broken" in caplog.text
    for told in (failed.error, caplog.text):
        assert "ana-0815" not in told


def test_a_run_that_lost_its_database_is_done_again(database_ready: None) -> None:
    """As often as one whose worker died, and then it is given up."""
    enqueue("a", {}, NOW)
    tries = []

    def losing(context: RunContext) -> runs.Commit:
        tries.append(context.attempt)
        if len(tries) < MOST_ATTEMPTS:
            raise OperationalError("server closed the connection unexpectedly")
        return add_group(context)

    for _attempt in range(MOST_ATTEMPTS):
        run = claim("me", dt.datetime.now(dt.UTC))
        assert run is not None
        context = execute(run, {"a": losing}, "me")
        if context.lost_database:
            runs.release(context)
    assert tries == [1, 2, 3]
    assert Run.get_by_id(run.id).status == RunStatus.DONE
    assert PlanningGroup.select().count() == 1


def test_a_fault_of_the_machine_is_told_in_its_words(database_ready: None) -> None:
    enqueue("a", {}, NOW)
    run = claim("me", dt.datetime.now(dt.UTC))
    assert run is not None

    def broken(_context: RunContext) -> runs.Commit:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    execute(run, {"a": broken}, "me")
    assert "No space left on device" in Run.get_by_id(run.id).error


@pytest.mark.parametrize(
    ("column", "status", "groups"),
    [("stop_asked", RunStatus.DONE, 1), ("cancel_asked", RunStatus.CANCELLED, 0)],
)
def test_stop_keeps_the_best_and_cancel_keeps_nothing(
    database_ready: None, column: str, status: RunStatus, groups: int
) -> None:
    enqueue("a", {}, NOW)
    run = claim("me", dt.datetime.now(dt.UTC))
    assert run is not None
    begun = threading.Event()

    def search(context: RunContext) -> runs.Commit:
        begun.set()
        while not context.should_stop():
            context.report(step="searching", cost=1, bound=0, seconds=0.1)
            time.sleep(0.05)
        return add_group(context)

    def ask() -> None:
        begun.wait()
        with database.connection_context():
            Run.update(**{column: True}).where(Run.id == run.id).execute()

    asking = threading.Thread(target=ask)
    asking.start()
    execute(run, {"a": search}, "me")
    asking.join()
    ended = Run.get_by_id(run.id)
    assert ended.status == status
    assert PlanningGroup.select().count() == groups
    assert ended.progress[0]["step"] == "searching"


def test_what_is_cancelled_before_it_found_anything_is_cancelled(database_ready: None) -> None:
    """And has not failed, whatever it says of having nothing."""
    enqueue("a", {}, NOW)
    run = claim("me", dt.datetime.now(dt.UTC))
    assert run is not None
    Run.update(cancel_asked=True).where(Run.id == run.id).execute()

    def search(context: RunContext) -> runs.Commit:
        while not context.should_stop():
            time.sleep(0.05)
        raise Conflict("No roster was found in the time given.")

    execute(run, {"a": search}, "me")
    ended = Run.get_by_id(run.id)
    assert (ended.status, ended.error) == (RunStatus.CANCELLED, "")


WORKER = """
import sys, time
from app import create_app
from app.worker import Worker
from app.models import PlanningGroup, database
app = create_app()
def handler(context):
    if context.parameters.get("hang") and context.attempt == 1:
        print("hanging", flush=True)
        while not context.should_stop():
            time.sleep(0.05)
    def commit():
        return {"group": PlanningGroup.create(code="once", name="x").id}
    return commit
print("ready", flush=True)
Worker({"a": handler}).run()
"""


def _worker(instance: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "ESCALA_INSTANCE": str(instance), "ESCALA_SECRET_KEY": "k" * 40}
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _wait_for(run_id: int, status: RunStatus, seconds: float = 20) -> Run:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = Run.get_by_id(run_id)
        if run.status == status:
            return run
        time.sleep(0.1)
    raise AssertionError(f"run is {Run.get_by_id(run_id).status}, not {status}")


def test_a_killed_worker_loses_nothing_and_nothing_is_done_twice(
    app: Flask, database_ready: None, tmp_path: Path
) -> None:
    run_id = enqueue("a", {"hang": True}, NOW)
    first = _worker(tmp_path)
    assert first.stdout is not None
    assert first.stdout.readline() == "hanging\n"
    first.kill()
    first.wait()
    assert Run.get_by_id(run_id).status == RunStatus.RUNNING
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    Run.update(lease_until=past).where(Run.id == run_id).execute()
    second = _worker(tmp_path)
    try:
        run = _wait_for(run_id, RunStatus.DONE)
    finally:
        second.terminate()
        second.wait(10)
    assert run.attempt == 2
    assert PlanningGroup.select().count() == 1


def test_a_worker_told_to_leave_hands_its_run_back_at_once(
    app: Flask, database_ready: None, tmp_path: Path
) -> None:
    run_id = enqueue("a", {"hang": True}, NOW)
    worker = _worker(tmp_path)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "hanging\n"
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    run = Run.get_by_id(run_id)
    assert (run.status, run.attempt, run.owner) == (RunStatus.QUEUED, 0, "")


def test_a_search_that_ends_as_the_worker_leaves_is_handed_back_all_the_same(app: Flask) -> None:
    """Its thread is over before the worker gets to writing so."""

    def search(context: RunContext) -> runs.Commit:
        thread, abandon = threading.current_thread(), context.abandon

        def and_wait() -> None:
            abandon()
            thread.join()

        context.abandon = and_wait  # type: ignore[method-assign]
        worker.leave()
        while not context.should_stop():
            time.sleep(0.01)
        return add_group(context)

    worker = Worker({"a": search})
    with database.connection_context():
        run_id = enqueue("a", {}, NOW)
    assert worker.run_one()
    with database.connection_context():
        run = Run.get_by_id(run_id)
        assert (run.status, run.attempt, run.owner) == (RunStatus.QUEUED, 0, "")
        assert PlanningGroup.select().count() == 0


def test_a_run_that_ends_while_it_is_given_up_stays_as_it_ended(
    database_ready: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = enqueue("a", {}, NOW)
    Run.update(
        status=RunStatus.RUNNING, attempt=MOST_ATTEMPTS, owner="slow", lease_until=NOW
    ).execute()
    give_up = runs._give_up

    def end_first(run: Run, now: dt.datetime) -> None:
        Run.update(status=RunStatus.DONE, lease_until=None).execute()
        give_up(run, now)

    monkeypatch.setattr(runs, "_give_up", end_first)
    assert claim("other", NOW + LEASE) is None
    assert Run.get_by_id(run_id).status == RunStatus.DONE


def test_a_run_called_off_at_its_last_moment_keeps_nothing(database_ready: None) -> None:
    """The heartbeat has not read it yet, and nothing may be kept all the same."""
    enqueue("a", {}, NOW)
    run = claim("me", dt.datetime.now(dt.UTC))
    assert run is not None

    def search(context: RunContext) -> runs.Commit:
        Run.update(cancel_asked=True).where(Run.id == run.id).execute()
        return add_group(context)

    execute(run, {"a": search}, "me")
    assert Run.get_by_id(run.id).status == RunStatus.CANCELLED
    assert PlanningGroup.select().count() == 0
