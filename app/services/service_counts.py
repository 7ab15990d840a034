"""Services provided, counted as the service reports them: by centre and year, by support office.

A service is a visit that was logged. The columns are years, or the months of one year.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import fn

from app.i18n import _
from app.models import Arrival, OfficeKind
from app.services import feedback
from app.services.errors import NotFound
from app.services.horizon import network_date
from app.services.months import month_key
from app.services.names import month_words
from app.services.needs import NEEDS
from app.services.office_choice import offices_of
from app.services.rights import Actor
from app.services.sheets_out import OutTable

YEARS_MOST = 15
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class CountLine:
    code: str
    name: str
    counts: tuple[int, ...]
    """By column."""
    is_sum: bool = False
    """It holds other lines."""

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class ServiceCounts:
    year: int | None
    """Whose months the columns are; None for years."""
    columns: tuple[tuple[str, str], ...]
    """Code (`2026` or `2026-03`) and name."""
    offices: tuple[CountLine, ...]
    """Each centre, then the local centres and what they come to together."""
    needs: tuple[CountLine, ...]
    total: CountLine
    complaints: CountLine
    praises: CountLine


def service_counts(actor: Actor, year: int | None, now: dt.datetime) -> ServiceCounts:
    """Of the actor's offices. Raises Forbidden, NotFound for a year out of the calendar."""
    offices = offices_of(actor)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound
    counted = _counted([one.id for one in offices], year)
    columns = _columns(counted, year, now)
    of_office: Counter[tuple[str, str]] = Counter()
    of_need: Counter[tuple[str, str]] = Counter()
    codes = {one.id: one.code for one in offices}
    for office_id, need, column, count in counted:
        of_office[codes[office_id], column] += count
        of_need[need, column] += count

    def line(code: str, name: str, found: Counter[tuple[str, str]], *keys: str) -> CountLine:
        counts = tuple(sum(found[key, column] for key in keys) for column, _name in columns)
        return CountLine(code, name, counts, is_sum=len(keys) != 1 or keys[0] != code)

    local = [one for one in offices if one.kind == OfficeKind.LOCAL_CENTRE]
    others = [one for one in offices if one.kind != OfficeKind.LOCAL_CENTRE]
    lines = [line(one.code, one.name, of_office, one.code) for one in others]
    if local:
        together = [one.code for one in local]
        lines.append(line("local", _("Local centres together"), of_office, *together))
        lines += [line(one.code, one.name, of_office, one.code) for one in local]
    needs = [line(code, str(name), of_need, code) for code, name in NEEDS.items()]
    known = {code for code, _column in of_need} - set(NEEDS)
    needs += [line(code, code, of_need, code) for code in sorted(known)]
    said = feedback.counted_by(actor, [code for code, _name in columns])
    return ServiceCounts(
        year=year,
        columns=columns,
        offices=tuple(one for one in lines if one.total or not one.is_sum),
        needs=tuple(one for one in needs if one.total),
        total=line("all", _("All offices"), of_office, *(one.code for one in offices)),
        complaints=CountLine("complaint", _("Complaints"), tuple(one for one, _two in said)),
        praises=CountLine("praise", _("Praises"), tuple(two for _one, two in said)),
    )


def tables(found: ServiceCounts) -> tuple[OutTable, ...]:
    """The two tables for a spreadsheet."""
    names = tuple(name for _code, name in found.columns)

    def rows(lines: Iterable[CountLine]) -> tuple[tuple[Any, ...], ...]:
        return tuple((one.name, *one.counts, one.total) for one in lines)

    return (
        OutTable(
            _("By centre"),
            (_("centre"), *names, _("together")),
            rows((*found.offices, found.total, found.complaints, found.praises)),
        ),
        OutTable(
            _("By support office"),
            (_("support office"), *names, _("together")),
            rows((*found.needs, found.total)),
        ),
    )


def _counted(ids: list[int], year: int | None) -> list[tuple[int, str, str, int]]:
    """(office, need, column, visits)."""
    month = month_key(Arrival.starts_at)
    query: Any = Arrival.select(Arrival.office, Arrival.need, month, fn.SUM(Arrival.count)).where(
        Arrival.office.in_(ids)
    )
    if year is not None:
        since = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
        query = query.where(
            Arrival.starts_at >= since, Arrival.starts_at < since.replace(year=year + 1)
        )
    rows = query.group_by(Arrival.office, Arrival.need, month).tuples()
    return [
        (office, need, key[:4] if year is None else key, int(count))
        for office, need, key, count in rows
    ]


def _columns(
    counted: Iterable[tuple[int, str, str, int]], year: int | None, now: dt.datetime
) -> tuple[tuple[str, str], ...]:
    if year is not None:
        days = [dt.date(year, month, 1) for month in range(1, 13)]
        return tuple((f"{day:%Y-%m}", month_words(day)) for day in days)
    this = network_date(now).year
    years = {int(column) for _office, _need, column, _count in counted} | {this}
    first = max(min(years), this - YEARS_MOST + 1)
    return tuple((str(one), str(one)) for one in range(first, max(years) + 1))
