"""All that is kept, moved to another database, SQLite or PostgreSQL."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flask import Flask
from small_world import SmallWorld
from whole_database import BOTH, exports, rows_of, run, without_last_entry

from app.database import database_of
from app.models import TABLES, Language, User, Worker, database
from app.services import audit, service_state


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


@BOTH
def test_a_source_that_is_served_is_copied_only_where_that_is_said(
    app: Flask, world: SmallWorld, database_url: str, tmp_path: Path
) -> None:
    target = f"sqlite:///{tmp_path / 'target.db'}"
    alive = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2)
    Worker.create(owner="host.1", started_at=alive, beat_at=alive)
    refused = run(app, "copy-database", database_url, target)
    assert refused.exit_code == 1
    assert "a worker serves the source: stop the service first" in refused.output
    assert "--running" in refused.output
    assert run(app, "copy-database", "--running", database_url, target).exit_code == 0


def test_a_source_whose_worker_is_gone_is_copied(
    app: Flask, world: SmallWorld, database_url: str, tmp_path: Path
) -> None:
    dead = dt.datetime.now(dt.UTC) - 2 * service_state.BEAT_OLD
    Worker.create(owner="host.1", started_at=dead, beat_at=dead)
    copied = run(app, "copy-database", database_url, f"sqlite:///{tmp_path / 'target.db'}")
    assert copied.exit_code == 0, copied.output


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


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_row_that_does_not_fit_takes_the_whole_copy_back(
    app: Flask, world: SmallWorld, database_url: str, other_url: str
) -> None:
    """SQLite takes a text longer than its column; PostgreSQL does not."""
    Language.update(name_en="x" * 300).where(Language.code == "zh").execute()
    answer = run(app, "copy-database", database_url, other_url)
    assert answer.exit_code == 1
    assert answer.output.strip().splitlines()[-1].startswith("Error: language: the database")
    other = database_of(other_url)
    with other.connection_context():
        assert other.get_tables() == []
    other.close_all()
