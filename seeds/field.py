"""Routes of the mobile unit in the demonstration's coming weeks, with who goes along."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from app.models import Mediator, MediatorOffice, Office
from app.services import field_crew, field_routes
from app.services.errors import Invalid
from app.services.field_checks import PROFESSIONALS, RouteFacts, StopFacts
from app.services.openings import opening_calendar
from app.services.rights import Actor
from seeds.days import working_day
from seeds.tables import Row, minute, monday_after, read_table

UNIT = "mobile"


def load_field_routes(actor: Actor, today: dt.date, now: dt.datetime) -> int:
    """Each route of data/field_routes.csv, so many days after the coming Monday; how many.

    A route that would be on a holiday is on the unit's next working day. The unit's own people go
    along, the route being its place that day; who visits the unit goes where one of them cannot.
    """
    office = Office.get(Office.code == UNIT)
    visitors = MediatorOffice.select(MediatorOffice.mediator).where(MediatorOffice.office == office)
    theirs = (Mediator.home_office == office) | Mediator.id.in_(visitors)
    people = list(Mediator.select().where(theirs, Mediator.active).order_by(Mediator.code))
    people.sort(key=lambda one: one.home_office_id != office.id)
    calendar = opening_calendar(office)
    count = 0
    rows = sorted(read_table("field_routes"), key=lambda row: (int(row["days"]), row["name"]))
    for (days, name), group in groupby(rows, key=lambda row: (int(row["days"]), row["name"])):
        stops = list(group)
        route = RouteFacts(
            office_id=office.id,
            date=working_day(monday_after(today) + dt.timedelta(days=days), [calendar]),
            name=name,
            leaves_minute=minute(stops[0]["leaves"]),
            returns_minute=minute(stops[0]["returns"]),
            stops=tuple(_stop(row) for row in stops),
        )
        route_id = field_routes.create_route(actor, route, now)
        _crew(actor, route_id, people, now)
        count += 1
    return count


def _stop(row: Row) -> StopFacts:
    return StopFacts(
        place=row["place"],
        address=row["address"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        from_minute=minute(row["from"]),
        until_minute=minute(row["until"]),
        languages=tuple(row["languages"].split()),
    )


def _crew(actor: Actor, route_id: int, people: list[Mediator], now: dt.datetime) -> None:
    """The first who may, as many as go; who is away or worked too long is passed over."""
    along = 0
    for person in people:
        if along == PROFESSIONALS:
            return
        try:
            field_crew.assign(actor, route_id, person.id, now)
        except Invalid:
            continue
        along += 1
