"""The public address of a feed: what a calendar client asks and gets."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from published import Shift, write_roster
from small_world import PASSWORD, SmallWorld

from app.models import Assignment, FeedDocument, FeedToken, Screen, User
from app.services import feeds, screens
from app.services.rights import actor_of

DAY = dt.date.today() + dt.timedelta(days=3)  # noqa: DTZ011 - a page reads the clock
WEEK = DAY - dt.timedelta(days=DAY.weekday())


@pytest.fixture
def address(world: SmallWorld, now: dt.datetime) -> str:
    write_roster(world, WEEK, [Shift(world.mediators[0], world.lisbon, DAY)])
    actor = actor_of(User.get(User.email == world.mediator))
    made = feeds.create_feed(
        actor, name="Phone", locale="pt", details=True, keep_cancelled=False, now=now
    )
    return f"/feeds/{made.token}.ics"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A calendar: no session, no cookies."""
    return app.test_client(use_cookies=False)


def test_a_feed_is_a_calendar_without_signing_in(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert answer.headers["Last-Modified"]
    assert "Set-Cookie" not in answer.headers
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert answer.data.count(b"BEGIN:VEVENT") == 1


def test_a_language_that_is_offered_no_more_gives_way_to_the_first(
    client: FlaskClient, address: str, app: Flask, world: SmallWorld, now: dt.datetime
) -> None:
    """Of a feed, of the page that lists it, and of a screen."""
    coordinator = actor_of(User.get(User.email == world.coordinator))
    _id, token = screens.create_screen(coordinator, world.lisbon.id, "Door", "en", now)
    in_portuguese = client.get(address).data
    for table in (FeedToken, Screen):
        table.update(locale="xx").execute()
    FeedDocument.delete().execute()
    assert client.get(address).data == in_portuguese
    screen = client.get(f"/now/screen/{token}")
    assert (screen.status_code, '<html lang="pt-PT">' in screen.text) == (200, True)
    owner = app.test_client()
    owner.post("/sign-in", data={"email": world.mediator, "password": PASSWORD})
    assert "Mostra centro, horas e pausas · Português" in owner.get("/me/feeds").text


def test_two_fetches_are_the_same_bytes(client: FlaskClient, address: str) -> None:
    first, second = client.get(address), client.get(address)
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]


def test_what_is_known_is_not_sent_again(client: FlaskClient, address: str) -> None:
    tag = client.get(address).headers["ETag"]
    same = client.get(address, headers={"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["ETag"] == tag
    weak = client.get(address, headers={"If-None-Match": f'W/{tag}, "other"'})
    assert weak.status_code == 304
    other = client.get(address, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_changed_shift_is_sent_again(
    client: FlaskClient, address: str, world: SmallWorld
) -> None:
    before = client.get(address)
    Assignment.update(sequence=1, changed_at=dt.datetime.now(dt.UTC)).execute()
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.last_modified is not None
    assert before.last_modified is not None
    assert after.last_modified > before.last_modified


def test_a_dropped_shift_is_told_though_it_leaves_no_later_date(
    client: FlaskClient, address: str
) -> None:
    """Why If-Modified-Since alone is not weighed."""
    before = client.get(address)
    Assignment.delete().execute()
    after = client.get(address, headers={"If-Modified-Since": before.headers["Last-Modified"]})
    assert after.status_code == 200
    assert b"VEVENT" not in after.data


def test_compressed_when_asked(client: FlaskClient, address: str) -> None:
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"], "other bytes, other tag"
    assert "Accept-Encoding" in packed.vary
    assert "Accept-Encoding" in plain.vary
    again = client.get(
        address,
        headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]},
    )
    assert again.status_code == 304
    refused = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_head_tells_all_but_the_body(client: FlaskClient, address: str) -> None:
    got, head = client.get(address), client.head(address)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type", "Last-Modified"):
        assert head.headers[name] == got.headers[name]


def test_an_address_made_up_or_stopped_is_not_found(
    client: FlaskClient,
    address: str,
    world: SmallWorld,
    sign_in: Callable[[str], FlaskClient],
) -> None:
    assert client.get("/feeds/made-up.ics").status_code == 404
    assert client.get(address[:-5] + ".ics").status_code == 404
    assert client.get(address).status_code == 200
    stopped = sign_in(world.mediator).post("/me/feeds/1/revoke")
    assert stopped.status_code == 302
    assert client.get(address).status_code == 404
