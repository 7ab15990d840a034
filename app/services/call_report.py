"""What the calls of a telephone service come to: by language in a month, and month by month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from app.models import Call, HelpedBy, Language, Office
from app.services.calls import CallView, telephone_of, views_of
from app.services.names import in_readers_language
from app.services.office_choice import OfficeChoice
from app.services.rights import Actor

MONTHS = 12
LISTED_MOST = 200


@dataclass(frozen=True, slots=True)
class Sum:
    """Calls counted: those of a language, of a month, or all."""

    calls: int = 0
    three_way: int = 0
    met: int = 0
    minutes: int = 0
    """Of the calls that were met."""
    by_translator: int = 0
    cents: int = 0

    @property
    def met_share(self) -> float | None:
        return self.met / self.calls if self.calls else None

    @property
    def mean_minutes(self) -> float | None:
        return self.minutes / self.met if self.met else None

    def __add__(self, other: Sum) -> Sum:
        return Sum(*(getattr(self, one) + getattr(other, one) for one in self.__slots__))


@dataclass(frozen=True, slots=True)
class CallReport:
    office: OfficeChoice
    offices: tuple[OfficeChoice, ...]
    zone: str
    month: dt.date
    """The first of the month shown."""
    total: Sum
    languages: tuple[tuple[str, Sum], ...]
    """Of the month, by name, the most calls first."""
    months: tuple[tuple[dt.date, Sum], ...]
    """The last twelve, the newest first; those without a call left out."""
    listed: tuple[CallView, ...]
    """Calls of the month, the newest first, at most LISTED_MOST."""


def call_report(
    actor: Actor, office_code: str | None, month: dt.date | None, now: dt.datetime
) -> CallReport:
    """Calls of a month, by default the one under way. Raises Forbidden, NotFound."""
    office, choices = telephone_of(actor, office_code, now)
    this_month = now.astimezone(ZoneInfo(office.zone)).date().replace(day=1)
    shown = (month or this_month).replace(day=1)
    listed_months = {_months_before(this_month, back) for back in range(MONTHS)} | {shown}
    sums = {of: _by_language(office, of) for of in listed_months}
    months = [(of, sum(sums[of].values(), Sum())) for of in sorted(listed_months, reverse=True)]
    start, end = _span(office, shown)
    listed = Call.select().where(
        Call.office == office, Call.starts_at >= start, Call.starts_at < end
    )
    names = {one.code: in_readers_language(one.name_pt, one.name_en) for one in Language.select()}
    return CallReport(
        office=OfficeChoice(office.code, office.name),
        offices=choices,
        zone=office.zone,
        month=shown,
        total=dict(months)[shown],
        languages=tuple(
            (names.get(code, code), one)
            for code, one in sorted(sums[shown].items(), key=lambda pair: (-pair[1].calls, pair[0]))
        ),
        months=tuple((of, one) for of, one in months if one.calls),
        listed=views_of(list(listed.order_by(Call.id.desc()).limit(LISTED_MOST))),
    )


def _by_language(office: Office, month: dt.date) -> dict[str, Sum]:
    start, end = _span(office, month)
    rows: Any = (
        Call.select(
            Call.language,
            Call.three_way,
            Call.helped_by,
            fn.COUNT(Call.id),
            fn.SUM(Call.minutes),
            fn.SUM(Call.cents),
        )
        .where(Call.office == office, Call.starts_at >= start, Call.starts_at < end)
        .group_by(Call.language, Call.three_way, Call.helped_by)
    )
    found: defaultdict[str, Sum] = defaultdict(Sum)
    for language, three_way, helped_by, calls, minutes, cents in rows.tuples():
        met = helped_by != HelpedBy.NOBODY
        found[language] += Sum(
            calls=calls,
            three_way=calls if three_way else 0,
            met=calls if met else 0,
            minutes=int(minutes) if met else 0,
            by_translator=calls if helped_by == HelpedBy.TRANSLATOR else 0,
            cents=int(cents),
        )
    return dict(found)


def _span(office: Office, month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The instants at which a month begins and ends on the office's wall clock."""
    zone = ZoneInfo(office.zone)
    first, after = (
        dt.datetime.combine(of, dt.time(), zone).astimezone(dt.UTC)
        for of in (month, _months_before(month, -1))
    )
    return first, after


def _months_before(month: dt.date, count: int) -> dt.date:
    place = month.year * 12 + month.month - 1 - count
    return dt.date(place // 12, place % 12 + 1, 1)
