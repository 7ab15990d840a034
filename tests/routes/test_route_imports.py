"""Bringing in a file by the pages: upload, which column is which, bad rows, counted."""

from __future__ import annotations

import datetime as dt
import html
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import Arrival

GOOD = "office;when;language;need\nlisbon;2026-03-02 09:10;uk;legal\nlisbon;2026-03-02 09:20;pt;\n"


@pytest.fixture
def desk(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


def upload(client: FlaskClient, text: str):
    sent = {"file": (io.BytesIO(text.encode()), "march.csv")}
    return client.post("/intake/import", data=sent, content_type="multipart/form-data")


COLUMNS = {
    "column-office": "0",
    "column-date": "1",
    "column-language": "2",
    "column-need": "3",
}


def test_a_file_is_seen_its_columns_told_and_counted_once(desk: FlaskClient) -> None:
    address = upload(desk, GOOD).location
    page = desk.get(address).text
    assert "a column for it" in page, "nothing is called a date"
    page = desk.post(address, data=COLUMNS | {"do": "look"}).text
    assert "Bring in 2 visitors" in page
    assert not Arrival.select().exists()
    answer = desk.post(address, data=COLUMNS | {"do": "import"}, follow_redirects=True)
    assert "2 visitors are counted." in answer.text
    assert sum(one.count for one in Arrival.select()) == 2
    assert desk.get(address).status_code == 404, "the file is let go"


def test_what_is_no_longer_in_a_corrected_file_goes_where_one_says_so(
    desk: FlaskClient, world: SmallWorld
) -> None:
    desk.post(upload(desk, GOOD).location, data=COLUMNS | {"do": "import"})
    Arrival.create(
        office=world.lisbon, starts_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), language="uk",
        need="general", count=4,
    )  # fmt: skip
    address = upload(desk, GOOD.replace(";uk;", ";zh;")).location
    page = desk.post(address, data=COLUMNS | {"do": "look"}).text
    assert "1 count of these days that was brought in before" in page
    assert "The reception: 4 visitors were counted there" in page
    desk.post(address, data=COLUMNS | {"do": "import", "whole": "yes"})
    brought = {one.language_id for one in Arrival.select() if one.source == "import"}
    assert brought == {"zh", "pt"}


def test_bad_rows_stand_with_line_column_value_and_reason(desk: FlaskClient) -> None:
    address = upload(desk, GOOD + "lisbon;2026-03-02 09:20;klingon;\n").location
    answer = desk.post(address, data=COLUMNS | {"do": "import"})
    assert answer.status_code == 400
    row = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
    for words in (">4<", ">Language<", ">klingon<", "a language's code or name"):
        assert words in html.unescape(row)
    assert 'value="import"' not in answer.text
    assert not Arrival.select().exists()


def test_what_is_no_file_is_said_at_the_field(desk: FlaskClient) -> None:
    answer = desk.post("/intake/import", data={})
    assert answer.status_code == 400
    assert 'href="#file"' in answer.text
    assert upload(desk, "a\x00b").status_code == 400
