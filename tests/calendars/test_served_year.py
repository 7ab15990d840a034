"""A year of published shifts in Lisbon and the Azores, served by the product, read by clients.

`test_clients` reads what the library writes; here the roster is in the database and the feed comes
from its address, before and after a new version.
"""

from __future__ import annotations

import datetime as dt
import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from flask import Flask
from icalendar import Calendar
from khal_client import Khal
from published import Shift, write_roster
from small_world import SmallWorld
from werkzeug.serving import make_server

from app.models import Mediator, Office, User
from app.services import feeds
from app.services.rights import actor_of

WEEK = dt.timedelta(weeks=1)
WALL = "%Y-%m-%d %H:%M"
Hours = set[tuple[str, str]]


def publish_year(
    world: SmallWorld, person: Mediator, office: Office, first: dt.date, version: int = 1
) -> Hours:
    """Five shifts a week, their hours moving about; the second version begins an hour later on
    Mondays and has no Wednesdays."""
    told: Hours = set()
    for number in range(52):
        monday = first + number * WEEK
        shifts = []
        for day in range(5):
            if version == 2 and day == 2:
                continue
            start = 8 + (number + day) % 3 + (version == 2 and day == 0)
            clock = f"{start:02}:{30 * (day % 2):02}", f"{start + 8:02}:{30 * (day % 2):02}"
            date = monday + dt.timedelta(days=day)
            shifts.append(
                Shift(person, office, date, *clock, (f"{start + 4}:00", f"{start + 5}:00"),
                      sequence=version - 1)
            )  # fmt: skip
            told.add((f"{date} {clock[0]}", f"{date} {clock[1]}"))
        write_roster(world, monday, shifts, version=version)
    return told


@pytest.mark.parametrize("place", ["lisbon", "azores"])
def test_every_client_shows_the_hours_of_the_roster(
    app: Flask,
    world: SmallWorld,
    node: Callable[..., Any],
    place: str,
    tmp_path: Path,
) -> None:
    office: Office = getattr(world, place)
    person = world.mediators[0]
    now = dt.datetime.now(dt.UTC)  # the page reads the clock
    # A quarter of the past at least, three quarters ahead: both changes of the clocks lie inside.
    first = now.date() - dt.timedelta(days=now.weekday()) - 8 * WEEK
    actor = actor_of(User.get(User.email == world.mediator))
    made = feeds.create_feed(
        actor, name="Phone", locale="pt", details=True, keep_cancelled=False, now=now
    )
    client = app.test_client(use_cookies=False)
    tag = ""
    with served(app) as address:
        khal = Khal(tmp_path, f"{address}/feeds/{made.token}.ics", office.zone)
        for version in (1, 2):
            given = publish_year(world, person, office, first, version)
            asked = {"Accept-Encoding": "gzip", "If-None-Match": tag}
            answer = client.get(f"/feeds/{made.token}.ics", headers=asked)
            assert answer.status_code == 200
            tag = answer.headers["ETag"]
            body = gzip.decompress(answer.data)
            assert len(body) < 1_000_000
            assert by_icalendar(body, office.zone) == given
            read = node("read_feed.mjs", body, office.zone)["events"]
            assert {(one["start"], one["end"]) for one in read} == given
            assert {one["sequence"] for one in read} == {version - 1}
            shown = khal.shows(first, 7 * 53)
            assert {(start, end) for start, end, _title in shown} == given
            again = client.get(f"/feeds/{made.token}.ics", headers={"If-None-Match": tag})
            assert again.status_code == 304


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The product on a port of its own, for programs that are not ours."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def by_icalendar(body: bytes, zone: str) -> Hours:
    found = recurring_ical_events.of(Calendar.from_ical(body))
    now = dt.datetime.now(dt.UTC)
    return {
        (
            f"{one['DTSTART'].dt.astimezone(ZoneInfo(zone)):{WALL}}",
            f"{one['DTEND'].dt.astimezone(ZoneInfo(zone)):{WALL}}",
        )
        for one in found.between(now - dt.timedelta(days=400), now + dt.timedelta(days=400))
    }
