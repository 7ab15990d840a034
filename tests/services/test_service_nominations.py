"""People whom an association proposes: by name, languages and office; answered with a reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from small_world import SmallWorld

from app.models import LanguageLevel, Mediator, Message, Nomination, NominationStatus, User
from app.services import associations, nominations
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.mediator_facts import SpokenLanguage
from app.services.nomination_view import list_nominations, nominations_to_decide
from app.services.nominations import ProposalFacts
from app.services.rights import Actor, actor_of

TODAY = dt.date(2026, 3, 4)
UKRAINIAN = (SpokenLanguage("uk", LanguageLevel.NATIVE), SpokenLanguage("pt", LanguageLevel.FLUENT))


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def told(email: str) -> list[tuple[str, dict[str, object]]]:
    rows = Message.select().join(User).where(User.email == email).order_by(Message.id)
    return [(row.kind, row.details) for row in rows]


def propose(world: SmallWorld, now: dt.datetime, name: str, office_id: int | None = None) -> int:
    person = ProposalFacts(name=name, languages=UKRAINIAN, office_id=office_id)
    own = world.associations[0].id
    return nominations.propose_person(actor(world.association), own, person, now)


def test_a_person_is_proposed_answered_and_becomes_a_mediator(
    world: SmallWorld, now: dt.datetime
) -> None:
    azores, network = actor(world.azores_coordinator), actor(world.coordinator)
    one = propose(world, now, "Olha Exemplo", world.azores.id)
    asked = ("nomination_proposed", {"association": "Associação Aurora", "name": "Olha Exemplo"})
    assert told(world.coordinator) == told(world.azores_coordinator) == [asked]
    (waiting,) = nominations_to_decide(azores)
    assert (waiting.mediator_name, waiting.languages, waiting.office_name) == (
        "Olha Exemplo", UKRAINIAN, "Ponta Delgada",
    )  # fmt: skip
    nominations.decide_nomination(azores, one, True, TODAY, "Falta ucraniano", now)
    answer = {"name": "Olha Exemplo", "accepted": True, "reason": "Falta ucraniano"}
    assert told(world.association) == [("nomination_decided", answer)]
    (coming,) = nominations_to_decide(azores)
    assert coming.to_bring_in
    eva = world.mediators[4]
    nominations.bring_in(azores, one, eva.id, now)
    assert nominations_to_decide(network) == []
    with pytest.raises(Conflict):
        nominations.bring_in(network, one, eva.id, now)
    assert Nomination.get_by_id(one).mediator_id == eva.id


def test_who_is_accepted_takes_a_place_before_being_a_mediator(
    world: SmallWorld, now: dt.datetime
) -> None:
    own = world.associations[0]
    view = associations.get_association(world.system, own.id)
    # Ana, Caio and Eva are there already, nominated or not; one place is left.
    protocol = replace(view.protocols[0], places=4)
    associations.edit_association(world.system, own.id, replace(view, protocols=(protocol,)), now)
    first, second = propose(world, now, "Olha Exemplo"), propose(world, now, "Petro Exemplo")
    nominations.decide_nomination(world.system, first, True, TODAY, "", now)
    with pytest.raises(Invalid) as error:
        nominations.decide_nomination(world.system, second, True, TODAY, "", now)
    assert [fault.field for fault in error.value.faults] == ["decided_on"]
    # Once a mediator and gone again, the place is free.
    nominations.bring_in(world.system, first, world.mediators[0].id, now)
    Mediator.update(active=False).where(Mediator.id == world.mediators[0].id).execute()
    nominations.decide_nomination(world.system, second, True, TODAY, "", now)


def test_who_is_brought_in_is_of_the_association_that_nominated_them(
    world: SmallWorld, now: dt.datetime
) -> None:
    one = propose(world, now, "Olha Exemplo")
    nominations.decide_nomination(world.system, one, True, TODAY, "", now)
    _ana, bo, *_others = world.mediators
    with pytest.raises(Invalid) as told:
        nominations.bring_in(world.system, one, bo.id, now)
    assert [fault.field for fault in told.value.faults] == ["association_id"]
    assert Nomination.get_by_id(one).mediator_id is None


def test_a_decline_needs_a_reason_and_an_answer_stays(world: SmallWorld, now: dt.datetime) -> None:
    one = propose(world, now, "Olha Exemplo")
    with pytest.raises(Invalid):
        nominations.decide_nomination(world.system, one, False, TODAY, " ", now)
    assert told(world.association) == []
    nominations.decide_nomination(world.system, one, False, TODAY, "Sem vaga", now)
    contact = actor(world.association)
    (seen,) = list_nominations(contact)
    assert (seen.status, seen.reason) == (NominationStatus.DECLINED, "Sem vaga")
    with pytest.raises(Conflict):
        nominations.withdraw_nomination(contact, one, now)


def test_one_takes_back_and_sees_ones_own_only(world: SmallWorld, now: dt.datetime) -> None:
    contact, other = actor(world.association), world.associations[1].id
    mine = propose(world, now, "Olha Exemplo")
    person = ProposalFacts(name="Wei Exemplo", languages=UKRAINIAN)
    theirs = nominations.propose_person(world.system, other, person, now)
    with pytest.raises(Forbidden):
        nominations.propose_person(contact, other, person, now)
    with pytest.raises(Forbidden):
        nominations.withdraw_nomination(contact, theirs, now)
    with pytest.raises(Forbidden):
        nominations.decide_nomination(contact, mine, True, TODAY, "", now)
    assert [one.id for one in list_nominations(contact)] == [mine]
    assert list_nominations(actor(world.trainer)) == []
    with pytest.raises(Forbidden):  # for no office of theirs
        nominations.decide_nomination(actor(world.azores_coordinator), mine, True, TODAY, "", now)
    nominations.withdraw_nomination(contact, mine, now)
    assert Nomination.get_by_id(mine).status is NominationStatus.WITHDRAWN


def test_every_fault_of_a_proposal_at_once(world: SmallWorld, now: dt.datetime) -> None:
    propose(world, now, "Olha Exemplo")
    bad = ProposalFacts(
        name="Olha Exemplo", email="nobody", office_id=999, note="x" * 1001,
        languages=(SpokenLanguage("tlh", LanguageLevel.NATIVE),),
    )  # fmt: skip
    with pytest.raises(Invalid) as error:
        nominations.propose_person(world.system, world.associations[0].id, bad, now)
    assert {fault.field for fault in error.value.faults} == {
        "name", "email", "note", "languages.0.code", "office_id",
    }  # fmt: skip
