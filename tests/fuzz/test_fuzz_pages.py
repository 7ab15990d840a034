"""Pages asked with nonsense by somebody who may open them: refused in words, never a failure."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_world import SmallWorld
from test_access import TABLE, Door, objects  # noqa: F401 - a fixture

from app.config import ROOT

ASKED = 90
"""Requests a run, other ones each time; a failure tells its seed."""
NONSENSE = (
    "", " ", "0", "-1", "1", "99999999999999999999", "1e400", "NaN", "١٢", "ana", "lisbon", "uk",
    "2026-13-45", "2026-03-02", "0001-01-01", "9999-12-31", "2026-W10", "25:61", "09:30", "on",
    "'; DROP TABLE user; --", "<script>alert(1)</script>", "{{ 7*7 }}", "%00", "../../etc/passwd",
    "\ud7ff\ue000\uffff", "\u202eabc", "a" * 5000, "null", "[]", "{\"a\": 1}", "http://[",
    "a\nb", "a\x0bb", "\x1b[31m", "a\x1cb", "a\x85b", "a\u2028b",
)  # fmt: skip


def field_names() -> list[str]:
    """The names of what pages read out of requests, by their source."""
    found: set[str] = set()
    for path in (ROOT / "app" / "routes").rglob("*.py"):
        text = path.read_text()
        found |= set(re.findall(r"request\.\w+\.get(?:list)?\(\s*\"(\w+)\"", text))
        found |= set(re.findall(r"^    (\w+) = \w*(?:Field|Form)\w*\(", text, re.MULTILINE))
    return sorted(found)


def test_nonsense_is_no_failure(
    app: Flask,
    world: SmallWorld,
    objects: dict[str, object],  # noqa: F811
    sign_in: Callable[[str], FlaskClient],
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    seed = secrets.randbelow(1_000_000)
    draw = random.Random(seed)
    names = field_names()
    assert len(names) > 60
    people = (world.coordinator, world.administrator, world.mediator, world.trainer)
    clients = {one: sign_in(one) for one in people}
    doors = [
        door for name, listed in TABLE.items() if name not in LEAVING for door in listed
    ]  # fmt: skip
    for number in range(ASKED):
        door, who = draw.choice(doors), draw.choice(people)
        answer, sent = ask(clients[who], door, objects, names, draw)
        told = f"request {number} of seed {seed}: {who} {door.method} {door.path} {sent}"
        assert answer < 500, told
        if answer == 302 and number % 10 == 0 and clients[who].get("/account").status_code == 302:
            clients[who] = sign_in(who)


LEAVING = ("session.sign_out", "accounts.stop", "account.end_other_sessions", "service.ready")
"""What ends the session that asks; `ready` says 503 on purpose: no worker is alive here."""


def ask(
    client: FlaskClient,
    door: Door,
    known: dict[str, object],
    names: list[str],
    draw: random.Random,
) -> tuple[int, dict[str, str]]:
    sent = {name: draw.choice(NONSENSE) for name in draw.sample(names, 12)}
    sent |= {
        name: draw.choice([str(value).format(**known), draw.choice(NONSENSE)])
        for name, value in door.data.items()
    }
    path = door.path.format(**known)
    if door.method == "GET":
        answer = client.get(path.partition("?")[0], query_string=sent)
    else:
        answer = client.open(path, method=door.method, data=sent)
    return answer.status_code, sent


@pytest.mark.parametrize("path", ["/weeks/0001-01-01", "/weeks/9999-12-31", "/demand/9999-12-27"])
def test_the_ends_of_the_calendar_are_no_failure(
    app: Flask, world: SmallWorld, sign_in: Callable[[str], FlaskClient], path: str
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    client = sign_in(world.coordinator)
    assert client.get(path).status_code < 500
