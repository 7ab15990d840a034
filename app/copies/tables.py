"""Reading all tables at one moment, and writing all of them anew in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from peewee import SQL, Column, Insert, Table, Update, fn
from playhouse.migrations import Runner

from app import triggers
from app.copies.shapes import Row, Shape, Tally, inside, outside
from app.database import MIGRATIONS, is_postgresql, migration_lock
from app.models import database

ROWS_AT_ONCE = 2000


class CopyRefused(Exception):
    """Nothing was copied; the message says why, and what to do."""


class NotEmpty(CopyRefused):
    """The database to be written holds rows."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A table's rows and the digest of what they hold."""

    table: str
    rows: int
    digest: str


OnTable = Callable[[Counted], None]


@contextmanager
def at_one_moment(source: Any) -> Iterator[None]:
    """What is read inside is the database of one moment, while others go on writing."""
    kind = "REPEATABLE READ READ ONLY" if is_postgresql(source) else "DEFERRED"
    with source.connection_context(), source.atomic(kind):
        yield


def migrations_of(source: Any) -> tuple[str, ...]:
    """The migrations a database has had, in order. Called with a connection."""
    return tuple(sorted(Runner(source, str(MIGRATIONS)).applied()))


def known_migrations() -> tuple[str, ...]:
    """Those of this version of Escala."""
    return tuple(one.name for one in Runner(database.obj, str(MIGRATIONS)).migrations())


def check_up_to_date(source: Any, name: str) -> None:
    """Raises CopyRefused for a database that is not of this version. Called with a connection."""
    had, known = set(migrations_of(source)), set(known_migrations())
    if not had:
        raise CopyRefused(f"{name} is no database of Escala: it has had no migration")
    if had - known:
        raise CopyRefused(f"{name} is of a newer version: {', '.join(sorted(had - known))}")
    if known - had:
        lacking = ", ".join(sorted(known - had))
        raise CopyRefused(f"{name} is of an older version: run `flask migrate` on it ({lacking})")


def read_rows(source: Any, shape: Shape) -> Iterator[Row]:
    """A table's rows by its key, some at a time, so that memory stays small."""
    table = Table(shape.table)
    key = Column(table, shape.key)
    place = list(shape.columns).index(shape.key)
    query = table.select(*(Column(table, name) for name in shape.columns))
    query = query.order_by(key).limit(ROWS_AT_ONCE)
    rest = query
    while True:
        rows = source.execute(rest).fetchall()
        for row in rows:
            yield outside(shape, row)
        if len(rows) < ROWS_AT_ONCE:
            return
        rest = query.where(key > rows[-1][place])


def count(source: Any, shape: Shape) -> Counted:
    tally = Tally(shape)
    for row in read_rows(source, shape):
        tally.add(row)
    return Counted(shape.table, tally.rows, tally.digest())


def write_everything(
    instance: Path,
    migrations: Sequence[str],
    tables: Sequence[Shape],
    rows_of: Callable[[Shape], Iterable[Row]],
    *,
    replace: bool,
    finish: Callable[[list[Counted]], None],
    on_table: OnTable = lambda _counted: None,
) -> list[Counted]:
    """Make the models' database anew with these rows, all or nothing; what came of each table.

    The tables are made by `migrations`, filled, and then brought to this version; `finish` is
    called at the end, within the transaction, and may still raise. Raises NotEmpty where the
    database holds rows and `replace` is not said, CopyRefused where it does not hold afterwards
    what was written.
    """
    with migration_lock(instance), _references_checked_at_the_end(), database.atomic():
        held = rows_held()
        if held and not replace:
            told = ", ".join(f"{table} {rows}" for table, rows in list(held.items())[:5])
            raise NotEmpty(f"the database to be written is not empty: {told} rows")
        _drop_everything()
        runner = Runner(database.obj, str(MIGRATIONS))
        runner.up(target=migrations[-1])
        if set(migrations_of(database.obj)) != set(migrations):
            raise CopyRefused(f"no version had these migrations alone: {', '.join(migrations)}")
        written = []
        for shape in tables:
            counted = _write_rows(shape, rows_of(shape))
            if count(database.obj, shape) != counted:
                raise CopyRefused(f"{shape.table}: what was written is not what can be read back")
            written.append(counted)
            on_table(counted)
        runner.up()
        triggers.install()
        _check_references()
        finish(written)
    return written


