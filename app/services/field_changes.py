"""A field route changed, called off and restored; who goes along is judged again and told.

Hours that change with less than seven days' notice in a published week go into the register of
late changes, with the reason.
"""

from __future__ import annotations

import datetime as dt

from app.i18n import _
from app.models import FieldRoute, FieldStop, database
from app.services import audit
from app.services.errors import Conflict
from app.services.field_checks import RouteFacts, check_route
from app.services.field_late import note_if_late
from app.services.field_routes import (
    RouteView,
    columns_of,
    coordinated_route,
    crew_ids,
    keep_stops,
    office_of,
    route_to_edit,
    tell_crew,
)
from app.services.field_week import RouteWeek
from app.services.rights import Actor, require_coordinator


def edit_route(
    actor: Actor,
    route_id: int,
    route: RouteFacts,
    now: dt.datetime,
    *,
    anyway: bool = False,
    reason: str = "",
) -> None:
    """Put `route` in place of what it was; who goes along is told. Raises Invalid, Conflict.

    Where its hours or who sends it change, everyone along is judged again: raises TroubledCrew
    with what stands against them, unless `anyway` says that it is meant.
    """
    was = route_to_edit(actor, route_id)
    require_coordinator(actor, route.office_id)
    office = office_of(route.office_id)
    check_route(route)
    with database.atomic():
        columns = columns_of(route, office) | {"changed_at": now}
        FieldRoute.update(**columns).where(FieldRoute.id == route_id).execute()
        row = FieldRoute.get_by_id(route_id)
        retold = (was.name, *_posted(was)) != (row.name, row.starts_at, row.ends_at, row.office_id)
        changed = keep_stops(row, route, office, now, retold=retold)
        will_be = coordinated_route(actor, route_id)
        if _posted(was) != _posted(will_be):
            # What is asked again comes last: the word that it is meant then needs no repeating.
            note_if_late(actor, crew_ids(route_id), was, will_be, reason, now)
            if not anyway:
                RouteWeek(will_be).require_untroubled()
        if changed or _posted(was) != _posted(will_be):
            tell_crew(row, "moved", crew_ids(route_id), now)
        audit.record(actor, "route.edit", "route", route_id, now, stops=changed)


def cancel_route(actor: Actor, route_id: int, now: dt.datetime, reason: str = "") -> None:
    """Call a route off; who would have gone along is told. Raises Conflict, Invalid."""
    was = route_to_edit(actor, route_id)
    with database.atomic():
        _mark(route_id, now, now)
        note_if_late(actor, crew_ids(route_id), was, None, reason, now)
        tell_crew(FieldRoute.get_by_id(route_id), "called_off", crew_ids(route_id), now)
        audit.record(actor, "route.cancel", "route", route_id, now)


def restore_route(
    actor: Actor,
    route_id: int,
    now: dt.datetime,
    *,
    anyway: bool = False,
    reason: str = "",
) -> None:
    """Let a route that was called off take place after all; who goes along is told.

    Raises Conflict, Invalid; TroubledCrew where something stands against them by now, unless
    `anyway` says that it is meant.
    """
    route = coordinated_route(actor, route_id)
    if not route.cancelled:
        raise Conflict(_("This route is not called off."))
    with database.atomic():
        note_if_late(actor, crew_ids(route_id), None, route, reason, now)
        if not anyway:
            RouteWeek(route).require_untroubled()
        _mark(route_id, None, now)
        # Calendars were sent the cancelled stops as one version more: this has to be a later one.
        FieldStop.update(sequence=FieldStop.sequence + 2).where(
            FieldStop.route == route_id, FieldStop.cancelled_at.is_null()
        ).execute()
        tell_crew(FieldRoute.get_by_id(route_id), "restored", crew_ids(route_id), now)
        audit.record(actor, "route.restore", "route", route_id, now)


def _mark(route_id: int, cancelled_at: dt.datetime | None, now: dt.datetime) -> None:
    columns = {"cancelled_at": cancelled_at, "changed_at": now}
    FieldRoute.update(**columns).where(FieldRoute.id == route_id).execute()


def _posted(route: RouteView) -> tuple[object, ...]:
    """What people are held to: when, and for whom."""
    return route.starts_at, route.ends_at, route.office_id
