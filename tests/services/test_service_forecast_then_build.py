"""A forecast that asks for a build when it has ended: so local centres are planned unwatched."""

from __future__ import annotations

import datetime as dt

from small_world import MONDAY, SmallWorld, log_arrivals

from app.handlers import forecast
from app.models import Requirement, Run, RunStatus
from app.runs import claim, execute
from app.services import planning


def test_a_build_follows_the_forecast_that_asks_for_it(world: SmallWorld, now: dt.datetime) -> None:
    log_arrivals(world, now.date(), days=28)
    planning.ask_forecast(world.system, world.group.id, MONDAY, now, build_seconds=7)
    run = claim("test", now)
    assert run is not None
    execute(run, {"forecast": forecast}, "test")
    assert Run.get_by_id(run.id).status == RunStatus.DONE
    assert Requirement.select().exists()
    (build,) = Run.select().where(Run.kind == "build")
    assert (build.parameters["seconds"], build.parameters["week"]) == (7, MONDAY.isoformat())
