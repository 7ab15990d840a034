"""Who writes while another does waits, also where several rows are looked through for work.

SQLite lets nobody wait for a turn to write who is in the middle of reading: it is busy, at once.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from functools import partial

from flask import Flask
from small_world import SmallWorld

from app import runs
from app.models import Mediator, OwnCalendar, PasswordRequest, PlanningGroup, database
from app.services import account_links, own_calendars
from app.services.keyring import Keyring

NOW = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)


def while_another_writes(work: Callable[[], object]) -> object:
    writes = threading.Event()

    def write() -> None:
        with database.connection_context(), database.atomic():
            PlanningGroup.create(code="written", name="x")
            writes.set()
            time.sleep(0.2)

    other = threading.Thread(target=write)
    other.start()
    assert writes.wait(10)
    try:
        return work()
    finally:
        other.join()


def test_a_run_is_claimed(app: Flask, database_ready: None) -> None:
    for _ in range(3):
        runs.enqueue("a", {}, NOW)
    assert while_another_writes(partial(runs.claim, "me", NOW))


def test_an_own_calendar_is_claimed(app: Flask, world: SmallWorld) -> None:
    for mediator in Mediator.select().limit(3):
        OwnCalendar.create(mediator=mediator, added_at=NOW, due_at=NOW)
    assert while_another_writes(partial(own_calendars.claim_due, NOW))


def test_new_passwords_are_answered(app: Flask, world: SmallWorld) -> None:
    for email in (world.mediator, world.other_mediator, world.coordinator):
        PasswordRequest.create(email=email, asked_at=NOW)
    answer = partial(account_links.answer_requests, Keyring("k" * 40), NOW)
    assert while_another_writes(answer) == 3
