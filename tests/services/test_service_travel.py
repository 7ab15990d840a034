"""Journeys between offices: how long, what they cost, and which are too far for a day's work."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from small_world import SmallWorld

from app.models import MediatorOffice, Office, OfficeKind
from app.services import mediators
from app.services.errors import Invalid
from app.services.mediator_facts import OtherOffice
from app.services.mediators import edit_mediator, get_mediator
from app.services.places import edit_office, get_office
from app.services.travel import Journey, journey

PLACES = {
    "lisbon": ("Europe/Lisbon", 38.72, -9.14),
    "porto": ("Europe/Lisbon", 41.15, -8.61),
    "coimbra": ("Europe/Lisbon", 40.21, -8.43),
    "amadora": ("Europe/Lisbon", 38.75, -9.23),
    "ponta-delgada": ("Atlantic/Azores", 37.74, -25.67),
    "ribeira-grande": ("Atlantic/Azores", 37.82, -25.52),
    "angra": ("Atlantic/Azores", 38.66, -27.22),
    "telephone": ("Europe/Lisbon", None, None),
}


def office(code: str) -> Office:
    zone, latitude, longitude = PLACES[code]
    kind = OfficeKind.TELEPHONE if code == "telephone" else OfficeKind.LOCAL_CENTRE
    return Office(
        code=code, name=code, kind=kind, zone=zone, latitude=latitude, longitude=longitude
    )


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
    assert (way.minutes, way.overseas, way.cost) == (0, False, 0)
    assert way.fits(480, 660)


@pytest.mark.parametrize(("minutes", "cost"), [(1, 1), (22, 1), (23, 2), (45, 3), (147, 10)])
def test_each_quarter_of_an_hour_costs_one(minutes: int, cost: int) -> None:
    assert Journey(minutes).cost == cost


@pytest.mark.parametrize(("minutes", "fits"), [(180, True), (181, False)])
def test_seven_hours_and_eleven_of_rest_leave_three_hours_each_way(
    minutes: int, fits: bool
) -> None:
    assert Journey(minutes).fits(7 * 60, 11 * 60) is fits


def near_and_far(world: SmallWorld) -> Office:
    """Lisbon and, three and a half hours away, Coimbra in place of the small world's islands."""
    for row, code in ((world.lisbon, "lisbon"), (world.azores, "coimbra")):
        row.zone, row.latitude, row.longitude = PLACES[code]
        row.save()
    return world.azores


def test_the_longest_shift_has_to_fit_not_the_shortest(world: SmallWorld, now: dt.datetime) -> None:
    """A shift of four hours leaves the rest, the eight that may be worked there do not."""
    far = near_and_far(world)
    minutes = journey(world.lisbon, far).minutes
    assert minutes is not None
    longest = 24 * 60 - 660 - 2 * minutes
    assert 240 < longest < 480
    ana = get_mediator(world.system, world.mediators[0].id)
    ana = replace(ana, other_offices=(OtherOffice(far.id),))
    with pytest.raises(Invalid) as told:
        edit_mediator(world.system, ana.id, ana, now)
    assert f"{longest // 60}:{longest % 60:02d}" in told.value.faults[0].expected
    edit_mediator(world.system, ana.id, replace(ana, shift_most_minutes=270), now)


def test_an_office_that_moves_is_priced_anew_or_stays(world: SmallWorld, now: dt.datetime) -> None:
    far = near_and_far(world)
    ana = get_mediator(world.system, world.mediators[0].id)
    ana = replace(ana, shift_most_minutes=270, other_offices=(OtherOffice(far.id),))
    edit_mediator(world.system, ana.id, ana, now)
    dear = MediatorOffice.get().cost
    view = get_office(world.system, far.id)
    _zone, latitude, longitude = PLACES["amadora"]
    edit_office(world.system, far.id, replace(view, latitude=latitude, longitude=longitude), now)
    assert (dear > 10, MediatorOffice.get().cost) == (True, 1)
    _zone, latitude, longitude = PLACES["porto"]
    with pytest.raises(Invalid) as told:
        edit_office(
            world.system, far.id, replace(view, latitude=latitude, longitude=longitude), now
        )
    assert (told.value.faults[0].field, told.value.faults[0].value) == ("latitude", "Ana")
    assert MediatorOffice.get().cost == 1
    assert Office.get_by_id(far.id).latitude == PLACES["amadora"][1]


def test_who_moves_to_another_home_pays_the_way_from_there(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Ana moves from Lisbon to Amadora and goes on working where she did."""
    far = near_and_far(world)
    home = office("amadora")
    home.group = world.group
    home.save()
    ana = get_mediator(world.system, world.mediators[0].id)
    ana = replace(
        ana, shift_most_minutes=270, other_offices=(OtherOffice(home.id), OtherOffice(far.id, 7))
    )
    edit_mediator(world.system, ana.id, ana, now)
    assert {row.office_id: row.cost for row in MediatorOffice.select()} == {home.id: 1, far.id: 7}
    moved = replace(
        get_mediator(world.system, ana.id),
        home_office_id=home.id,
        other_offices=(OtherOffice(far.id, 7),),
    )
    edit_mediator(world.system, ana.id, moved, now)
    assert MediatorOffice.get().cost == journey(home, far).cost != 7


def test_a_place_too_far_or_overseas_is_refused_and_a_near_one_priced(
    world: SmallWorld, now: dt.datetime
) -> None:
    for row, code in ((world.lisbon, "lisbon"), (world.azores, "ponta-delgada")):
        _zone, row.latitude, row.longitude = PLACES[code]
        row.save()
    made = {}
    for code in ("porto", "amadora", "telephone"):
        row = office(code)
        row.group = world.group
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
    assert {row.office.code: row.cost for row in kept} == {"amadora": 1, "telephone": 0}
    assert mediators.get_mediator(world.system, ana.id).other_offices[0].cost == 1
