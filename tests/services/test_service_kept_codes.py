"""Codes stay while kept rosters hold them; what ties an office to the network is the network's."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from typing import Any

import pytest
from drafts import draft
from small_world import MONDAY, SmallWorld

from app.models import Mediator, Office, PlanningGroup, User
from app.services import kept_codes, places
from app.services.errors import Invalid
from app.services.mediator_facts import MediatorFacts
from app.services.mediators import edit_mediator, get_mediator
from app.services.rights import Actor, actor_of


def mediator_facts(world: SmallWorld, **change: Any) -> MediatorFacts:
    view = get_mediator(world.system, world.mediators[0].id)
    told = {one.name: getattr(view, one.name) for one in fields(MediatorFacts)}
    return MediatorFacts(**{**told, **change})


def office_facts(world: SmallWorld, office: Office) -> places.OfficeView:
    return places.get_office(world.system, office.id)


def bound(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.azores_coordinator))


def test_a_mistyped_code_may_be_put_right_before_the_first_roster(
    world: SmallWorld, now: dt.datetime
) -> None:
    edit_mediator(world.system, world.mediators[0].id, mediator_facts(world, code="anna"), now)
    renamed = replace(office_facts(world, world.lisbon), code="lisboa")
    places.edit_office(world.system, world.lisbon.id, renamed, now)
    assert Mediator.get_by_id(world.mediators[0].id).code == "anna"
    assert Office.get_by_id(world.lisbon.id).code == "lisboa"


def test_a_code_in_a_kept_roster_stays_and_the_name_may_change(
    world: SmallWorld, now: dt.datetime
) -> None:
    draft(world, [("ana", "lisbon", 0, 9, 13)], now)
    ana = world.mediators[0].id
    with pytest.raises(Invalid) as refused:
        edit_mediator(world.system, ana, mediator_facts(world, code="anna", name="Ana B"), now)
    (fault,) = refused.value.faults
    assert fault.field == "code"
    assert MONDAY.isoformat() in fault.expected
    assert Mediator.get_by_id(ana).name == "Ana Exemplo", "nothing half saved"
    edit_mediator(world.system, ana, mediator_facts(world, name="Ana B"), now)
    assert Mediator.get_by_id(ana).name == "Ana B"


def test_an_office_s_code_in_a_kept_roster_stays(world: SmallWorld, now: dt.datetime) -> None:
    draft(world, [], now)
    renamed = replace(office_facts(world, world.lisbon), code="lisboa")
    with pytest.raises(Invalid) as refused:
        places.edit_office(world.system, world.lisbon.id, renamed, now)
    assert [one.field for one in refused.value.faults] == ["code"]


def test_a_code_is_looked_for_among_its_own_kind(world: SmallWorld, now: dt.datetime) -> None:
    draft(world, [], now)
    assert kept_codes.latest_week("offices", "lisbon") == MONDAY
    assert kept_codes.latest_week("mediators", "lisbon") is None
    assert kept_codes.latest_week("mediators", "an") is None
    assert kept_codes.latest_week("mediators", "%") is None


@pytest.mark.parametrize("field", ["code", "group_id", "active"])
def test_a_bound_coordinator_leaves_what_ties_the_office_to_the_network(
    world: SmallWorld, now: dt.datetime, field: str
) -> None:
    other = PlanningGroup.create(code="islands", name="Ilhas")
    changed = {"code": "acores", "group_id": other.id, "active": False}[field]
    office = replace(office_facts(world, world.azores), name="Novo", **{field: changed})
    with pytest.raises(Invalid) as refused:
        places.edit_office(bound(world), world.azores.id, office, now)
    assert [one.field for one in refused.value.faults] == [field]
    assert Office.get_by_id(world.azores.id).name == "Ponta Delgada"
    places.edit_office(world.system, world.azores.id, office, now)
    assert Office.get_by_id(world.azores.id).name == "Novo"


def test_a_bound_coordinator_still_edits_the_rest(world: SmallWorld, now: dt.datetime) -> None:
    office = replace(office_facts(world, world.azores), name="Novo", capacity=3)
    places.edit_office(bound(world), world.azores.id, office, now)
    assert Office.get_by_id(world.azores.id).capacity == 3
