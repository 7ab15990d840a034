"""Many rows written at once, by the driver's own executemany.

A statement that is built for a thousand rows takes fifteen times as long as they take to be
written; and while they are written nobody else writes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from peewee import DateField, Function, JSONField, __exception_wrapper__

from app.database import is_postgresql
from app.models import InstantField, database

CHUNK_ROWS = 20_000


def insert_columns(table: Any, columns: Mapping[str, Sequence[Any]]) -> int:
    """Insert rows that are told in columns, equally long, one for each field but the key; how many.

    Values are as the table's fields take them. Call within a transaction.
    """
    fields = [getattr(table, name) for name in columns]
    stored = [_stored(field, columns[name]) for field, name in zip(fields, columns, strict=True)]
    rows = list(zip(*stored, strict=True))
    if rows:
        first = tuple(values[0] for values in columns.values())
        statement, _parameters = table.insert_many([first], fields=fields).sql()
        cursor = database.cursor()
        with __exception_wrapper__:  # the driver's errors by peewee's names
            for begin in range(0, len(rows), CHUNK_ROWS):
                cursor.executemany(statement, rows[begin : begin + CHUNK_ROWS])
    return len(rows)


def insert_rows(table: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows that all tell the same fields, as `insert_columns` does; how many."""
    if not rows:
        return 0
    return insert_columns(table, {name: [row[name] for row in rows] for name in rows[0]})


def _stored(field: Any, values: Sequence[Any]) -> Sequence[Any]:
    """A column as the driver takes it; few of its instants and dates are different ones."""
    if isinstance(field, JSONField):
        return [_bare(field.db_value(value)) for value in values]  # type: ignore[no-untyped-call]
    if isinstance(field, InstantField | DateField):
        known = {value: _as_text(field.db_value(value)) for value in set(values)}
        return [known[value] for value in values]
    return values


def _as_text(value: dt.date | None) -> Any:
    """As SQLite's driver would write it, asked once for each and not for each row."""
    if value is None or is_postgresql():
        return value
    return value.isoformat(" ") if isinstance(value, dt.datetime) else value.isoformat()


def _bare(value: Any) -> Any:
    """SQLite is given JSON as a function's argument, and the function stands in the statement."""
    return value.arguments[0] if isinstance(value, Function) and value.arguments else value
