"""Why?, who could?, scenarios and publishing over a swap, as pages and forms without a script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from drafts import draft, require
from flask.testing import FlaskClient
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    RequestStatus,
    Roster,
    RosterStatus,
    Run,
    User,
)
from app.services import rosters, swaps, versions
from app.services.rights import actor_of

SignIn = Callable[[str], FlaskClient]
ROW = "row=lang:uk"


@pytest.fixture
def desk(world: SmallWorld, sign_in: SignIn) -> FlaskClient:
    """A coordinator of the whole network, reading English."""
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


@pytest.fixture
def short(world: SmallWorld, now: dt.datetime) -> Roster:
    """Ukrainian is asked for on Monday from nine to twelve and nobody is there; Ana could come."""
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    return draft(world, [("bo", "lisbon", 0, 9, 13)], now)


def test_a_red_stretch_leads_to_its_reasons(
    desk: FlaskClient, world: SmallWorld, short: Roster
) -> None:
    page = desk.get(f"/weeks/{MONDAY}?office=lisbon&day=0").text
    link = f"/rosters/{short.id}/why/lisbon/{MONDAY}?row=lang:uk"
    assert page.count(f'href="{link}"') == 1 + 6, "once on the board, once for each half hour"
    told = desk.get(link).text
    assert "Why is Ukrainian short?" in told
    assert "09:00–12:00: 1 missing" in told
    assert "<strong>Off, and could come:</strong> Ana" in told
    assert "would bring the cost down by 60; there all day, by 60." in told
    part = desk.get(link, headers={"X-Part": "panel"}).text
    assert "<html" not in part


def test_who_could_leads_to_one_press(desk: FlaskClient, world: SmallWorld, short: Roster) -> None:
    path = f"/rosters/{short.id}/why/lisbon/{MONDAY}"
    page = desk.get(f"{path}/who?{ROW}&slot=18").text
    assert "<strong>Ana</strong>" in page
    assert "Ukrainian: 3 h less missing" in page
    ana = world.mediators[0]
    shift = page.split('name="shift" value="')[1].split('"')[0]
    answer = desk.post(
        f"/rosters/{short.id}/change",
        data={
            "kind": "give",
            "revision": 0,
            "mediator": ana.id,
            "date": MONDAY,
            "shift": shift,
            "office": "lisbon",
        },
    )
    assert answer.status_code == 302
    assert Assignment.select().where(Assignment.mediator == ana).count() == 1
    assert "Nobody is missing here that day." in desk.get(f"{path}?{ROW}").text
    assert desk.get(f"{path}/who?{ROW}&slot=18").status_code == 404


def test_reasons_of_others_people_are_not_told(
    world: SmallWorld, now: dt.datetime, sign_in: SignIn
) -> None:
    """Ana of Lisbon may work in the Azores and is sick; who coordinates there reads a number."""
    from app.models import MediatorOffice

    ana = world.mediators[0]
    MediatorOffice.create(mediator=ana, office=world.azores)
    start = dt.datetime.combine(MONDAY, dt.time(0), dt.UTC)
    Absence.create(
        mediator=ana,
        starts_at=start,
        ends_at=start + dt.timedelta(days=1),
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    require(world.azores, 0, 10, 12, ["lang:uk"])
    made = draft(world, [], now)
    path = f"/rosters/{made.id}/why/azores/{MONDAY}?{ROW}"
    local = sign_in(world.azores_coordinator)
    local.post("/language", data={"locale": "en"})
    page = local.get(path).text
    assert "Ana" not in page
    assert "On leave or not available:</strong> 1 from other offices" in page
    everything = sign_in(world.coordinator)
    everything.post("/language", data={"locale": "en"})
    assert "On leave or not available:</strong> Ana" in everything.get(path).text


@pytest.mark.parametrize(
    "path", ["nowhere/2026-03-09", "lisbon/2026-03-20", "lisbon/monday", "azores/2026-03-09/who"]
)
def test_reasons_of_nothing_are_not_found(desk: FlaskClient, short: Roster, path: str) -> None:
    assert desk.get(f"/rosters/{short.id}/why/{path}?{ROW}").status_code == 404


def test_scenarios_are_compared_chosen_and_put_aside_with_undo(
    desk: FlaskClient, world: SmallWorld, short: Roster, now: dt.datetime
) -> None:
    other = draft(world, [("ana", "lisbon", 0, 9, 13)], now + dt.timedelta(hours=1))
    Roster.update(name="With Ana", options={"even_evenings": True}).where(
        Roster.id == other.id
    ).execute()
    week = desk.get(f"/weeks/{MONDAY}?office=lisbon").text
    assert f"/weeks/{MONDAY}/scenarios?office=lisbon" in week
    page = desk.get(f"/weeks/{MONDAY}/scenarios?office=lisbon").text
    assert "With Ana" in page
    assert "evenings and Saturdays shared more evenly" in page
    assert "3 h" in page
    answer = desk.post(
        f"/rosters/{short.id}/choose", data={"office": "lisbon", "discard_others": "1"}
    )
    after = desk.get(answer.headers["Location"]).text
    assert "Bring back" in after
    assert Roster.get_by_id(other.id).discarded_at is not None
    undo = desk.post(
        f"/rosters/{short.id}/undo-choice",
        data={"office": "lisbon", "before": other.id, "back": [other.id]},
    )
    assert undo.status_code == 302
    assert Roster.get_by_id(other.id).discarded_at is None
    assert f"Version {other.version}" in desk.get(f"/weeks/{MONDAY}?office=lisbon").text
    two = desk.get(f"/weeks/{MONDAY}/scenarios/two?first={short.id}&second={other.id}")
    assert desk.get(two.headers["Location"]).status_code == 200


def test_waits_are_asked_for_once(desk: FlaskClient, world: SmallWorld, short: Roster) -> None:
    for _press in range(2):
        desk.post(f"/weeks/{MONDAY}/scenarios/waits", data={"office": "lisbon"})
    assert Run.select().where(Run.kind == "waiting").count() == 1


def test_a_build_keeps_its_name(desk: FlaskClient, world: SmallWorld, short: Roster) -> None:
    data = {"office": "lisbon", "name": " more  even ", "even_evenings": "y"}
    assert desk.post(f"/weeks/{MONDAY}/build", data=data).status_code == 302
    asked = Run.get(Run.kind == "build").parameters
    assert asked["name"] == "more even"
    assert asked["options"] == {
        "keep_locks": False,
        "few_changes": False,
        "even_evenings": True,
        "other_offices": False,
    }
    refused = desk.post(f"/weeks/{MONDAY}/build", data={**data, "name": "x" * 61})
    assert refused.status_code == 400
    assert "at most 60 characters" in refused.text


def test_publishing_over_a_swap_asks_first_and_keeps_it_with_one_press(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    first = draft(world, [("ana", "lisbon", 2, 9, 13), ("caio", "lisbon", 3, 8, 12)], now)
    rosters.publish(world.system, first.id, now)
    old = versions.draft_from(world.system, first.id, now + dt.timedelta(hours=1))
    ana, bo = (
        actor_of(User.get(User.email == one)) for one in (world.mediator, world.other_mediator)
    )
    mine = Assignment.get(Assignment.roster == first, Assignment.mediator == world.mediators[0].id)
    swap = swaps.offer(ana, mine.uid, now, asked_id=bo.mediator_id)
    swaps.accept(bo, swap, bo.mediator_id or 0, now)
    published = swaps.approve(actor_of(User.get(User.email == world.coordinator)), swap, now)
    page = desk.get(f"/rosters/{old}/publish").text
    assert "Publishing this would undo a swap that was approved" in page
    assert "Ana gave Bo their shift of" in page
    assert desk.post(f"/rosters/{old}/publish").status_code == 409
    assert Roster.get_by_id(published).status == RosterStatus.PUBLISHED
    kept = desk.post(f"/rosters/{old}/keep-swap", data={"swap": swap, "revision": 0})
    after = desk.get(kept.headers["Location"]).text
    assert "The swap of Ana and Bo is in the draft." in after
    assert "would undo a swap" not in after
    assert "Nobody's hours change." in after
