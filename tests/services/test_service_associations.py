"""Associations, protocols with their places, nominations; contract regimes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from small_world import SmallWorld

from app.models import Association, ContractRegime, Mediator, NominationStatus, User
from app.services import nominations, people
from app.services.errors import Forbidden, Invalid
from app.services.people import Article, AssociationFacts, ProtocolFacts, RegimeFacts
from app.services.rights import Actor, actor_of

TODAY = dt.date(2026, 3, 4)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def faults_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {fault.field for fault in error.value.faults}


def test_an_association_is_read_back_and_edited(world: SmallWorld, now: dt.datetime) -> None:
    facts = AssociationFacts(
        code="kalyna",
        name="Associação Kalyna",
        contact_email="kalyna@example.org",
        protocols=(ProtocolFacts(dt.date(2026, 1, 1), dt.date(2026, 12, 31), 3),),
    )
    association_id = people.create_association(world.system, facts, now)
    view = people.get_association(world.system, association_id)
    assert (view.code, view.protocols, view.mediators) == ("kalyna", facts.protocols, 0)
    people.edit_association(world.system, association_id, replace(view, protocols=()), now)
    assert people.get_association(world.system, association_id).protocols == ()


def test_every_fault_of_an_association_at_once(world: SmallWorld, now: dt.datetime) -> None:
    day = dt.date(2026, 1, 1)
    bad = AssociationFacts(
        code="aurora",
        name="",
        contact_email="nobody",
        protocols=(ProtocolFacts(day, day, 1), ProtocolFacts(day, dt.date(2025, 1, 1), 0)),
    )
    before = Association.select().count()
    with pytest.raises(Invalid) as error:
        people.create_association(world.system, bad, now)
    assert faults_of(error) == {
        "code", "name", "contact_email", "protocols.1", "protocols.1.ends_on",
        "protocols.1.places",
    }  # fmt: skip
    assert Association.select().count() == before


def test_a_contact_sees_their_association_only(world: SmallWorld, now: dt.datetime) -> None:
    contact = actor(world.association)
    own, other = world.associations
    assert [one.id for one in people.list_associations(contact)] == [own.id]
    assert people.get_association(contact, own.id).mediators == 3
    with pytest.raises(Forbidden):
        people.get_association(contact, other.id)
    assert people.list_associations(actor(world.mediator)) == []
    with pytest.raises(Forbidden):
        people.edit_association(contact, own.id, people.get_association(contact, own.id), now)


def test_a_nomination_takes_a_place_of_the_protocol_in_force(
    world: SmallWorld, now: dt.datetime
) -> None:
    own, _other = world.associations
    view = people.get_association(world.system, own.id)
    two = replace(view, protocols=(ProtocolFacts(TODAY, TODAY + dt.timedelta(days=1), 2),))
    people.edit_association(world.system, own.id, two, now)
    contact = actor(world.association)
    ana, _bo, caio, _dina, eva = world.mediators
    Mediator.update(active=False).where(Mediator.id == eva.id).execute()
    ids = [
        people.propose_nomination(contact, one.id, own.id, TODAY, now) for one in (ana, caio, eva)
    ]
    people.decide_nomination(world.system, ids[0], True, TODAY, "", now)
    with pytest.raises(Invalid) as error:  # one day after the protocol's last
        people.decide_nomination(world.system, ids[1], True, TODAY + dt.timedelta(days=2), "", now)
    assert faults_of(error) == {"decided_on"}
    people.decide_nomination(world.system, ids[1], True, TODAY + dt.timedelta(days=1), "", now)
    with pytest.raises(Invalid) as error:  # both places are taken
        people.decide_nomination(world.system, ids[2], True, TODAY, "", now)
    assert faults_of(error) == {"decided_on"}
    people.decide_nomination(world.system, ids[2], False, TODAY, "Sem vaga", now)
    statuses = {one.mediator_id: one.status for one in people.list_nominations(contact)}
    assert statuses == {
        ana.id: NominationStatus.ACCEPTED,
        caio.id: NominationStatus.ACCEPTED,
        eva.id: NominationStatus.DECLINED,
    }


def test_of_two_who_decide_at_once_the_second_is_refused(
    world: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, ana = world.associations[0], world.mediators[0]
    nomination = people.propose_nomination(world.system, ana.id, own.id, TODAY, now)
    may = nominations.require_coordinator

    def overtaken(who: Actor, office_id: int | None = None) -> None:
        may(who, office_id)
        monkeypatch.undo()
        people.decide_nomination(world.system, nomination, True, TODAY, "", now)

    monkeypatch.setattr(nominations, "require_coordinator", overtaken)
    with pytest.raises(Invalid) as error:
        people.decide_nomination(world.system, nomination, False, TODAY, "Sem vaga", now)
    assert faults_of(error) == {"status"}
    (view,) = people.list_nominations(world.system)
    assert view.status is NominationStatus.ACCEPTED


def test_a_nomination_is_by_ones_own_association_and_open_once(
    world: SmallWorld, now: dt.datetime
) -> None:
    own, other = world.associations
    ana, bo, *_rest = world.mediators
    contact = actor(world.association)
    people.propose_nomination(contact, ana.id, own.id, TODAY, now)
    with pytest.raises(Invalid):
        people.propose_nomination(contact, ana.id, own.id, TODAY, now)
    with pytest.raises(Forbidden):
        people.propose_nomination(contact, bo.id, other.id, TODAY, now)
    with pytest.raises(Invalid) as error:
        people.propose_nomination(world.system, bo.id, own.id, TODAY, now)
    assert faults_of(error) == {"association_id"}
    (nomination,) = people.list_nominations(contact)
    with pytest.raises(Forbidden):
        people.decide_nomination(contact, nomination.id, True, TODAY, "", now)
    with pytest.raises(Invalid) as error:
        people.decide_nomination(world.system, nomination.id, False, TODAY, " ", now)
    assert faults_of(error) == {"reason"}


def test_a_regime_keeps_its_articles_and_must_fit_its_contracts(
    world: SmallWorld, now: dt.datetime
) -> None:
    regime = people.get_regime(ContractRegime.get().id)
    assert regime.articles == (Article("min_rest", "CT 214"),)
    longer = replace(regime, rest_minutes=720, articles=(Article("week_max_slots", "CT 203"),))
    people.edit_regime(world.system, regime.id, longer, now)
    assert people.get_regime(regime.id) == longer
    with pytest.raises(Invalid) as error:
        people.edit_regime(world.system, regime.id, replace(regime, week_minutes=2370), now)
    assert faults_of(error) == {"week_minutes"}
    with pytest.raises(Forbidden):
        people.edit_regime(actor(world.azores_coordinator), regime.id, longer, now)


def test_every_fault_of_a_regime_at_once(world: SmallWorld, now: dt.datetime) -> None:
    bad = RegimeFacts(
        code="x y",
        name_pt="",
        name_en="x",
        day_minutes=485,
        week_minutes=0,
        longest_day_minutes=999,
        days_a_week=8,
        rest_minutes=-30,
        consecutive_days=0,
        longest_stretch_minutes=30,
        break_minutes=0,
        articles=(Article("speed_limit", ""),),
    )
    with pytest.raises(Invalid) as error:
        people.create_regime(world.system, bad, now)
    assert faults_of(error) == {
        "code", "name_pt", "day_minutes", "week_minutes", "longest_day_minutes", "days_a_week",
        "rest_minutes", "consecutive_days", "longest_stretch_minutes", "break_minutes",
        "articles.0.rule", "articles.0.article",
    }  # fmt: skip
