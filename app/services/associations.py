"""Associations and their yearly protocols with the State; whom they nominate is `nominations`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.models import (
    Association,
    Mediator,
    Protocol,
    Role,
    database,
)
from app.services import audit
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.rights import (
    Actor,
    require_any_coordinator,
    require_coordinator,
)


@dataclass(frozen=True, slots=True)
class ProtocolFacts:
    """The first and last day of a protocol and its places for mediators."""

    starts_on: dt.date
    ends_on: dt.date
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationFacts:
    code: str
    name: str
    contact_name: str = ""
    contact_email: str = ""
    protocols: tuple[ProtocolFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationView(AssociationFacts):
    id: int
    mediators: int
    """Active mediators of the association."""


def create_association(actor: Actor, association: AssociationFacts, now: dt.datetime) -> int:
    """Add an association with its protocols; its id. Raises Invalid."""
    require_coordinator(actor)
    _check(association, association_id=None)
    with database.atomic():
        row = Association.create(**_columns(association))
        _replace_protocols(row.id, association)
        audit.record(actor, "association.create", "association", row.id, now, code=association.code)
    return int(row.id)


def edit_association(
    actor: Actor, association_id: int, association: AssociationFacts, now: dt.datetime
) -> None:
    """Put `association` in place of what it was, protocols included. Raises Invalid."""
    require_coordinator(actor)
    _row(association_id)
    _check(association, association_id)
    with database.atomic():
        changed = _columns(association)
        Association.update(**changed).where(Association.id == association_id).execute()
        _replace_protocols(association_id, association)
        audit.record(actor, "association.edit", "association", association_id, now)


def get_association(actor: Actor, association_id: int) -> AssociationView:
    """One association, for coordinators and for its own contacts."""
    row = _row(association_id)
    _require_sight(actor, association_id)
    return _view(row)


def list_associations(actor: Actor) -> list[AssociationView]:
    """Every association for coordinators, their own for contacts, none for others."""
    query = Association.select().order_by(Association.name)
    if not actor.is_coordinator:
        query = query.where(Association.id.in_(own_associations(actor)))
    return [_view(row) for row in query]


def own_associations(actor: Actor) -> frozenset[int]:
    """Those the actor speaks for."""
    return actor.association_ids if Role.ASSOCIATION in actor.roles else frozenset()


def _require_sight(actor: Actor, association_id: int) -> None:
    if association_id not in own_associations(actor):
        require_any_coordinator(actor)


def _check(association: AssociationFacts, association_id: int | None) -> None:
    faults = Faults()
    other = Association.get_or_none(Association.code == association.code)
    faults.code("code", association.code, other is not None and other.id != association_id)
    faults.text("name", association.name)
    faults.length("contact_name", association.contact_name)
    faults.email("contact_email", association.contact_email)
    faults.unique("protocols", (one.starts_on for one in association.protocols))
    for index, one in enumerate(association.protocols):
        faults.dates(one.starts_on, one.ends_on, f"protocols.{index}.ends_on")
        faults.whole(f"protocols.{index}.places", one.places, 1, 1000)
    faults.raise_any()


def _columns(association: AssociationFacts | Association) -> dict[str, str]:
    return {
        "code": association.code,
        "name": association.name,
        "contact_name": association.contact_name,
        "contact_email": association.contact_email,
    }


def _replace_protocols(association_id: int, association: AssociationFacts) -> None:
    Protocol.delete().where(Protocol.association == association_id).execute()
    for one in association.protocols:
        Protocol.create(
            association=association_id,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            places=one.places,
        )


def _row(association_id: int) -> Association:
    row = Association.get_or_none(Association.id == association_id)
    if row is None:
        raise NotFound
    return row


def _view(row: Association) -> AssociationView:
    protocols = row.protocols.order_by(Protocol.starts_on)
    return AssociationView(
        id=row.id,
        mediators=row.mediators.where(Mediator.active).count(),
        protocols=tuple(ProtocolFacts(one.starts_on, one.ends_on, one.places) for one in protocols),
        **_columns(row),
    )
