"""Who goes along on a field route: chosen among those it suits, taken off, and told.

Hours that change with less than seven days' notice in a published week go into the register of
late changes, with the reason.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import _
from app.models import FieldRoute, FieldSeat, Mediator, database
from app.services import audit
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.field_late import is_late, note_if_late
from app.services.field_routes import RouteView, crew_ids, get_route, route_to_edit, tell_crew
from app.services.field_week import Person, RouteWeek, spoken_by
from app.services.rights import Actor, coordinates, require_coordinator
from app.services.telling import name_of


@dataclass(frozen=True, slots=True)
class CrewPage:
    route: RouteView
    crew: tuple[Person, ...]
    candidates: tuple[Person, ...]
    """Who is free first, then who speaks most of what is missing; nobody once it is over."""
    unspoken: tuple[tuple[str, tuple[str, ...]], ...]
    """Place → languages wanted there that nobody along speaks."""
    late: bool
    """The week is published, and the notice is shorter than seven days: a reason is asked for."""
    over: bool
    may_edit: bool
    may_restore: bool


def crew_page(actor: Actor, route_id: int, now: dt.datetime) -> CrewPage:
    """A route with its people; candidates only for who may choose among them."""
    route = get_route(actor, route_id)
    may_plan = coordinates(actor, route.office_id)
    over = route.ends_at <= now
    week = RouteWeek(route)
    return CrewPage(
        route=route,
        crew=week.crew()
        if may_plan
        else tuple(Person(one, name, "", (), ()) for one, name in route.crew),
        candidates=_candidates(actor, week) if may_plan and not (over or route.cancelled) else (),
        unspoken=_unspoken(route),
        late=may_plan and is_late(route, now),
        over=over,
        may_edit=may_plan and not route.cancelled,
        may_restore=may_plan and route.cancelled,
    )


def assign(
    actor: Actor, route_id: int, mediator_id: int, now: dt.datetime, reason: str = ""
) -> None:
    """Put somebody on a route and tell them. Raises Invalid with all that stands against it,
    Conflict where they go along already or the route is over."""
    route = route_to_edit(actor, route_id)
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    require_coordinator(actor, mediator.home_office_id)
    if route.ends_at <= now:
        raise Conflict(_("This route is over."))
    with database.atomic():
        if mediator_id in crew_ids(route_id):
            raise Conflict(_("%(name)s goes along already.", name=name_of(mediator)))
        troubles = RouteWeek(route).person(mediator).troubles
        if troubles:
            raise Invalid([InputFault("mediator", text, _("no broken rule")) for text in troubles])
        seat = FieldSeat.get_or_none(FieldSeat.route == route_id, FieldSeat.mediator == mediator_id)
        columns = {"assigned_at": now, "assigned_by": actor.user_id, "cancelled_at": None}
        if seat is None:
            FieldSeat.create(route=route_id, mediator=mediator_id, **columns)
        else:
            columns["sequence"] = seat.sequence + 1
            FieldSeat.update(**columns).where(FieldSeat.id == seat.id).execute()
        note_if_late(actor, [mediator_id], None, route, reason, now)
        tell_crew(FieldRoute.get_by_id(route_id), "given", [mediator_id], now)
        audit.record(actor, "route.assign", "route", route_id, now, mediator=mediator_id)


def take_off(
    actor: Actor, route_id: int, mediator_id: int, now: dt.datetime, reason: str = ""
) -> None:
    """Take somebody off a route and tell them. Raises NotFound for who does not go along,
    Invalid where a reason for the short notice is missing."""
    route = route_to_edit(actor, route_id)
    with database.atomic():
        gone = (
            FieldSeat.update(cancelled_at=now, sequence=FieldSeat.sequence + 1)
            .where(
                FieldSeat.route == route_id,
                FieldSeat.mediator == mediator_id,
                FieldSeat.cancelled_at.is_null(),
            )
            .execute()
        )
        if not gone:
            raise NotFound
        note_if_late(actor, [mediator_id], route, None, reason, now)
        tell_crew(FieldRoute.get_by_id(route_id), "taken_off", [mediator_id], now)
        audit.record(actor, "route.take_off", "route", route_id, now, mediator=mediator_id)


def _candidates(actor: Actor, week: RouteWeek) -> tuple[Person, ...]:
    along = {one for one, _name in week.route.crew}
    spoken = spoken_by(along)
    missing = week.route.languages - {code for codes in spoken.values() for code in codes}
    found = week.candidates(actor)
    found.sort(key=lambda one: (not one.free, -len(missing & set(one.languages)), one.name))
    return tuple(found)


def _unspoken(route: RouteView) -> tuple[tuple[str, tuple[str, ...]], ...]:
    spoken = spoken_by(one for one, _name in route.crew)
    known = {code for codes in spoken.values() for code in codes}
    lacking = [
        (stop.place, tuple(code for code in stop.languages if code not in known))
        for stop in route.stops
    ]
    return tuple((place, codes) for place, codes in lacking if codes)
