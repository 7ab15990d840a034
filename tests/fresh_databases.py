"""New databases for tests: every table is made once a run, then copied for each test.

Migrating takes a second and a copy some milliseconds. tests/app/test_database.py migrates empty
databases itself; everything else begins from a copy of one that went through the same migrations.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from postgresql_server import PostgresqlServer

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
