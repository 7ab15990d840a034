"""The office that a page is about, and those its reader may choose instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.models import Office
from app.models.written import written
from app.services.errors import Forbidden, NoOffice, NotFound
from app.services.rights import Actor, require_any_coordinator


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    code: str
    name: str


def offices_of(actor: Actor) -> list[Office]:
    """The offices the actor coordinates, in their order."""
    require_any_coordinator(actor)
    own = actor.office_ids
    return [one for one in active_offices() if own is None or one.id in own]


@written
def active_offices() -> Any:
    """All that are in use, in their order."""
    return Office.select().where(Office.active).order_by(Office.position, Office.name)


def office_of(actor: Actor, code: str | None) -> tuple[Office, tuple[OfficeChoice, ...]]:
    """The office of that code, by default the actor's first, and those to choose from. Raises
    NoOffice, Forbidden, NotFound."""
    mine = offices_of(actor)
    if not mine and not code:
        raise NoOffice
    return chosen_office(mine, code)


def chosen_office(
    mine: Sequence[Office], code: str | None
) -> tuple[Office, tuple[OfficeChoice, ...]]:
    """The office of that code among the reader's own, by default the first, and all of them.
    Raises Forbidden, NotFound."""
    choices = tuple(OfficeChoice(one.code, one.name) for one in mine)
    if not code:
        if not mine:
            raise NotFound
        return mine[0], choices
    for one in mine:
        if one.code == code:
            return one, choices
    raise Forbidden if Office.get_or_none(Office.code == code) else NotFound
