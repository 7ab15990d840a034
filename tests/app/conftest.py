"""For tests that copy all that is kept: a database with a row in every table, and an empty one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from drafts import draft, require
from every_table import fill_every_table
from postgresql_server import PostgresqlServer
from small_world import SmallWorld

from app.models import User
from app.services import feeds, rosters
from app.services.rights import actor_of


@pytest.fixture
def feed(world: SmallWorld, now: dt.datetime) -> str:
    """A published week and more: a row in every table. The token of a feed of it."""
    require(world.lisbon, 1, 9, 13, ["lang:uk"])
    week = draft(world, [("ana", "lisbon", 1, 9, 17), ("bo", "lisbon", 2, 9, 17)], now)
    rosters.publish(world.system, week.id, now)
    ana = actor_of(User.get(User.email == world.mediator))
    token = feeds.create_feed(
        ana, name="Phone", locale="en", details=True, keep_cancelled=False, now=now
    ).token
    feeds.read_feed(token, now)
    # Not Ana: her feed could not be written of such rows.
    fill_every_table(world.mediators[-1], User.get(User.email == world.trainer))
    return token


@pytest.fixture
def other_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the other kind."""
    if database_kind == "postgresql":
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)
