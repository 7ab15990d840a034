"""All that is kept, copied to another database, to a file and back: on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from drafts import draft, require
from every_table import fill_every_table
from flask import Flask
from postgresql_server import PostgresqlServer
from small_world import SmallWorld

from app.copies.shapes import shapes
from app.copies.tables import at_one_moment, read_rows
from app.database import database_of
from app.models import (
    TABLES,
    Arrival,
    AuditEntry,
    FeedDocument,
    Language,
    Office,
    Roster,
    User,
    database,
)
from app.services import audit, exchange, feeds, roster_tables, rosters, sheets_out
from app.services.rights import actor_of

BOTH = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
Exports = dict[str, bytes]


@pytest.fixture
def feed(world: SmallWorld, now: dt.datetime) -> str:
    """A published week and more: a row in every table. The token of a feed of it."""
    require(world.lisbon, 1, 9, 13, ["lang:uk"])
    week = draft(world, [("ana", "lisbon", 1, 9, 17), ("bo", "lisbon", 2, 9, 17)], now)
    rosters.publish(world.system, week.id, now)
    ana = actor_of(User.get(User.email == world.mediator))
    token = feeds.create_feed(
        ana, name="Phone", locale="en", details=True, keep_cancelled=False, now=now
    ).token
    feeds.read_feed(token, now)
    # Not Ana: her feed could not be written of such rows.
    fill_every_table(world.mediators[-1], User.get(User.email == world.trainer))
    return token


@pytest.fixture
def other_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the other kind."""
    if database_kind == "postgresql":
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)


def run(app: Flask, *args: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(one) for one in args])


def exports(world: SmallWorld, feed: str, folder: Path, now: dt.datetime) -> Exports:
    """What people take out of the application, as bytes."""
    roster = Roster.get(Roster.published_at.is_null(False))
    files = exchange.export_roster(roster.id, folder)
    found = {path.name: path.read_bytes() for path in files}
    for what in ("board", "hours", "cover"):
        tables = roster_tables.roster_tables(world.system, roster.id, what, None, now)
        for form in ("csv", "xlsx"):
            found[f"{what}.{form}"] = sheets_out.write(tables, form)
    # Written anew from its rows, not as it was kept.
    FeedDocument.update(rendered=-1).execute()
    found["feed.ics"] = feeds.read_feed(feed, now).body
    return found


