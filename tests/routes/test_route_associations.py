"""Associations: protocols, places used, people."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import Association, Protocol

TODAY = dt.date.today()  # noqa: DTZ011 - a page reads the clock
DAY = dt.timedelta(days=1)


@pytest.fixture
def desk(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Casa do Mundo",
        "code": "casa",
        "contact_name": "Rita",
        "contact_email": "rita@example.org",
        "protocols-0-starts_on": "01/01/2026",
        "protocols-0-ends_on": "31/12/2026",
        "protocols-0-places": "4",
        "protocols-1-starts_on": "",
        "protocols-1-ends_on": "",
        "protocols-1-places": "",
    } | changes


def test_adding_one_with_its_protocol(desk: FlaskClient, world: SmallWorld) -> None:
    answer = desk.post("/associations/new", data=filled())
    row = Association.get(Association.code == "casa")
    assert answer.headers["Location"] == f"/associations/{row.id}"
    (protocol,) = row.protocols
    assert (protocol.starts_on, protocol.ends_on, protocol.places) == (
        dt.date(2026, 1, 1),
        dt.date(2026, 12, 31),
        4,
    )


def test_a_line_emptied_is_a_protocol_removed(desk: FlaskClient, world: SmallWorld) -> None:
    aurora = world.associations[0]
    data = filled(
        code="aurora",
        **{"protocols-0-starts_on": "", "protocols-0-ends_on": "", "protocols-0-places": ""},
    )
    assert desk.post(f"/associations/{aurora.id}/edit", data=data).status_code == 302
    assert Protocol.select().where(Protocol.association == aurora).count() == 0
    assert "No protocol yet" in desk.get(f"/associations/{aurora.id}").text


def test_every_fault_at_once_at_its_field_and_nothing_saved(
    desk: FlaskClient, world: SmallWorld
) -> None:
    data = filled(
        name="",
        code="UPPER",
        contact_email="rita",
        **{
            "protocols-0-ends_on": "31/12/2025",
            "protocols-0-places": "0",
            "protocols-1-starts_on": "soon",
            "protocols-1-places": "few",
            "protocols-2-starts_on": "",
            "protocols-2-ends_on": "",
            "protocols-2-places": "3",
        },
    )
    answer = desk.post("/associations/new", data=data)
    assert answer.status_code == 400
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert set(re.findall(r'href="#([\w-]+)"', summary)) == {
        "name",
        "code",
        "contact_email",
        "protocols-0-ends_on",
        "protocols-0-places",
        "protocols-1-starts_on",
        "protocols-1-ends_on",
        "protocols-1-places",
        "protocols-2-starts_on",
        "protocols-2-ends_on",
    }
    assert 'value="soon"' in answer.text
    assert Association.get_or_none(Association.code == "UPPER") is None


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (0, 0, "3 of 2 places used"),
        (-1, 0, "3 of 2 places used"),
        (0, 1, "3 of 2 places used"),
        (-9, -1, "No protocol in force"),
        (1, 9, "No protocol in force"),
    ],
)
def test_a_protocol_counts_from_its_first_day_through_its_last(
    desk: FlaskClient, world: SmallWorld, first: int, last: int, told: str
) -> None:
    aurora = world.associations[0]
    Protocol.delete().execute()
    Protocol.create(
        association=aurora, starts_on=TODAY + first * DAY, ends_on=TODAY + last * DAY, places=2
    )
    text = html.unescape(desk.get(f"/associations/{aurora.id}").text)
    assert told in text
    assert ("1 too many" in text) == told.startswith("3")
    assert "Ana Exemplo" in text
    assert "Bo Exemplo" not in text


def test_a_contact_sees_the_own_one_and_cannot_change_it(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in(world.association)
    text = client.get("/associations").text
    assert "Associação Aurora" in text
    assert "Associação Ponte" not in text
    own = client.get(f"/associations/{world.associations[0].id}").text
    assert "Caio Exemplo" in own
    assert "/edit" not in own
