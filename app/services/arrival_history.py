"""What came to an office in the past, read in columns: a year is a hundred thousand rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from peewee import fn

from app.database import is_postgresql
from app.models import Arrival, database
from forecast.arrays import IntArray
from forecast.series import numbered

BETWEEN, WITHIN = "\x1f", "\x1e"
"""Stand in no code of a language or need."""

INSTANT_LETTERS = len("2026-03-02 09:00:00")
"""Half hours have no fractions of a second."""


class History(NamedTuple):
    """An office's past in columns equally long: a row for each cell and source, in no order.

    stamps: the half hours, as seconds since 1970 (UTC). kind_at: which of `kinds` each row is, a
    language and a need.
    """

    stamps: IntArray
    kinds: list[tuple[str, str]]
    kind_at: IntArray
    visitors: IntArray


def history(office_id: int, since: dt.datetime, until: dt.datetime) -> History:
    """What came to an office in `[since, until)`."""
    return histories([office_id], since, until)[office_id]


def histories(
    office_ids: Iterable[int], since: dt.datetime, until: dt.datetime
) -> dict[int, History]:
    """What came to some offices in `[since, until)`, by their ids.

    The database joins each column into one text, which numpy and `split` take apart: a fifth of
    the time that as many rows take one by one. All columns go through the rows in the same order.
    For the product's own forecast: no actor, since nothing here is personal.
    """
    postgresql = is_postgresql()
    joined = fn.STRING_AGG if postgresql else fn.GROUP_CONCAT

    def column(value: Any, between: str) -> Any:
        return joined(value.cast("TEXT") if postgresql else value, between).coerce(False)

    # SQLite keeps instants as text, which numpy reads quicker than SQLite.
    at = Arrival.starts_at
    moment = at.to_timestamp().cast("BIGINT") if postgresql else at  # type: ignore[no-untyped-call]
    query = Arrival.select(
        Arrival.office,
        column(moment, ","),
        column(Arrival.language.concat(WITHIN).concat(Arrival.need), BETWEEN),
        column(Arrival.count, ","),
    )
    ids = list(office_ids)
    query = query.where(
        Arrival.office.in_(ids), Arrival.starts_at >= since, Arrival.starts_at < until
    ).group_by(Arrival.office)
    read = _numbers if postgresql else _instants
    found = {
        office_id: History(read(stamps), *_kinds(kinds), _numbers(visitors))
        for office_id, stamps, kinds, visitors in database.execute(query)
    }
    none = np.zeros(0, np.int64)
    nothing = History(none, [], none, none)
    return {office_id: found.get(office_id, nothing) for office_id in ids}


def _numbers(text: str) -> IntArray:
    return np.fromstring(text, dtype=np.int64, sep=",")


def _kinds(text: str) -> tuple[list[tuple[str, str]], IntArray]:
    """The different languages and needs, and which of them each row is."""
    different, at = numbered(text.split(BETWEEN))
    pairs = (one.partition(WITHIN) for one in different)
    return [(language, need) for language, _within, need in pairs], at


def _instants(text: str) -> IntArray:
    """Seconds since 1970 of instants in UTC, `2026-03-02 09:00:00,…`."""
    letters = np.frombuffer(f"{text},".encode(), dtype=np.uint8)
    told = letters.reshape(-1, INSTANT_LETTERS + 1)[:, :-1].copy().view(f"S{INSTANT_LETTERS}")[:, 0]
    # Rows lie in order of time, many to a half hour: each is read once.
    begins = np.append(True, told[1:] != told[:-1])
    found = told[begins].astype("datetime64[s]").astype(np.int64)
    return found[np.cumsum(begins) - 1]
