"""All offices of a group on one page; of a large group's people one page at a time."""

from __future__ import annotations

import datetime as dt

from small_world import MONDAY, SmallWorld

from app.models import FieldSeat, Mediator, Office, OfficeKind
from app.services import field_routes
from app.services.field_checks import RouteFacts, StopFacts
from app.services.network_view import network_view
from app.services.pages import PEOPLE_A_PAGE


def many_in_the_azores(world: SmallWorld, count: int) -> None:
    model = world.mediators[4]
    for number in range(count):
        Mediator.create(
            code=f"p{number:03}", name=f"Pessoa {number:03}", association=model.association,
            regime=model.regime, week_minutes=2400, shift_least_minutes=240,
            shift_most_minutes=480, home_office=model.home_office, starts_on=model.starts_on,
        )  # fmt: skip


def test_people_of_a_large_group_come_in_pages(world: SmallWorld, now: dt.datetime) -> None:
    """Lisbon's three first; the office that goes over to the next page says all its people."""
    many_in_the_azores(world, PEOPLE_A_PAGE)
    first, second = (network_view(world.system, MONDAY, now, page=one) for one in (1, 2))
    assert [(name, all_, len(shown)) for name, all_, shown in first.people] == [
        ("Lisboa", 3, 3),
        ("Ponta Delgada", 102, PEOPLE_A_PAGE - 3),
    ]
    assert [(name, all_, len(shown)) for name, all_, shown in second.people] == [
        ("Ponta Delgada", 102, 5)
    ]
    assert (first.page, first.pages, second.page) == (1, 2, 2)
    lines = [one for view in (first, second) for _name, _all, shown in view.people for one in shown]
    assert len({one.name for one in lines}) == 105


def test_who_goes_along_on_a_route_works_at_the_unit_that_day(
    world: SmallWorld, now: dt.datetime
) -> None:
    """As the cover counts them there; once, whatever shift of theirs is there too."""
    unit = Office.create(
        group=world.group, code="mobile", name="Unidade", kind=OfficeKind.MOBILE_UNIT, district=""
    )
    stop = StopFacts(place="Praça", from_minute=600, until_minute=720)
    facts = RouteFacts(
        office_id=unit.id, date=MONDAY + dt.timedelta(days=1), name="Sul", leaves_minute=540,
        returns_minute=780, stops=(stop,),
    )  # fmt: skip
    route = field_routes.create_route(world.system, facts, now)
    for person in world.mediators[:2]:
        FieldSeat.create(route=route, mediator=person, assigned_at=now)
    view = network_view(world.system, MONDAY, now)
    people = {line.office.code: [one.people for one in line.days] for line in view.offices}
    assert people["mobile"] == [0, 2, 0, 0, 0, 0, 0]
    assert people["lisbon"] == [0] * 7
