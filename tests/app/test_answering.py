"""A database that lets nobody connect ends every command in one line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from peewee import OperationalError
from small_world import MONDAY
from whole_database import run

from app.answering import answering
from app.database import database_of
from app.models import database

AWAY = "postgresql://escala:secret@127.0.0.1:1/escala"
"""Nobody listens at that port."""
WEEK = ("--week", MONDAY.isoformat())
ARGUMENTS: dict[str, tuple[object, ...]] = {
    "audit": (),
    "backup": ("new.zip",),
    "begin": ("ana@example.org", "Ana Lima"),
    "build": WEEK,
    "build-groups": WEEK,
    "copy-database": (AWAY, "sqlite:///copy.db"),
    "demo": ("--no-serve",),
    "export": (1, "out"),
    "forecast": WEEK,
    "migrate": (),
    "publish": (1,),
    "remind": (),
    "requirements": WEEK,
    "restore": ("--replace", "kept.zip"),
    "retention": (),
    "serve": (),
    "web": (),
    "worker": (),
}


@pytest.fixture
def away(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with a backup, and a database that does not answer any more."""
    monkeypatch.chdir(tmp_path)
    assert run(app, "backup", "kept.zip").exit_code == 0
    home = database.obj
    database.initialize(database_of(AWAY))
    yield
    database.initialize(home)


def test_every_command_is_tried(app: Flask) -> None:
    assert set(ARGUMENTS) == set(app.cli.commands)


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("command", sorted(ARGUMENTS))
def test_a_command_without_a_database_says_so_in_a_line(app: Flask, command: str) -> None:
    answer = run(app, command, *ARGUMENTS[command])
    assert answer.exit_code == 1
    assert isinstance(answer.exception, SystemExit)
    line = answer.output.splitlines()[-1]
    named = "SOURCE_URL or TARGET_URL" if command == "copy-database" else "ESCALA_DATABASE_URL"
    assert line.startswith(f"Error: the database of {named} does not answer: ")
    assert "refused" in line
    assert "secret" not in line


@pytest.mark.usefixtures("away")
def test_a_backup_is_read_to_its_end_without_a_database(app: Flask) -> None:
    assert run(app, "restore", "--check", "kept.zip").exit_code == 0


FAILING = {
    "sqlite": ("SELECT weight", "no such column: weight", "SQLITE_ERROR"),
    "postgresql": (
        "SET statement_timeout = 1; SELECT pg_sleep(9)",
        "canceling statement due to statement timeout",
        "57014",
    ),
}
"""What each database fails at, what it says then and the code it gives."""


def test_a_fault_of_a_database_that_answers_is_told_as_what_it_is(
    app: Flask, database_kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk, a lock or what takes too long: the log says where."""
    failing, says, code = FAILING[database_kind]
    with caplog.at_level("ERROR"), pytest.raises(click.ClickException) as told, answering():
        database.execute_sql(failing)
    assert told.value.message == f"the database of ESCALA_DATABASE_URL: {says}"
    (line,) = [one.getMessage() for one in caplog.records]
    assert f"OperationalError ({code}) at " in line
    assert "test_a_fault_of_a_database_that_answers" in line


def test_a_file_that_cannot_be_opened_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="does not answer: unable to open"), answering():
        database_of(f"sqlite:///{tmp_path}/nowhere/one.db").connect()


@pytest.mark.parametrize(
    ("state", "away"),
    [
        (None, True),  # as when it lets nobody connect, or ends in the middle
        ("57P01", True),
        ("57P03", True),
        ("53300", True),
        ("08006", True),
        ("40P01", False),
        ("53100", False),
        ("57014", False),
    ],
)
def test_a_fault_of_postgresql_is_told_by_its_state(state: str | None, away: bool) -> None:
    class Fault(Exception):
        sqlstate = state

    fault = OperationalError("it says\nmore")
    fault.orig = Fault()  # type: ignore[attr-defined]
    with pytest.raises(click.ClickException) as told, answering():
        raise fault
    assert told.value.message.endswith(": it says")
    assert ("does not answer" in told.value.message) is away
