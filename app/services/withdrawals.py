"""What a withdrawn certification breaks in the published rosters, and who is told.

A shift is broken where, without the certification, more is missing of what the roster was built
for than with it; somebody else on the desk who can serve in its place keeps it whole.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.models import (
    Assignment,
    Certification,
    Mediator,
    Office,
    Roster,
)
from app.models.written import written
from app.services.draft_facts import changed_skills, skills_now
from app.services.errors import NotFound
from app.services.horizon import Horizon
from app.services.judging import problem_of_text
from app.services.published import live_rosters
from app.services.rights import Actor, require_coordinator
from app.services.rosters import solver_assignments
from app.services.telling import Telling, coordinators_of, name_of, tell_each
from solver import problem as sp
from solver.cover_count import CoverCount
from solver.view import Place, whole_view

KIND = "certification_withdrawn"
_PREFIX = "cert:"
Skills = Mapping[str, sp.Interval | None]


@dataclass(frozen=True, slots=True)
class BrokenShift:
    """A published shift that no longer gives what the roster counted on."""

    assignment_id: int
    roster_id: int
    mediator_id: int
    mediator_name: str
    kind: str
    office_code: str
    office_id: int
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    week_starts_on: dt.date
    zone: str
    missing_minutes: int
    """Cover lost by it, of all requirements."""


def broken_by_withdrawal(certification_id: int, now: dt.datetime) -> tuple[BrokenShift, ...]:
    """The published shifts not yet over that this withdrawal breaks, by start. Empty for a
    certification that stands."""
    row = Certification.get_by_id(certification_id)
    if row.withdrawn_at is None:
        return ()
    return broken_of(row.mediator_id, row.kind_id, max(row.withdrawn_at, now))


def broken_of(mediator_id: int, kind: str, now: dt.datetime) -> tuple[BrokenShift, ...]:
    """The published shifts not yet over that counted on a certification as it is no more:
    withdrawn, corrected or shortened."""
    broken: list[BrokenShift] = []
    for roster, own in _shifts(mediator_id, now).items():
        broken += _broken_of(roster, own, kind, skills_now(roster))
    return tuple(sorted(broken, key=lambda one: (one.starts_at, one.assignment_id)))


def broken_shifts(
    actor: Actor, office_code: str, week_starts_on: dt.date, now: dt.datetime
) -> tuple[BrokenShift, ...]:
    """For the week's page: shifts of its published roster at this office that counted on a
    certification which has changed since. Raises Forbidden for who does not coordinate it."""
    office = next(iter(_offices_of(office_code)), None)
    if office is None:
        raise NotFound
    require_coordinator(actor, office.id)
    if Horizon(week_starts_on).ends_at <= now:
        return ()
    roster = next(iter(_live(office.group_id, week_starts_on)), None)
    if roster is None or not roster.problem_json:
        return ()
    certified = [
        one
        for one in problem_of_text(roster.problem_json).mediators
        if any(skill.startswith(_PREFIX) for skill in one.skills)
    ]
    if not certified:
        return ()
    now_held = skills_now(roster, only=[one.id for one in certified])
    found: list[BrokenShift] = []
    for one in certified:
        held = now_held.get(one.id, one.skills)
        for skill in changed_skills(one.skills, held):
            if skill.startswith(_PREFIX) and skill in one.skills:
                kind = skill.removeprefix(_PREFIX)
                own = _shifts_of(roster, one.id, now)
                found += _broken_of(roster, own, kind, now_held) if own else []
    here = (one for one in found if one.office_code == office_code)
    return tuple(sorted(here, key=lambda one: (one.starts_at, one.mediator_name)))


@written
def _offices_of(code: Any) -> Any:
    return Office.select().where(Office.code == code)


@written
def _live(group_id: Any, week_starts_on: Any) -> Any:
    return Roster.select().where(
        Roster.id.in_(live_rosters()),
        Roster.group == group_id,
        Roster.week_starts_on == week_starts_on,
    )


def tell_of_withdrawal(certification_id: int, now: dt.datetime) -> int:
    """One message to each coordinator of an office where a shift breaks, within the transaction
    of the withdrawal; the number of shifts broken."""
    row = Certification.get_by_id(certification_id)
    if row.withdrawn_at is None:
        return 0
    return tell_of_changed(row.mediator_id, row.kind_id, now, str(certification_id))


def tell_of_changed(mediator_id: int, kind: str, now: dt.datetime, key: str = "") -> int:
    """The same after a correction or a change of rule, which withdraw or shorten as well."""
    broken = broken_of(mediator_id, kind, now)
    key = key or f"{mediator_id}.{kind}.{now.isoformat()}"
    if not broken:
        return 0
    tellings = [
        Telling(
            user_id,
            KIND,
            f"{KIND}.{key}.{user_id}",
            {
                "mediator_id": theirs[0].mediator_id,
                "mediator": theirs[0].mediator_name,
                "kind": theirs[0].kind,
                "shifts": [
                    {
                        "date": one.date.isoformat(),
                        "week": one.week_starts_on.isoformat(),
                        "office": one.office_code,
                        "starts_at": one.starts_at.isoformat(),
                        "ends_at": one.ends_at.isoformat(),
                        "missing_minutes": one.missing_minutes,
                    }
                    for one in theirs
                ],
            },
        )
        for user_id, theirs in _by_coordinator(broken).items()
    ]
    tell_each(tellings, now)
    return len(broken)


def _by_coordinator(broken: Iterable[BrokenShift]) -> dict[int, list[BrokenShift]]:
    found: dict[int, list[BrokenShift]] = defaultdict(list)
    for one in broken:
        for user_id in coordinators_of([one.office_id]):
            found[user_id].append(one)
    return found


def _shifts(mediator_id: int, since: dt.datetime) -> dict[Roster, list[Assignment]]:
    query = _joined().where(
        Assignment.mediator == mediator_id,
        Assignment.ends_at > since,
        Assignment.roster.in_(live_rosters()),
    )
    found: dict[Roster, list[Assignment]] = defaultdict(list)
    for row in query:
        if row.roster.problem_json:
            found[row.roster].append(row)
    return found


def _shifts_of(roster: Roster, code: str, since: dt.datetime) -> list[Assignment]:
    query = _joined().where(
        Mediator.code == code, Assignment.ends_at > since, Assignment.roster == roster
    )
    return list(query)


def _joined() -> Any:
    query = Assignment.select(Assignment, Roster, Office, Mediator).join(Roster)
    return query.switch(Assignment).join(Office).switch(Assignment).join(Mediator)


def _broken_of(
    roster: Roster, own: list[Assignment], kind: str, now_held: Mapping[str, Skills]
) -> list[BrokenShift]:
    before = problem_of_text(roster.problem_json)
    code = own[0].mediator.code
    if code not in before.mediator_by_id or code not in now_held:
        return []
    after = _without(before, code, kind, now_held[code])
    view = whole_view(before, solver_assignments(roster))
    counts = view.facts.cover, CoverCount(after)
    mine = view.facts.mediator_index[code]
    broken = []
    for row in own:
        if row.shift not in before.shift_by_id:
            continue
        shift = before.shift_by_id[row.shift]
        lost = 0
        for slot in shift.worked:
            place = Place(view.facts.office_index[shift.office], slot)
            there = view.places.get(place, ())
            if mine in there and place in counts[0].tables:
                had, has = (_missing(count, place, there) for count in counts)
                lost += max(0, has - had)
        if lost:
            broken.append(_shift(row, kind, roster, lost * before.slot_minutes))
    return broken


def _missing(count: CoverCount, place: Place, there: Sequence[int]) -> int:
    return sum(count.tables[place].missing([count.held(one, place.slot) for one in there]))


def _without(problem: sp.Problem, code: str, kind: str, held: Skills) -> sp.Problem:
    """The problem with one skill of the mediator as it is held now."""
    name = f"{_PREFIX}{kind}"
    skills = {
        skill: when for skill, when in problem.mediator_by_id[code].skills.items() if skill != name
    }
    if name in held:
        skills[name] = held[name]
    return replace(
        problem,
        mediators=tuple(
            replace(one, skills=skills) if one.id == code else one for one in problem.mediators
        ),
    )


def _shift(row: Assignment, kind: str, roster: Roster, minutes: int) -> BrokenShift:
    return BrokenShift(
        assignment_id=row.id,
        roster_id=roster.id,
        mediator_id=row.mediator_id,
        mediator_name=name_of(row.mediator),
        kind=kind,
        office_code=row.office.code,
        office_id=row.office_id,
        date=row.date,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        week_starts_on=roster.week_starts_on,
        zone=row.office.zone,
        missing_minutes=minutes,
    )
