"""Who is out with a mobile unit, and at which of its stops: the unit is where its route is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from app.models import FieldRoute, FieldSeat, FieldStop, Mediator, Office, OfficeKind
from app.services.field_week import spoken_by
from app.services.telling import name_of


@dataclass(frozen=True, slots=True)
class Rider:
    """Somebody who goes along on a mobile unit's route."""

    mediator_id: int
    code: str
    name: str
    languages: frozenset[str]
    office_id: int
    office_name: str
    zone: str
    date: dt.date
    leaves_at: dt.datetime
    back_at: dt.datetime
    starts_at: dt.datetime
    """From the first stop on."""
    ends_at: dt.datetime
    """Until the last stop's end."""
    driving: tuple[tuple[dt.datetime, dt.datetime], ...]
    """On the way from one stop to the next."""
    place: str
    """The stop they are at, else the one they go to."""

    @property
    def at_stops(self) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
        """When they receive."""
        edges = [self.starts_at, *(edge for way in self.driving for edge in way), self.ends_at]
        return tuple(zip(edges[::2], edges[1::2], strict=True))


def aboard(now: dt.datetime, until: dt.datetime) -> tuple[Rider, ...]:
    """Who receives at stops that end after `now`, on routes whose stops begin before `until`."""
    seats = (
        FieldSeat.select(FieldSeat, FieldRoute, Office, Mediator)
        .join(FieldRoute)
        .join(Office)
        .switch(FieldSeat)
        .join(Mediator)
        .where(
            Office.kind == OfficeKind.MOBILE_UNIT,
            FieldSeat.cancelled_at.is_null(),
            FieldRoute.cancelled_at.is_null(),
            FieldRoute.ends_at > now,
            FieldRoute.starts_at < until,
        )
    )
    listed = list(seats)
    stops = _stops({one.route_id for one in listed})
    spoken = spoken_by({one.mediator_id for one in listed})
    found = []
    for seat in listed:
        there = stops.get(seat.route_id, [])
        if not there or there[-1].ends_at <= now or there[0].starts_at >= until:
            continue
        office = seat.route.office
        found.append(
            Rider(
                mediator_id=seat.mediator_id,
                code=seat.mediator.code,
                name=name_of(seat.mediator),
                languages=frozenset(spoken[seat.mediator_id]),
                office_id=office.id,
                office_name=office.name,
                zone=office.zone,
                date=seat.route.date,
                leaves_at=seat.route.starts_at,
                back_at=seat.route.ends_at,
                starts_at=there[0].starts_at,
                ends_at=there[-1].ends_at,
                driving=tuple(
                    (one.ends_at, other.starts_at)
                    for one, other in pairwise(there)
                    if one.ends_at < other.starts_at
                ),
                place=next(one.place for one in there if one.ends_at > now),
            )
        )
    return tuple(found)


def _stops(routes: set[int]) -> dict[int, list[FieldStop]]:
    """The standing stops of each route, by time."""
    found: dict[int, list[FieldStop]] = {}
    rows = FieldStop.select().where(FieldStop.route.in_(list(routes)))
    for row in rows.where(FieldStop.cancelled_at.is_null()).order_by(FieldStop.starts_at):
        found.setdefault(row.route_id, []).append(row)
    return found
