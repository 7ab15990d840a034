"""Nominations: an association proposes somebody, a coordinator decides with a reason.

Proposed is either a mediator who is there already or a person, by name, languages and the office
wished, who becomes a mediator once accepted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import _
from app.models import (
    Association,
    Language,
    LanguageLevel,
    Mediator,
    Nomination,
    NominationStatus,
    Office,
    Protocol,
    database,
)
from app.services import audit
from app.services.associations import own_associations
from app.services.checks import Faults
from app.services.errors import Conflict, NotFound
from app.services.horizon import network_date
from app.services.mediator_facts import SpokenLanguage
from app.services.nomination_view import deciding_office, name_of
from app.services.rights import Actor, require_coordinator
from app.services.telling import contacts_of, coordinators_of, tell

NOTE_MOST = 1000
REASON_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFacts:
    """Somebody an association would like to see as a mediator."""

    name: str
    email: str = ""
    languages: tuple[SpokenLanguage, ...] = ()
    office_id: int | None = None
    """The office wished; None is any."""
    note: str = ""


def propose_person(
    actor: Actor, association_id: int, person: ProposalFacts, now: dt.datetime
) -> int:
    """Propose somebody who is no mediator yet; the nomination's id. Raises Invalid.

    Coordinators of the office wished are told.
    """
    association = _association(association_id)
    require_proposer(actor, association_id)
    _check(association_id, person)
    with database.atomic():
        row = Nomination.create(
            association=association_id,
            proposed_on=network_date(now),
            status=NominationStatus.PROPOSED,
            name=person.name.strip(),
            email=person.email.strip(),
            languages=[[one.code, str(one.level)] for one in person.languages],
            office=person.office_id,
            note=person.note.strip(),
            proposed_by=actor.user_id,
        )
        told = {"association": association.name, "name": row.name}
        deciders = set(coordinators_of([person.office_id] if person.office_id else []))
        deciders -= {actor.user_id}
        tell(deciders, "nomination_proposed", f"nomination.{row.id}.proposed", told, now)
        audit.record(actor, "nomination.propose", "nomination", row.id, now)
    return int(row.id)


def require_proposer(actor: Actor, association_id: int) -> None:
    """The actor is the association's contact, or coordinates the whole network."""
    if association_id not in own_associations(actor):
        require_coordinator(actor)


def propose_nomination(
    actor: Actor, mediator_id: int, association_id: int, proposed_on: dt.date, now: dt.datetime
) -> int:
    """Propose a mediator on behalf of an association; the nomination's id."""
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    _association(association_id)
    if association_id not in own_associations(actor):
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
            proposed_by=actor.user_id,
        )
        audit.record(actor, "nomination.propose", "nomination", row.id, now, mediator=mediator_id)
    return int(row.id)


def withdraw_nomination(actor: Actor, nomination_id: int, now: dt.datetime) -> int:
    """Take back a proposal that nobody has answered; its association. Raises Conflict."""
    row = _row(nomination_id)
    if row.association_id not in own_associations(actor):
        require_coordinator(actor, deciding_office(row))
    with database.atomic():
        _step(row, NominationStatus.WITHDRAWN, decided_on=network_date(now))
        audit.record(actor, "nomination.withdraw", "nomination", nomination_id, now)
    return int(row.association_id)


def decide_nomination(
    actor: Actor,
    nomination_id: int,
    accepted: bool,
    decided_on: dt.date,
    reason: str,
    now: dt.datetime,
) -> None:
    """Accept or decline an open nomination; the association's contacts are told. Raises Invalid.

    It is accepted only under a protocol in force on that day with a place still free.
    """
    row = _row(nomination_id)
    require_coordinator(actor, deciding_office(row))
    with database.atomic():
        _hold(row.association_id)
        row = Nomination.get_by_id(nomination_id)
        faults = Faults()
        if row.status != NominationStatus.PROPOSED:
            faults.add("status", str(row.status), _("a nomination that is still open"))
        faults.dates(row.proposed_on, decided_on, "decided_on")
        if accepted and _free_places(row, decided_on) < 1:
            faults.add("decided_on", decided_on, _("a protocol in force with a place free"))
        if not accepted:
            faults.text("reason", reason, REASON_MOST, lines=True)
        else:
            faults.length("reason", reason, REASON_MOST, lines=True)
        faults.raise_any()
        status = NominationStatus.ACCEPTED if accepted else NominationStatus.DECLINED
        reason = reason.strip()
        _step(row, status, decided_on=decided_on, reason=reason, decided_by=actor.user_id)
        told = {"name": name_of(row), "accepted": accepted, "reason": reason}
        people = contacts_of(row.association_id)
        tell(people, "nomination_decided", f"nomination.{row.id}.decided", told, now)
        audit.record(
            actor, "nomination.decide", "nomination", nomination_id, now, status=str(status)
        )


