"""The lists and pages of associations: for coordinators, and for an association's own contacts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.services.associations import (
    AssociationView,
    ProtocolFacts,
    get_association,
    list_associations,
    own_associations,
)
from app.services.directory import MediatorFilter, look_up_mediators, require_reader
from app.services.mediators import MediatorView
from app.services.nomination_view import NominationView, list_nominations
from app.services.rights import Actor, coordinates, require_coordinator


@dataclass(frozen=True, slots=True)
class AssociationPage:
    association: AssociationView
    current: ProtocolFacts | None
    """The protocol in force."""
    people: tuple[MediatorView, ...]
    nominations: tuple[NominationView, ...]
    may_edit: bool
    may_propose: bool


@dataclass(frozen=True, slots=True)
class AssociationLine:
    association: AssociationView
    current: ProtocolFacts | None


def look_up_associations(actor: Actor, today: dt.date) -> list[AssociationLine]:
    """Every association for coordinators, a contact's own; Forbidden for anyone else."""
    require_reader(actor)
    return [AssociationLine(one, _in_force(one, today)) for one in list_associations(actor)]


def association_page(actor: Actor, association_id: int, today: dt.date) -> AssociationPage:
    view = get_association(actor, association_id)
    return AssociationPage(
        association=view,
        current=_in_force(view, today),
        people=tuple(look_up_mediators(actor, MediatorFilter(association_id=association_id))),
        nominations=tuple(
            one for one in list_nominations(actor) if one.association_id == association_id
        ),
        may_edit=coordinates(actor),
        may_propose=coordinates(actor) or association_id in own_associations(actor),
    )


def association_to_edit(actor: Actor, association_id: int) -> AssociationView:
    """One association for a coordinator of the whole network, else Forbidden."""
    view = get_association(actor, association_id)
    require_coordinator(actor)
    return view


def _in_force(association: AssociationView, today: dt.date) -> ProtocolFacts | None:
    found = [one for one in association.protocols if one.starts_on <= today <= one.ends_on]
    return found[-1] if found else None
