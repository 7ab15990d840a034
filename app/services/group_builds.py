"""A whole network's week, one planning group a run: for as many workers as there are, anywhere.

Each group is a problem of its own; who is lent to another is in both, as published
(`lent_across`). Each run uses one process and a seed, and ends by the steps of its search and not
by the clock, and so comes out the same on whichever machine a worker takes it up: many workers make
exactly what one would, unless a time that was asked for cuts them off (`solver.solve`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from app.i18n import _
from app.models import Office, PlanningGroup, Requirement, database
from app.services import runs
from app.services.errors import InputFault, Invalid
from app.services.horizon import monday_of
from app.services.problem_people import AS_USUAL, BuildOptions
from app.services.rights import Actor, require_coordinator
from app.services.rosters import Built, build

PROCESSES = 1
STEPS_A_PERSON = 2000
"""Rearrangements for each mediator: for seventy people about a minute of one core."""
LONGEST_SECONDS = 3600
"""No build takes longer, whatever its steps."""


def groups_of_week(week: dt.date) -> list[PlanningGroup]:
    """Groups that have requirements in that week, by code."""
    asked = (
        Office.select(Office.group)
        .join(Requirement, on=(Requirement.office == Office.id))
        .where(Requirement.week_starts_on == week, Office.active)
    )
    return list(
        PlanningGroup.select().where(PlanningGroup.id.in_(asked)).order_by(PlanningGroup.code)
    )


def ask_group_builds(
    actor: Actor,
    week: dt.date,
    now: dt.datetime,
    *,
    seed: int = 0,
    seconds: int | None = None,
    options: BuildOptions = AS_USUAL,
) -> list[int]:
    """Queue a build of each group that has requirements in the week; the runs' ids.

    Network coordinators only. Raises Invalid for what is no Monday, or a week without any.
    """
    require_coordinator(actor)
    if week != monday_of(week):
        raise Invalid([InputFault("week", week.isoformat(), _("a Monday"))])
    groups = groups_of_week(week)
    if not groups:
        raise Invalid([InputFault("week", week.isoformat(), _("a week with requirements"))])
    with database.atomic():
        return [
            runs.ask(
                actor,
                "build",
                {
                    "group": one.id,
                    "week": week.isoformat(),
                    "options": asdict(options),
                    "name": "",
                    "seconds": seconds,
                    "seed": seed,
                    "processes": PROCESSES,
                    "steps_a_person": STEPS_A_PERSON,
                },
                now,
            )
            for one in groups
        ]


def build_here(week: dt.date, *, seed: int = 0, seconds: float = LONGEST_SECONDS) -> list[Built]:
    """The same builds one after the other in this process; writes nothing."""
    return [
        build(
            one,
            week,
            AS_USUAL,
            seconds=seconds,
            workers=PROCESSES,
            seed=seed,
            steps_a_person=STEPS_A_PERSON,
        )
        for one in groups_of_week(week)
    ]
