"""The real worker, killed without warning amid five hundred mails: none lost and none doubled."""

from __future__ import annotations

import datetime as dt
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from flask import Flask
from product_processes import run_command
from small_world import SmallWorld
from smtp_sink import Sink

from app.models import Mail, MailStatus, User
from app.services.telling import tell

MAILS = 500
ACCOUNTS = 5
KILLS = 3


def worker(instance: Path, port: int) -> BaseProcess:
    environment = {
        "ESCALA_INSTANCE": str(instance),
        "ESCALA_SECRET_KEY": "k" * 40,
        "ESCALA_SMTP_HOST": "127.0.0.1",
        "ESCALA_SMTP_PORT": str(port),
        "ESCALA_SMTP_SECURITY": "none",
        "ESCALA_MAIL_FROM": "Escala <escala@example.org>",
    }
    return run_command("worker", environment=environment, told=instance / "told.log")


def wait_for(enough: int, sink: Sink, process: BaseProcess, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while len(sink.got) < enough and time.monotonic() < deadline:
        assert process.is_alive(), "the worker ended by itself"
        time.sleep(0.002)
    assert len(sink.got) >= enough, f"only {len(sink.got)} of {enough}"


def expire_leases() -> None:
    """As if the time of a lease had passed, which the test need not wait for."""
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    Mail.update(lease_until=past).where(Mail.lease_until.is_null(False)).execute()


def test_killed_amid_five_hundred_mails(
    app: Flask, world: SmallWorld, tmp_path: Path, sink: Sink
) -> None:
    now = dt.datetime.now(dt.UTC)
    people = [row.id for row in User.select().limit(ACCOUNTS)]
    details = {"status": "approved", "first": "2026-03-09", "last": "2026-03-10"}
    for number in range(MAILS // ACCOUNTS):
        tell(people, "leave_decided", f"x{number}", details, now)
    for kill in range(KILLS):
        process = worker(tmp_path, sink.port)
        # Between two answers, so that the kills fall on different steps of the conversation.
        wait_for((kill + 1) * 120 + kill, sink, process, 300)
        process.kill()
        process.join()
        expire_leases()
    last = worker(tmp_path, sink.port)
    try:
        _wait_until_done()
    finally:
        last.terminate()
        last.join(60)
        assert last.exitcode == 0
    arrived = sink.ids()
    mails = {f"<{row.uid}@example.org>": row for row in Mail.select()}
    assert len(mails) == MAILS
    assert set(arrived.values()) == {1}, "none came twice"
    assert set(arrived) == set(mails), "none was lost"
    doubts = [one for one in mails.values() if one.status != MailStatus.SENT]
    # A kill between the server's taking a mail and the note of it leaves that one in doubt:
    # it has arrived, and is shown instead of being sent a second time.
    assert {one.status for one in doubts} <= {MailStatus.IN_DOUBT}
    assert len(doubts) <= KILLS


def _wait_until_done(seconds: float = 300) -> None:
    done = (MailStatus.SENT, MailStatus.IN_DOUBT)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if Mail.select().where(Mail.status.in_(done)).count() == MAILS:
            return
        time.sleep(0.1)
    raise AssertionError([row.status for row in Mail.select().where(Mail.status.not_in(done))][:9])