def bring_in(actor: Actor, nomination_id: int, mediator_id: int, now: dt.datetime) -> None:
    """Say which mediator an accepted person has become. Raises Conflict where that is known, and
    Invalid for a mediator of another association than the one that nominated them."""
    row = _row(nomination_id)
    mediator = Mediator.get_by_id(mediator_id)
    require_coordinator(actor, mediator.home_office_id)
    faults = Faults()
    if mediator.association_id != row.association_id:
        expected = _("the association that nominated them: %(name)s", name=row.association.name)
        faults.add("association_id", mediator.association_id, expected)
    faults.raise_any()
    with database.atomic():
        brought = (
            Nomination.update(mediator=mediator_id)
            .where(
                Nomination.id == nomination_id,
                Nomination.status == NominationStatus.ACCEPTED,
                Nomination.mediator.is_null(),
            )
            .execute()
        )
        if not brought:
            raise Conflict(_("This nomination is no longer where you saw it."))
        audit.record(
            actor, "nomination.bring_in", "nomination", nomination_id, now, mediator=mediator_id
        )


def offered_offices() -> list[tuple[int, str]]:
    """Offices in use that a proposal may wish for."""
    rows = Office.select(Office.id, Office.name).where(Office.active)
    return [(row.id, row.name) for row in rows.order_by(Office.position, Office.code)]


def _check(association_id: int, person: ProposalFacts) -> None:
    faults = Faults()
    faults.text("name", person.name)
    faults.email("email", person.email)
    faults.length("note", person.note, NOTE_MOST, lines=True)
    if not person.languages:
        faults.add("languages", "", _("at least one language"))
    faults.unique("languages", (one.code for one in person.languages))
    known = {row.code for row in Language.select(Language.code)}
    for index, one in enumerate(person.languages):
        faults.one_of(f"languages.{index}.code", one.code, known)
        faults.one_of(f"languages.{index}.level", one.level, tuple(LanguageLevel))
    if person.office_id is not None and person.office_id not in dict(offered_offices()):
        faults.add("office_id", person.office_id, _("an office in use"))
    there = Nomination.select().where(
        Nomination.association == association_id,
        Nomination.status == NominationStatus.PROPOSED,
        Nomination.name == person.name.strip(),
    )
    if person.name.strip() and there.exists():
        faults.add("name", person.name, _("somebody who is not proposed already"))
    faults.raise_any()


def _hold(association_id: int) -> None:
    """Let nobody else give the association's places away meanwhile; SQLite has one writer."""
    from app.database import is_postgresql

    if is_postgresql():
        Association.select().where(Association.id == association_id).for_update().get()


def _free_places(nomination: Nomination, on: dt.date) -> int:
    """Places of the protocols in force on that day, less the association's other people who are
    mediators then, by whatever way they came, and those accepted who are none yet."""
    association_id = nomination.association_id
    places = sum(
        row.places
        for row in Protocol.select().where(
            Protocol.association == association_id,
            Protocol.starts_on <= on,
            Protocol.ends_on >= on,
        )
    )
    taken = Mediator.select().where(
        Mediator.association == association_id,
        Mediator.active,
        Mediator.ends_on.is_null() | (Mediator.ends_on >= on),
    )
    if nomination.mediator_id is not None:
        taken = taken.where(Mediator.id != nomination.mediator_id)
    coming = Nomination.select().where(
        Nomination.association == association_id,
        Nomination.status == NominationStatus.ACCEPTED,
        Nomination.mediator.is_null(),
        Nomination.id != nomination.id,
    )
    return int(places - taken.count() - coming.count())


def _step(row: Nomination, status: NominationStatus, **columns: object) -> None:
    moved = (
        Nomination.update(status=status, **columns)
        .where(Nomination.id == row.id, Nomination.status == NominationStatus.PROPOSED)
        .execute()
    )
    if not moved:
        raise Conflict(_("This nomination is no longer where you saw it."))


def _association(association_id: int) -> Association:
    row = Association.get_or_none(Association.id == association_id)
    if row is None:
        raise NotFound
    return row


def _row(nomination_id: int) -> Nomination:
    row = Nomination.get_or_none(Nomination.id == nomination_id)
    if row is None:
        raise NotFound
    return row
