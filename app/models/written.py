"""Queries whose text is written once.

peewee writes the text of a query anew each time it is asked, and that takes more of a page's time
than the answer. A function decorated with `written` builds its query for the first call of a
shape; later calls put their values in the places of that text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any

from peewee import AsIs

from app.models.base import InstantField, database

_SHAPES_MOST = 64
"""Shapes kept of one query; lists are padded, so that there are few."""
_INSTANT = InstantField()
_INSTANT.name = "a value"
_MANY = (list, tuple, set, frozenset)
_ONE = (int, float, str, dt.date)


class AsksWritten:
    """A database that takes the text of a query that has one already. Mixed into peewee's."""

    def execute(self, query: Any, **options: Any) -> Any:
        text = getattr(query, "written_text", None)
        if text is None:
            return super().execute(query, **options)  # type: ignore[misc]
        return self.execute_sql(*text)  # type: ignore[attr-defined]


def written(make: Callable[..., Any]) -> Callable[..., list[Any]]:
    """The rows of the query that `make` builds of its values.

    `make` may compare columns with its values and ask whether one is None or what a bool is; what
    is to be worked out of a value is worked out before. Values are numbers, texts, dates, instants,
    lists of these, None, bools and enumerations; a row is given by its id.
    """
    known: dict[tuple[Any, ...], _Written] = {}

    @wraps(make)
    def rows(*given: Any) -> list[Any]:
        values = [_padded(value) if isinstance(value, _MANY) else value for value in given]
        shape = (type(database.obj), *map(_shape, values))
        found = known.get(shape)
        if found is None:
            if len(known) >= _SHAPES_MOST:
                known.clear()
            found = known[shape] = _write(make, values)
        return found.rows(values)

    return rows


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value goes: the argument it is of, and which one of its list."""

    argument: int
    index: int | None = None

    def of(self, values: Sequence[Any]) -> Any:
        value = values[self.argument]
        value = value if self.index is None else value[self.index]
        return _INSTANT.db_value(value) if isinstance(value, dt.datetime) else value


@dataclass(frozen=True, slots=True)
class _Written:
    query: Any
    """Never asked itself: it knows how its rows are read."""
    text: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, _Place], ...]

    def rows(self, values: Sequence[Any]) -> list[Any]:
        params = list(self.params)
        for position, place in self.places:
            params[position] = place.of(values)
        query = self.query.clone()
        query.written_text = self.text, params
        return list(query)


def _write(make: Callable[..., Any], values: Sequence[Any]) -> _Written:
    query = make(*(_node(number, value) for number, value in enumerate(values)))
    text, params = query.sql()
    places = ((n, one) for n, one in enumerate(params) if isinstance(one, _Place))
    return _Written(query, text, tuple(params), tuple(places))


def _node(argument: int, value: Any) -> Any:
    if _is_constant(value):
        return value
    if isinstance(value, list):
        return [AsIs(_Place(argument, index), False) for index in range(len(value))]
    return AsIs(_Place(argument), False)


def _shape(value: Any) -> Any:
    """What the text depends on."""
    if _is_constant(value):
        return value
    if isinstance(value, list):
        return list, len(value)
    if not isinstance(value, _ONE):
        raise TypeError(f"{value!r} cannot be a value of a written query")
    return _ONE


def _is_constant(value: Any) -> bool:
    return value is None or isinstance(value, bool | Enum)


def _padded(values: Any) -> list[Any]:
    """As a list whose length is a power of two: the last once more is asked for once."""
    listed = list(values)
    if not listed:
        return listed
    return listed + listed[-1:] * ((1 << (len(listed) - 1).bit_length()) - len(listed))
