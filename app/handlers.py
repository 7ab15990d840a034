"""What each kind of run does. Long work first, then a commit that writes it all at once."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from app.config import Settings
from app.models import PlanningGroup, User
from app.runs import Commit, Handler, RunContext
from app.services import (
    accuracy_view,
    erasure,
    placing,
    planning,
    rosters,
    waiting_run,
    week_rows,
)
from app.services.group_builds import LONGEST_SECONDS
from app.services.problems import BuildOptions
from app.services.rights import SYSTEM, Actor, actor_of
from solver.result import Progress


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _asker(context: RunContext) -> Actor:
    user = User.get_or_none(User.id == context.asked_by) if context.asked_by else None
    return actor_of(user) if user else SYSTEM


def build(settings: Settings, context: RunContext) -> Commit:
    """Solve a group's week and keep it as a draft."""
    parameters = context.parameters
    steps = parameters.get("steps_a_person")
    # What ends by its steps is not to be cut off by the clock.
    usual = LONGEST_SECONDS if steps else settings.solve_seconds

    def on_progress(progress: Progress) -> None:
        context.report(
            seconds=round(progress.seconds, 1),
            cost=progress.cost,
            bound=progress.bound,
            step=progress.step,
        )

    built = rosters.build(
        PlanningGroup.get_by_id(parameters["group"]),
        dt.date.fromisoformat(parameters["week"]),
        BuildOptions(**parameters.get("options", {})),
        seconds=parameters.get("seconds") or usual,
        workers=parameters.get("processes") or settings.solve_workers,
        seed=parameters.get("seed") or 0,
        steps_a_person=steps,
        on_progress=on_progress,
        should_stop=context.should_stop,
        now=_now(),
    )

    def commit() -> dict[str, Any]:
        roster_id = rosters.save_draft(_asker(context), built, _now(), parameters.get("name", ""))
        return {
            "roster": roster_id,
            "cost": built.judgement.cost,
            "bound": built.result.bound,
            "violations": len(built.judgement.violations),
        }

    return commit


def forecast(context: RunContext) -> Commit:
    """Foresee a week's arrivals and derive its requirements."""
    group = PlanningGroup.get_by_id(context.parameters["group"])
    week = dt.date.fromisoformat(context.parameters["week"])

    def on_office(done: int, of: int) -> None:
        context.report(step="forecast", done=done, of=of)

    made_at = _now()
    prepared = planning.prepare_forecast(group, week, made_at, on_office)
    foreseen = week_rows.forecast_rows(prepared, made_at)
    context.report(step="requirements")
    derived = week_rows.derive(prepared)

    def commit() -> dict[str, Any]:
        now = _now()
        forecasts = week_rows.save_forecast(foreseen)
        requirements = week_rows.save_requirements(derived)
        seconds = context.parameters.get("build_seconds")
        if seconds and requirements:
            rosters.ask_build(_asker(context), group.id, week, now, seconds=seconds)
        return {"forecasts": forecasts, "requirements": requirements}

    return commit


def erase(context: RunContext) -> Commit:
    """Erase a mediator: look where they stand, then take them out everywhere at once."""
    mediator_id = context.parameters["mediator"]

    def on_part(done: int, of: int) -> None:
        context.report(step="erasure", done=done, of=of)

    found = erasure.traces_of(mediator_id, on_part)

    def commit() -> dict[str, Any]:
        erasure.erase_mediator(_asker(context), mediator_id, found, _now())
        return {}

    return commit


def handlers_for(settings: Settings) -> dict[str, Handler]:
    """Each kind of run and what carries it out."""
    return {
        "build": partial(build, settings),
        "forecast": forecast,
        "waiting": waiting_run.simulate_week,
        "backtest": accuracy_view.back_test,
        placing.KIND: placing.search,
        erasure.KIND: erase,
    }
