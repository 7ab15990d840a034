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
from itertools import pairwise

from app.models import Mediator, Office, OfficeKind
from app.services.cover import skill_names
from app.services.horizon import Horizon
from app.services.judging import Judged
from app.services.kept_weeks import KeptWeek, week_of_text
from app.services.presence import Present
from app.services.roster_rows import problems_of, under_way
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
    office_code: str
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
    found = judged.week.part(
        (quiet_week, judged.assignments, office.code),
        lambda: could_serve(judged.problem, judged.assignments, office.code),
    )
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
    wanted = {one.roster_id for one in people if one.serves(now) and one.roster_id}
    # Who answers the telephone already is not there to stand in for a colleague who goes too.
    answering = {
        one.code for one in people if one.serves(now) and one.office_kind == OfficeKind.TELEPHONE
    }
    given = under_way(wanted, now)
    for roster_id, monday, text in problems_of(wanted):
        if text:
            week = week_of_text(text)
            slot = Horizon(monday, slot_minutes=week.problem.slot_minutes).slot(now)
            left = tuple(one for one in given[roster_id] if one.mediator not in answering)
            spare |= _spare_in(week, left, slot)
    return tuple(
        replace(one, spare=True)
        if one.roster_id and one.code in spare and one.office_kind != OfficeKind.TELEPHONE
        else one
        for one in people
    )


def _spare_in(week: KeptWeek, given: tuple[sp.Assignment, ...], slot: int) -> frozenset[str]:
    """Of those at work in the slot: it follows from their shifts alone."""
    return week.part((_spare_in, given, slot), lambda: spare_in(week.problem, given, slot))


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
                        office_code=office,
                        language=spoken,
                        starts_at=horizon.instant(start),
                        ends_at=horizon.instant(end),
                        people=tuple(sorted(there, key=lambda one: (one.name, one.id))),
                    )
                )
    return sorted(made, key=lambda one: (one.starts_at, one.office, one.language))


def _day(horizon: Horizon, slot: int) -> int:
    return next(index for index, day in enumerate(horizon.days) if day.start <= slot < day.end)
