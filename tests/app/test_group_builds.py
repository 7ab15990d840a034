"""A network's week by groups: two workers make exactly the rosters that one process makes."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

from drafts import draft, require, week_problem
from flask import Flask
from product_processes import run_command
from small_world import SmallWorld, build_small_world

from app.models import (
    MediatorLanguage,
    PlanningGroup,
    Roster,
    RosterStatus,
    Run,
    RunStatus,
    User,
    database,
)
from app.services import group_builds, lending, rosters
from app.services.rights import actor_of
from app.services.rosters import solver_assignments
from solver import Assignment

PATIENCE_SECONDS = 60
SEED = 7
WEEK = dt.date(2082, 3, 9)
"""Workers read the clock: a published week that has begun would be kept as it is."""


def test_two_workers_make_what_one_machine_makes(app: Flask, now: dt.datetime) -> None:
    with database.connection_context():
        world = build_small_world(now)
        _second_group(world)
        lent = _lend(world, now)
        alone = {
            one.group.code: sorted(one.result.assignments)
            for one in group_builds.build_here(WEEK, seed=SEED)
        }
        asked = group_builds.ask_group_builds(world.system, WEEK, now, seed=SEED, seconds=60)
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
        drafts = Roster.select().where(Roster.status == RosterStatus.DRAFT)
        made = {row.group.code: sorted(solver_assignments(row)) for row in drafts}
        assert made == alone
        assert [one for one in made["azores"] if one.mediator == "ana"] == [lent]


def _second_group(world: SmallWorld) -> None:
    """The Azores for themselves, with one more who speaks Ukrainian in each place."""
    group = PlanningGroup.create(code="azores", name="Açores")
    # Within reach of Lisbon, so that somebody can be lent.
    world.azores.group, world.azores.zone = group, world.lisbon.zone
    world.azores.save()
    for office in (world.lisbon, world.azores):
        for day in range(5):
            require(office, day, 9, 17, ["lang:pt"], week=WEEK)
            require(office, day, 9, 13, ["lang:uk"], week=WEEK)
    bo = world.mediators[1]
    MediatorLanguage.create(mediator=bo, language="uk", level="working")


def _lend(world: SmallWorld, now: dt.datetime) -> Assignment:
    """Ana is lent to the other group on Monday: both weeks are published, both builds know it."""
    other = replace(world, group=world.azores.group)
    for one in (world, other):
        rosters.publish(world.system, draft(one, [], now, week=WEEK).id, now)
    shift = next(
        one.id
        for one in week_problem(other, WEEK).shifts
        if (one.office, one.day, len(one.worked)) == ("azores", 0, 8)
    )
    coordinator = actor_of(User.get(User.email == world.azores_coordinator))
    ana = world.mediators[0]
    loan = lending.ask(coordinator, ana.id, WEEK, world.azores.id, shift, "Falta", now)
    lending.agree(world.system, loan, now)
    return Assignment("ana", shift)


def _wait_for(run_ids: list[int]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        states = [row.status for row in Run.select().where(Run.id.in_(run_ids))]
        if all(one == RunStatus.DONE for one in states):
            return
        assert RunStatus.FAILED not in states
        time.sleep(0.2)
    raise AssertionError(f"not done within {PATIENCE_SECONDS} s")