def rows_of(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text, in an order that does not depend on the database."""
    source = database_of(url)
    with at_one_moment(source):
        found = {
            shape.table: sorted(
                json.dumps(row, sort_keys=True).replace("1e+22", f"1{'0' * 22}")
                for row in read_rows(source, shape)
            )
            for shape in shapes()
        }
    source.close_all()
    return found


def without_last_entry(rows: dict[str, list[str]], action: str) -> dict[str, list[str]]:
    """Each copy says in the log that it was made; all else is as it was."""
    entries = rows["audit_entry"]
    added = [one for one in entries if f'"{action}"' in one]
    assert added
    newest = max(added, key=lambda one: json.loads(one)[0])
    return {**rows, "audit_entry": [one for one in entries if one != newest]}


@BOTH
def test_a_move_there_and_back_keeps_everything(
    app: Flask,
    world: SmallWorld,
    feed: str,
    now: dt.datetime,
    tmp_path: Path,
    database_url: str,
    other_url: str,
) -> None:
    before = exports(world, feed, tmp_path / "before", now)
    rows = rows_of(database_url)
    there = run(app, "copy-database", database_url, other_url)
    assert there.exit_code == 0, there.output
    assert f"{len(TABLES)} tables" in there.output
    assert without_last_entry(rows_of(other_url), "database.copy") == rows
    third = f"sqlite:///{tmp_path / 'third.db'}"
    back = run(app, "copy-database", other_url, third)
    assert back.exit_code == 0, back.output
    home = database.obj
    for url in (other_url, third):
        database.initialize(database_of(url))
        with database.connection_context():
            assert exports(world, feed, tmp_path / "after", now) == before
            assert audit.verify() is None
            # The next row gets a number of its own.
            last = User.select(User.id).order_by(User.id.desc()).scalar()
            added = User.create(email="new@example.org", name="N", password_hash="", created_at=now)
            assert added.id == last + 1
            added.delete_instance()
        database.obj.close_all()
    database.initialize(home)


@BOTH
def test_a_target_that_holds_something_is_left_alone(
    app: Flask, world: SmallWorld, database_url: str, other_url: str
) -> None:
    assert run(app, "copy-database", database_url, other_url).exit_code == 0
    rows = rows_of(other_url)
    again = run(app, "copy-database", database_url, other_url)
    assert again.exit_code == 1
    assert "is not empty: " in again.output
    assert rows_of(other_url) == rows


def test_addresses_that_are_none_are_named(app: Flask, tmp_path: Path, database_url: str) -> None:
    missing = tmp_path / "missing.db"
    for source, target, told in (
        ("mysql://secret@h/n", database_url, "SOURCE_URL begins with 'mysql', expected"),
        (database_url, "nonsense", "TARGET_URL begins with '', expected"),
        (f"sqlite:///{missing}", database_url, f"there is no file {missing}"),
    ):
        answer = run(app, "copy-database", source, target)
        assert answer.exit_code == 1
        assert told in answer.output
        assert "secret" not in answer.output
    assert not missing.exists()


def test_a_row_that_does_not_fit_takes_the_whole_copy_back(
    app: Flask, world: SmallWorld, database_url: str, other_url: str
) -> None:
    """SQLite takes a text longer than its column; PostgreSQL does not."""
    assert database_url.startswith("sqlite")
    Language.update(name_en="x" * 300).where(Language.code == "zh").execute()
    answer = run(app, "copy-database", database_url, other_url)
    assert answer.exit_code == 1
    assert answer.output.strip().splitlines()[-1].startswith("Error: language: the database")
    other = database_of(other_url)
    with other.connection_context():
        assert other.get_tables() == []
    other.close_all()


@BOTH
def test_backup_wipe_restore_gives_the_same_bytes(
    app: Flask,
    world: SmallWorld,
    feed: str,
    now: dt.datetime,
    tmp_path: Path,
    database_url: str,
) -> None:
    before, rows = exports(world, feed, tmp_path / "before", now), rows_of(database_url)
    file = tmp_path / "kept.zip"
    made = run(app, "backup", file)
    assert made.exit_code == 0, made.output
    assert file.stat().st_mode & 0o077 == 0
    refused = run(app, "restore", file)
    assert refused.exit_code == 1
    assert "is not empty" in refused.output
    Office.update(name="Somewhere else").execute()
    Roster.update(problem_json="{}").execute()
    Arrival.delete().execute()
    restored = run(app, "restore", "--replace", file)
    assert restored.exit_code == 0, restored.output
    assert without_last_entry(rows_of(database_url), "database.restore") == rows
    assert exports(world, feed, tmp_path / "after", now) == before
    assert audit.verify() is None
    assert Arrival.create(
        office=world.lisbon, starts_at=now, language="zh", need="legal", count=1
    ).id
    # The registers are guarded as before.
    with pytest.raises(Exception, match="appended only"), database.atomic():
        AuditEntry.update(action="x").execute()


def test_a_backup_of_one_kind_is_restored_into_the_other(
    app: Flask,
    world: SmallWorld,
    feed: str,
    now: dt.datetime,
    tmp_path: Path,
    other_url: str,
) -> None:
    before = exports(world, feed, tmp_path / "before", now)
    assert run(app, "backup", tmp_path / "kept.zip").exit_code == 0
    home = database.obj
    database.initialize(database_of(other_url))
    restored = run(app, "restore", tmp_path / "kept.zip")
    assert restored.exit_code == 0, restored.output
    with database.connection_context():
        assert exports(world, feed, tmp_path / "after", now) == before
    database.obj.close_all()
    database.initialize(home)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def _turn_a_bit(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        largest = max(archive.infolist(), key=lambda one: one.compress_size)
    data = bytearray(file.read_bytes())
    data[largest.header_offset + 60 + largest.compress_size // 2] ^= 1
    file.write_bytes(data)


def _leave_out_a_row(file: Path) -> None:
    """As one would who knows zip files: every sum of the archive is right."""
    with zipfile.ZipFile(file) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members["tables/user.jsonl"] = members["tables/user.jsonl"].partition(b"\n")[2]
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("damage", [_cut, _turn_a_bit, _leave_out_a_row])
def test_a_damaged_backup_is_refused_and_nothing_changes(
    app: Flask,
    world: SmallWorld,
    tmp_path: Path,
    database_url: str,
    damage: Callable[[Path], None],
) -> None:
    file = tmp_path / "kept.zip"
    assert run(app, "backup", file).exit_code == 0
    assert run(app, "restore", "--check", file).exit_code == 0
    rows = rows_of(database_url)
    damage(file)
    for args in (["restore", "--check", file], ["restore", "--replace", file]):
        answer = run(app, *args)
        assert answer.exit_code == 1
        assert f"{file} is damaged" in answer.output
    assert rows_of(database_url) == rows


def test_a_backup_of_a_newer_version_is_refused(
    app: Flask, world: SmallWorld, tmp_path: Path
) -> None:
    file = tmp_path / "kept.zip"
    assert run(app, "backup", file).exit_code == 0
    with zipfile.ZipFile(file) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    manifest["migrations"].append("9999_later")
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    answer = run(app, "restore", "--replace", file)
    assert answer.exit_code == 1
    assert "newer than this: 9999_later" in answer.output


def test_a_backup_that_fails_leaves_the_one_before(
    app: Flask, world: SmallWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept.zip"
    assert run(app, "backup", file).exit_code == 0
    before = file.read_bytes()
    database.execute_sql("DELETE FROM schema_migration WHERE name LIKE '0013%'")
    answer = run(app, "backup", file)
    assert answer.exit_code == 1
    assert "run `flask migrate` on it (0013_privacy)" in answer.output
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.glob(".kept*")] == []


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
            made = app.test_cli_runner().invoke(args=["backup", str(file)])
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
