"""Quiet hours at the centres that the telephone service could use: said, never planned.

The roster problem has one office a shift, so the telephone is offered what `solver.quiet` reads
off a finished roster: people of a centre that would not miss them, in languages it lacks. A press
gives them the telephone for those hours (`app.services.phone_giving`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from app.models import Mediator, Office, OfficeKind, Roster
from app.services.cover import skill_names
from app.services.horizon import Horizon
from app.services.judging import Judged, problem_of_text
from app.services.presence import Present
from app.services.rosters import solver_assignments
from solver import problem as sp
from solver.quiet import Spare, could_serve, spare_in


@dataclass(frozen=True, slots=True)
class QuietPerson:
    id: int
    """Of the mediator."""
    name: str
    """The one they use."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """In `[starts_at, ends_at)` these people of one centre could answer in one language."""

    date: dt.date
    office: str
    language: str
    """By name; empty where any language will do."""
    starts_at: dt.datetime
    ends_at: dt.datetime
    people: tuple[QuietPerson, ...]
    """By name."""


@dataclass(frozen=True, slots=True)
class QuietWeek:
    hours: tuple[QuietHours, ...]
    minutes: int
    """Of people, all together."""
    saved: int
    """What the roster would cost less."""


def quiet_week(office: Office, horizon: Horizon, judged: Judged | None) -> QuietWeek | None:
    """What centres could do for a telephone service in a week; None for any other office."""
    if office.kind != OfficeKind.TELEPHONE or judged is None:
        return None
    found = _could_serve(judged.text, judged.assignments, office.code)
    offices = {one.code: one.name for one in Office.select(Office.code, Office.name)}
    people = {
        row.code: QuietPerson(row.id, row.called_name or row.name)
        for row in Mediator.select().where(Mediator.code.in_([one.mediator for one in found]))
    }
    return QuietWeek(
        hours=tuple(_hours(found, offices, people, skill_names(), horizon)),
        minutes=sum(one.end - one.start for one in found) * horizon.slot_minutes,
        saved=sum(one.saved for one in found),
    )


def with_spare(present: Iterable[Present], now: dt.datetime) -> tuple[Present, ...]:
    """The same people, told whom their centre would not miss in this half hour; who receives at a
    route's stop is wanted there."""
    people = tuple(present)
    spare: set[str] = set()
    # Who answers the telephone already is not there to stand in for a colleague who goes too.
    answering = {
        one.code for one in people if one.serves(now) and one.office_kind == OfficeKind.TELEPHONE
    }
    for roster_id in {one.roster_id for one in people if one.serves(now) and one.roster_id}:
        roster = Roster.get_by_id(roster_id)
        if not roster.problem_json:
            continue
        problem = problem_of_text(roster.problem_json)
        slot = Horizon(roster.week_starts_on, slot_minutes=problem.slot_minutes).slot(now)
        given = (one for one in solver_assignments(roster) if one.mediator not in answering)
        spare |= _spare_in(roster.problem_json, tuple(given), slot)
    return tuple(
        replace(one, spare=True)
        if one.roster_id and one.code in spare and one.office_kind != OfficeKind.TELEPHONE
        else one
        for one in people
    )


@lru_cache(maxsize=8)
def _could_serve(
    text: str, assignments: tuple[sp.Assignment, ...], office: str
) -> tuple[Spare, ...]:
    return could_serve(problem_of_text(text), assignments, office)


@lru_cache(maxsize=8)
def _spare_in(text: str, assignments: tuple[sp.Assignment, ...], slot: int) -> frozenset[str]:
    return spare_in(problem_of_text(text), assignments, slot)


def _hours(
    found: Iterable[Spare],
    offices: dict[str, str],
    people: dict[str, QuietPerson],
    skills: dict[str, str],
    horizon: Horizon,
) -> list[QuietHours]:
    """People of one centre and language, in stretches in which they are the same people."""
    rows: defaultdict[tuple[str, str], list[Spare]] = defaultdict(list)
    for one in found:
        spoken = ", ".join(skills[need] for need in one.needs if need.startswith("lang:"))
        rows[one.office, spoken].append(one)
    made = []
    for (office, spoken), spares in rows.items():
        edges = sorted({edge for one in spares for edge in (one.start, one.end)})
        for start, end in pairwise(edges):
            there = [
                people[one.mediator]
                for one in spares
                if one.start <= start and end <= one.end and one.mediator in people
            ]
            if there:
                made.append(
                    QuietHours(
                        date=horizon.dates[_day(horizon, start)],
                        office=offices.get(office, office),
                        language=spoken,
                        starts_at=horizon.instant(start),
                        ends_at=horizon.instant(end),
                        people=tuple(sorted(there, key=lambda one: (one.name, one.id))),
                    )
                )
    return sorted(made, key=lambda one: (one.starts_at, one.office, one.language))


def _day(horizon: Horizon, slot: int) -> int:
    return next(index for index, day in enumerate(horizon.days) if day.start <= slot < day.end)
