"""The page of a mediator's own calendar, as a reader of Portuguese sees what is wrong with it."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import OwnCalendar


@pytest.fixture
def ana(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.mediator)
    client.post("/language", data={"locale": "pt"})
    return client


def test_an_address_is_refused_in_the_reader_s_words(ana: FlaskClient) -> None:
    answer = ana.post("/me/calendar/address", data={"url": "https://a.example.org:99/a b.ics"})
    assert answer.status_code == 400
    text = html.unescape(answer.text)
    assert "esperava-se porta: um dos seguintes: 80, 443, 8008, 8080, 8443" in text
    assert "esperava-se um endereço sem espaços" in text
    assert "spaces" not in text


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (
            '[["calendar address", "answer", "500", "200 OK"]]',
            '<span class="quiet">resposta: 500; esperava-se um documento (200 OK)</span>',
        ),
        ("calendar address: answer is 500, expected 200 OK", "</div>"),
    ],
)
def test_what_a_worker_found_is_told_in_the_reader_s_words(
    ana: FlaskClient, world: SmallWorld, now: dt.datetime, kept: str, told: str
) -> None:
    """A sentence that an earlier version kept is not shown; the next try tells it anew."""
    mediator = world.mediators[0]
    OwnCalendar.create(mediator=mediator, url="sealed", added_at=now, due_at=now, fault=kept)
    text = html.unescape(ana.get("/me/calendar").text)
    _before, _start, after = text.partition("Não pôde ser lido na última tentativa.")
    assert told in after.partition("<p>")[0]
    assert "expected" not in after
