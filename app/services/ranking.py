"""What an office is asked for, the most frequent first: the languages and needs that its pages for
presses and calls offer, each with its key."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from peewee import fn

from app.models import Arrival, Desk, Language, Office
from app.services.names import in_readers_language, sorting_key
from app.services.needs import GENERAL, NEEDS

RANKING_WEEKS = 8
FREQUENT_LANGUAGES = 8
SHORTCUTS = "abcdefghijklmnopqrstvwxyz"
"""All but u, which takes back."""


@dataclass(frozen=True, slots=True)
class LanguageRow:
    code: str
    name: str
    shortcut: str
    """A letter; empty for languages that are seldom pressed."""


@dataclass(frozen=True, slots=True)
class NeedColumn:
    code: str
    name: str
    shortcut: str


def language_rows(
    office: Office, now: dt.datetime, unless_asked: Container[str] = frozenset()
) -> tuple[tuple[LanguageRow, ...], tuple[LanguageRow, ...]]:
    """The languages asked for most, each with its letter, and all others by name; those of
    `unless_asked` only where visitors have come in them of late."""
    rows = [
        LanguageRow(
            one.code,
            in_readers_language(one.name_pt, one.name_en),
            SHORTCUTS[index] if index < FREQUENT_LANGUAGES else "",
        )
        for index, one in enumerate(_ranked_languages(office, now, unless_asked))
    ]
    others = sorted(rows[FREQUENT_LANGUAGES:], key=lambda one: sorting_key(one.name))
    return tuple(rows[:FREQUENT_LANGUAGES]), tuple(others)


def need_columns(office: Office, now: dt.datetime) -> tuple[NeedColumn, ...]:
    """What people come to the office for, reception first, then the most frequent."""
    return tuple(
        NeedColumn(code, str(NEEDS[code]), str(index + 1))
        for index, code in enumerate(_ranked_needs(office, now))
    )


def rows_of(codes: set[str]) -> tuple[LanguageRow, ...]:
    """Languages without a letter, by name."""
    rows = [
        LanguageRow(one.code, in_readers_language(one.name_pt, one.name_en), "")
        for one in Language.select().where(Language.code.in_(codes))
    ]
    return tuple(sorted(rows, key=lambda one: sorting_key(one.name)))


def _ranked_languages(
    office: Office, now: dt.datetime, unless_asked: Container[str]
) -> list[Language]:
    came = _came(office, now, Arrival.language)
    query = Language.select().order_by(Language.position, Language.code)
    shown = [one for one in query if came[one.code] or one.code not in unless_asked]
    return sorted(shown, key=lambda one: -came[one.code])


def _ranked_needs(office: Office, now: dt.datetime) -> list[str]:
    """General first, then what the office has a desk for or people came for, by frequency."""
    came = _came(office, now, Arrival.need)
    desks = {one.need for one in Desk.select(Desk.need).where(Desk.office == office)}
    offered = [code for code in NEEDS if code != GENERAL and (code in desks or came[code])]
    return [GENERAL, *sorted(offered, key=lambda code: -came[code])]


def _came(office: Office, now: dt.datetime, column: Any) -> defaultdict[str, int]:
    since = now - dt.timedelta(weeks=RANKING_WEEKS)
    query = (
        Arrival.select(column, fn.SUM(Arrival.count))
        .where(Arrival.office == office, Arrival.starts_at >= since)
        .group_by(column)
    )
    found: defaultdict[str, int] = defaultdict(int)
    rows: Any = query.tuples()
    for code, visitors in rows:
        found[code] = int(visitors)
    return found
