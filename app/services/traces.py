"""Where words of a person stand in what is kept: rosters' problems, runs, messages, mails.

Looking through years of rosters takes seconds, so it is done before the transaction that writes,
and within it only for what came since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Any

from peewee import Expression, fn

from app.database import is_postgresql
from app.models import BaseModel, Mail, Message, Roster, Run

OnPart = Callable[[int, int], None]
"""Told after each part: how many are read, of how many."""
_AT_ONCE: dict[type[BaseModel], int] = {Roster: 100, Run: 1_000, Message: 20_000, Mail: 20_000}
_COLUMNS: dict[type[BaseModel], tuple[Any, ...]] = {
    Roster: (Roster.problem_json,),
    Run: (Run.parameters.cast("TEXT"), Run.result.cast("TEXT")),
    Message: (Message.details.cast("TEXT"),),
    Mail: (Mail.details.cast("TEXT"),),
}


class Traces:
    """The rows in which a code or name of a person stands as a text of its own."""

    def __init__(self, code: str, names: Iterable[str]) -> None:
        """`code`, empty for none, is looked for in rosters and runs; `names` in what was told."""
        self.code = code
        self.names = frozenset(names) - {""}
        codes = frozenset({code} - {""})
        self._words = {Roster: codes, Run: codes, Message: self.names, Mail: self.names}
        self._read = dict.fromkeys(_AT_ONCE, 0)
        self._found: dict[type[BaseModel], dict[int, None]] = {table: {} for table in _AT_ONCE}

    def found(self, table: type[BaseModel]) -> list[int]:
        """The ids of a table's rows, of those read so far."""
        return list(self._found[table])

    def read_on(self, on_part: OnPart = lambda _done, _of: None) -> None:
        """Look through the rows that were not there when it was last asked, and runs from the
        first that had not ended then: what a run came to is written when it ends."""
        under_way = Run.select(fn.MIN(Run.id)).where(Run.ended_at.is_null()).scalar()
        parts = [part for table in _AT_ONCE if self._words[table] for part in self._parts(table)]
        for done, (table, first, last) in enumerate(parts):
            on_part(done, len(parts))
            held = [holds(column, self._words[table]) for column in _COLUMNS[table]]
            rows = table.select(table.id).where(table.id.between(first, last), reduce(or_, held))
            self._found[table] |= dict.fromkeys(int(row.id) for row in rows)
            self._read[table] = last
        if under_way is not None:
            self._read[Run] = min(self._read[Run], under_way - 1)

    def _parts(self, table: type[BaseModel]) -> list[tuple[type[BaseModel], int, int]]:
        first, size = self._read[table] + 1, _AT_ONCE[table]
        last = table.select(fn.MAX(table.id)).scalar() or 0
        return [
            (table, start, min(start + size - 1, last)) for start in range(first, last + 1, size)
        ]


def holds(column: Any, words: Iterable[str]) -> Expression:
    """The condition that one of these (at least one) is a text in the JSON that `column` holds."""
    place_of = fn.STRPOS if is_postgresql() else fn.INSTR
    # PostgreSQL writes letters beyond ASCII as they are, Python's json does not.
    forms = {json.dumps(one, ensure_ascii=ascii) for one in words for ascii in (True, False)}
    first, *rest = (place_of(column, form) > 0 for form in sorted(forms))
    for one in rest:
        first |= one
    return first
