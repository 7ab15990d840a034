"""At which offices a mediator works: always, or on the day that it is there."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from app.models import (
    Assignment,
    FieldRoute,
    FieldSeat,
    Mediator,
    MediatorOffice,
    Office,
    Roster,
    RosterStatus,
)


def offices_worked(mediator_id: int | None, now: dt.datetime) -> frozenset[int]:
    """The offices whose arrivals the mediator may log now: home, those usually visited, and those
    of the published shifts and field routes of the offices' day. None of one no longer active."""
    row = (
        Mediator.select(Mediator.id, Mediator.home_office)
        .where(Mediator.id == mediator_id, Mediator.active)
        .first()
    )
    if row is None:
        return frozenset()
    visited: Any = MediatorOffice.select(MediatorOffice.office).where(
        MediatorOffice.mediator == row
    )
    usual = {row.home_office_id, *(office_id for (office_id,) in visited.tuples())}
    return frozenset(usual | _by_shift(row, now) | _by_route(row, now))


def _by_shift(mediator: Mediator, now: dt.datetime) -> set[int]:
    shifts = (
        Assignment.select(Assignment.date, Office.id, Office.zone)
        .join(Roster)
        .switch(Assignment)
        .join(Office)
        .where(
            Assignment.mediator == mediator,
            Roster.status == RosterStatus.PUBLISHED,
            Assignment.date.in_(_dates(now)),
        )
    )
    return {one.office.id for one in shifts if one.date == _local_date(one.office, now)}


def _by_route(mediator: Mediator, now: dt.datetime) -> set[int]:
    seats = (
        FieldSeat.select(FieldSeat.id, FieldRoute.date, Office.id, Office.zone)
        .join(FieldRoute)
        .join(Office)
        .where(
            FieldSeat.mediator == mediator,
            FieldSeat.cancelled_at.is_null(),
            FieldRoute.cancelled_at.is_null(),
            FieldRoute.date.in_(_dates(now)),
        )
    )
    return {
        one.route.office.id for one in seats if one.route.date == _local_date(one.route.office, now)
    }


def _dates(now: dt.datetime) -> list[dt.date]:
    """Every date that it is somewhere."""
    return [now.date() + dt.timedelta(days=days) for days in (-1, 0, 1)]


def _local_date(office: Office, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(office.zone)).date()
