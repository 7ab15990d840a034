"""The links at the top: side by side for few, in menus for many, nothing that may not be opened."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from small_world import MONDAY, SmallWorld

SignIn = Callable[[str], FlaskClient]


def top(client: FlaskClient, path: str) -> str:
    client.post("/language", data={"locale": "en"})
    page = client.get(path, follow_redirects=True).get_data(as_text=True)
    found = re.search(r'<nav aria-label="Main">.*?</nav>', page, re.S)
    assert found, path
    return found.group()


def test_a_mediator_has_links_side_by_side(world: SmallWorld, sign_in: SignIn) -> None:
    found = top(sign_in(world.mediator), "/me")
    assert "<details" not in found
    assert 'aria-current="page">My shifts' in found


def test_a_coordinator_has_one_row_of_menus(world: SmallWorld, sign_in: SignIn) -> None:
    found = top(sign_in(world.coordinator), f"/weeks/{MONDAY}?office=lisbon")
    names = re.findall(r"<summary[^>]*>([^<]+)</summary>", found)
    assert names == ["Today", "Week", "People", "Training", "Reports"]
    assert 'aria-current="page">One office' in found
    assert '<summary class="current">Week<' in found


@pytest.mark.parametrize("role", ["coordinator", "administrator", "trainer", "association"])
def test_every_link_opens_and_only_one_is_current(
    world: SmallWorld, sign_in: SignIn, role: str
) -> None:
    client = sign_in(getattr(world, role))
    for url in re.findall(r'href="([^"]+)"', top(client, "/messages")):
        answer = client.get(url, follow_redirects=True)
        assert answer.status_code == 200, url
        shown = re.search(r'<nav aria-label="Main">.*?</nav>', answer.text, re.S)
        assert shown
        assert shown.group().count('aria-current="page"') == 1, url
