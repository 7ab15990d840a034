"""What has passed of a running week: shifts that have begun stay as they are published.

A shift that begins at this very instant has begun. What passed is corrected only where a
coordinator says so in so many words.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from app.i18n import _
from app.models import Assignment, ContractRegime, Mediator, Roster
from app.services.begun_duty import eased
from app.services.errors import Conflict
from app.services.horizon import Horizon
from app.services.judging import problem_of_text
from app.services.roster_changes import PersonChange
from solver import problem as sp


class RewritesPassed(Conflict):
    """Publishing would change shifts that have begun; its details are those, as PersonChange."""


def rewritten(changes: Iterable[PersonChange], now: dt.datetime) -> tuple[PersonChange, ...]:
    """Those changes that touch a shift that has begun, the old one or the new."""
    return tuple(
        one
        for one in changes
        if any(shift is not None and shift.starts_at <= now for shift in (one.before, one.after))
    )


def refuse_rewriting(
    before: Roster | None, changes: Iterable[PersonChange], now: dt.datetime
) -> None:
    """Raises RewritesPassed where `changes` of a published week touch what has begun."""
    found = rewritten(changes, now) if before is not None else ()
    if found:
        names = "; ".join(f"{one.mediator}, {one.date.isoformat()}" for one in found)
        raise RewritesPassed(
            _("This would change shifts that have begun: %(shifts)s", shifts=names), found
        )


def keep_passed(
    problem: sp.Problem, horizon: Horizon, published: Roster | None, now: dt.datetime
) -> sp.Problem:
    """`problem` with the published shifts that have begun locked and no other before `now`.

    Whatever may have changed since (leave told afterwards, another office, fewer hours, a contract
    ended) does not bear on a shift that has begun. Without a published version nothing has passed.
    """
    if published is None or not published.problem_json or now < horizon.starts_at:
        return problem
    known = problem_of_text(published.problem_json)
    begun = _begun(published, known, {one.id for one in problem.offices}, now)
    ids = {shift.id for shift in problem.shifts}
    missing = {
        shift.id: shift for theirs in begun.values() for shift in theirs if shift.id not in ids
    }
    # Who has left the group since keeps what they worked.
    gone = [known.mediator_by_id[code] for code in sorted(begun.keys() - problem.mediator_by_id)]
    closed = closed_until(horizon, now)
    shifts = {one.id: one for one in (*problem.shifts, *missing.values())}
    kept = tuple(one for one in problem.locked if shifts[one.shift].start >= closed)
    locks = (sp.Assignment(code, one.id) for code, theirs in begun.items() for one in theirs)
    return replace(
        problem,
        shifts=tuple(shifts.values()),
        mediators=(
            *(_bound(one, begun.get(one.id, ()), problem, closed) for one in problem.mediators),
            *(_bound(one, begun[one.id], problem, horizon.slot_count) for one in gone),
        ),
        locked=(*kept, *locks),
    )


def closed_until(horizon: Horizon, now: dt.datetime) -> int:
    """The first slot of the week that can still be planned at `now`; 0 before the week."""
    return max(0, min(horizon.slot(now) + 1, horizon.slot_count))


def resting_slots(published: Roster | None, horizon: Horizon, closed: int) -> dict[str, set[int]]:
    """Mediator's code -> the slots of their published shifts that began before slot `closed`, and
    of the rest after each: whatever else is told of these, no build plans anything there."""
    found: dict[str, set[int]] = defaultdict(set)
    if published is None or not closed:
        return found
    rows: Any = (
        Assignment.select(
            Assignment.starts_at, Assignment.ends_at, Mediator.code, ContractRegime.rest_minutes
        )
        .join(Mediator)
        .join(ContractRegime)
        .where(Assignment.roster == published, Assignment.starts_at < horizon.instant(closed))
        .tuples()
    )
    for starts_at, ends_at, code, rest in rows:
        until = horizon.slot_ceiling(ends_at + dt.timedelta(minutes=rest))
        found[code].update(range(horizon.slot(starts_at), until))
    return found


def _begun(
    published: Roster, known: sp.Problem, offices: set[str], now: dt.datetime
) -> dict[str, list[sp.Shift]]:
    """Mediator's code -> their published shifts that have begun, as the version's problem has
    them."""
    rows: Any = (
        Assignment.select(Assignment.shift, Mediator.code)
        .join(Mediator)
        .where(Assignment.roster == published, Assignment.starts_at <= now)
        .order_by(Mediator.code, Assignment.date)
        .tuples()
    )
    found: dict[str, list[sp.Shift]] = defaultdict(list)
    for shift_id, code in rows:
        shift = known.shift_by_id.get(shift_id)
        if shift is not None and shift.office in offices and code in known.mediator_by_id:
            found[code].append(shift)
    return found


def _bound(
    one: sp.Mediator, begun: Sequence[sp.Shift], week: sp.Problem, closed: int
) -> sp.Mediator:
    """Away until slot `closed` except in their shifts that have begun, which nothing else bars."""
    one = eased(one, begun, week, closed)
    ends = [*(shift.end for shift in begun), *(end for _start, end in one.unavailable)]
    away = [False] * max(closed, *ends, 0)
    for start, end in (*one.unavailable, (0, closed)):
        away[start:end] = [True] * (end - start)
    for shift in begun:
        away[shift.start : shift.end] = [False] * (shift.end - shift.start)
    lengths = [len(shift.worked) for shift in begun]
    least, most = one.shift_slots
    costs = dict.fromkeys((shift.office for shift in begun), 0)
    return replace(
        one,
        unavailable=_intervals(away),
        offices={**costs, **one.offices},
        shift_slots=(min(least, *lengths, least), max(most, *lengths, most)),
    )


def _intervals(away: Sequence[bool]) -> tuple[sp.Interval, ...]:
    edges = [
        slot
        for slot, (before, here) in enumerate(zip((False, *away), (*away, False), strict=True))
        if before != here
    ]
    return tuple(sp.Interval(*pair) for pair in zip(edges[::2], edges[1::2], strict=True))
