"""Routes of the mobile unit and of field teams: by date, with stops, hours and languages wanted.

Whoever coordinates an office plans its routes. Who goes along is `field_crew`; changing a route,
calling it off and taking that back is `field_changes`.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import FieldRoute, FieldSeat, FieldStop, Mediator, Office, database
from app.models.written import written
from app.services import audit
from app.services.checks import DAY_MINUTES
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.field_checks import PROFESSIONALS, RouteFacts, StopFacts, check_route
from app.services.horizon import Horizon
from app.services.rights import Actor, require_any_coordinator, require_coordinator
from app.services.telling import name_of, tell, users_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView(StopFacts):
    id: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteView(RouteFacts):
    id: int
    office_name: str
    group_id: int
    zone: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    stops: tuple[StopView, ...]
    crew: tuple[tuple[int, str], ...]
    """(mediator, name) of who goes along, by name."""
    cancelled: bool

    @property
    def places(self) -> str:
        """The stops in their order, as one line."""
        return ", ".join(stop.place for stop in self.stops)

    @property
    def missing_people(self) -> int:
        return max(0, PROFESSIONALS - len(self.crew))

    @property
    def languages(self) -> frozenset[str]:
        """Wanted at any of the places."""
        return frozenset(code for stop in self.stops for code in stop.languages)


def create_route(actor: Actor, route: RouteFacts, now: dt.datetime) -> int:
    """Plan a route; its id. Raises Invalid with every fault."""
    require_coordinator(actor, route.office_id)
    office = office_of(route.office_id)
    check_route(route)
    with database.atomic():
        row = FieldRoute.create(
            **columns_of(route, office),
            uid=secrets.token_hex(16),
            created_at=now,
            created_by=actor.user_id,
            changed_at=now,
        )
        keep_stops(row, route, office, now)
        audit.record(actor, "route.create", "route", row.id, now, date=route.date.isoformat())
    return int(row.id)


def get_route(actor: Actor, route_id: int) -> RouteView:
    """For coordinators of its office and for who goes along. Raises NotFound, Forbidden."""
    row = _row(actor, route_id)
    if actor.mediator_id is None or actor.mediator_id not in crew_ids(route_id):
        require_coordinator(actor, row.office_id)
    return views_of([row])[0]


def route_to_edit(actor: Actor, route_id: int) -> RouteView:
    """For coordinators of its office. Raises NotFound, Forbidden, Conflict once called off."""
    route = coordinated_route(actor, route_id)
    if route.cancelled:
        raise Conflict(_("This route is called off."))
    return route


def coordinated_route(actor: Actor, route_id: int) -> RouteView:
    """The same, whether it is called off or not."""
    row = _row(actor, route_id)
    require_coordinator(actor, row.office_id)
    return views_of([row])[0]


def routes_of_week(actor: Actor, monday: dt.date, *, called_off: bool = False) -> list[RouteView]:
    """The standing routes of the offices that the actor coordinates, by date and hour; with
    `called_off` those that are."""
    require_any_coordinator(actor)
    query = _rows().where(
        FieldRoute.date.between(monday, monday + dt.timedelta(days=6)),
        FieldRoute.cancelled_at.is_null(not called_off),
    )
    if actor.office_ids is not None:
        query = query.where(FieldRoute.office.in_(list(actor.office_ids)))
    return views_of(query.order_by(FieldRoute.starts_at, FieldRoute.id))


def next_route(actor: Actor, monday: dt.date) -> RouteView | None:
    """The first standing route after that week of the offices that the actor coordinates."""
    require_any_coordinator(actor)
    query = _rows().where(
        FieldRoute.date > monday + dt.timedelta(days=6), FieldRoute.cancelled_at.is_null()
    )
    if actor.office_ids is not None:
        query = query.where(FieldRoute.office.in_(list(actor.office_ids)))
    found = views_of(query.order_by(FieldRoute.starts_at, FieldRoute.id).limit(1))
    return found[0] if found else None


def routes_of_mediator(actor: Actor, since: dt.datetime) -> list[RouteView]:
    """The actor's own routes that are not over. Raises Forbidden for who is no mediator."""
    if not actor.is_mediator or actor.mediator_id is None:
        raise Forbidden
    return routes_of(actor.mediator_id, since)


def routes_of(
    mediator_id: int, since: dt.datetime, until: dt.datetime | None = None
) -> list[RouteView]:
    """The standing routes a mediator goes along on that end after `since` and leave before
    `until`, by start."""
    return views_of(_routes_of(mediator_id, since, until))


@written
def _routes_of(mediator_id: Any, since: Any, until: Any) -> Any:
    own = FieldSeat.select(FieldSeat.route).where(
        FieldSeat.mediator == mediator_id, FieldSeat.cancelled_at.is_null()
    )
    query = _rows().where(
        FieldRoute.id.in_(own), FieldRoute.cancelled_at.is_null(), FieldRoute.ends_at > since
    )
    if until is not None:
        query = query.where(FieldRoute.starts_at < until)
    return query.order_by(FieldRoute.starts_at, FieldRoute.id)


def sending_offices(actor: Actor) -> list[tuple[int, str]]:
    """Offices that the actor may plan routes of, the mobile unit first."""
    require_any_coordinator(actor)
    query = Office.select().where(Office.active)
    if actor.office_ids is not None:
        query = query.where(Office.id.in_(list(actor.office_ids)))
    rows = sorted(query, key=lambda one: (one.kind != "mobile_unit", one.position, one.code))
    return [(row.id, row.name) for row in rows]


