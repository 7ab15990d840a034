"""Open data: a past year's services as counts that anyone may have.

Two tables a year, each with totals: offices by languages, and support offices by months for the
whole network. They share one figure, the year's total. A year that is not over is not published,
since two exports a day apart would differ by a day's visitors; nor is one whose total would have to
be left out.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from peewee import fn

from app.i18n import _l, in_language
from app.models import Arrival, Office, database
from app.services.disclosure import LEAST, TOTAL, Published, publish
from app.services.errors import NotFound
from app.services.horizon import network_date
from app.services.languages import centre_languages
from app.services.months import month_key
from app.services.needs import NEEDS

FIRST_DAYS = dt.timedelta(days=7)
"""Counting that begins with the year begins on its first days of work."""
TABLES = ("office_language", "need_month")
COLUMNS = {
    "year": _l("Calendar year, by the half hour's beginning in UTC."),
    "table": _l("office_language: office by language; need_month: support office by month."),
    "row": _l("Code of the office or of the support office; empty for all of them."),
    "row_name": _l("Its name in Portuguese; of a support office its code."),
    "column": _l("Code of the language (BCP 47) or the month (01 to 12); empty for all of them."),
    "visits": _l("Services provided; empty where left out."),
    "left_out": _l("1 where the count is left out: it is from 1 to 4, or would give one away."),
    "counted_from": _l(
        "The first day counted, where counting began within the year; empty of a whole year."
    ),
}


@dataclass(frozen=True, slots=True)
class YearOfData:
    year: int
    tables: tuple[tuple[str, Published], ...]
    names: dict[str, str]
    """Office code → name."""
    counted_from: dt.date | None
    """The first day counted, where counting began within the year."""

    @property
    def total(self) -> int:
        return self.tables[0][1].counts[TOTAL, TOTAL] or 0

    @property
    def left_out(self) -> int:
        return sum(table.left_out for _name, table in self.tables)


def published_years(now: dt.datetime) -> list[int]:
    """Years that are over and published, the latest first."""
    first, last = (_edge(one) for one in (fn.MIN, fn.MAX))
    if first is None or last is None:
        return []
    years = range(min(last.year, network_date(now).year - 1), first.year - 1, -1)
    return [year for year in years if _year(_place(), year, network_date(now)) is not None]


def year_of_data(year: int, now: dt.datetime) -> YearOfData:
    """A past year's tables. Raises NotFound where it is not published."""
    today = network_date(now)
    found = _year(_place(), year, today) if 1 < year < today.year else None
    if found is None:
        raise NotFound
    return found


def to_csv(found: YearOfData) -> bytes:
    """One line a count, in UTF-8 with commas (RFC 4180)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS))
    writer.writeheader()
    writer.writerows(_lines(found))
    return out.getvalue().encode()


def to_json(found: YearOfData) -> bytes:
    """The same lines, with what each column means."""
    told = {
        "year": found.year,
        "least": LEAST,
        "columns": _columns_in_english(),
        "lines": [
            one | {"visits": None if one["visits"] == "" else one["visits"]}
            for one in _lines(found)
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _columns_in_english() -> dict[str, str]:
    """The file is one for all readers, whatever language they ask in."""
    with in_language("en"):
        return {name: str(meaning) for name, meaning in COLUMNS.items()}


def _lines(found: YearOfData) -> list[dict[str, Any]]:
    lines = []
    counted_from = found.counted_from.isoformat() if found.counted_from else ""
    for name, table in found.tables:
        for row in (*table.rows, TOTAL):
            for column in (*table.columns, TOTAL):
                count = table.counts[row, column]
                lines.append(
                    {
                        "year": found.year,
                        "table": name,
                        "row": row,
                        "row_name": found.names.get(str(row), str(row)),
                        "column": column,
                        "visits": "" if count is None else count,
                        "left_out": int(count is None),
                        "counted_from": counted_from,
                    }
                )
    return lines


# A year that is over hardly changes, and anybody may ask: it is counted once a day.
@lru_cache(maxsize=32)
def _year(_place: str, year: int, _today: dt.date) -> YearOfData | None:
    since = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    month = month_key(Arrival.starts_at)
    rows: Any = (
        Arrival.select(Arrival.office, Arrival.language, Arrival.need, month, fn.SUM(Arrival.count))
        .where(Arrival.starts_at >= since, Arrival.starts_at < since.replace(year=year + 1))
        .group_by(Arrival.office, Arrival.language, Arrival.need, month)
        .tuples()
    )
    offices = {row.id: row for row in Office.select().order_by(Office.position, Office.code)}
    languages = centre_languages()
    by_office: Counter[tuple[Any, Any]] = Counter()
    by_need: Counter[tuple[Any, Any]] = Counter()
    for office, language, need, key, count in rows:
        by_office[offices[office].code, language] += int(count)
        by_need[need, key[5:]] += int(count)
    if not by_office:
        return None
    codes = [one.code for one in offices.values() if any(one.code == row for row, _c in by_office)]
    needs = [*NEEDS, *sorted({need for need, _month in by_need} - set(NEEDS))]
    months = [f"{number:02d}" for number in range(1, 13)]
    tables = (
        publish({(row, column): by_office[row, column] for row in codes for column in languages}),
        publish({(row, column): by_need[row, column] for row in needs for column in months}),
    )
    if any(table.counts[TOTAL, TOTAL] is None for table in tables):
        return None
    names = {one.code: one.name for one in offices.values()}
    return YearOfData(year, tuple(zip(TABLES, tables, strict=True)), names, _begun_within(year))


def _begun_within(year: int) -> dt.date | None:
    """The first day that was ever counted, where it is of this year and a part of it lacks."""
    first = _edge(fn.MIN)
    if first is None or first.year != year or first - dt.date(year, 1, 1) < FIRST_DAYS:
        return None
    return first


def _place() -> str:
    """Which database this is: what was counted of one is not another's."""
    return str(database.obj.database)


def _edge(function: Any) -> dt.date | None:
    """The day, in UTC, of the first or the last count."""
    found: Any = Arrival.select(function(Arrival.starts_at)).scalar()
    if found is None:
        return None
    instant = dt.datetime.fromisoformat(found) if isinstance(found, str) else found
    return instant.date()
