"""A kept feed is answered before Flask, as Flask would answer; a changed one never is."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from email.utils import format_datetime

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient
from published import Shift, write_roster
from small_world import SmallWorld

from app.models import Assignment, FeedDocument, FeedToken, User
from app.request_watch import RequestWatch
from app.routes.feed_door import FeedDoor
from app.services import feeds
from app.services.rights import actor_of


@pytest.fixture
def address(world: SmallWorld, now: dt.datetime) -> str:
    today = dt.datetime.now(dt.UTC).date()
    week = today - dt.timedelta(days=today.weekday())
    write_roster(world, week, [Shift(world.mediators[0], world.lisbon, week)])
    actor = actor_of(User.get(User.email == world.mediator))
    made = feeds.create_feed(
        actor, name="Phone", locale="pt", details=True, keep_cancelled=False, now=now
    )
    return f"/feeds/{made.token}.ics"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


@pytest.fixture
def through_flask(app: Flask) -> Iterator[list[str]]:
    """The addresses that reach the application itself."""
    seen: list[str] = []

    def note(_app: Flask, **_of: object) -> None:
        seen.append(request.path)

    with request_started.connected_to(note, app):
        yield seen


@pytest.mark.parametrize("encoding", ["gzip", "identity", "gzip;q=0", "br", "*", ""])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_short_way_answers_as_the_long_one(
    client: FlaskClient, address: str, through_flask: list[str], encoding: str, method: str
) -> None:
    asked = {"Accept-Encoding": encoding}
    long = client.open(address, method=method, headers=asked)
    assert len(through_flask) == 1, "written anew by the application"
    short = client.open(address, method=method, headers=asked)
    assert len(through_flask) == 1, "answered before it"
    assert (short.status_code, short.data) == (long.status_code, long.data) == (200, long.data)
    for answer in (long, short):
        # The application has looked for a session on its way; the calendar does not hang on one.
        assert "Accept-Encoding" in answer.vary
        del answer.headers["Vary"]
        assert answer.headers.pop("X-Request-Id"), "each request has its own"
    assert sorted(short.headers) == sorted(long.headers)


def test_a_known_calendar_is_a_304_by_tag_or_by_date(
    client: FlaskClient, address: str, through_flask: list[str]
) -> None:
    first = client.get(address)
    by_tag = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    by_date = client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    for answer in (by_tag, by_date):
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == first.headers["ETag"]
        assert "Content-Type" not in answer.headers
    assert first.last_modified is not None
    earlier = format_datetime(first.last_modified - dt.timedelta(seconds=1), usegmt=True)
    assert client.get(address, headers={"If-Modified-Since": earlier}).status_code == 200
    other = {"If-None-Match": '"x"', "If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(address, headers=other).status_code == 200, "a tag goes before a date"
    assert client.get(address, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    assert len(through_flask) == 1


def test_a_change_is_seen_by_the_next_fetch(client: FlaskClient, address: str) -> None:
    first = client.get(address)
    Assignment.delete().execute()
    for name, header in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        after = client.get(address, headers={name: first.headers[header]})
        assert (after.status_code, b"VEVENT" in after.data) == (200, False)


def test_a_stopped_address_leads_nowhere_at_once(
    client: FlaskClient,
    address: str,
    world: SmallWorld,
    sign_in: Callable[[str], FlaskClient],
) -> None:
    client.get(address)
    sign_in(world.mediator).post("/me/feeds/1/rotate")
    assert client.get(address).status_code == 404
    row = FeedToken.get()
    assert row.fetched_at is None, "the old address's fetches are not the new one's"


def test_an_account_closed_or_deleted_ends_its_feeds(
    client: FlaskClient, address: str, world: SmallWorld
) -> None:
    client.get(address)
    User.update(active=False).where(User.email == world.mediator).execute()
    assert client.get(address).status_code == 404


def test_the_contents_change_behind_the_same_address(
    client: FlaskClient,
    address: str,
    world: SmallWorld,
    sign_in: Callable[[str], FlaskClient],
) -> None:
    first = client.get(address)
    ana = sign_in(world.mediator)
    wrong = ana.post("/me/feeds/1", data={"name": "", "locale": "xx", "details": "busy"})
    assert wrong.status_code == 400
    assert client.get(address).data == first.data
    ana.post("/me/feeds/1", data={"name": "Phone", "locale": "en", "details": "busy"})
    after = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200
    assert b"SUMMARY:Busy" in after.data


def test_a_thousand_fetches_are_a_few_notes(app: Flask, address: str, client: FlaskClient) -> None:
    """The first is noted at once, what follows within the second together."""
    client.get(address)
    watch = app.wsgi_app
    assert isinstance(watch, RequestWatch)
    door = watch.application
    assert isinstance(door, FeedDoor)
    row = FeedToken.get()
    door.notes.flush()
    begun = dt.datetime.now(dt.UTC)
    for n in range(1000):
        door.notes.add(row.id, row.token_hash, begun + dt.timedelta(milliseconds=n))
    assert FeedToken.get().fetched_at < begun
    deadline = time.monotonic() + 30
    while FeedToken.get().fetched_at < begun and time.monotonic() < deadline:
        time.sleep(0.05)
    assert FeedToken.get().fetched_at == begun + dt.timedelta(milliseconds=999)
    assert FeedDocument.select().count() == 1
