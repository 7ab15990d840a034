"""Copying and writing while many others write."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import zipfile
from pathlib import Path

from flask import Flask
from small_world import SmallWorld
from whole_database import BOTH, run

from app.models import Arrival, AuditEntry, Office, database
from app.services import audit


@BOTH
def test_a_backup_is_of_one_moment_while_others_write(
    app: Flask, world: SmallWorld, tmp_path: Path, now: dt.datetime
) -> None:
    """Each writer adds an arrival and an entry of the log together: a backup holds both, always."""
    leave = threading.Event()

    def write(number: int) -> None:
        with database.connection_context():
            count = 0
            while not leave.is_set():
                count += 1
                with database.atomic():
                    Arrival.create(
                        office=world.lisbon,
                        starts_at=now + dt.timedelta(minutes=30 * count),
                        language="zh",
                        need=f"n{number}",
                        count=1,
                    )
                    audit.record(world.system, "test.pair", "arrival", count, now)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for one in writers:
        one.start()
    pairs = []
    try:
        for number in range(3):
            file = tmp_path / f"{number}.zip"
            made = run(app, "backup", file)
            assert made.exit_code == 0, made.output
            with zipfile.ZipFile(file) as archive:
                arrivals = archive.read("tables/arrival.jsonl").splitlines()
                entries = archive.read("tables/audit_entry.jsonl")
            pairs.append((len(arrivals), entries.count(b'"test.pair"')))
    finally:
        leave.set()
        for one in writers:
            one.join()
    assert all(arrivals == entries for arrivals, entries in pairs)
    assert pairs[0] < pairs[-1]


def test_many_threads_write_sqlite_at_once(app: Flask, world: SmallWorld, now: dt.datetime) -> None:
    """Every transaction reads first and then writes: deferred ones would be told "locked"."""
    faults: list[Exception] = []

    def write(number: int) -> None:
        try:
            with database.connection_context():
                for count in range(25):
                    with database.atomic():
                        assert Office.select().count() == 2
                        audit.record(world.system, "test.write", "thread", number, now, n=count)
        except sqlite3.Error as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(32)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []
    assert AuditEntry.select().where(AuditEntry.action == "test.write").count() == 32 * 25
    assert audit.verify() is None