def crew_ids(route_id: int) -> set[int]:
    rows = FieldSeat.select().where(FieldSeat.route == route_id, FieldSeat.cancelled_at.is_null())
    return {row.mediator_id for row in rows}


def tell_crew(row: FieldRoute, what: str, people: Iterable[int], now: dt.datetime) -> None:
    """Tell people what became of a route: `given`, `moved`, `taken_off`, `called_off`,
    `restored`."""
    told = {
        "what": what,
        "name": row.name,
        "zone": row.office.zone,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
    }
    key = f"route.{row.id}.{what}.{now.isoformat()}"
    tell(users_of(people), "route_told", key, told, now)


def columns_of(route: RouteFacts, office: Office) -> dict[str, Any]:
    wall = Horizon(route.date, 1).wall
    return {
        "office": office,
        "date": route.date,
        "name": route.name.strip(),
        "starts_at": wall(route.date, route.leaves_minute, office.zone),
        "ends_at": wall(route.date, route.returns_minute, office.zone),
    }


_WATCHED = ("place", "address", "latitude", "longitude", "starts_at", "ends_at", "languages")


def keep_stops(
    row: FieldRoute, route: RouteFacts, office: Office, now: dt.datetime, *, retold: bool = False
) -> int:
    """Bring the stops in line, place by place in their order; how many differ from before.

    A stop keeps its UID, and its SEQUENCE goes up where calendars have to show it otherwise:
    all of them with `retold`, where what they tell of the whole route has changed.
    """
    wall = Horizon(route.date, 1).wall
    standing = [one for one in row.stops.order_by(FieldStop.position) if one.cancelled_at is None]
    changed = 0
    for position, stop in enumerate(route.stops):
        columns = {
            "position": position,
            "place": stop.place.strip(),
            "address": stop.address.strip(),
            "latitude": stop.latitude,
            "longitude": stop.longitude,
            "starts_at": wall(route.date, stop.from_minute, office.zone),
            "ends_at": wall(route.date, stop.until_minute, office.zone),
            "languages": " ".join(stop.languages),
        }
        if position >= len(standing):
            FieldStop.create(route=row, uid=secrets.token_hex(16), changed_at=now, **columns)
            changed += 1
            continue
        was = standing[position]
        differs = any(getattr(was, name) != columns[name] for name in _WATCHED)
        if differs or retold:
            columns |= {"sequence": was.sequence + 1, "changed_at": now}
        changed += differs
        FieldStop.update(**columns).where(FieldStop.id == was.id).execute()
    for one in standing[len(route.stops) :]:
        gone = {"cancelled_at": now, "changed_at": now, "sequence": one.sequence + 1}
        FieldStop.update(**gone).where(FieldStop.id == one.id).execute()
        changed += 1
    return changed


def views_of(rows: Iterable[FieldRoute]) -> list[RouteView]:
    listed = list(rows)
    if not listed:
        return []
    ids = [one.id for one in listed]
    stops: dict[int, list[FieldStop]] = {one: [] for one in ids}
    for stop in FieldStop.select().where(FieldStop.route.in_(ids)).order_by(FieldStop.position):
        if stop.cancelled_at is None:
            stops[stop.route_id].append(stop)
    crew: dict[int, list[tuple[int, str]]] = {one: [] for one in ids}
    seats = FieldSeat.select(FieldSeat, Mediator).join(Mediator)
    for seat in seats.where(FieldSeat.route.in_(ids), FieldSeat.cancelled_at.is_null()):
        crew[seat.route_id].append((seat.mediator_id, name_of(seat.mediator)))
    return [_view(row, stops[row.id], crew[row.id]) for row in listed]


def _view(row: FieldRoute, stops: list[FieldStop], crew: list[tuple[int, str]]) -> RouteView:
    zone = ZoneInfo(row.office.zone)

    def minute(instant: dt.datetime) -> int:
        local = instant.astimezone(zone)
        return local.hour * 60 + local.minute + DAY_MINUTES * (local.date() - row.date).days

    return RouteView(
        id=row.id,
        office_id=row.office_id,
        office_name=row.office.name,
        group_id=row.office.group_id,
        zone=row.office.zone,
        date=row.date,
        name=row.name,
        leaves_minute=minute(row.starts_at),
        returns_minute=minute(row.ends_at),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        stops=tuple(
            StopView(
                id=one.id,
                place=one.place,
                address=one.address,
                latitude=one.latitude,
                longitude=one.longitude,
                from_minute=minute(one.starts_at),
                until_minute=minute(one.ends_at),
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                languages=tuple(one.languages.split()),
            )
            for one in stops
        ),
        crew=tuple(sorted(crew, key=lambda one: one[1])),
        cancelled=row.cancelled_at is not None,
    )


def _rows() -> Any:
    return FieldRoute.select(FieldRoute, Office).join(Office)


def _row(actor: Actor, route_id: int) -> FieldRoute:
    row: FieldRoute | None = _rows().where(FieldRoute.id == route_id).first()
    if row is None:
        if not actor.is_mediator:
            require_any_coordinator(actor)
        raise NotFound
    return row


def office_of(office_id: int) -> Office:
    """Raises NotFound."""
    row = Office.get_or_none(Office.id == office_id)
    if row is None:
        raise NotFound
    return row
