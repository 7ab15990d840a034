"""A mediator's own pages: the shifts, and the calendars that follow them."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from published import Shift, write_roster
from small_world import SmallWorld

from app.models import FeedToken

TODAY = dt.date.today()  # noqa: DTZ011 - a page reads the clock
THIS_WEEK = TODAY - dt.timedelta(days=TODAY.weekday())
NEXT_WEEK = THIS_WEEK + dt.timedelta(weeks=1)


@pytest.fixture
def ana(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.mediator)
    client.post("/language", data={"locale": "en"})
    return client


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_the_next_shift_first_then_the_weeks(ana: FlaskClient, world: SmallWorld) -> None:
    me, other = world.mediators[0], world.mediators[1]
    write_roster(
        world,
        NEXT_WEEK,
        [
            Shift(me, world.lisbon, NEXT_WEEK, "09:30", "18:00", ("13:00", "14:00")),
            Shift(other, world.lisbon, NEXT_WEEK),
            Shift(me, world.azores, NEXT_WEEK + dt.timedelta(days=2), "08:00", "12:00", None),
        ],
    )
    text = page(ana, "/me")
    hero, weeks = text.split('class="totals"')
    assert "09:30–18:00" in hero
    assert "13:00–14:00" in hero
    assert "Lisboa" in hero
    assert "Bo" in hero
    assert "7\u00a0h\u00a030" in hero
    assert "08:00–12:00" in weeks
    assert "Ponta Delgada" in weeks
    assert "11\u00a0h\u00a030" in weeks, "hours of the week"
    assert "The roster of this week is not published yet." in weeks
    assert weeks.count("Day off") == 5


def test_the_day_is_drawn_to_scale_with_the_break_left_open(
    ana: FlaskClient, world: SmallWorld
) -> None:
    """From 7:00: 9:30 lies 150 minutes in, the break leaves an hour."""
    me = world.mediators[0]
    write_roster(
        world,
        NEXT_WEEK,
        [Shift(me, world.azores, NEXT_WEEK, "09:30", "18:00", ("13:00", "14:00"))],
    )
    drawn = re.findall(r'<rect class="strip-away" x="(\d+)" width="(\d+)"', page(ana, "/me"))
    assert drawn == [("150", "210"), ("420", "240")]


def test_no_roster_says_what_will_be_here(ana: FlaskClient) -> None:
    text = page(ana, "/me")
    assert "No shift ahead" in text
    assert 'href="/me/feeds"' in text


def test_nothing_breaks_the_content_security_policy(ana: FlaskClient, world: SmallWorld) -> None:
    write_roster(world, NEXT_WEEK, [Shift(world.mediators[0], world.lisbon, NEXT_WEEK)])
    ana.post("/me/feeds", data={"name": "Phone", "locale": "en", "details": "details"})
    for path in ("/me", "/me/feeds"):
        text = ana.get(path).text
        assert not re.search(r'\sstyle="|\son\w+="|<style', text)
        assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_the_address_is_shown_once_with_link_copy_and_code(ana: FlaskClient) -> None:
    made = ana.post("/me/feeds", data={"name": "My phone", "locale": "en", "details": "busy"})
    assert made.headers["Location"] == "/me/feeds"
    first, second = page(ana, "/me/feeds"), page(ana, "/me/feeds")
    (token,) = set(re.findall(r"/feeds/([\w-]{43})\.ics", first))
    assert f"webcal://127.0.0.1:8000/feeds/{token}.ics" in first
    assert f'value="http://127.0.0.1:8000/feeds/{token}.ics"' in first
    assert 'class="segno"' in first
    assert token not in second
    assert "My phone" in second
    assert "not fetched yet" in second
    row = FeedToken.get()
    assert (row.name, row.details, row.locale) == ("My phone", False, "en")
    assert ana.get(f"/feeds/{token}.ics").status_code == 200
    assert "Last fetched" in page(ana, "/me/feeds")


def test_a_new_address_ends_the_old_one(ana: FlaskClient) -> None:
    ana.post("/me/feeds", data={"name": "Phone", "locale": "en", "details": "details"})
    (old,) = set(re.findall(r"/feeds/([\w-]{43})\.ics", page(ana, "/me/feeds")))
    ana.post("/me/feeds/1/rotate")
    (new,) = set(re.findall(r"/feeds/([\w-]{43})\.ics", page(ana, "/me/feeds")))
    assert ana.get(f"/feeds/{old}.ics").status_code == 404
    assert ana.get(f"/feeds/{new}.ics").status_code == 200
    ana.post("/me/feeds/1/revoke")
    text = page(ana, "/me/feeds")
    assert "has stopped" in text
    assert "No calendar follows your shifts yet" in text
    assert ana.get(f"/feeds/{new}.ics").status_code == 404


def test_all_faults_at_once_and_what_was_typed_stays(ana: FlaskClient) -> None:
    name = "x" * 61
    answer = ana.post("/me/feeds", data={"name": name, "locale": "xx", "keep_cancelled": "y"})
    text = html.unescape(answer.text)
    assert answer.status_code == 400
    assert 'href="#name"' in text
    assert 'href="#locale-0"' in text
    assert f'value="{name}"' in text
    assert re.search(r'<input checked[^>]*id="keep_cancelled"', text)
    assert FeedToken.select().count() == 0
