"""The lists and pages of offices, for who coordinates them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.i18n import readers_language
from app.models import Office
from app.services.errors import NotFound
from app.services.mediators import MediatorView, list_mediators
from app.services.openings import opening_calendar
from app.services.places import ClosedOn, OfficeView, get_office, list_offices
from app.services.rights import Actor, coordinates, require_any_coordinator, require_coordinator
from calendars.words import zone_words

HOLIDAYS_AHEAD = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class OfficePage:
    office: OfficeView
    clock: str
    """Whose wall clock its hours are told by, in words: Lisbon time."""
    people: tuple[MediatorView, ...]
    holidays: tuple[ClosedOn, ...]
    """Holidays that shut it in the coming year."""
    closures: tuple[ClosedOn, ...]
    """Closures to come."""
    likes: tuple[str, ...]
    """Names of the offices that were chosen for it to be foreseen like."""
    may_edit: bool


def look_up_offices(actor: Actor) -> list[OfficeView]:
    """The offices the actor coordinates, shut ones last. Raises Forbidden for anyone else."""
    require_any_coordinator(actor)
    coordinated = [
        one for one in list_offices(actor, include_inactive=True) if coordinates(actor, one.id)
    ]
    return sorted(coordinated, key=lambda one: not one.active)


def office_page(actor: Actor, office_id: int, now: dt.datetime) -> OfficePage:
    """One office the actor coordinates, with its people and the days it is shut."""
    view = office_to_edit(actor, office_id)
    calendar = opening_calendar(Office.get_by_id(office_id))
    today = now.astimezone(calendar.zone).date()
    days = (today + dt.timedelta(days=n) for n in range(HOLIDAYS_AHEAD.days))
    reader = readers_language().code
    named = ((day, calendar.holiday_name(day, reader)) for day in days)
    return OfficePage(
        office=view,
        clock=zone_words(view.zone, reader),
        people=tuple(list_mediators(actor, office_id)),
        holidays=tuple(ClosedOn(day, name) for day, name in named if name),
        closures=tuple(one for one in view.closures if one.date >= today),
        likes=_names_of(view.likes),
        may_edit=True,
    )


def _names_of(office_ids: Sequence[int]) -> tuple[str, ...]:
    names = {row.id: row.name for row in Office.select().where(Office.id.in_(office_ids))}
    return tuple(names[one] for one in office_ids if one in names)


def offices_to_be_like(office_id: int | None, named: Sequence[int] = ()) -> list[tuple[int, str]]:
    """The offices in use that another may be foreseen like, and those named already: their ids
    and names, in order."""
    offered = Office.active | Office.id.in_(list(named))
    rows = Office.select(Office.id, Office.name).where(offered, Office.id != (office_id or 0))
    return [(row.id, row.name) for row in rows.order_by(Office.position, Office.name)]


def office_to_edit(actor: Actor, office_id: int) -> OfficeView:
    """One office the actor coordinates, else Forbidden; NotFound when there is none."""
    if Office.get_or_none(Office.id == office_id) is None:
        raise NotFound
    require_coordinator(actor, office_id)
    return get_office(actor, office_id)


def offices_of(actor: Actor) -> list[OfficeView]:
    """Offices in use that the actor may put a mediator to."""
    return [one for one in list_offices(actor) if coordinates(actor, one.id)]


def may_add_places(actor: Actor) -> bool:
    """Offices and associations are added by coordinators of the whole network."""
    return coordinates(actor)
