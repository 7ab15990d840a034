"""Associations, their yearly protocols with the State, and whom they nominate."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import _
from app.models import (
    Association,
    Mediator,
    Nomination,
    NominationStatus,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NominationView:
    id: int
    mediator_id: int
    mediator_name: str
    association_id: int
    association_name: str
    proposed_on: dt.date
    status: NominationStatus
    decided_on: dt.date | None
    reason: str


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
        query = query.where(Association.id.in_(_own(actor)))
    return [_view(row) for row in query]


def propose_nomination(
    actor: Actor, mediator_id: int, association_id: int, proposed_on: dt.date, now: dt.datetime
) -> int:
    """Propose a mediator on behalf of an association; the nomination's id."""
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    _row(association_id)
    if association_id not in _own(actor):
        require_coordinator(actor, mediator.home_office_id)
    faults = Faults()
    if mediator.association_id != association_id:
        faults.add("association_id", association_id, _("the mediator's own association"))
    open_one = Nomination.get_or_none(
        Nomination.mediator == mediator_id,
        Nomination.association == association_id,
        Nomination.status == NominationStatus.PROPOSED,
    )
    if open_one is not None:
        faults.add("mediator_id", mediator_id, _("a mediator whose nomination is not open"))
    faults.raise_any()
    with database.atomic():
        row = Nomination.create(
            mediator=mediator_id,
            association=association_id,
            proposed_on=proposed_on,
            status=NominationStatus.PROPOSED,
        )
        audit.record(actor, "nomination.propose", "nomination", row.id, now, mediator=mediator_id)
    return int(row.id)


def decide_nomination(
    actor: Actor,
    nomination_id: int,
    accepted: bool,
    decided_on: dt.date,
    reason: str,
    now: dt.datetime,
) -> None:
    """Accept or decline an open nomination. Raises Invalid.

    It is accepted only under a protocol in force on that day with a place still free.
    """
    row = Nomination.get_or_none(Nomination.id == nomination_id)
    if row is None:
        raise NotFound
    require_coordinator(actor, row.mediator.home_office_id)
    with database.atomic():
        _hold(row.association_id)
        row = Nomination.get_by_id(nomination_id)
        faults = Faults()
        if row.status != NominationStatus.PROPOSED:
            faults.add("status", str(row.status), _("a nomination that is still open"))
        faults.dates(row.proposed_on, decided_on, "decided_on")
        if accepted and _free_places(row.association_id, row.mediator_id, decided_on) < 1:
            faults.add("decided_on", decided_on, _("a protocol in force with a place free"))
        if not accepted:
            faults.text("reason", reason, most=2000)
        faults.raise_any()
        status = NominationStatus.ACCEPTED if accepted else NominationStatus.DECLINED
        changed = {"status": status, "decided_on": decided_on, "reason": reason}
        Nomination.update(**changed).where(Nomination.id == nomination_id).execute()
        audit.record(
            actor, "nomination.decide", "nomination", nomination_id, now, status=str(status)
        )


def list_nominations(actor: Actor, mediator_id: int | None = None) -> list[NominationView]:
    """Nominations, newest first: of people a coordinator plans or an association's own."""
    query = Nomination.select(Nomination, Mediator, Association).join(Mediator)
    query = query.join(Association, on=(Nomination.association == Association.id))
    if mediator_id is not None:
        query = query.where(Nomination.mediator == mediator_id)
    if not actor.is_coordinator:
        query = query.where(
            Nomination.association.in_(_own(actor)) | (Nomination.mediator == actor.mediator_id)
        )
    elif actor.office_ids is not None:
        query = query.where(Mediator.home_office.in_(actor.office_ids))
    rows = query.order_by(Nomination.proposed_on.desc(), Nomination.id.desc())
    return [
        NominationView(
            id=row.id,
            mediator_id=row.mediator_id,
            mediator_name=row.mediator.name,
            association_id=row.association_id,
            association_name=row.association.name,
            proposed_on=row.proposed_on,
            status=row.status,
            decided_on=row.decided_on,
            reason=row.reason,
        )
        for row in rows
    ]


def _own(actor: Actor) -> frozenset[int]:
    return actor.association_ids if Role.ASSOCIATION in actor.roles else frozenset()


def _require_sight(actor: Actor, association_id: int) -> None:
    if association_id not in _own(actor):
        require_any_coordinator(actor)


def _hold(association_id: int) -> None:
    """Let nobody else give the association's places away meanwhile; SQLite has one writer."""
    from app.database import is_postgresql

    if is_postgresql():
        Association.select().where(Association.id == association_id).for_update().get()


def _free_places(association_id: int, mediator_id: int, on: dt.date) -> int:
    """Places of the protocols in force on that day, less other active mediators accepted."""
    places = sum(
        row.places
        for row in Protocol.select().where(
            Protocol.association == association_id,
            Protocol.starts_on <= on,
            Protocol.ends_on >= on,
        )
    )
    taken = (
        Nomination.select(Nomination.mediator)
        .join(Mediator)
        .where(
            Nomination.association == association_id,
            Nomination.status == NominationStatus.ACCEPTED,
            Nomination.mediator != mediator_id,
            Mediator.active,
            Mediator.ends_on.is_null() | (Mediator.ends_on >= on),
        )
        .distinct()
        .count()
    )
    return int(places - taken)


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
