"""The stated staffing rule of an office: from its forecast to the requirements of a week.

Every visitor is received by the pool of mediators, in their language, for as long as receptions
there were noted to take, shrunk towards what is assumed (`reception`); the pool is large enough
for the office's target (`forecast.staffing`), and a language that falls short in simulated days is
raised (`forecast.raising`). The desks of the support offices, but not those of partner agencies,
then ask, in the hours they keep, for the mediators that the office wants there and the
certification they must hold. On the telephone everyone holds the three referral certifications.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from app.models import Desk, Office, OfficeKind
from app.services import reception
from app.services.checks import SLOT_MINUTES
from app.services.openings import OpeningCalendar, opening_calendar
from forecast.office import OfficeForecast
from forecast.raising import staff_office_raised
from forecast.requirements import Kind, StaffingNeed, StaffingRules

REFERRALS = ("cert:violence", "cert:trafficking", "cert:fgm")
"""Every telephone mediator refers domestic violence, trafficking and genital mutilation."""
LEAST_HEADS = {OfficeKind.CENTRE: 2, OfficeKind.MOBILE_UNIT: 2}

SHORT_COST = 10
SHORT_OF_LEAST_COST = 25
PRESENCE_COST = 8

Row = dict[str, Any]


def of_office(office: Office, week_starts_on: dt.date, forecast: OfficeForecast) -> list[Row]:
    """The rows of `Requirement` that the office's week comes to, in order of time."""
    plan = staff_office_raised(
        forecast,
        reception.service_times(office, week_starts_on),
        reception.manners(office),
        reception.repertoires(office),
        rules=_rules(office),
    )
    extra = REFERRALS if office.kind == OfficeKind.TELEPHONE else ()
    rows = [_language_row(office, week_starts_on, need, extra) for need in plan.needs]
    rows += _desk_rows(office, week_starts_on)
    return sorted(rows, key=lambda row: (row["starts_at"], row["label"]))


def _rules(office: Office) -> StaffingRules:
    return StaffingRules(
        target=reception.target(office),
        minimum_heads=LEAST_HEADS.get(OfficeKind(office.kind), 1),
    )


def _language_row(
    office: Office, week_starts_on: dt.date, need: StaffingNeed, extra: tuple[str, ...]
) -> Row:
    presence = need.kind is Kind.PRESENCE
    return {
        "office": office.id,
        "week_starts_on": week_starts_on,
        "starts_at": need.start,
        "ends_at": need.end,
        "needs": [*need.needs, *extra],
        "label": need.id,
        "count": need.count,
        "minimum": need.minimum,
        "cost": PRESENCE_COST if presence else SHORT_COST,
        "minimum_cost": PRESENCE_COST if presence else SHORT_OF_LEAST_COST,
        "exclusive": need.exclusive,
        "excess_cost": 0,
        "reason": {"kind": str(need.kind), **_rounded(asdict(need.reason))},
        "note": "",
    }


def _rounded(reason: dict[str, float | None]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in reason.items() if value is not None}


def _desk_rows(office: Office, week_starts_on: dt.date) -> Iterator[Row]:
    openings = opening_calendar(office)
    own = Desk.select().where(Desk.office == office, Desk.partner == "", Desk.wanted > 0)
    for desk in own.order_by(Desk.id):
        for day in range(7):
            date = week_starts_on + dt.timedelta(days=day)
            if str(date.weekday()) in desk.weekdays:
                yield from _desk_day(office, desk, openings, week_starts_on, date)


def _desk_day(
    office: Office,
    desk: Desk,
    openings: OpeningCalendar,
    week_starts_on: dt.date,
    date: dt.date,
) -> Iterator[Row]:
    """One row for each half hour in which both office and desk are open."""
    opens = openings.instant(date, desk.opens_minute)
    closes = openings.instant(date, desk.closes_minute)
    step = dt.timedelta(minutes=SLOT_MINUTES)
    for office_opens, office_closes in openings.intervals(date):
        start = max(opens, office_opens)
        while start + step <= min(closes, office_closes):
            yield _desk_row(office, desk, week_starts_on, start, start + step)
            start += step


def _desk_row(
    office: Office, desk: Desk, week_starts_on: dt.date, start: dt.datetime, end: dt.datetime
) -> Row:
    return {
        "office": office.id,
        "week_starts_on": week_starts_on,
        "starts_at": start,
        "ends_at": end,
        "needs": [f"cert:{desk.certification_id}"] if desk.certification_id else [],
        "label": desk.need,
        "count": max(desk.least, desk.wanted),
        "minimum": desk.least,
        "cost": SHORT_COST,
        "minimum_cost": SHORT_OF_LEAST_COST,
        "exclusive": True,
        "excess_cost": 0,
        "reason": {"kind": str(Kind.DESK), "least": desk.least, "wanted": desk.wanted},
        "note": "",
    }
