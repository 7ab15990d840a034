"""Nominations as they are read: by whom they are answered, and by the associations they are of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, Select

from app.i18n import _
from app.models import (
    Association,
    LanguageLevel,
    Mediator,
    Nomination,
    NominationStatus,
    Office,
)
from app.services.associations import own_associations
from app.services.errors import Conflict, NotFound
from app.services.mediator_facts import SpokenLanguage
from app.services.rights import (
    Actor,
    coordinates,
    require_any_coordinator,
    require_coordinator,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NominationView:
    id: int
    mediator_id: int | None
    """None for a person who is not, or not yet, a mediator."""
    mediator_name: str
    """The name of whoever is proposed."""
    association_id: int
    association_name: str
    proposed_on: dt.date
    status: NominationStatus
    decided_on: dt.date | None
    reason: str
    office_id: int | None
    office_name: str
    """Wished; empty for any."""
    languages: tuple[SpokenLanguage, ...]
    email: str
    note: str
    may_decide: bool
    may_withdraw: bool

    @property
    def to_bring_in(self) -> bool:
        """Accepted, and not among the mediators yet."""
        return self.status == NominationStatus.ACCEPTED and self.mediator_id is None


def list_nominations(actor: Actor, mediator_id: int | None = None) -> list[NominationView]:
    """Nominations, newest first: those a coordinator may decide or an association's own."""
    query = _rows()
    if mediator_id is not None:
        query = query.where(Nomination.mediator == mediator_id)
    if not actor.is_coordinator:
        own = Nomination.association.in_(own_associations(actor))
        if actor.mediator_id is not None:
            own |= Nomination.mediator == actor.mediator_id
        query = query.where(own)
    elif actor.office_ids is not None:
        query = query.where(
            Mediator.home_office.in_(actor.office_ids) | Nomination.office.in_(actor.office_ids)
        )
    rows = query.order_by(Nomination.proposed_on.desc(), Nomination.id.desc())
    return [_view(actor, row) for row in rows]


def nominations_to_decide(actor: Actor) -> list[NominationView]:
    """What waits for the actor's answer, or for the accepted person to be brought in."""
    require_any_coordinator(actor)
    return [
        one
        for one in reversed(list_nominations(actor))
        if one.may_decide or (one.to_bring_in and coordinates(actor, one.office_id))
    ]


def nomination_to_bring_in(actor: Actor, nomination_id: int) -> NominationView:
    """An accepted person who is no mediator yet, for a coordinator who may add them."""
    row = _rows().where(Nomination.id == nomination_id).first()
    if row is None:
        require_any_coordinator(actor)
        raise NotFound
    require_coordinator(actor, deciding_office(row))
    view = _view(actor, row)
    if not view.to_bring_in:
        raise Conflict(_("This nomination is no longer where you saw it."))
    return view


def _rows() -> Select:
    return (
        Nomination.select(Nomination, Mediator, Association, Office)
        .join(Mediator, JOIN.LEFT_OUTER)
        .join(Association, on=(Nomination.association == Association.id))
        .switch(Nomination)
        .join(Office, JOIN.LEFT_OUTER, on=(Nomination.office == Office.id))
    )


def _view(actor: Actor, row: Nomination) -> NominationView:
    is_open = row.status == NominationStatus.PROPOSED
    joined: Any = row
    return NominationView(
        id=row.id,
        mediator_id=row.mediator_id,
        mediator_name=name_of(row),
        association_id=row.association_id,
        association_name=row.association.name,
        proposed_on=row.proposed_on,
        status=row.status,
        decided_on=row.decided_on,
        reason=row.reason,
        office_id=row.office_id,
        office_name=joined.office.name if row.office_id is not None else "",
        languages=tuple(
            SpokenLanguage(code, LanguageLevel(level)) for code, level in row.languages
        ),
        email=row.email,
        note=row.note,
        may_decide=is_open and coordinates(actor, deciding_office(row)),
        may_withdraw=is_open and row.association_id in own_associations(actor),
    )


def deciding_office(row: Nomination) -> int | None:
    """Whose coordinators decide: the mediator's home office, else the one wished."""
    joined: Any = row
    office_id = joined.mediator.home_office_id if row.mediator_id is not None else row.office_id
    return int(office_id) if office_id is not None else None


def name_of(row: Nomination) -> str:
    joined: Any = row
    return str(joined.mediator.name if row.mediator_id is not None else row.name)
