"""Whether the facts that a roster was built on still hold, and bringing a draft up to date.

A roster keeps the problem it was built on. When since then a certification was withdrawn or
renewed, an absence told or a training enrolled in, the draft says so and is judged on what holds
now as soon as it is brought up to date; a published roster keeps its problem, so that what was
promised can be compared with what is.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from app.i18n import _
from app.models import (
    CertificationKind,
    Language,
    Mediator,
    Office,
    OfficeKind,
    Roster,
    RosterStatus,
    database,
)
from app.services import audit
from app.services.errors import Conflict
from app.services.field_cover import is_of_route
from app.services.horizon import Horizon
from app.services.judging import drafts, problem_of_text
from app.services.names import in_readers_language
from app.services.open_drafts import find_roster, open_draft
from app.services.passed import closed_until, keep_passed, resting_slots
from app.services.problem_people import AS_USUAL, People, PersonFacts
from app.services.problems import requirements_of
from app.services.rights import Actor, require_coordinator
from app.services.standing import current_roster
from solver import problem as sp

CLOSED_UNTIL = "closed_until"
"""Of a roster's options: the slot before which its problem is closed, since it was last brought up
to date. Without it that is the instant it was made at."""


class ChangeKind(StrEnum):
    SKILL_LOST = "skill_lost"
    """A certification or language counts no more, or for less of the week."""
    SKILL_GAINED = "skill_gained"
    TIMES = "times"
    """Absences, hours without work or training are others than they were."""
    GONE = "gone"
    """No longer planned in this week."""


@dataclass(frozen=True, slots=True)
class FactChange:
    """One thing that is no longer as the roster took it to be."""

    kind: ChangeKind
    name: str
    skill: str = ""
    """Named in the reader's language."""


def facts_now(roster: Roster) -> dict[str, PersonFacts]:
    """What holds today for each mediator of the roster's group and week, by code."""
    offices = list(Office.select().where(Office.group == roster.group_id, Office.active))
    people = People(roster.group, offices, Horizon(roster.week_starts_on), AS_USUAL)
    return {row.code: people.facts(row) for row in people.rows}


def skills_now(
    roster: Roster, only: Collection[str] | None = None
) -> dict[str, Mapping[str, sp.Interval | None]]:
    """What each of them holds today, by code: asked for at every look at a week. `only` are codes:
    of the group's own people, no others are told."""
    offices = list(Office.select().where(Office.group == roster.group_id, Office.active))
    people = People(roster.group, offices, Horizon(roster.week_starts_on), AS_USUAL, only)
    return {row.code: people.skills(row) for row in people.rows}


def changed_facts(actor: Actor, roster_id: int) -> tuple[FactChange, ...]:
    """What differs between a draft's problem and today, by name; nothing for other rosters."""
    roster = find_roster(actor, roster_id)
    if roster.status != RosterStatus.DRAFT or not roster.problem_json:
        return ()
    now, skills, names = facts_now(roster), _skill_names(), _names()
    # What had passed when the draft was made or brought up to date is closed in it, whatever
    # people's times were.
    horizon = Horizon(roster.week_starts_on)
    made = closed_until(horizon, roster.created_at)
    first = max(made, int(roster.options.get(CLOSED_UNTIL, 0)))
    published = current_roster(roster.group_id, roster.week_starts_on)
    resting = resting_slots(published, horizon, first)
    found: list[FactChange] = []
    for one in problem_of_text(roster.problem_json).mediators:
        name = names.get(one.id, one.id)
        facts = now.get(one.id)
        if facts is None:
            found.append(FactChange(ChangeKind.GONE, name))
            continue
        away = _slots(facts.unavailable, first) ^ _slots(one.unavailable, first)
        if away - resting.get(one.id, set()) or (
            _slots(facts.busy, first) != _slots(one.busy, first)
        ):
            found.append(FactChange(ChangeKind.TIMES, name))
        for skill in changed_skills(one.skills, facts.skills):
            grown = _grown(one.skills, facts.skills, skill)
            kind = ChangeKind.SKILL_GAINED if grown else ChangeKind.SKILL_LOST
            found.append(FactChange(kind, name, skills.get(skill, skill)))
    return tuple(sorted(found, key=lambda one: (one.name, one.kind, one.skill)))


