"""A few kills at random moments; `python tests/bench/bench_faults.py` does hundreds."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from pathlib import Path

import pytest
from fault_house import House, house_on
from fault_place import OUTCOMES, actor_with
from fault_places import Build
from fault_rounds import check_everything, kills
from postgresql_server import PostgresqlServer

from app.models import Role, Roster, Run, Worker, database
from app.services import rosters

KILLS = {"sqlite": 3, "postgresql": 2}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_and_nothing_done_twice(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The moments differ from run to run; a failure tells its seed."""
    server: PostgresqlServer | None = None
    if kind == "postgresql":
        server = request.getfixturevalue("server_to_kill")
    with house_on(kind, tmp_path, server) as house:
        done = list(kills(house, seed=secrets.randbelow(1_000_000), count=KILLS[kind]))
    assert len(done) == KILLS[kind]
    assert {one.outcome for one in done} <= set(OUTCOMES)


@pytest.fixture
def server_to_kill() -> PostgresqlServer:
    """A server of this test's own: the suite's is left alone."""
    with PostgresqlServer() as server:
        yield server


def test_two_workers_share_the_runs_and_do_none_twice(
    tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    with house_on("postgresql", tmp_path, postgresql) as house:
        place = Build(house)
        place.prepare(0)
        house.worker("second worker")
        house.until(two_are_there, "the second worker does not come")
        asked = ask_builds(house, place, 6)
        ended = [house.wait_for_run(one) for one in asked]
        check_everything(house)
        with database.connection_context():
            assert Roster.select().count() == len(asked)
    assert {run.attempt for run in ended} == {1}
    by_owner = Counter(run.owner for run in ended)
    assert len(by_owner) == 2, "both took some"


def two_are_there() -> bool:
    with database.connection_context():
        return bool(Worker.select().count() == 2)


def ask_builds(house: House, place: Build, count: int) -> list[int]:
    with database.connection_context():
        actor = actor_with(Role.COORDINATOR)
        now = dt.datetime.now(dt.UTC)
        asked = [
            rosters.ask_build(actor, house.world.group.id, place.week, now, name=f"b{n}", seconds=1)
            for n in range(count)
        ]
        assert Run.select().count() == count
    return asked
