"""New databases for tests: every table is made once a run, then copied for each test.

Migrating takes a second, the small world a twentieth of it, and a copy some milliseconds.
tests/app/test_database.py migrates empty databases itself; everything else begins from a copy of
one that went through the same migrations.
"""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from pathlib import Path

from postgresql_server import PostgresqlServer
from small_world import SmallWorld, build_small_world

from app.database import migrate, open_database
from app.models import database


class FreshSqlite:
    """`new_database(file)` copies the migrated database to `file` and gives its URL."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        _migrate(f"sqlite:///{self._template}", folder)

    def new_database(self, file: Path) -> str:
        shutil.copyfile(self._template, file)
        return f"sqlite:///{file}"


class FreshWorlds:
    """The same with the small world in it, which is built once for each instant it is asked for.

    The application has been made before: its key seals what the world writes in the audit log.
    """

    def __init__(self, empty: FreshSqlite, folder: Path) -> None:
        self._empty = empty
        self._folder = folder
        self._built: dict[dt.datetime, tuple[Path, SmallWorld]] = {}

    def new_database(self, file: Path, now: dt.datetime) -> str:
        if now not in self._built:
            template = self._folder / f"{len(self._built)}.db"
            open_database(self._empty.new_database(template))
            with database.connection_context():
                self._built[now] = template, build_small_world(now)
            database.obj.close_all()
        shutil.copyfile(self._built[now][0], file)
        return f"sqlite:///{file}"

    def world(self, now: dt.datetime) -> SmallWorld:
        """The world of the databases of that instant. Its rows are the test's own to change."""
        return copy.deepcopy(self._built[now][1])


class FreshPostgresql:
    """`new_database()` gives the URL of a migrated database; `drop` takes it away again."""

    def __init__(self, server: PostgresqlServer, folder: Path) -> None:
        self._server = server
        template = server.new_database()
        _migrate(template, folder)
        self._template = template.partition("?")[0].rpartition("/")[2]

    def new_database(self) -> str:
        return self._server.new_database(self._template)

    def drop(self, url: str) -> None:
        self._server.drop(url)


def _migrate(url: str, folder: Path) -> None:
    """Bring the database up to date and leave no connection to it."""
    open_database(url)
    migrate(folder)
    # The last connection to a SQLite file writes its journal back when it closes.
    database.obj.close_all()
