"""The week under way: staffed like the coming one, so that "now" has somebody to show."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from peewee import chunked

import solver
from app.models import Office, PlanningGroup, Requirement, Roster, database
from app.services import rosters, standing
from app.services.openings import opening_calendars
from app.services.problems import build_problem
from app.services.rights import SYSTEM
from solver import problem as sp
from solver.result import Result, Status

WEEK = dt.timedelta(days=7)
ROWS_AT_ONCE = 500


def publish_this_week(group: PlanningGroup, coming: Roster, now: dt.datetime) -> int | None:
    """Publish the week before `coming` with its hours, less what breaks a rule there.

    The id, or None where the week is published already. No forecast is made of it: what is past
    or under way is no more to be foreseen, so that it asks for what the coming one does.
    """
    week = coming.week_starts_on - WEEK
    if standing.current_roster(group.id, week) is not None:
        return None
    _ask_like_the_coming(group, coming.week_starts_on)
    problem = build_problem(group, week)
    offered = {one.id for one in problem.shifts}
    moved = [
        sp.Assignment(one.mediator, _week_before(one.shift))
        for one in rosters.solver_assignments(coming)
    ]
    picks = [
        one for one in moved if one.shift in offered and one.mediator in problem.mediator_by_id
    ]
    picks = _lawful(problem, picks)
    judgement = solver.check(problem, tuple(picks))
    result = Result(problem.name, Status.FEASIBLE, judgement.cost, None, 0.0, tuple(picks))
    with database.atomic():
        made = rosters.save_draft(
            SYSTEM, rosters.Built(group, week, problem, result, judgement, None), now
        )
    rosters.publish(SYSTEM, made, now)
    return made


def _ask_like_the_coming(group: PlanningGroup, monday: dt.date) -> None:
    """The requirements of the week that begins on `monday`, at the same hours of the week before,
    on the days that are worked there."""
    offices = list(Office.select().where(Office.group == group))
    calendars = opening_calendars(offices)
    rows = []
    asked: Any = Requirement.select().where(
        Requirement.office.in_(offices), Requirement.week_starts_on == monday
    )
    for row in asked.dicts():
        calendar = calendars[row["office"]]
        starts_at, ends_at = (
            _earlier(row[name], calendar.zone) for name in ("starts_at", "ends_at")
        )
        if calendar.intervals(starts_at.astimezone(calendar.zone).date()):
            del row["id"]
            rows.append(
                row | {"week_starts_on": monday - WEEK, "starts_at": starts_at, "ends_at": ends_at}
            )
    with database.atomic():
        for some in chunked(rows, ROWS_AT_ONCE):
            Requirement.insert_many(some).execute()


def _earlier(instant: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The same hour of the wall clock a week before."""
    return (instant.astimezone(zone) - WEEK).astimezone(dt.UTC)


def _week_before(shift: str) -> str:
    """The same hours a week earlier: the date in `lisbon.2026-12-07.18-36b24-26`."""
    office, date, hours = shift.split(".", 2)
    return f"{office}.{(dt.date.fromisoformat(date) - WEEK).isoformat()}.{hours}"


def _lawful(problem: sp.Problem, picks: list[sp.Assignment]) -> list[sp.Assignment]:
    """Shifts taken away until no rule is broken: those of the day told, else of the person."""
    # Counting cover takes nearly all of a check, and no rule asks for it.
    rules = replace(problem, requirements=())
    while True:
        judgement = solver.check(rules, tuple(picks))
        if not judgement.violations:
            return picks
        broken = [one.details for one in judgement.violations]
        days = {(one.get("mediator"), one.get("day")) for one in broken}
        people = {who for who, day in days if day is None}
        kept = [
            one
            for one in picks
            if one.mediator not in people
            and (one.mediator, problem.shift_by_id[one.shift].day) not in days
        ]
        picks = kept if len(kept) < len(picks) else []
