"""Databases of released versions, brought to this one with everything that was in them.

`released/VERSION-at-MIGRATION.db.gz` is a SQLite file written by that version's own code: its small
world, a published week, an absence, a feed, and since 0031 a row in every table. Add one at each
release, by `make_released.py`.
"""

from __future__ import annotations

import datetime as dt
import gzip
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playhouse.schema_diff import diff_models
from postgresql_server import PostgresqlServer
from small_world import PASSWORD

from app import create_app
from app.config import ROOT, read_settings
from app.copies import backup
from app.copies.moving import copy_database
from app.copies.shapes import Shape, shapes
from app.database import migrate, open_database, pending_migrations
from app.models import (
    TABLES,
    Absence,
    Arrival,
    Assignment,
    FeedDocument,
    FeedToken,
    Roster,
    User,
    database,
)
from app.services import audit, feeds
from app.version import version

RELEASED = sorted((Path(__file__).parent / "released").glob("*.db.gz"))
GONE = {"arrival_import"}
"""Tables that a later version let go: files on their way in, a day old at most."""
NOW = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
FEED = "ST0MRIv2HCxRs2GIjEqJ3J81u9w1xORw6n5ME4TxQkY"


@pytest.fixture(params=RELEASED, ids=lambda one: one.name.removesuffix(".db.gz"))
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "escala.db"
    file.write_bytes(gzip.decompress(request.param.read_bytes()))
    return file


@pytest.fixture
def upgraded(released: Path, tmp_path: Path) -> Flask:
    settings = read_settings(
        {"ESCALA_SECRET_KEY": "k" * 40, "ESCALA_DATABASE_URL": f"sqlite:///{released}"}, tmp_path
    )
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    migrate(tmp_path)
    return app


def contents(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row as the columns stood in the first of two files; read without our code."""
    with sqlite3.connect(file) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        found = {}
        for table in tables:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [one[0] for one in cursor.description]
            found[table] = [tuple(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def test_there_is_a_database_of_every_released_version() -> None:
    log = (ROOT / "CHANGELOG.md").read_text()
    versions = {version(), *re.findall(r"^## \[?v?(\d+\.\d+\.\d+)", log, re.MULTILINE)}
    assert {path.name.partition("-at-")[0] for path in RELEASED} >= versions


def test_every_row_and_value_is_kept(released: Path, tmp_path: Path) -> None:
    before = contents(released)
    settings = read_settings(
        {"ESCALA_SECRET_KEY": "k" * 40, "ESCALA_DATABASE_URL": f"sqlite:///{released}"}, tmp_path
    )
    create_app(settings)
    migrate(tmp_path)
    database.obj.close_all()
    after = {table: [dict(row) for row in rows] for table, rows in contents(released).items()}
    assert sum(len(rows) for rows in before.values()) > 300
    for table, rows in before.items():
        if table in GONE:
            assert table not in after
        elif table != "schema_migration":
            for old, new in zip(rows, after[table], strict=True):
                assert dict(old).items() <= new.items(), table


def test_the_tables_are_those_of_this_version(upgraded: Flask) -> None:
    with database.connection_context():
        assert not diff_models(database.obj, list(TABLES))
        assert pending_migrations() == []
        assert audit.verify() is None


def test_people_go_on_where_they_were(upgraded: Flask) -> None:
    """Their password, the published week, their feed's address."""
    client = upgraded.test_client()
    answer = client.post(
        "/sign-in", data={"email": "coordinator@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 302
    with database.connection_context():
        roster = Roster.get(Roster.published_at.is_null(False))
        assert Assignment.select().where(Assignment.roster == roster).count() == 2
        assert Absence.select().count() == 1
        assert FeedToken.select().count() == 1
    week = client.get(f"/weeks/{roster.week_starts_on}")
    assert week.status_code == 200
    assert client.get(f"/feeds/{FEED}.ics").status_code == 200
    with database.connection_context():
        FeedDocument.update(rendered=-1).execute()
        assert b"BEGIN:VEVENT" in feeds.read_feed(FEED, NOW).body


def test_it_moves_to_postgresql(
    upgraded: Flask, released: Path, tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    database.close_all()
    url = postgresql.new_database()
    # A worker's sign of life was kept with the rest.
    copied = copy_database(f"sqlite:///{released}", url, tmp_path, NOW, running=True)
    assert len(copied) == len(shapes())
    postgresql.drop(url)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    released: Path,
    tmp_path: Path,
    kind: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Backups began with this version: one as an older version would have made it."""
    source = open_database(f"sqlite:///{released}")
    with database.connection_context():
        older = [_as_it_was(shape) for shape in shapes() if database.table_exists(shape.table)]
    with monkeypatch.context() as patch:
        patch.setattr(backup, "shapes", lambda: older)
        patch.setattr(backup, "check_up_to_date", lambda *_: None)
        written = backup.write_backup(tmp_path / "old.zip", NOW)
    source.close_all()
    url = f"sqlite:///{tmp_path / 'new.db'}"
    if kind == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
    open_database(url)
    backup.restore_backup(tmp_path / "old.zip", tmp_path, NOW, replace=False)
    with database.connection_context():
        assert not diff_models(database.obj, list(TABLES))
        assert pending_migrations() == []
        assert audit.verify() is None
        rows = {one.table: one.rows for one in written}
        for model in (Assignment, Absence, FeedToken, User, Arrival):
            assert model.select().count() == rows[model._meta.table_name] > 0
    database.obj.close_all()


def _as_it_was(shape: Shape) -> Shape:
    columns = {one.name for one in database.get_columns(shape.table)}
    kinds = {name: kind for name, kind in shape.columns.items() if name in columns}
    return replace(shape, columns=kinds)
