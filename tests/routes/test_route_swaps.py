"""A swap through the pages: offered on the phone, agreed, decided by a coordinator."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from drafts import draft
from flask.testing import FlaskClient
from open_week import first_open_week
from small_world import SmallWorld

from app.models import Assignment, Roster, RosterStatus, Swap, SwapStatus
from app.services import rosters

NOW = dt.datetime.now(dt.UTC)  # pages read the clock


@pytest.fixture
def client(sign_in: Callable[[str], FlaskClient]) -> Callable[[str], FlaskClient]:
    def signed_in(email: str) -> FlaskClient:
        found = sign_in(email)
        found.post("/language", data={"locale": "en"})
        return found

    return signed_in


@pytest.fixture
def week(world: SmallWorld) -> dt.date:
    return first_open_week(world.lisbon, NOW.date())


@pytest.fixture
def uids(world: SmallWorld, week: dt.date) -> dict[str, str]:
    picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 1, 14, 18)]
    roster = draft(world, picks, NOW, week=week)
    rosters.publish(world.system, roster.id, NOW)
    return {one.mediator.code: one.uid for one in Roster.get_by_id(roster.id).assignments}


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert not re.search(r'\sstyle="|\son\w+="|<style', answer.text)
    return html.unescape(answer.text)


def test_from_the_offer_to_the_new_version(
    client: Callable[[str], FlaskClient], world: SmallWorld, uids: dict[str, str], week: dt.date
) -> None:
    ana, bo, coordinator = map(client, (world.mediator, world.other_mediator, world.coordinator))
    assert f"/swaps/new/{uids['ana']}" in page(ana, "/swaps")
    text = page(ana, f"/swaps/new/{uids['ana']}")
    assert "Bo takes it" in text
    choice = f"{world.mediators[1].id}:{uids['bo']}"
    assert f'value="{choice}"' in text
    ana.post(f"/swaps/new/{uids['ana']}", data={"choice": choice})
    swap = Swap.get()
    assert "Ana asks you to take a shift" in page(bo, "/messages")
    assert "in return for" in page(bo, f"/swaps/{swap.id}")
    bo.post(f"/swaps/{swap.id}/accept", data={"choice": choice})
    assert "agreed, a coordinator decides" in page(ana, "/swaps")
    text = page(coordinator, "/requests")
    assert "Ana and Bo" in text
    assert "no cover is lost" in text
    coordinator.post(f"/swaps/{swap.id}/approve")
    assert "a new version of the week is published" in page(coordinator, "/requests")
    published = Roster.get(Roster.status == RosterStatus.PUBLISHED)
    days = {one.mediator.code: (one.date - week).days for one in published.assignments}
    assert days == {"ana": 1, "bo": 0}
    assert "14:00–18:00" in page(ana, "/me")


def test_a_choice_not_listed_is_refused(
    client: Callable[[str], FlaskClient], world: SmallWorld, uids: dict[str, str], week: dt.date
) -> None:
    ana = client(world.mediator)
    dina = world.mediators[3].id
    for sent in ({}, {"choice": str(dina)}, {"choice": "nobody:x"}):
        answer = ana.post(f"/swaps/new/{uids['ana']}", data=sent)
        assert answer.status_code == 400
        assert 'href="#choice-0"' in answer.text
    assert Swap.select().count() == 0


def test_an_open_offer_is_taken_back(
    client: Callable[[str], FlaskClient], world: SmallWorld, uids: dict[str, str], week: dt.date
) -> None:
    ana, bo = client(world.mediator), client(world.other_mediator)
    ana.post(f"/swaps/new/{uids['ana']}", data={"choice": "everyone"})
    swap = Swap.get()
    assert "offered to everyone who may take it" in page(bo, "/swaps")
    ana.post(f"/swaps/{swap.id}/withdraw")
    assert Swap.get().status == SwapStatus.WITHDRAWN
    assert bo.get(f"/swaps/{swap.id}").status_code == 404
    assert "The offer is taken back" in page(ana, "/swaps")


def test_a_coordinator_does_it_for_someone(
    client: Callable[[str], FlaskClient], world: SmallWorld, uids: dict[str, str], week: dt.date
) -> None:
    coordinator, caio = client(world.coordinator), world.mediators[2]
    assert uids["bo"] in page(coordinator, f"/swaps?mediator={world.mediators[1].id}")
    coordinator.post(f"/swaps/new/{uids['bo']}", data={"choice": str(caio.id)})
    swap = Swap.get()
    coordinator.post(f"/swaps/{swap.id}/accept", data={"choice": str(caio.id)})
    coordinator.post(f"/swaps/{swap.id}/approve")
    published = Roster.get(Roster.status == RosterStatus.PUBLISHED)
    taken = Assignment.get(Assignment.roster == published, Assignment.mediator == caio)
    assert (taken.date - week).days == 1


def test_without_any_swap_each_reader_is_told_what_comes_here(
    client: Callable[[str], FlaskClient], world: SmallWorld
) -> None:
    assert "Offer one of the shifts below" in page(client(world.mediator), "/swaps")
    desk = page(client(world.coordinator), "/swaps")
    assert "Offer one of the shifts below" not in desk
    assert "To offer a shift for somebody, choose them below." in desk
    assert 'class="btn btn-quiet" href="/requests' in desk


def test_a_shift_that_nobody_may_take_has_no_way_to_offer_it(
    client: Callable[[str], FlaskClient], world: SmallWorld, week: dt.date
) -> None:
    picks = [(who, "lisbon", 0, 9, 13) for who in ("ana", "bo", "caio")]
    rosters.publish(world.system, draft(world, picks, NOW, week=week).id, NOW)
    text = page(client(world.mediator), "/swaps")
    assert "No colleague may take it, nor swap it" in text
    assert "/swaps/new/" not in text
