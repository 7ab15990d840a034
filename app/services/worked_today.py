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
from app.models.written import written
from app.services.phone_turns import telephones_answered


def offices_worked(mediator_id: int | None, now: dt.datetime) -> frozenset[int]:
    """The offices whose arrivals the mediator may log now: home, those usually visited, and those
    of the published shifts and field routes of the offices' day, a telephone answered from a centre
    among them. None of one no longer active."""
    home = _home(mediator_id)
    if not home:
        return frozenset()
    days = [*_shifts(mediator_id, _dates(now)), *_routes(mediator_id, _dates(now))]
    return frozenset(
        {office_id for (office_id,) in (*home, *_visited(mediator_id))}
        | {office_id for date, office_id, zone in days if date == _local_date(zone, now)}
        | (telephones_answered(mediator_id, now) if mediator_id is not None else frozenset())
    )


@written
def _home(mediator_id: Any) -> Any:
    query = Mediator.select(Mediator.home_office)
    return query.where(Mediator.id == mediator_id, Mediator.active).tuples()


@written
def _visited(mediator_id: Any) -> Any:
    query = MediatorOffice.select(MediatorOffice.office)
    return query.where(MediatorOffice.mediator == mediator_id).tuples()


@written
def _shifts(mediator_id: Any, dates: Any) -> Any:
    """(date, office, its zone) of the shifts of these dates."""
    query = Assignment.select(Assignment.date, Office.id, Office.zone).join(Roster)
    query = query.switch(Assignment).join(Office)
    return query.where(
        Assignment.mediator == mediator_id,
        Roster.status == RosterStatus.PUBLISHED,
        Assignment.date.in_(dates),
    ).tuples()


@written
def _routes(mediator_id: Any, dates: Any) -> Any:
    """(date, office, its zone) of the routes of these dates."""
    query = FieldSeat.select(FieldRoute.date, Office.id, Office.zone).join(FieldRoute).join(Office)
    return query.where(
        FieldSeat.mediator == mediator_id,
        FieldSeat.cancelled_at.is_null(),
        FieldRoute.cancelled_at.is_null(),
        FieldRoute.date.in_(dates),
    ).tuples()


def _dates(now: dt.datetime) -> list[dt.date]:
    """Every date that it is somewhere."""
    return [now.date() + dt.timedelta(days=days) for days in (-1, 0, 1)]


def _local_date(zone: str, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(zone)).date()
