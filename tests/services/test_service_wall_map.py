"""The schedule map of a published week and a person's month, as PDF."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from drafts import draft
from small_world import MONDAY, SmallWorld

from app.models import Mediator, User
from app.services import field_crew, field_routes, wall_map
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.field_checks import RouteFacts, StopFacts
from app.services.rights import Actor, actor_of
from app.services.rosters import publish


def who(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def roster_id(world: SmallWorld, now: dt.datetime) -> int:
    made = draft(world, [("ana", "lisbon", 0, 9, 18), ("dina", "azores", 1, 9, 13)], now).id
    publish(world.system, made, now)
    return made


def test_the_map_is_a_pdf_of_the_office_asked(world: SmallWorld, roster_id: int) -> None:
    pdf, name = wall_map.schedule_map(who(world.coordinator), roster_id, "lisbon")
    assert pdf.startswith(b"%PDF-")
    assert name == "mapa-lisbon-2026-03-09-v1.pdf"
    again, _name = wall_map.schedule_map(who(world.coordinator), roster_id, "lisbon")
    assert again == pdf, "the same week gives the same bytes"


def test_a_draft_hangs_on_no_wall(world: SmallWorld, now: dt.datetime) -> None:
    made = draft(world, [("ana", "lisbon", 0, 9, 13)], now).id
    with pytest.raises(Conflict):
        wall_map.schedule_map(who(world.coordinator), made, "lisbon")


def test_a_coordinator_maps_their_own_office(world: SmallWorld, roster_id: int) -> None:
    actor = who(world.azores_coordinator)
    assert wall_map.schedule_map(actor, roster_id, "azores")[0].startswith(b"%PDF-")
    with pytest.raises(Forbidden):
        wall_map.schedule_map(actor, roster_id, "lisbon")
    with pytest.raises(NotFound):
        wall_map.schedule_map(actor, roster_id, "paris")


@pytest.mark.parametrize(
    ("worked", "rest"),
    [
        ({0, 1, 2, 3, 4}, {5, 6}),
        ({0, 1, 2, 3, 5}, {4, 6}),
        ({1, 2, 3, 4, 5}, {0, 6}),
        (set(), {5, 6}),
        ({0, 1, 2, 3, 4, 5}, {6}),
    ],
)
def test_rest_days_are_sunday_first_and_no_more_than_the_regime_leaves(
    world: SmallWorld, worked: set[int], rest: set[int]
) -> None:
    """An absence of a week shows two rest days and five dashes: it says nothing of why."""
    week = [MONDAY + dt.timedelta(days=n) for n in range(7)]
    ana = Mediator.get(Mediator.code == "ana")
    found = wall_map._rest_days(ana, {week[one] for one in worked}, week)
    assert found == {week[one] for one in rest}


def test_a_month_is_one_s_own_or_one_s_coordinator_s(
    world: SmallWorld, roster_id: int, now: dt.datetime
) -> None:
    ana, *_rest, eva = world.mediators
    pdf, name = wall_map.month_sheet(who(world.mediator), None, "2026-03", now)
    assert pdf.startswith(b"%PDF-")
    assert name == "escala-ana-2026-03.pdf"
    assert wall_map.month_sheet(who(world.coordinator), ana.id, None, now)[0] == pdf
    assert wall_map.month_sheet(who(world.azores_coordinator), eva.id, None, now)
    for email, mediator in ((world.azores_coordinator, ana), (world.other_mediator, ana)):
        with pytest.raises(Forbidden):
            wall_map.month_sheet(who(email), mediator.id, None, now)
    with pytest.raises(NotFound):
        wall_map.month_sheet(who(world.mediator), None, "2026-99", now)


def test_the_rest_days_of_a_month_are_those_of_whole_published_weeks(
    world: SmallWorld, now: dt.datetime
) -> None:
    """The week from 30 March is published; its Saturday and Sunday lie in April, so the last two
    days of March are no rest days, though nothing is worked on them."""
    week = dt.date(2026, 3, 30)
    made = draft(world, [("ana", "lisbon", 2, 9, 13)], now, week=week).id
    publish(world.system, made, now)
    ana = Mediator.get(Mediator.code == "ana")
    march = wall_map._rest_of_weeks(ana, dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    assert march == frozenset()
    april = wall_map._rest_of_weeks(ana, dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    assert april == {dt.date(2026, 4, 4), dt.date(2026, 4, 5)}


def test_a_name_in_any_script_comes_out(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    ana.called_name = "Марія علي 王"
    ana.save()
    made = draft(world, [("ana", "lisbon", 0, 9, 13)], now).id
    publish(world.system, made, now)
    pdf, _name = wall_map.schedule_map(who(world.coordinator), made, "lisbon")
    assert len(io.BytesIO(pdf).getvalue()) > 5_000


def test_a_field_route_stands_in_the_month(
    world: SmallWorld, roster_id: int, now: dt.datetime
) -> None:
    stop = StopFacts(place="Praça", from_minute=10 * 60, until_minute=12 * 60)
    sunday = MONDAY + dt.timedelta(days=6)
    facts = RouteFacts(
        office_id=world.lisbon.id, date=sunday, name="Sul", leaves_minute=9 * 60,
        returns_minute=13 * 60, stops=(stop,),
    )  # fmt: skip
    ana = world.mediators[0]
    route = field_routes.create_route(world.system, facts, now)
    month = f"{MONDAY:%Y-%m}"
    without, _name = wall_map.month_sheet(who(world.mediator), None, month, now)
    field_crew.assign(world.system, route, ana.id, now)
    pdf, _name = wall_map.month_sheet(who(world.mediator), None, month, now)
    assert len(pdf) > len(without)
    assert sunday not in wall_map._rest_of_weeks(ana, MONDAY, sunday)
