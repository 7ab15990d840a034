"""The reception's page by form posts, as without script, and by parts, as with it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import Arrival, ArrivalOutcome


@pytest.fixture
def desk(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.mediator)
    client.post("/language", data={"locale": "en"})
    return client


def press(client: FlaskClient, who: str = "uk:legal", key: str = "abcdefgh12", **more: str):
    return client.post("/intake", data={"office": "lisbon", "press": key, "who": who}, **more)


def total() -> int:
    return sum(one.count for one in Arrival.select())


def test_the_page_offers_every_language_with_every_need(desk: FlaskClient) -> None:
    page = desk.get("/intake").text
    offered = re.findall(r'name="who" value="([^"]+)"', page)
    assert sorted(offered) == sorted(
        f"{language}:{need}"
        for language in ("pt", "en", "uk", "ru", "zh", "kea")
        for need in ("general", "legal")
    )
    assert "Reception: Lisboa" in page


def test_each_page_brings_a_press_id_of_its_own(desk: FlaskClient) -> None:
    ids = {
        re.search(r'name="press" value="(\w+)"', desk.get("/intake").text).group(1)  # type: ignore[union-attr]
        for _time in range(2)
    }
    assert len(ids) == 2


def test_a_press_is_counted_shown_and_taken_back(desk: FlaskClient) -> None:
    assert press(desk).status_code == 302
    page = desk.get("/intake").text
    assert "Ukrainian · Legal support" in page
    assert "<strong>1</strong> counted here today" in page
    assert total() == 1
    desk.post("/intake/undo", data={"office": "lisbon", "press": "abcdefgh12"})
    assert "Ukrainian · Legal support" not in desk.get("/intake").text
    assert total() == 0


def test_the_form_sent_twice_counts_once(desk: FlaskClient) -> None:
    press(desk)
    press(desk)
    assert total() == 1


def test_an_outcome_without_a_sound_wait_says_what_is_expected(desk: FlaskClient) -> None:
    press(desk)
    sent = {"office": "lisbon", "press": "abcdefgh12", "outcome": "served"}
    page = desk.post("/intake/outcome", data=sent | {"minutes": "soon"}, follow_redirects=True)
    assert "Wait in minutes: expected a whole number from 0 to 600" in page.text
    assert not ArrivalOutcome.select().exists()
    page = desk.post("/intake/outcome", data=sent | {"minutes": "7"}, follow_redirects=True)
    assert "received, after 7\u00a0min" in page.text
    assert ArrivalOutcome.get().waited_minutes == 7


def test_with_script_only_the_part_that_changed_comes_back(desk: FlaskClient) -> None:
    answer = press(desk, headers={"X-Part": "last"})
    assert answer.status_code == 200
    assert "Ukrainian · Legal support" in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("who", ["", "uk", "xx:legal", "uk:xx"])
def test_what_is_unknown_is_refused_and_not_counted(desk: FlaskClient, who: str) -> None:
    assert press(desk, who).status_code == 400
    assert total() == 0
