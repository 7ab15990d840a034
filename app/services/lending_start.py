"""What the page of lending begins with: who has somebody to lend, and who may want them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from peewee import fn

from app.models import Assignment, Mediator, Office, OfficeKind
from app.services.lending_view import lending_offices
from app.services.published import live_rosters_between
from app.services.rights import Actor
from app.services.travel import journey

FORTNIGHT = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LendingStart:
    lender_id: int
    borrower_id: int
    date: dt.date


def lending_start(actor: Actor, today: dt.date, now: dt.datetime) -> LendingStart:
    """The actor's own office, else the first, with somebody on a published shift to come, on the
    first such day of a fortnight; for the actor's own office where that is another, else for the
    nearest of those planned together with it.

    Where nobody is published, the actor's own office and today.
    """
    groups = [tuple(one for one, _name in group.offices) for group in lending_offices(actor)]
    listed = [one for group in groups for one in group]
    own = [one for one in listed if actor.office_ids is not None and one in actor.office_ids]
    in_order = list(dict.fromkeys((*own, *listed)))
    days: dict[int, dt.date] = dict(_first_days(today, now))
    lender = next((one for one in in_order if one in days), next(iter(in_order), 0))
    beside = next((group for group in groups if lender in group), ())
    asking = own if lender not in own else []
    near = _nearest_first(lender, beside)
    borrower = next((one for one in (*asking, *near, *in_order) if one != lender), 0)
    return LendingStart(lender, borrower, days.get(lender, today))


def _nearest_first(lender: int, others: tuple[int, ...]) -> list[int]:
    """Offices with walls by the way there from the one that lends: few can go far for a day."""
    rows = {row.id: row for row in Office.select().where(Office.id.in_(others))}
    if lender not in rows:
        return []

    def way(one: int) -> tuple[bool, bool, int]:
        found = journey(rows[lender], rows[one])
        return found.overseas, found.minutes is None, found.minutes or 0

    with_walls = (OfficeKind.CENTRE, OfficeKind.LOCAL_CENTRE)
    walled = [one for one in others if rows[one].kind in with_walls]
    return sorted(walled, key=way)


def _first_days(today: dt.date, now: dt.datetime) -> Any:
    """(office, date) of the first shift to come of somebody at home there, as published."""
    last = today + FORTNIGHT
    query = Assignment.select(Assignment.office, fn.MIN(Assignment.date)).join(Mediator)
    query = query.where(
        Assignment.roster.in_(live_rosters_between(today, last)),
        Assignment.starts_at > now,
        Assignment.date.between(today, last),
        Mediator.home_office == Assignment.office,
    )
    return query.group_by(Assignment.office).tuples()
