"""Offices: saved whole or not at all, seen by who works with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from small_world import SmallWorld

from app.models import AuditEntry, Desk, Office, OfficeKind, OpeningHours, User
from app.services import places
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.places import (
    ClosedOn,
    DeskFacts,
    Hours,
    OfficeFacts,
    YearlyHoliday,
)
from app.services.rights import Actor, actor_of


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def good_office(world: SmallWorld) -> OfficeFacts:
    return OfficeFacts(
        code="beja",
        name="CNAIM Beja",
        kind=OfficeKind.CENTRE,
        group_id=world.group.id,
        district="02",
        latitude=38.0,
        longitude=-7.9,
        capacity=4,
        hours=(Hours(0, 540, 780), Hours(0, 780, 1020), Hours(1, 0, 1440)),
        closures=(ClosedOn(dt.date(2026, 3, 9), "Obras"),),
        extra_holidays=(YearlyHoliday(2, 29, "Dia raro"),),
        desks=(DeskFacts("legal", "Jurídico", "Legal", "legal", 540, 600, "135", 1, 2),),
    )


def faults_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {fault.field for fault in error.value.faults}


def test_an_office_is_read_back_as_it_was_written(world: SmallWorld, now: dt.datetime) -> None:
    office = good_office(world)
    office_id = places.create_office(world.system, office, now)
    view = places.get_office(world.system, office_id)
    for name in OfficeFacts.__dataclass_fields__:
        assert getattr(view, name) == getattr(office, name), name
    assert (view.id, view.group_name) == (office_id, "Rede")


def test_an_edit_replaces_the_office_and_is_audited(world: SmallWorld, now: dt.datetime) -> None:
    office_id = places.create_office(world.system, good_office(world), now)
    view = places.get_office(world.system, office_id)
    edited = replace(view, name="CNAIM do Baixo Alentejo", desks=(), hours=view.hours[:1])
    places.edit_office(world.system, office_id, edited, now)
    again = places.get_office(world.system, office_id)
    assert again == edited
    assert not Desk.select().where(Desk.office == office_id).exists()
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert entry.action == "office.edit"
    assert entry.details == {"changed": ["name", "hours", "desks"]}


def test_every_fault_of_an_office_comes_at_once_and_nothing_is_saved(
    world: SmallWorld, now: dt.datetime
) -> None:
    bad = OfficeFacts(
        code="Beja!",
        name=" ",
        kind=OfficeKind.CENTRE,
        group_id=999,
        zone="Europe/Beja",
        district="99",
        latitude=91.0,
        longitude=None,
        capacity=0,
        target_share_percent=100,
        target_wait_minutes=-1,
        unsocial_from_minute=15,
        hours=(Hours(7, 540, 600), Hours(0, 600, 540), Hours(1, 545, 600)),
        closures=(ClosedOn(dt.date(2026, 3, 9)), ClosedOn(dt.date(2026, 3, 9))),
        extra_holidays=(YearlyHoliday(2, 30, ""), YearlyHoliday(13, 1, "x")),
        desks=(DeskFacts("general", "", "x", "nothing", 540, 540, "119", 2, 1),),
    )
    before = Office.select().count()
    with pytest.raises(Invalid) as error:
        places.create_office(world.system, bad, now)
    assert faults_of(error) == {
        "code", "name", "group_id", "zone", "district", "latitude", "longitude", "capacity",
        "target_share_percent", "target_wait_minutes", "unsocial_from_minute",
        "hours.0.weekday", "hours.1.closes_minute", "hours.2.opens_minute", "closures.1",
        "extra_holidays.0.day", "extra_holidays.0.name", "extra_holidays.1.month",
        "desks.0.need", "desks.0.name_pt", "desks.0.certification", "desks.0.closes_minute",
        "desks.0.weekdays", "desks.0.wanted",
    }  # fmt: skip
    assert Office.select().count() == before


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ((Hours(0, 540, 780), Hours(0, 780, 1020)), None),
        ((Hours(0, 540, 810), Hours(0, 780, 1020)), "hours.1.opens_minute"),
        ((Hours(0, 780, 1020), Hours(0, 540, 810)), "hours.0.opens_minute"),
        ((Hours(0, 540, 810), Hours(1, 780, 1020)), None),
    ],
)
def test_openings_of_a_day_may_touch_but_not_overlap(
    world: SmallWorld, now: dt.datetime, hours: tuple[Hours, ...], field: str | None
) -> None:
    office = replace(good_office(world), hours=hours)
    if field is None:
        office_id = places.create_office(world.system, office, now)
        assert OpeningHours.select().where(OpeningHours.office == office_id).count() == 2
        return
    with pytest.raises(Invalid) as error:
        places.create_office(world.system, office, now)
    assert faults_of(error) == {field}


def test_a_code_is_taken_once_but_kept_on_edit(world: SmallWorld, now: dt.datetime) -> None:
    with pytest.raises(Invalid) as error:
        places.create_office(world.system, replace(good_office(world), code="lisbon"), now)
    assert faults_of(error) == {"code"}
    view = places.get_office(world.system, world.lisbon.id)
    places.edit_office(world.system, world.lisbon.id, replace(view, name="Lisboa nova"), now)
    assert Office.get_by_id(world.lisbon.id).name == "Lisboa nova"


def test_only_the_network_opens_offices_and_a_bound_coordinator_edits_their_own(
    world: SmallWorld, now: dt.datetime
) -> None:
    bound = actor(world.azores_coordinator)
    with pytest.raises(Forbidden):
        places.create_office(bound, good_office(world), now)
    azores = places.get_office(bound, world.azores.id)
    places.edit_office(bound, world.azores.id, replace(azores, capacity=3), now)
    lisbon = places.get_office(world.system, world.lisbon.id)
    for email in (world.azores_coordinator, world.mediator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            places.edit_office(actor(email), world.lisbon.id, lisbon, now)
    with pytest.raises(NotFound):
        places.edit_office(world.system, 999, lisbon, now)


def test_each_role_sees_its_own_offices(world: SmallWorld) -> None:
    def codes(email: str) -> set[str]:
        return {view.code for view in places.list_offices(actor(email))}

    assert codes(world.coordinator) == {"lisbon", "azores"}
    assert codes(world.administrator) == {"lisbon", "azores"}
    assert codes(world.azores_coordinator) == {"azores"}
    assert codes(world.mediator) == {"lisbon"}
    assert codes(world.trainer) == {"lisbon", "azores"}
    assert codes(world.association) == {"lisbon", "azores"}
    with pytest.raises(Forbidden):
        places.get_office(actor(world.azores_coordinator), world.lisbon.id)


def test_groups_are_checked(world: SmallWorld, now: dt.datetime) -> None:
    with pytest.raises(Invalid):
        places.create_planning_group(world.system, "network", "Outra", now)
