"""What a withdrawn certification breaks in the published rosters, and who is told.

A shift is broken where, without the certification, more is missing of what the roster was built
for than with it; somebody else on the desk who can serve in its place keeps it whole.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.models import (
    Assignment,
    Certification,
    Mediator,
    Message,
    Office,
    Role,
    Roster,
    User,
    UserRole,
)
from app.services.completions import certification_record
from app.services.horizon import Horizon
from app.services.published import live_rosters
from app.services.rights import Actor, require_coordinator
from solver import problem as sp
from solver.cover_count import CoverCount
from training.validity import valid_spans

KIND = "certification_withdrawn"


@dataclass(frozen=True, slots=True)
class BrokenShift:
    """A published shift that no longer gives what the roster counted on."""

    assignment_id: int
    mediator_id: int
    mediator_name: str
    kind: str
    office_code: str
    office_id: int
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    week_starts_on: dt.date
    missing_minutes: int
    """Cover lost by it, of all requirements."""


def broken_by_withdrawal(certification_id: int, now: dt.datetime) -> tuple[BrokenShift, ...]:
    """The published shifts not yet over that this withdrawal breaks, by start. Empty for a
    certification that stands."""
    row = Certification.get_by_id(certification_id)
    if row.withdrawn_at is None:
        return ()
    since = max(row.withdrawn_at, now)
    shifts = _shifts(row.mediator_id, since)
    broken: list[BrokenShift] = []
    for roster, own in shifts.items():
        broken += _broken_of(roster, own, row)
    return tuple(sorted(broken, key=lambda one: (one.starts_at, one.assignment_id)))


def broken_shifts(
    actor: Actor, office_code: str, week_starts_on: dt.date, now: dt.datetime
) -> tuple[BrokenShift, ...]:
    """For the week's page: shifts of its published roster at this office that withdrawals since
    it was published have broken. Raises Forbidden for who does not coordinate the office."""
    office = Office.get(Office.code == office_code)
    require_coordinator(actor, office.id)
    roster = Roster.get_or_none(
        Roster.id.in_(live_rosters()),
        Roster.group == office.group_id,
        Roster.week_starts_on == week_starts_on,
    )
    if roster is None:
        return ()
    people = Assignment.select(Assignment.mediator).where(Assignment.roster == roster)
    withdrawn = Certification.select().where(
        Certification.mediator.in_(people), Certification.withdrawn_at >= roster.created_at
    )
    found = {
        (one.assignment_id, one.kind): one
        for row in withdrawn
        for one in broken_by_withdrawal(row.id, now)
        if (one.office_code, one.week_starts_on) == (office_code, week_starts_on)
    }
    return tuple(sorted(found.values(), key=lambda one: (one.starts_at, one.mediator_name)))


def tell_of_withdrawal(certification_id: int, now: dt.datetime) -> int:
    """One message to each coordinator of an office where a shift breaks, within the transaction
    of the withdrawal; the number of shifts broken."""
    broken = broken_by_withdrawal(certification_id, now)
    if not broken:
        return 0
    rows = [
        {
            "user": user_id,
            "kind": KIND,
            "details": {
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
            "key": f"{KIND}.{certification_id}.{user_id}",
            "created_at": now,
        }
        for user_id, theirs in _by_coordinator(broken).items()
    ]
    if rows:
        Message.insert_many(rows).on_conflict_ignore().execute()
    return len(broken)


def _by_coordinator(broken: Iterable[BrokenShift]) -> dict[int, list[BrokenShift]]:
    roles = list(
        UserRole.select(UserRole, User)
        .join(User)
        .where(UserRole.role == Role.COORDINATOR, User.active)
    )
    found: dict[int, list[BrokenShift]] = defaultdict(list)
    for one in broken:
        for user_id in {row.user_id for row in roles if row.office_id in (None, one.office_id)}:
            found[user_id].append(one)
    return found


def _shifts(mediator_id: int, since: dt.datetime) -> dict[Roster, list[Assignment]]:
    query = (
        Assignment.select(Assignment, Roster, Office, Mediator)
        .join(Roster)
        .switch(Assignment)
        .join(Office)
        .switch(Assignment)
        .join(Mediator)
        .where(
            Assignment.mediator == mediator_id,
            Assignment.ends_at > since,
            Assignment.roster.in_(live_rosters()),
        )
    )
    found: dict[Roster, list[Assignment]] = defaultdict(list)
    for row in query:
        if row.roster.problem_json:
            found[row.roster].append(row)
    return found


def _broken_of(
    roster: Roster, own: list[Assignment], certification: Certification
) -> list[BrokenShift]:
    before = sp.Problem.from_json(json.loads(roster.problem_json))
    code = own[0].mediator.code
    if code not in before.mediator_by_id:
        return []
    after = _without(before, code, certification, Horizon(roster.week_starts_on))
    servers = _servers(before, roster)
    counts = CoverCount(before), CoverCount(after)
    places = {one.id: index for index, one in enumerate(before.mediators)}
    broken = []
    for row in own:
        if row.shift not in before.shift_by_id:
            continue
        shift = before.shift_by_id[row.shift]
        office = next(i for i, one in enumerate(before.offices) if one.id == shift.office)
        lost = 0
        for slot in shift.worked:
            there = servers[office, slot]
            if places[code] in there and (office, slot) in counts[0].tables:
                had, has = (_missing(count, (office, slot), there) for count in counts)
                lost += max(0, has - had)
        if lost:
            broken.append(_shift(row, certification, roster, lost * before.slot_minutes))
    return broken


def _missing(count: CoverCount, place: tuple[int, int], there: list[int]) -> int:
    return sum(count.tables[place].missing([count.held(one, place[1]) for one in there]))


def _without(
    problem: sp.Problem, code: str, certification: Certification, horizon: Horizon
) -> sp.Problem:
    """The problem with the mediator's skill as their certifications of the kind now stand."""
    own = Certification.select().where(
        Certification.mediator == certification.mediator_id,
        Certification.kind == certification.kind_id,
    )
    zone = certification.mediator.home_office.zone
    spans = [
        (
            max(0, horizon.slot_ceiling(span.start)),
            min(horizon.slot_count, horizon.slot(span.end) if span.end else horizon.slot_count),
        )
        for span in valid_spans([certification_record(row) for row in own], zone)
    ]
    kept = [span for span in spans if span[0] < span[1]]
    name = f"cert:{certification.kind_id}"
    skills = {
        skill: when for skill, when in problem.mediator_by_id[code].skills.items() if skill != name
    }
    if kept:
        longest = max(kept, key=lambda span: span[1] - span[0])
        whole = longest == (0, horizon.slot_count)
        skills[name] = None if whole else sp.Interval(*longest)
    return replace(
        problem,
        mediators=tuple(
            replace(one, skills=skills) if one.id == code else one for one in problem.mediators
        ),
    )


def _servers(problem: sp.Problem, roster: Roster) -> dict[tuple[int, int], list[int]]:
    """(Office, slot) → who serves there, all by their place in the problem."""
    offices = {office.id: index for index, office in enumerate(problem.offices)}
    places = {one.id: index for index, one in enumerate(problem.mediators)}
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    rows = Assignment.select(Assignment, Mediator).join(Mediator)
    for row in rows.where(Assignment.roster == roster):
        code = row.mediator.code
        if row.shift in problem.shift_by_id and code in places:
            shift = problem.shift_by_id[row.shift]
            busy = problem.mediator_by_id[code].busy_slots
            for slot in shift.worked:
                if slot not in busy:
                    found[offices[shift.office], slot].append(places[code])
    return found


def _shift(
    row: Assignment, certification: Certification, roster: Roster, minutes: int
) -> BrokenShift:
    return BrokenShift(
        assignment_id=row.id,
        mediator_id=row.mediator_id,
        mediator_name=row.mediator.called_name or row.mediator.name,
        kind=certification.kind_id,
        office_code=row.office.code,
        office_id=row.office_id,
        date=row.date,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        week_starts_on=roster.week_starts_on,
        missing_minutes=minutes,
    )
