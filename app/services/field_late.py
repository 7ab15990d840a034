"""Field routes in the register of late changes: a route is hours, and its changes are posted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.models import Mediator, Roster
from app.services import late_changes
from app.services.field_routes import RouteView
from app.services.horizon import monday_of
from app.services.late_changes import Why
from app.services.rights import Actor
from app.services.roster_changes import PersonChange, ShiftTimes
from app.services.standing import current_roster
from app.services.telling import name_of


def is_late(route: RouteView, now: dt.datetime) -> bool:
    """Whether changing a route's hours or people goes into the register, with a reason."""
    return _late_in(route, now) is not None


def note_if_late(
    actor: Actor,
    people: Iterable[int],
    was: RouteView | None,
    will_be: RouteView | None,
    reason: str,
    now: dt.datetime,
) -> None:
    """Write down what people's hours become, where that comes late, within the transaction that
    does it. None is no route.

    Raises Invalid where a reason is missing.
    """
    if was is not None and will_be is not None:
        if _times(was) == _times(will_be) and was.group_id == will_be.group_id:
            return
        if (was.date, was.group_id) != (will_be.date, will_be.group_id):
            rows = list(people)
            note_if_late(actor, rows, was, None, reason, now)
            note_if_late(actor, rows, None, will_be, reason, now)
            return
    route = will_be or was
    late = _late_in(route, now) if route is not None else None
    if route is None or late is None:
        return
    roster, notice = late
    before, after = (None if one is None else _times(one) for one in (was, will_be))
    found = Mediator.select().where(Mediator.id.in_(list(people))).order_by(Mediator.id)
    lines = [
        (PersonChange(row.id, name_of(row), route.date, before, after), notice) for row in found
    ]
    late_changes.record(actor, roster, lines, Why(reason=reason), now)


def _late_in(route: RouteView, now: dt.datetime) -> tuple[Roster, int] | None:
    """The published week whose posted hours change with less than seven days' notice (CT 217),
    and the notice in days."""
    roster = current_roster(route.group_id, monday_of(route.date))
    notice = (route.date - now.astimezone(ZoneInfo(route.zone)).date()).days
    return (roster, notice) if roster is not None and notice < late_changes.POSTING_DAYS else None


def _times(route: RouteView) -> ShiftTimes:
    return ShiftTimes(
        route.office_name, route.starts_at, route.ends_at, route.zone, route=route.name
    )