def rows_held() -> dict[str, int]:
    """The tables of the models' database that hold rows, but for the list of migrations."""
    found = {}
    for table in database.get_tables():
        query = Table(table).select(fn.COUNT(SQL("*")))
        rows = database.execute(query).fetchone()[0]
        if rows and table not in ("schema_migration", "sqlite_sequence"):
            found[str(table)] = int(rows)
    return found


@contextmanager
def _references_checked_at_the_end() -> Iterator[None]:
    """SQLite would take rows along with a table that a migration makes anew: so its references
    are off meanwhile, and looked at before the transaction ends. PostgreSQL needs none of it."""
    if is_postgresql():
        yield
        return
    database.pragma("foreign_keys", 0)
    try:
        yield
    finally:
        database.pragma("foreign_keys", 1)


def _check_references() -> None:
    if is_postgresql():
        return
    astray = database.execute_sql("PRAGMA foreign_key_check").fetchall()
    if astray:
        told = ", ".join(sorted({f"{table} → {other}" for table, _row, other, _key in astray}))
        raise CopyRefused(f"rows refer to others that are not there: {told}")


def _drop_everything() -> None:
    if is_postgresql():
        for table in database.get_tables():
            database.execute_sql(f'DROP TABLE "{table}" CASCADE')
        functions = database.execute_sql(
            "SELECT oid::regprocedure FROM pg_proc WHERE prorettype = 'trigger'::regtype "
            "AND pronamespace = current_schema()::regnamespace"
        ).fetchall()
        for (function,) in functions:
            database.execute_sql(f"DROP FUNCTION {function}")
        return
    for table in database.get_tables():
        if not table.startswith("sqlite_"):
            database.execute_sql(f'DROP TABLE "{table}"')


def _write_rows(shape: Shape, rows: Iterable[Row]) -> Counted:
    tally = Tally(shape)
    names = list(shape.columns)
    places = [names.index(name) for name in shape.to_itself]
    key = names.index(shape.key)
    later: list[tuple[Any, ...]] = []
    waiting: list[list[Any]] = []
    for row in rows:
        tally.add(row)
        values = inside(shape, row)
        if any(row[place] is not None for place in places):
            later.append((*(values[place] for place in places), values[key]))
            for place in places:
                values[place] = None
        waiting.append(values)
        if len(waiting) == ROWS_AT_ONCE:
            _insert(shape, waiting)
            waiting = []
    _insert(shape, waiting)
    _refer_to_itself(shape, later)
    _count_on(shape)
    return Counted(shape.table, tally.rows, tally.digest())


def _insert(shape: Shape, rows: list[list[Any]]) -> None:
    if not rows:
        return
    columns = [Column(None, name) for name in shape.columns]
    _many(shape, Insert(Table(shape.table), [rows[0]], columns), rows)


def _refer_to_itself(shape: Shape, rows: list[tuple[Any, ...]]) -> None:
    """Rows that name another of their table, once all are there."""
    table = Table(shape.table)
    for place, name in enumerate(shape.to_itself):
        query = Update(table, {Column(table, name): None}).where(Column(table, shape.key) == 0)
        _many(shape, query, [(row[place], row[-1]) for row in rows])


def _many(shape: Shape, query: Any, rows: Sequence[Sequence[Any]]) -> None:
    """Carry out `query`, written for one row, with the values of each of them."""
    statement, _values = database.get_sql_context().sql(query).query()
    cursor = database.obj.cursor()
    try:
        cursor.executemany(statement, rows)
    except (sqlite3.Error, psycopg.Error) as error:
        raise CopyRefused(f"{shape.table}: the database refuses a row: {error}") from error


def _count_on(shape: Shape) -> None:
    """The next key that PostgreSQL gives is past all that are there; SQLite looks by itself."""
    if not shape.counts or not is_postgresql():
        return
    table = Table(shape.table)
    last = fn.MAX(Column(table, shape.key))
    sequence = fn.pg_get_serial_sequence(f'"{shape.table}"', shape.key)
    database.execute(table.select(fn.setval(sequence, fn.COALESCE(last, 1), last.is_null(False))))
