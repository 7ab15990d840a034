"""New databases for tests: every table is made once a run, then copied for each test.

Migrating takes a second, the small world a twentieth of it, and a copy some milliseconds. What
takes longer to lay out, several tests take up where the first of them left it (`Prepared`).
tests/app/test_database.py migrates empty databases itself; everything else begins from a copy of
one that went through the same migrations.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import shutil
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from postgresql_server import PostgresqlServer
from small_world import SmallWorld, build_small_world

from app.database import is_postgresql, migrate, open_database
from app.models import database

Made = TypeVar("Made")
Prepare = Callable[[str, Callable[[], Any]], Any]
"""Of the fixture `prepared`."""


class Keeper(Protocol):
    """Makes and copies databases of one kind: FreshSqlite, FreshPostgresql."""

    def new_database(self, folder: Path, like: str = "") -> str:
        """A copy of the database of the URL `like`, by default one with every table and no row.

        Its URL. Where databases are files, it is the one file of that kind in `folder`. Nobody is
        connected to `like`.
        """
        ...

    def keep(self, url: str) -> str:
        """Copy the database of `url`, to which nobody is connected; the URL of the copy."""
        ...

    def bring_back(self, kept: str, url: str) -> None:
        """Make the database of `url` what `kept` is. Nobody is connected to either."""
        ...

    def drop(self, url: str) -> None:
        """Take a database away that no test needs any more, unless it goes with its folder."""
        ...


class FreshSqlite:
    """Files, copied as files. See `Keeper`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = itertools.count(1)
        self._template = f"sqlite:///{folder / 'template.db'}"
        _migrate(self._template, folder)

    def new_database(self, folder: Path, like: str = "") -> str:
        file = folder / "escala.db"
        shutil.copyfile(_file(like or self._template), file)
        return f"sqlite:///{file}"

    def keep(self, url: str) -> str:
        kept = self._folder / f"kept{next(self._number)}.db"
        shutil.copyfile(_file(url), kept)
        return f"sqlite:///{kept}"

    def bring_back(self, kept: str, url: str) -> None:
        shutil.copyfile(_file(kept), _file(url))

    def drop(self, url: str) -> None:
        """Whoever looks for why a test failed finds its file."""


class FreshPostgresql:
    """Databases of one server. See `Keeper`."""

    def __init__(self, server: PostgresqlServer, folder: Path) -> None:
        self._server = server
        self._template = server.new_database()
        _migrate(self._template, folder)

    def new_database(self, folder: Path, like: str = "") -> str:
        return self._server.new_database(_name(like or self._template))

    def keep(self, url: str) -> str:
        return self._server.new_database(_name(url))

    def bring_back(self, kept: str, url: str) -> None:
        self._server.replace(url, _name(kept))

    def drop(self, url: str) -> None:
        self._server.drop(url)


class FreshWorlds:
    """The small world in databases, built once for each keeper and instant it is asked for.

    The application has been made before: its key seals what the world writes in the audit log.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[tuple[Keeper, dt.datetime], tuple[str, SmallWorld]] = {}

    def new_database(self, keeper: Keeper, folder: Path, now: dt.datetime) -> str:
        """As the keeper's, with the world in it."""
        if (keeper, now) not in self._built:
            apart = self._folder / str(len(self._built))
            apart.mkdir()
            url = keeper.new_database(apart)
            open_database(url)
            with database.connection_context():
                self._built[keeper, now] = url, build_small_world(now)
            database.obj.close_all()
        return keeper.new_database(folder, like=self._built[keeper, now][0])

    def world(self, keeper: Keeper, now: dt.datetime) -> SmallWorld:
        """The world of the databases of that instant. Its rows are the test's own to change."""
        return copy.deepcopy(self._built[keeper, now][1])


class Prepared:
    """What several tests begin from: the first lays it out, the others take up a copy of that.

    `reach(key, url, keeper, make)` gives what `make` gave the first time, with the database of
    `url`, which the models are open on, as `make` left it. `key` tells all that it depends on.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[str, object]] = {}

    def reach(self, key: Hashable, url: str, keeper: Keeper, make: Callable[[], Made]) -> Made:
        if not is_postgresql():
            written = database.connection().total_changes
            assert written == 0, "what was written before this would be lost: ask for this first"
        if key not in self._kept:
            made = make()
            with _nobody_connected():
                self._kept[key] = keeper.keep(url), copy.deepcopy(made)
            return made
        kept, found = self._kept[key]
        with _nobody_connected():
            keeper.bring_back(kept, url)
        return copy.deepcopy(found)  # type: ignore[return-value]


@contextmanager
def _nobody_connected() -> Iterator[None]:
    """Close this process's connections, and open one again for whoever counts on it.

    The last connection to a SQLite file writes its journal back when it closes.
    """
    held = list(database.obj._state.ctx)
    database.obj.close_all()
    yield
    database.connect()
    database.obj._state.ctx.extend(held)


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _name(url: str) -> str:
    """Of a PostgreSQL database."""
    return url.partition("?")[0].rpartition("/")[2]


def _migrate(url: str, folder: Path) -> None:
    """Bring the database up to date and leave no connection to it."""
    open_database(url)
    migrate(folder)
    # The last connection to a SQLite file writes its journal back when it closes.
    database.obj.close_all()
