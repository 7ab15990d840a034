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
from app.models.readers import Reader, reader_of

_SHAPES_MOST = 64
"""Shapes kept of one query; lists are padded, so that there are few."""
_INSTANT = InstantField()
_INSTANT.name = "a value"
_MANY = (list, tuple, set, frozenset)
_ONE = (int, float, str, dt.date)


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
            found = known[shape] = _Written(
                make(*(_node(number, value) for number, value in enumerate(values)))
            )
        return found.rows(values)

    return rows


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value goes: the argument it is of, and which one of its list."""

    argument: int
    index: int | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Values of one list that stand one after the other in the text, from its first on."""

    position: int
    argument: int
    length: int


class _Written:
    """A query's text, where its values go and how its rows are read."""

    def __init__(self, query: Any) -> None:
        self._query = query
        """Never asked itself: it knows how its rows are read."""
        text, params = query.sql()
        self._text: str = text
        self._params = list(params)
        self._ones = [
            (position, one.argument)
            for position, one in enumerate(params)
            if isinstance(one, _Place) and one.index is None
        ]
        self._many = _stretches(params)
        self._reader: Reader | None = None

    def rows(self, values: Sequence[Any]) -> list[Any]:
        params = self._params.copy()
        for position, argument in self._ones:
            params[position] = _kept(values[argument])
        for one in self._many:
            params[one.position : one.position + one.length] = map(_kept, values[one.argument])
        cursor = database.obj.execute_sql(self._text, params)
        rows = cursor.fetchall()
        if self._reader is None:
            self._reader = reader_of(self._query, cursor)
        cursor.close()
        return self._reader(rows)


def _stretches(params: Sequence[Any]) -> list[_Stretch]:
    found: list[_Stretch] = []
    for position, one in enumerate(params):
        if not isinstance(one, _Place) or one.index is None:
            continue
        if one.index == 0:
            found.append(_Stretch(position, one.argument, 1))
            continue
        last = found[-1]
        if (last.argument, last.length, last.position + last.length) != (
            one.argument,
            one.index,
            position,
        ):
            raise TypeError("a list's values must stand one after the other")
        found[-1] = _Stretch(last.position, last.argument, last.length + 1)
    return found


def _kept(value: Any) -> Any:
    """A value as columns keep it."""
    return _INSTANT.db_value(value) if isinstance(value, dt.datetime) else value


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
