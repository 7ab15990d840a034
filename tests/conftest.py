"""Fixtures for the whole suite: a fresh database, a small world, a client for each role."""

from __future__ import annotations

import datetime as dt
import fcntl
import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from fresh_databases import (
    FreshPostgresql,
    FreshSqlite,
    FreshWorlds,
    Keeper,
    Prepare,
    Prepared,
)
from hypothesis import settings
from postgresql_server import PostgresqlServer
from sharing_out import SharingOut, long_first
from small_world import PASSWORD, SmallWorld, build_small_world

from app import create_app
from app.config import read_settings
from app.database import open_database
from app.models import Office, database
from app.request_watch import RequestWatch
from app.routes.feed_door import FeedDoor
from app.services import passwords
from app.services.feed_notes import FetchNotes

# A machine that does other things as well is slow, not wrong. CI draws the same examples each
# time, so that a change is judged by itself; everywhere else the search goes on.
settings.register_profile("escala", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "escala")

NOW = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)


ON_BOTH = {"test_begin", "test_database", "test_runs", "test_service_planning"}
"""A service's beginning, the tables, the runs, the chain to a published week: on a real
PostgreSQL too wherever they run. All other tests that keep data: `./escala test-postgresql`."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In the same processes, which have read the program and run a PostgreSQL for others."""
    if (
        metafunc.module.__name__ in ON_BOTH
        and "database_kind" in metafunc.fixturenames
        and "ESCALA_TEST_DATABASE" not in os.environ
    ):
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"])


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Of several processes one reads the tests first, then the others: they find them compiled."""
    if not hasattr(session.config, "workerinput") or sys.dont_write_bytecode:
        return (yield)
    with open(__file__) as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(turn, fcntl.LOCK_SH)
        return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        long_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharingOut | None:
    return SharingOut(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """What is there by now stays: looking through it for rubbish took a tenth of all time."""
    gc.collect()
    gc.freeze()


SLOW_HASHER, SLOW_DECOY = passwords._hasher, passwords._decoy


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Hashing is slow on purpose; a suite that signs in a thousand times need not wait for it."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._decoy = passwords.hashed("nobody has this password")


@pytest.fixture
def slow_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed as the product does, for the tests of just that."""
    monkeypatch.setattr(passwords, "_hasher", SLOW_HASHER)
    monkeypatch.setattr(passwords, "_decoy", SLOW_DECOY)


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL, started for this run and stopped with it."""
    with PostgresqlServer() as server:
        yield server


@pytest.fixture(scope="session")
def fresh_postgresql(
    postgresql: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory
) -> FreshPostgresql:
    return FreshPostgresql(postgresql, tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def fresh_sqlite(tmp_path_factory: pytest.TempPathFactory) -> FreshSqlite:
    return FreshSqlite(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def fresh_worlds(application: Flask, tmp_path_factory: pytest.TempPathFactory) -> FreshWorlds:
    return FreshWorlds(tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="session")
def chosen_keeper(request: pytest.FixtureRequest) -> Keeper:
    """Of the databases that all tests of this run are on, unless they say otherwise."""
    keeper: Keeper = request.getfixturevalue(f"fresh_{chosen_kind()}")
    return keeper


@pytest.fixture(scope="session")
def all_prepared() -> Prepared:
    return Prepared()


@pytest.fixture
def prepared(
    request: pytest.FixtureRequest,
    all_prepared: Prepared,
    database_url: str,
    keeper: Keeper,
    database_kind: str,
    now: dt.datetime,
) -> Prepare:
    """Call with a name and what lays something out in the small world: done once a run.

    The name is the test's module's own. What is laid out may change the database alone, not what
    the test holds of it.
    """
    return lambda name, make: all_prepared.reach(
        (request.module.__name__, name, database_kind, now), database_url, keeper, make
    )


def chosen_kind() -> str:
    """`sqlite`, or `postgresql` where the run is told so."""
    return os.environ.get("ESCALA_TEST_DATABASE", "sqlite")


@pytest.fixture
def database_kind() -> str:
    """Which database a test runs on; a test of both parametrizes this."""
    return chosen_kind()


@pytest.fixture
def keeper(request: pytest.FixtureRequest, database_kind: str) -> Keeper:
    found: Keeper = request.getfixturevalue(f"fresh_{database_kind}")
    return found


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, keeper: Keeper) -> Iterator[str]:
    """A new database with every table; the small world is in it too where the test asks for it."""
    if "world" in request.fixturenames:
        worlds: FreshWorlds = request.getfixturevalue("fresh_worlds")
        url = worlds.new_database(keeper, tmp_path, request.getfixturevalue("now"))
    else:
        url = keeper.new_database(tmp_path)
    yield url
    keeper.drop(url)


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Made once for all tests: it keeps nothing outside its settings and the database."""
    settings = read_settings({"ESCALA_SECRET_KEY": "k" * 40}, tmp_path_factory.mktemp("instance"))
    return create_app(settings)


def feed_door(application: Flask) -> FeedDoor:
    watch = application.wsgi_app
    assert isinstance(watch, RequestWatch)
    assert isinstance(watch.application, FeedDoor)
    return watch.application


@pytest.fixture
def app(
    application: Flask, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The application on a fresh database of its own."""
    # Processes that a test starts read the same database.
    monkeypatch.setenv("ESCALA_DATABASE_URL", database_url)
    environment = {"ESCALA_SECRET_KEY": "k" * 40, "ESCALA_DATABASE_URL": database_url}
    as_made = dict(application.config)
    chosen = read_settings(environment, instance=tmp_path)
    application.config.update(ESCALA=chosen, TESTING=True, WTF_CSRF_ENABLED=False)
    # What it notes of feeds for a second at most, outside the database.
    monkeypatch.setattr(feed_door(application), "notes", FetchNotes())
    open_database(database_url)
    yield application
    database.obj.dispose()
    application.config.clear()
    application.config.update(as_made)


@pytest.fixture
def database_ready(app: Flask) -> Iterator[None]:
    """A fresh database with the models bound and a connection open; no request needed."""
    with database.connection_context():
        yield


@pytest.fixture
def world(
    request: pytest.FixtureRequest, database_ready: None, keeper: Keeper, now: dt.datetime
) -> SmallWorld:
    """Two offices, a few people of each role; see tests/small_world.py."""
    if not Office.select().exists():
        return build_small_world(now)
    worlds: FreshWorlds = request.getfixturevalue("fresh_worlds")
    return worlds.world(keeper, now)


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], FlaskClient]:
    """Call with a mail address of the small world: a client that is signed in."""

    def signed_in(email: str) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
        return client

    return signed_in
