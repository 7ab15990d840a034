"""Repairs of a published roster as people read them, and their shifts written as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.models import Assignment, Mediator, Office, Roster
from app.services.effects import CoverEffect, Effect, Effects
from app.services.open_drafts import OpenDraft
from app.services.roster_changes import ShiftTimes, offered_times
from app.services.roster_rows import add_assignments
from app.services.telling import name_of, with_account
from solver import Change, Repair, RepairKind
from solver import problem as sp


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a repair changes for one person that day or on a later one."""

    name: str
    told: bool
    """Whether the person has an account to be told at."""
    date: dt.date
    before: ShiftTimes | None
    after: ShiftTimes | None


@dataclass(frozen=True, slots=True)
class RepairView:
    key: str
    """Names the repair when it is taken."""
    kind: RepairKind
    changes: tuple[DayChange, ...]
    effect: Effect


def repair_view(draft: OpenDraft, repair: Repair, effects: Effects) -> RepairView:
    return RepairView(
        key=repair_key(repair),
        kind=repair.kind,
        changes=_day_changes(draft, repair),
        effect=Effect(
            cost=sum(repair.difference.values()),
            parts={term: cost for term, cost in repair.difference.items() if cost},
            broken=(),
            cover=_cover(draft, repair, effects),
        ),
    )


def repair_key(repair: Repair) -> str:
    return "|".join(f"{one.mediator}>{one.after or ''}" for one in repair.changes)


def times_of(draft: OpenDraft) -> Callable[[str | None], ShiftTimes | None]:
    """How a shift of the draft's problem, by its name there, is told to people."""
    offices = {one.code: one for one in Office.select(Office.code, Office.name, Office.zone)}

    def times(shift_id: str | None) -> ShiftTimes | None:
        if shift_id is None:
            return None
        shift = draft.problem.shift_by_id[shift_id]
        return offered_times(shift, offices[shift.office], draft.horizon)

    return times


def _day_changes(draft: OpenDraft, repair: Repair) -> tuple[DayChange, ...]:
    codes = [one.mediator for one in repair.changes]
    people = {one.code: one for one in Mediator.select().where(Mediator.code.in_(codes))}
    accounts = with_account(one.id for one in people.values())
    times = times_of(draft)
    return tuple(
        DayChange(
            name=name_of(people[one.mediator]),
            told=people[one.mediator].id in accounts,
            date=draft.horizon.date(_day_of(draft.problem, one.before or one.after)),
            before=times(one.before),
            after=times(one.after),
        )
        for one in repair.changes
    )


def _day_of(problem: sp.Problem, shift_id: str | None) -> int:
    return problem.shift_by_id[shift_id].day if shift_id else 0


def _cover(draft: OpenDraft, repair: Repair, effects: Effects) -> tuple[CoverEffect, ...]:
    changes = [
        Change(one.mediator, _day_of(draft.problem, one.before or one.after), one.after)
        for one in repair.changes
    ]
    return effects.cover(changes, draft.judged.with_changes(changes))


def replace_rows(
    roster: Roster,
    problem: sp.Problem,
    assignments: Iterable[sp.Assignment],
    draft: OpenDraft,
    now: dt.datetime,
) -> None:
    Assignment.delete().where(Assignment.roster == roster).execute()
    add_assignments(roster, problem, tuple(assignments), draft.horizon, draft.roster, now)
