"""Journeys between offices: how long, what they cost, and which are too far for a day's work."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from small_world import SmallWorld

from app.models import MediatorOffice, Office
from app.services import mediators
from app.services.errors import Invalid
from app.services.mediators import OtherOffice, edit_mediator, get_mediator
from app.services.travel import Journey, journey

PLACES = {
    "lisbon": ("Europe/Lisbon", 38.72, -9.14),
    "porto": ("Europe/Lisbon", 41.15, -8.61),
    "amadora": ("Europe/Lisbon", 38.75, -9.23),
    "ponta-delgada": ("Atlantic/Azores", 37.74, -25.67),
    "ribeira-grande": ("Atlantic/Azores", 37.82, -25.52),
    "angra": ("Atlantic/Azores", 38.66, -27.22),
    "telephone": ("Europe/Lisbon", None, None),
}


def office(code: str) -> Office:
    zone, latitude, longitude = PLACES[code]
    return Office(code=code, name=code, zone=zone, latitude=latitude, longitude=longitude)


@pytest.mark.parametrize(
    ("home", "other", "least", "most", "overseas"),
    [
        ("lisbon", "amadora", 15, 25, False),
        ("lisbon", "porto", 270, 330, False),
        ("ponta-delgada", "ribeira-grande", 25, 35, False),
        ("ponta-delgada", "angra", 1, 999, True),
        ("lisbon", "ponta-delgada", 1, 9999, True),
    ],
)
def test_a_journey_is_as_long_as_its_roads(
    home: str, other: str, least: int, most: int, overseas: bool
) -> None:
    """Lisbon to Porto is 274 km as the crow flies, and some 310 by road."""
    way = journey(office(home), office(other))
    assert way.minutes is not None
    assert least <= way.minutes <= most
    assert way.overseas is overseas
    assert way == journey(office(other), office(home))


def test_an_office_without_walls_is_no_journey() -> None:
    way = journey(office("ponta-delgada"), office("telephone"))
    assert (way.minutes, way.overseas, way.cost) == (None, False, 3)
    assert way.fits(480, 660)


@pytest.mark.parametrize(("minutes", "cost"), [(1, 1), (22, 1), (23, 2), (45, 3), (147, 10)])
def test_each_quarter_of_an_hour_costs_one(minutes: int, cost: int) -> None:
    assert Journey(minutes).cost == cost


@pytest.mark.parametrize(("minutes", "fits"), [(180, True), (181, False)])
def test_seven_hours_and_eleven_of_rest_leave_three_hours_each_way(
    minutes: int, fits: bool
) -> None:
    assert Journey(minutes).fits(7 * 60, 11 * 60) is fits


def test_a_place_too_far_or_overseas_is_refused_and_a_near_one_priced(
    world: SmallWorld, now: dt.datetime
) -> None:
    for row, code in ((world.lisbon, "lisbon"), (world.azores, "ponta-delgada")):
        _zone, row.latitude, row.longitude = PLACES[code]
        row.save()
    made = {}
    for code in ("porto", "amadora", "telephone"):
        row = office(code)
        row.group, row.kind = world.group, "local_centre"
        row.save()
        made[code] = row
    ana = get_mediator(world.system, world.mediators[0].id)
    ana = replace(ana, shift_least_minutes=480)
    others = tuple(OtherOffice(one.id) for one in (made["porto"], world.azores, made["amadora"]))
    with pytest.raises(Invalid) as told:
        edit_mediator(world.system, ana.id, replace(ana, other_offices=others), now)
    assert [one.field for one in told.value.faults] == [
        "other_offices.0.office_id", "other_offices.1.office_id",
    ]  # fmt: skip
    near = (OtherOffice(made["amadora"].id), OtherOffice(made["telephone"].id))
    edit_mediator(world.system, ana.id, replace(ana, other_offices=near), now)
    kept = MediatorOffice.select().where(MediatorOffice.mediator == ana.id)
    assert {row.office.code: row.cost for row in kept} == {"amadora": 1, "telephone": 3}
    assert mediators.get_mediator(world.system, ana.id).other_offices[0].cost == 1
