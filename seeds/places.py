"""The demonstration's offices, languages, kinds of certification and events."""

from __future__ import annotations

import datetime as dt

from app.models import OfficeKind
from app.services import places
from app.services.languages import create_language
from app.services.places import (
    ClosedOn,
    DeskFacts,
    Hours,
    OfficeFacts,
    YearlyHoliday,
)
from app.services.programmes import KindFacts, create_kind
from app.services.rights import Actor
from seeds.tables import Row, minute, read_table

GIVE_TICKETS = ("lisbon", "porto")
"""Where hundreds wait, each has a number."""


def load_vocabulary(actor: Actor, now: dt.datetime) -> None:
    """Languages and kinds of certification."""
    for position, row in enumerate(read_table("languages")):
        create_language(actor, row["code"], row["name_pt"], row["name_en"], now, position)
    for row in read_table("certification_kinds"):
        kind = KindFacts(
            name_pt=row["name_pt"],
            name_en=row["name_en"],
            validity_months=int(row["validity_months"]) if row["validity_months"] else None,
            grace_days=int(row["grace_days"]),
            renewal_window_days=int(row["renewal_window_days"]),
        )
        create_kind(actor, row["code"], kind, now)


def load_offices(actor: Actor, today: dt.date, now: dt.datetime) -> dict[str, int]:
    """Every office with its hours, holidays and desks; ids by code. The centres and those who help
    them are one planning group, the other local centres one for each region."""
    groups = {
        row["code"]: places.create_planning_group(actor, row["code"], row["name"], now)
        for row in read_table("planning_groups")
    }
    return {
        row["code"]: places.create_office(
            actor, _office(row, position, groups[row["group"]], today), now
        )
        for position, row in enumerate(read_table("offices"))
    }


def _office(row: Row, position: int, group_id: int, today: dt.date) -> OfficeFacts:
    code = row["code"]
    return OfficeFacts(
        code=code,
        name=row["name"],
        kind=OfficeKind(row["kind"]),
        group_id=group_id,
        zone=row["zone"],
        district=row["district"],
        address=row["address"],
        latitude=float(row["latitude"]) if row["latitude"] else None,
        longitude=float(row["longitude"]) if row["longitude"] else None,
        capacity=int(row["capacity"]) if row["capacity"] else None,
        unsocial_from_minute=minute(row["unsocial_from"]),
        position=position,
        gives_tickets=code in GIVE_TICKETS,
        hours=tuple(
            Hours(int(weekday), minute(one["opens"]), minute(one["closes"]))
            for one in read_table("opening_hours")
            if one["office"] == code
            for weekday in one["weekdays"]
        ),
        closures=_closures(code, today),
        extra_holidays=tuple(
            YearlyHoliday(int(one["month"]), int(one["day"]), one["name"])
            for one in read_table("municipal_holidays")
            if one["office"] == code
        ),
        desks=tuple(_desk(one) for one in read_table("desks") if one["office"] == code),
    )


def _closures(code: str, today: dt.date) -> tuple[ClosedOn, ...]:
    """Days on which an office was or will be shut, so many days from today."""
    days = (
        (today + dt.timedelta(days=int(row["days_from_today"])), row["reason"])
        for row in read_table("closures")
        if row["office"] == code
    )
    return tuple(ClosedOn(date, reason) for date, reason in sorted(days))


def _desk(row: Row) -> DeskFacts:
    return DeskFacts(
        need=row["need"],
        name_pt=row["name_pt"],
        name_en=row["name_en"],
        certification=row["certification"] or None,
        opens_minute=minute(row["opens"]),
        closes_minute=minute(row["closes"]),
        weekdays=row["weekdays"],
        least=int(row["least"]),
        wanted=int(row["wanted"]),
        admission=row["admission"],
        partner=row["partner"],
    )
