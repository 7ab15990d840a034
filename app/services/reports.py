"""Reports of a month or a year: cover, wait, hours, evenings and wishes, put together four ways.

Cover and wishes are those of the published weeks; hours owed are counted by weeks that begin in the
period, and so are the hours worked beside them.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from app.i18n import _
from app.services.errors import NotFound
from app.services.horizon import network_date
from app.services.months import month_of
from app.services.names import sorting_key
from app.services.office_choice import offices_of
from app.services.report_lines import Counting, Grouping, Line, PersonLine
from app.services.rights import Actor
from app.services.sheets_out import OutTable

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Report:
    period: str
    first: dt.date
    last: dt.date
    grouping: Grouping
    weeks: int
    """Published weeks that begin in the period."""
    lines: tuple[Line, ...]
    total: Line
    people: tuple[PersonLine, ...]
    """Those with most evenings and Saturdays first."""

    @property
    def yearly(self) -> bool:
        return len(self.period) == 4

    @property
    def mean_unsocial(self) -> float:
        return sum(one.unsocial for one in self.people) / len(self.people) if self.people else 0.0


def report(actor: Actor, period: str | None, grouping: str, now: dt.datetime) -> Report:
    """Of the actor's offices, `period` as `2026-11` or `2026`. Raises Forbidden, NotFound."""
    offices = {one.id: one for one in offices_of(actor)}
    period = period or f"{network_date(now):%Y-%m}"
    first, last = span_of(period)
    if grouping not in tuple(Grouping):
        raise NotFound
    made = Counting(offices, first, last, Grouping(grouping))
    made.count()
    lines = sorted(made.lines.items(), key=lambda one: made.order(*one))
    return Report(
        period=period,
        first=first,
        last=last,
        grouping=made.grouping,
        weeks=made.weeks,
        lines=tuple(line for _key, line in lines),
        total=made.total,
        people=tuple(sorted(made.people, key=lambda one: (-one.unsocial, sorting_key(one.name)))),
    )


def span_of(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of `2026-11` or `2026`. Raises NotFound."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", period)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise NotFound
    year = int(found[1])
    if found[2] is None:
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    if not 1 <= int(found[2]) <= 12:
        raise NotFound
    return month_of(dt.date(year, int(found[2]), 1))


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def report_tables(found: Report) -> tuple[OutTable, ...]:
    """The report's lines, and its people, as tables."""
    header = (
        _("group"),
        _("needed minutes"),
        _("missing minutes"),
        _("visitors"),
        _("simulated wait, minutes"),
        _("noted wait, minutes"),
        _("left"),
        _("worked minutes"),
        _("minutes owed"),
        _("evenings and Saturdays"),
        _("wishes"),
        _("wishes met"),
    )
    lines = tuple(
        (
            one.name,
            one.needed,
            one.missing,
            one.visitors,
            _tenths(one.simulated_wait),
            _tenths(one.logged_wait),
            one.left,
            one.worked,
            one.owed,
            one.unsocial,
            one.wishes,
            one.met,
        )
        for one in (*found.lines, found.total)
    )
    people = tuple(
        (one.code, one.name, one.office, one.association, one.worked, one.owed, one.unsocial,
         one.wishes, one.met)
        for one in found.people
    )  # fmt: skip
    person = (_("code"), _("name"), _("office"), _("association"))
    return (
        OutTable(_("Report"), header, lines),
        OutTable(_("People"), (*person, *header[7:]), people),
    )
