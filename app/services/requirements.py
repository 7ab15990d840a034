"""The stated staffing rule of an office: from its forecast to the requirements of a week.

Every visitor is received by the pool of mediators, in their language, for as long as receptions
there were noted to take, shrunk towards what is assumed (`reception`); the pool is large enough
for the office's target (`forecast.staffing`), and a language that falls short in simulated days is
raised (`forecast.raising`). The desks of the support offices, but not those of partner agencies,
then ask, in the hours they keep, for mediators of the certification that they must hold: as many
as the visitors foreseen with the desk's need keep busy (`forecast.staffing.staff_desk`), for as
long as numbers called there were noted to take, and never fewer than the office wants there. Where
each visitor gets a number, a desk calls its own while it is open, and the pool has no work with
them (`desk_hours.straight_to_desks`); the languages they speak count for who is to be present.
On the telephone everyone holds the three referral certifications.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from app.models import Desk, Office, OfficeKind
from app.services import reception
from app.services.checks import SLOT_MINUTES
from app.services.desk_hours import desk_starts, straight_to_desks
from app.services.openings import opening_calendar
from forecast.office import OfficeForecast
from forecast.raising import staff_office_raised
from forecast.requirements import Desk as ForecastDesk
from forecast.requirements import Kind, ServiceTimes, StaffingNeed, StaffingRules
from forecast.staffing import staff_desk

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
        straight=straight_to_desks(office, week_starts_on, forecast),
    )
    extra = REFERRALS if office.kind == OfficeKind.TELEPHONE else ()
    rows = [_language_row(office, week_starts_on, need, extra) for need in plan.needs]
    rows += _desk_rows(office, week_starts_on, forecast)
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


def _desk_rows(office: Office, week_starts_on: dt.date, forecast: OfficeForecast) -> Iterator[Row]:
    openings = opening_calendar(office)
    service = reception.desk_times(office, week_starts_on)
    own = Desk.select().where(Desk.office == office, Desk.partner == "", Desk.wanted > 0)
    for desk in own.order_by(Desk.id):
        starts = set(desk_starts(desk, openings, week_starts_on))
        for need in _desk_needs(office, desk, starts, forecast, service):
            starts.discard(need.start)
            told = {"kind": str(Kind.DESK), **_rounded(asdict(need.reason))}
            yield _desk_row(office, desk, week_starts_on, need.start, need.count, told)
        # Half hours that the forecast does not know keep what the office wants there.
        for start in starts:
            wanted = max(desk.least, desk.wanted)
            told = {"kind": str(Kind.DESK)}
            yield _desk_row(office, desk, week_starts_on, start, wanted, told)


def _desk_needs(
    office: Office,
    desk: Desk,
    starts: set[dt.datetime],
    forecast: OfficeForecast,
    service: ServiceTimes,
) -> list[StaffingNeed]:
    keeps = np.array([start in starts for start in forecast.starts], dtype=np.bool_)
    asked = ForecastDesk(
        desk.need, frozenset({desk.need}), desk.certification_id or "",
        max(desk.least, desk.wanted),
    )  # fmt: skip
    return staff_desk(forecast, service, asked, keeps, _rules(office))


def _desk_row(
    office: Office,
    desk: Desk,
    week_starts_on: dt.date,
    start: dt.datetime,
    count: int,
    told: dict[str, Any],
) -> Row:
    return {
        "office": office.id,
        "week_starts_on": week_starts_on,
        "starts_at": start,
        "ends_at": start + dt.timedelta(minutes=SLOT_MINUTES),
        "needs": [f"cert:{desk.certification_id}"] if desk.certification_id else [],
        "label": desk.need,
        "count": count,
        "minimum": desk.least,
        "cost": SHORT_COST,
        "minimum_cost": SHORT_OF_LEAST_COST,
        "exclusive": True,
        "excess_cost": 0,
        "reason": {**told, "least": desk.least, "wanted": desk.wanted},
        "note": "",
    }