def bring_up_to_date(actor: Actor, roster_id: int, now: dt.datetime) -> None:
    """Judge a draft on what holds now: its shifts stay, its problem is of today. For the
    network's coordinators. Raises Conflict where the roster is no draft."""
    require_coordinator(actor)
    with database.atomic():
        roster = find_roster(actor, roster_id)
        if roster.status != RosterStatus.DRAFT:
            raise Conflict(_("Only a draft is brought up to date."))
        problem = with_facts(problem_of_text(roster.problem_json), facts_now(roster))
        published = current_roster(roster.group_id, roster.week_starts_on)
        horizon = Horizon(roster.week_starts_on)
        # Before what has passed is closed: those along on a route were there, closed or not.
        needs = _requirements_now(problem, horizon)
        problem = keep_passed(problem, horizon, published, now)
        closed = closed_until(horizon, now) if published is not None else 0
        # The locks are kept with the shifts.
        problem = replace(problem, locked=(), requirements=needs)
        text = json.dumps(problem.to_json(), separators=(",", ":"))
        given = open_draft(roster).judged.assignments
        judgement = drafts.get(text, given).judgement
        Roster.update(
            problem_json=text,
            cost=judgement.cost,
            parts=dict(judgement.parts),
            # The bound was of other facts.
            bound=None,
            options=roster.options | {CLOSED_UNTIL: closed},
        ).where(Roster.id == roster_id).execute()
        audit.record(actor, "roster.refresh", "roster", roster_id, now, cost=judgement.cost)


def _requirements_now(problem: sp.Problem, horizon: Horizon) -> tuple[sp.Requirement, ...]:
    """The problem's, with those of mobile units that are or were out as their routes stand today:
    those along may be others, and the unit elsewhere."""
    codes = [one.id for one in problem.offices]
    units = list(
        Office.select().where(Office.code.in_(codes), Office.kind == OfficeKind.MOBILE_UNIT)
    )
    fresh = requirements_of(units, problem.mediators, horizon) if units else ()
    moved = {one.office for one in (*problem.requirements, *fresh) if is_of_route(one)}
    kept = (one for one in problem.requirements if one.office not in moved)
    return (*kept, *(one for one in fresh if one.office in moved))


def _slots(spans: Iterable[sp.Interval], first: int) -> set[int]:
    return {slot for start, end in spans for slot in range(max(first, start), end)}


def with_facts(problem: sp.Problem, facts: dict[str, PersonFacts]) -> sp.Problem:
    """The problem with the skills, absences and training of these people in place of its own."""
    return replace(
        problem,
        mediators=tuple(
            replace(
                one,
                skills=facts[one.id].skills,
                unavailable=facts[one.id].unavailable,
                busy=facts[one.id].busy,
            )
            if one.id in facts
            else replace(one, unavailable=_all_week(problem))
            for one in problem.mediators
        ),
    )


def with_skills(problem: sp.Problem, facts: dict[str, PersonFacts]) -> sp.Problem:
    """The problem with the skills that people have now; all else as it was."""
    return replace(
        problem,
        mediators=tuple(
            replace(one, skills=facts[one.id].skills) if one.id in facts else one
            for one in problem.mediators
        ),
    )


def _all_week(problem: sp.Problem) -> tuple[sp.Interval, ...]:
    return (sp.Interval(0, problem.days[-1].end),)


def changed_skills(
    before: Mapping[str, sp.Interval | None], after: Mapping[str, sp.Interval | None]
) -> list[str]:
    """Skills held in other slots than before, by code."""
    return [
        skill
        for skill in sorted(before.keys() | after.keys())
        if (skill in before, before.get(skill)) != (skill in after, after.get(skill))
    ]


def _grown(
    before: Mapping[str, sp.Interval | None], after: Mapping[str, sp.Interval | None], skill: str
) -> bool:
    def slots(held: Mapping[str, sp.Interval | None]) -> int:
        span = held.get(skill)
        if skill not in held:
            return 0
        return span.end - span.start if span else 10_000

    return slots(after) > slots(before)


def _names() -> dict[str, str]:
    return {row.code: row.called_name or row.name for row in Mediator.select()}


def _skill_names() -> dict[str, str]:
    named = {
        f"cert:{row.code}": in_readers_language(row.name_pt, row.name_en)
        for row in CertificationKind.select()
    }
    return named | {
        f"lang:{row.code}": in_readers_language(row.name_pt, row.name_en)
        for row in Language.select()
    }
