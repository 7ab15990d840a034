"""What has become of a roster's people since its problem was made: absences told, people gone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from peewee import JOIN

from app.models import Absence, Assignment, Mediator, RequestStatus, Roster
from app.services.horizon import Horizon
from app.services.judging import problem_of_text
from app.services.lent_across import Abroad, away, shift_of, standing
from app.services.person_rules import Frame, given_in
from solver.result import Violation
from solver.rules import unavailable


def _lent_away(roster: Roster, elsewhere: Iterable[Abroad], now: dt.datetime) -> list[Assignment]:
    """Shifts to come on days for which another group's published week has their mediator."""
    days = {(one.mediator_id, one.date) for one in elsewhere}
    rows = (
        Assignment.select(Assignment, Mediator)
        .join(Mediator)
        .where(
            Assignment.roster == roster,
            Assignment.starts_at > now,
            Assignment.mediator.in_(sorted({mediator for mediator, _date in days})),
        )
        .order_by(Mediator.code, Assignment.date)
    )
    return [row for row in rows if (row.mediator_id, row.date) in days]


def _broken_by_loans(
    roster: Roster, elsewhere: Iterable[Abroad], now: dt.datetime
) -> list[Violation]:
    """The rules of rest and hours that shifts break only with what their mediators work elsewhere,
    agreed since the problem was made. Who has no shift to come is left out."""
    if not roster.problem_json:
        return []
    theirs: defaultdict[int, list[Abroad]] = defaultdict(list)
    for one in elsewhere:
        theirs[one.mediator_id].append(one)
    rows = (
        Mediator.select(Mediator.id, Mediator.code)
        .join(Assignment)
        .where(
            Assignment.roster == roster,
            Assignment.starts_at > now,
            Mediator.id.in_(sorted(theirs)),
        )
        .distinct()
        .order_by(Mediator.code)
    )
    lent = {row.code: theirs[row.id] for row in rows}
    if not lent:
        return []
    problem = problem_of_text(roster.problem_json)
    horizon = Horizon(roster.week_starts_on, slot_minutes=problem.slot_minutes)
    frame, given = Frame(horizon), given_in(roster)
    found: list[Violation] = []
    for code, loans in lent.items():
        was = problem.mediator_by_id.get(code)
        if was is None:
            continue
        lent_out = was
        for shift in filter(None, (shift_of(one, horizon) for one in loans)):
            lent_out = away(lent_out, shift, problem)
        broken = frame.newly_broken(was, lent_out, given.get(code, ()))
        # Shifts on the very day are told already.
        found += [one for one in broken if one.rule != unavailable.NAME]
    return found


def broken_since(
    roster: Roster, judged: Iterable[Violation], now: dt.datetime
) -> tuple[Violation, ...]:
    """Shifts to come whose mediator cannot work them any more, each once, and the rules that they
    break with work for another group: beside the broken rules that the judge has found. What has
    begun can be undone by nobody and is left out.
    """
    elsewhere = [
        one for one in standing(Horizon(roster.week_starts_on)) if one.group_id != roster.group_id
    ]
    already = tuple(judged)
    told = {
        (one.details["mediator"], one.details["shift"])
        for one in already
        if one.rule == unavailable.NAME
    }
    absent = (
        (Absence.mediator == Assignment.mediator)
        & (Absence.status == RequestStatus.APPROVED)
        & (Absence.starts_at < Assignment.ends_at)
        & (Absence.ends_at > Assignment.starts_at)
    )
    gone = (
        ~Mediator.active
        | (Mediator.starts_on > Assignment.date)
        | (Mediator.ends_on < Assignment.date)
    )
    rows = (
        Assignment.select(Assignment, Mediator)
        .join(Mediator)
        .switch(Assignment)
        .join(Absence, JOIN.LEFT_OUTER, on=absent)
        .where(
            Assignment.roster == roster,
            Assignment.starts_at > now,
            Absence.id.is_null(False) | gone,
        )
        .order_by(Mediator.code, Assignment.date)
    )
    found = {
        (row.mediator.code, row.shift): (row.date - roster.week_starts_on).days
        for row in (*rows, *_lent_away(roster, elsewhere, now))
    }
    return tuple(
        Violation(unavailable.NAME, {"mediator": code, "shift": shift, "day": day})
        for (code, shift), day in found.items()
        if (code, shift) not in told
    ) + tuple(one for one in _broken_by_loans(roster, elsewhere, now) if one not in already)
