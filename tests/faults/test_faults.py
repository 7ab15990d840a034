"""A few kills at random moments; `python tests/bench/bench_faults.py` does hundreds."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import signal
from collections import Counter
from pathlib import Path

import pytest
from fault_copies import Copies
from fault_house import House, Person, house_on
from fault_place import AGAIN, DONE, OUTCOMES, actor_with
from fault_places import Build
from fault_rounds import check_everything, kills
from postgresql_server import PostgresqlServer
from product_processes import run_web_server
from smtp_sink import free_port

from app.models import Role, Roster, Run, Worker, database
from app.services import rosters

KILLS = {"sqlite": 3, "postgresql": 2}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_and_nothing_done_twice(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The moments differ from run to run; a failure tells its seed."""
    # So few draws might miss the database.
    struck_first = "database" if kind == "postgresql" else ""
    with house_on(kind, tmp_path, server_for(kind, request)) as house:
        seed = secrets.randbelow(1_000_000)
        done = list(kills(house, seed, KILLS[kind], struck_first=struck_first))
    assert len(done) == KILLS[kind]
    assert not struck_first or done[0].victim == struck_first
    assert {one.outcome for one in done} <= set(OUTCOMES)


def test_copies_that_are_cut_off_leave_all_or_nothing(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A restore, a move to another database, a backup."""
    with house_on(database_kind, tmp_path, server_for(database_kind, request)) as house:
        seed = secrets.randbelow(1_000_000)
        done = list(kills(house, seed=seed, count=4, where=(Copies,)))
    assert len(done) == 4
    assert {one.outcome for one in done} <= {AGAIN, DONE}


def server_for(kind: str, request: pytest.FixtureRequest) -> PostgresqlServer | None:
    """What a house on that kind of database needs."""
    return request.getfixturevalue("server_to_kill") if kind == "postgresql" else None


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


def test_two_web_servers_are_one_service(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    """On two machines: nothing is shared but the database, and one goes on where the other ends."""
    with house_on("postgresql", tmp_path, postgresql) as house:
        house.web()
        person = Person(house, house.world.coordinator)
        first, second = house.port, free_port()
        away = tmp_path / "other machine"
        away.mkdir()
        other = run_web_server(
            second, house.environment | {"ESCALA_INSTANCE": str(away)}, house.told
        )
        try:
            house.port = second
            house.until(house.answers, "the second web server does not answer")
            assert person.get("/account")[0] == 200, "signed in at the one, at the other too"
            house.port = first
            house.kill("web")
            house.port = second
            assert person.post("/theme", theme="dark", next="/account")[0] == 302
            assert person.post("/sign-out")[0] == 302
            house.port = first
            house.web()
            assert person.get("/account")[0] == 302, "signed out at the one, at the other too"
        finally:
            os.killpg(other.pid, signal.SIGKILL)
            other.join()


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
