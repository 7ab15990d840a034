"""Opening the database and bringing its tables up to date."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from playhouse.migrations import Migration, Runner
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

from app.models import database

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 7_362_001
log = logging.getLogger("escala.database")


class _OwnFile(PooledSqliteDatabase):
    """A SQLite file that is made for this user alone, whatever folder it lies in; what SQLite
    writes beside it gets its mode."""

    def connect(self, reuse_if_open: bool = False) -> Any:
        # Where it cannot be made, connecting says why.
        with suppress(OSError):
            os.close(os.open(self.database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return super().connect(reuse_if_open)


class NewerDatabase(Exception):
    """A newer version has brought the database up to its own date, which this one cannot read."""

    def __init__(self, unknown: list[str]) -> None:
        super().__init__(
            f"the database is of a newer version of Escala, which applied {', '.join(unknown)}: "
            "start that version, or go back to a backup made before, by "
            "`flask restore --replace FILE`"
        )


def open_database(url: str) -> Any:
    """Point the models at the database of `url` (see app.config). Connects nothing yet."""
    real = database_of(url)
    database.initialize(real)
    return real


def database_of(url: str) -> Any:
    """The database of `url`, not yet connected, and no model pointed at it.

    SQLite runs in WAL and every transaction begins IMMEDIATE: a deferred one that turns to
    writing fails with "database is locked" under load instead of waiting its turn. What a power cut
    takes back of it, and what not taking it back would cost, is in DESIGN.md.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        real: Any = _OwnFile(
            unquote(parts.path[1:]),
            max_connections=64,
            stale_timeout=300,
            timeout=30,
            lock_type="IMMEDIATE",
            check_same_thread=False,
            pragmas={
                "busy_timeout": 30_000,
                "journal_mode": "wal",
                "foreign_keys": 1,
                "synchronous": "normal",
                "cache_size": -32_000,
                # What is deleted is overwritten, or an erased name would stay in the file's free
                # pages. Some builds of SQLite do so by themselves, others do not.
                "secure_delete": 1,
            },
        )
    else:
        connection = {
            "user": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "host": parts.hostname,
            "port": parts.port,
            # A socket's folder can only be given as `?host=/run/postgresql`.
            **dict(parse_qsl(parts.query)),
        }
        real = PooledPostgresqlDatabase(
            parts.path.lstrip("/"),
            max_connections=32,
            stale_timeout=300,
            timeout=30,
            **{name: value for name, value in connection.items() if value is not None},
        )
    return real


@contextmanager
def migration_lock(instance: Path) -> Iterator[None]:
    """One process at a time: an advisory lock on PostgreSQL, a file lock beside SQLite."""
    if is_postgresql():
        with database.connection_context():
            database.execute_sql("SELECT pg_advisory_lock(%s)", (ADVISORY_LOCK,))
            try:
                yield
            finally:
                database.execute_sql("SELECT pg_advisory_unlock(%s)", (ADVISORY_LOCK,))
        return
    import fcntl

    with open(instance / "migrate.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # Connect under the lock: two that turn a new file to WAL at once lock each other out.
        with database.connection_context():
            yield


def migrate(instance: Path) -> list[str]:
    """Apply the migrations not yet applied, under the lock; the names applied.

    Raises NewerDatabase, and leaves that one's tables and triggers as they are.
    """
    from app import triggers

    with migration_lock(instance):
        if unknown := unknown_migrations():
            raise NewerDatabase(unknown)
        applied: list[str] = Runner(database.obj, str(MIGRATIONS)).up()
        triggers.install()
    for name in applied:
        log.info("migrated %s", name)
    return applied


def pending_migrations() -> list[str]:
    """The names of migrations this database still lacks."""
    with database.connection_context():
        return [one.name for one in _migrations() if one.path and not one.applied]


def unknown_migrations() -> list[str]:
    """The names of migrations this database has had and this version does not know."""
    with database.connection_context():
        return [one.name for one in _migrations() if not one.path]


def _migrations() -> list[Migration]:
    found: list[Migration] = Runner(database.obj, str(MIGRATIONS)).status()
    return found


def is_postgresql(one: Any = None) -> bool:
    """Whether `one`, by default the models' database, is a PostgreSQL."""
    return isinstance(one or database.obj, PooledPostgresqlDatabase)
