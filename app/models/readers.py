"""Rows of a query read many at once.

peewee reads a row at a time, works out anew of each query what its columns are, and asks each
value's field what it is. What a query that is written once (`written`) reads is known after its
first rows, and a page reads thousands of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from peewee import (
    AutoField,
    CharField,
    DateField,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    ModelCursorWrapper,
    ModelNamedTupleCursorWrapper,
    ModelObjectCursorWrapper,
    ModelTupleCursorWrapper,
    TextField,
)
from playhouse.fields import EnumField

Row = tuple[Any, ...]
Reader = Callable[[Sequence[Row]], list[Any]]
Conversion = Callable[[Any], Any] | None
_AS_KEPT = (AutoField, CharField, IntegerField, TextField)
"""Whose values a database gives as they are meant, both SQLite and PostgreSQL."""
_REPEATED = 4096
"""Texts of days kept read: rows fall on few different days."""
_DAYS: Any = DateField()
_NAMES_MOST = 64


def reader_of(query: Any, cursor: Any) -> Reader:
    """What turns rows of `cursor`, which has carried out `query`, into what peewee would make."""
    told = query._get_cursor_wrapper(cursor)
    told.initialize()
    # The reader outlives this cursor.
    told.cursor = None
    kind = type(told)
    if kind is ModelTupleCursorWrapper:
        return _tuples(_conversions(told))
    if kind is ModelNamedTupleCursorWrapper:
        as_tuples, named = _tuples(_conversions(told)), told.impl._make
        return lambda rows: list(map(named, as_tuples(rows)))
    if kind is ModelObjectCursorWrapper and _is_plain(told.constructor):
        known = told.model._meta.fields
        if told.constructor is told.model and all(name in known for name in told.unique_columns):
            return _rows_of_one(told.model, told.unique_columns, _conversions(told))
    if kind is ModelCursorWrapper and _can_be_joined(told):
        return _joined(told)
    return lambda rows: [told.process_row(row) for row in rows]


def _conversions(told: Any) -> list[Conversion]:
    return [
        _conversion(found, field) for found, field in zip(told.converters, told.fields, strict=True)
    ]


def _conversion(found: Conversion, field: Field | None) -> Conversion:
    """What a column's values go through; None where they are left as they come."""
    if found is None or getattr(found, "__self__", None) is not field:
        return found
    meant = field
    while isinstance(meant, ForeignKeyField):
        meant = meant.rel_field
    if type(meant) in _AS_KEPT:
        return None
    if isinstance(meant, EnumField):
        return lru_cache(maxsize=_NAMES_MOST)(found)
    return _day if type(meant) is DateField else found


def _day(value: Any) -> Any:
    return _day_of_text(value) if isinstance(value, str) else value


@lru_cache(maxsize=_REPEATED)
def _day_of_text(text: str) -> Any:
    return _DAYS.python_value(text)


def _tuples(conversions: list[Conversion]) -> Reader:
    if not any(conversions):
        return list

    def read(rows: Sequence[Row]) -> list[Any]:
        columns: list[Any] = list(zip(*rows, strict=True))
        for place, convert in enumerate(conversions):
            if convert is not None and columns:
                columns[place] = map(convert, columns[place])
        return list(zip(*columns, strict=True))

    return read


def _is_plain(model: Any) -> bool:
    """Whether rows of the model are made as peewee makes them."""
    return isinstance(model, type) and issubclass(model, Model) and model.__init__ is Model.__init__


def _made(model: type[Model], data: dict[str, Any]) -> Any:
    """A row that was read, nothing of it changed."""
    one: Any = object.__new__(model)
    one.__data__, one._dirty, one.__rel__ = data, set(), {}
    return one


def _rows_of_one(model: type[Model], names: list[str], conversions: list[Conversion]) -> Reader:
    as_tuples = _tuples(conversions)

    def read(rows: Sequence[Row]) -> list[Any]:
        return [_made(model, dict(zip(names, row, strict=True))) for row in as_tuples(rows)]

    return read


def _can_be_joined(told: Any) -> bool:
    """Whether each column is a field of one of the tables, and each table hangs on another."""
    fields = (
        is_model and _is_plain(model) and all(name in model._meta.fields for name in names)
        for model, is_model, names in (
            (model, is_model, [name for _i, key, name, _c in told._row_spec if key is table])
            for table, model, is_model in told._constructor_list
        )
    )
    keys = {table for table, _model, _is_model in told._constructor_list}
    known = all(key in keys for _i, key, _name, _c in told._row_spec)
    return known and all(fields) and all(source in keys for source, *_rest in told.src_to_dest)


def _joined(told: Any) -> Reader:
    """Rows of several tables, each hung on the one it was joined to."""
    as_tuples = _tuples(_conversions(told))
    tables = []
    for table, model, _is_model in told._constructor_list:
        places = [(name, place) for place, key, name, _c in told._row_spec if key is table]
        tables.append((table, model, places))
    hung = [(source, name, table) for source, name, table, *_rest in told.src_to_dest]

    def read(rows: Sequence[Row]) -> list[Any]:
        made = []
        for row, values in zip(rows, as_tuples(rows), strict=True):
            found = {
                table: _made(model, {name: values[place] for name, place in places})
                for table, model, places in tables
            }
            if any(
                places and all(row[place] is None for _name, place in places)
                for _table, _model, places in tables
            ):
                # Of an outer join that found nothing, peewee knows what hangs on what.
                made.append(told.process_row(row))
                continue
            for source, name, table in hung:
                setattr(found[source], name, found[table])
                found[source]._dirty.clear()
            made.append(found[told.model])
        return made

    return read
