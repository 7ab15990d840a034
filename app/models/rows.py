"""Rows read into models and tuples, in a fraction of the time peewee takes for it.

peewee sets each column of each row through a descriptor and converts even what the database gives
as it is wanted. Here whole numbers and texts stay as they come, and the columns of a model go into
it at once. What is read is the same.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import peewee

_AS_THEY_COME = frozenset({peewee.IntegerField.adapt, peewee.CharField.adapt})  # type: ignore[attr-defined]
LETTERS_OF_A_DATE = 10


def _needed(converter: Any) -> Any:
    """The converter, None where it would change nothing: SQLite and PostgreSQL keep the kind of a
    whole number's and of a text's column."""
    made_by = getattr(converter, "__func__", None)
    field: Any = getattr(converter, "__self__", None)
    while made_by is peewee.ForeignKeyField.python_value:
        field = field.rel_field
        made_by = getattr(field.python_value, "__func__", None)
    if made_by is peewee.Field.python_value and type(field).adapt in _AS_THEY_COME:
        return None
    if made_by is peewee.Field.python_value and type(field) is peewee.DateField:
        return partial(_date, converter)
    return converter


def _date(converter: Any, value: Any) -> Any:
    """A date as SQLite keeps it, read at once."""
    if type(value) is str and len(value) == LETTERS_OF_A_DATE:
        return dt.date.fromisoformat(value)
    return converter(value)


def _is_kept(model: Any, column: str) -> bool:
    """Whether a model keeps the column among its data, as it keeps fields."""
    return type(vars(model).get(column)) in (peewee.FieldAccessor, peewee.ForeignKeyAccessor)


def _made(model: Any, data: dict[str, Any]) -> Any:
    one = model.__new__(model)
    one.__data__, one.__rel__, one._dirty = data, {}, set()
    return one


class _Converting:
    """Columns whose values stay as they come are not converted."""

    converters: list[Any]

    def initialize(self) -> None:
        super().initialize()  # type: ignore[misc]
        self.converters = [_needed(one) for one in self.converters]


class TupleRows(_Converting, peewee.ModelTupleCursorWrapper):  # type: ignore[misc, name-defined]
    pass


class NamedRows(_Converting, peewee.ModelNamedTupleCursorWrapper):  # type: ignore[misc, name-defined]
    pass


class ModelRows(peewee.ModelObjectCursorWrapper):  # type: ignore[misc, name-defined]
    """Rows of one table."""

    def initialize(self) -> None:
        super().initialize()
        columns = [
            (place, name, _needed(self.converters[place]))
            for place, name in enumerate(self.unique_columns)
        ]
        self.kept = [one for one in columns if _is_kept(self.model, one[1])]
        self.besides = [one for one in columns if not _is_kept(self.model, one[1])]

    def process_row(self, row: Any) -> Any:
        one = _made(self.model, _read(row, self.kept))
        if self.besides:
            for name, value in _read(row, self.besides).items():
                setattr(one, name, value)
            one._dirty.clear()
        return one


class JoinedRows(peewee.ModelCursorWrapper):  # type: ignore[misc, name-defined]
    """Rows of several tables."""

    def initialize(self) -> None:
        super().initialize()
        self.plain = all(is_model for _key, _model, is_model in self._constructor_list)
        if not self.plain:
            return
        self.sources = []
        done: set[int] = set()
        for key, model, _is_model in self._constructor_list:
            kept = [
                (place, name, _needed(converter))
                for place, of, name, converter in self._row_spec
                if of is key and _is_kept(model, name)
            ]
            done.update(place for place, _name, _converter in kept)
            self.sources.append((key, model, kept))
        self.besides = [one for one in self._row_spec if one[0] not in done]

    def process_row(self, row: Any) -> Any:
        if not self.plain:
            return super().process_row(row)  # type: ignore[no-untyped-call]
        found: dict[Any, Any] = {}
        there: set[Any] = set()
        for key, model, kept in self.sources:
            found[key] = _made(model, _read(row, kept))
            if any(row[place] is not None for place, _name, _converter in kept):
                there.add(key)
        for place, key, name, converter in self.besides:
            value = row[place]
            if value is not None:
                there.add(key)
            setattr(
                found.get(key, found[self.model]), name, converter(value) if converter else value
            )
        for source, name, key, _is_dict, is_outer, is_foreign_key in self.src_to_dest:
            self._join(found, there, (source, name, key), is_outer, is_foreign_key)
        for one in found.values():
            one._dirty.clear()
        return found[self.model]

    def _join(
        self,
        found: dict[Any, Any],
        there: set[Any],
        link: tuple[Any, str, Any],
        is_outer: bool,
        is_foreign_key: bool,
    ) -> None:
        """Hang what was joined on what it was joined to, where the database found it."""
        source, name, key = link
        if key not in found:
            return
        one: Any = found.get(source)
        joined = found[key]
        if key not in there and not self._dest_reachable.get(key, frozenset()) & there:
            if not is_outer:
                return
            joined = None
        if is_outer and source not in there and key not in there:
            return
        if is_foreign_key and joined is None:
            one.__rel__[name] = None
        else:
            setattr(one, name, joined)


def _read(row: Any, columns: list[tuple[int, str, Any]]) -> dict[str, Any]:
    return {
        name: row[place] if converter is None else converter(row[place])
        for place, name, converter in columns
    }


class Rows(peewee.ModelSelect):  # type: ignore[type-arg]
    """A query whose rows are read so; every other kind of row peewee reads."""

    def _get_cursor_wrapper(self, cursor: Any) -> Any:
        if self._row_type == peewee.ROW.TUPLE:
            return TupleRows(cursor, self.model, self._returning)
        if self._row_type == peewee.ROW.NAMED_TUPLE:
            return NamedRows(cursor, self.model, self._returning)
        return super()._get_cursor_wrapper(cursor)

    def _get_model_cursor_wrapper(self, cursor: Any) -> Any:
        if not peewee.is_model(self.model):
            return super()._get_model_cursor_wrapper(cursor)
        if len(self._from_list) == 1 and not self._joins:
            return ModelRows(cursor, self.model, self._returning, self.model)
        return JoinedRows(cursor, self.model, self._returning, self._from_list, self._joins)
