"""A network's week by groups: two workers make exactly the rosters that one process makes."""

from __future__ import annotations

import datetime as dt
import time

from drafts import require
from flask import Flask
from product_processes import run_command
from small_world import MONDAY, SmallWorld, build_small_world

from app.models import (
    MediatorLanguage,
    Office,
    PlanningGroup,
    Roster,
    Run,
    RunStatus,
    database,
)
from app.services import group_builds
from app.services.rosters import solver_assignments

PATIENCE_SECONDS = 60
SEED = 7


def test_two_workers_make_what_one_machine_makes(app: Flask, now: dt.datetime) -> None:
    with database.connection_context():
        world = build_small_world(now)
        _second_group(world)
        alone = {
            one.group.code: sorted(one.result.assignments)
            for one in group_builds.build_here(MONDAY, seed=SEED)
        }
        asked = group_builds.ask_group_builds(world.system, MONDAY, now, seed=SEED, seconds=60)
        assert len(asked) == len(alone) == 2
        assert all(alone.values())
    instance = app.config["ESCALA"].instance
    environment = {"ESCALA_INSTANCE": str(instance), "ESCALA_SECRET_KEY": "k" * 40}
    told = instance / "told.log"
    workers = [run_command("worker", environment=environment, told=told) for _ in range(2)]
    try:
        with database.connection_context():
            _wait_for(asked)
    finally:
        for one in workers:
            one.terminate()
        for one in workers:
            one.join(20)
    with database.connection_context():
        made = {row.group.code: sorted(solver_assignments(row)) for row in Roster.select()}
        assert made == alone


def _second_group(world: SmallWorld) -> None:
    """The Azores for themselves, with one more who speaks Ukrainian in each place."""
    group = PlanningGroup.create(code="azores", name="Açores")
    Office.update(group=group).where(Office.id == world.azores.id).execute()
    for office in (world.lisbon, world.azores):
        for day in range(5):
            require(office, day, 9, 17, ["lang:pt"])
            require(office, day, 9, 13, ["lang:uk"])
    bo = world.mediators[1]
    MediatorLanguage.create(mediator=bo, language="uk", level="working")


def _wait_for(run_ids: list[int]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        states = [row.status for row in Run.select().where(Run.id.in_(run_ids))]
        if all(one == RunStatus.DONE for one in states):
            return
        assert RunStatus.FAILED not in states
        time.sleep(0.2)
    raise AssertionError(f"not done within {PATIENCE_SECONDS} s")
