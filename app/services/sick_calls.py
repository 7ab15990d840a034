"""Somebody falls out on a published day: repairs ranked, one taken, everyone concerned told."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace

import solver
from app.i18n import _
from app.models import (
    Absence,
    AbsenceKind,
    LateCause,
    Mediator,
    RequestStatus,
    Roster,
    RosterStatus,
    database,
)
from app.services import audit, rosters, versions
from app.services.effects import Effects
from app.services.errors import Conflict, NotFound
from app.services.late_changes import Why
from app.services.open_drafts import OpenDraft, find_roster, open_draft
from app.services.repairs import RepairView, repair_key, repair_view, replace_rows
from app.services.rights import Actor, require_coordinator
from solver import Repair
from solver import problem as sp


@dataclass(frozen=True, slots=True)
class SickCall:
    roster_id: int
    version: int
    week: dt.date
    mediator_id: int
    name: str
    date: dt.date
    repairs: tuple[RepairView, ...]
    """The best first; empty where there is no shift to stand in for."""


def sick_call(actor: Actor, roster_id: int, mediator_id: int, date: dt.date) -> SickCall:
    """What could be done when a mediator falls out on a day. Network coordinators only.

    Raises Conflict unless the roster is the published one.
    """
    draft, mediator = _opened(actor, roster_id, mediator_id, date)
    effects = Effects(draft)
    return SickCall(
        roster_id=roster_id,
        version=draft.roster.version,
        week=draft.roster.week_starts_on,
        mediator_id=mediator_id,
        name=mediator.called_name or mediator.name,
        date=date,
        repairs=tuple(
            repair_view(draft, repair, effects) for repair in _repairs(draft, mediator.code, date)
        ),
    )


def take(
    actor: Actor,
    roster_id: int,
    mediator_id: int,
    date: dt.date,
    key: str,
    now: dt.datetime,
) -> int:
    """Record the sickness, make the repair a new version and publish it; the new roster's id.

    All of it or nothing. Raises Conflict where the repair is not offered any more.
    """
    with database.atomic():
        draft, mediator = _opened(actor, roster_id, mediator_id, date)
        chosen = [one for one in _repairs(draft, mediator.code, date) if repair_key(one) == key]
        if not chosen:
            raise Conflict(_("This repair is not possible any more; look at the others."))
        day = draft.problem.days[draft.day(date)]
        Absence.create(
            mediator=mediator,
            starts_at=draft.horizon.instant(day.start),
            ends_at=draft.horizon.instant(day.end),
            kind=AbsenceKind.SICKNESS,
            status=RequestStatus.APPROVED,
        )
        audit.record(actor, "absence.sick_call", "mediator", mediator.id, now, date=str(date))
        made = _repaired(actor, draft, mediator.code, day, chosen[0], now)
        why = Why(LateCause.ABSENCE)
        rosters.publish(actor, made, now, why=why, undo_swaps=True, only_new=True)
    return made


def _opened(
    actor: Actor, roster_id: int, mediator_id: int, date: dt.date
) -> tuple[OpenDraft, Mediator]:
    require_coordinator(actor)
    roster = find_roster(actor, roster_id)
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    draft = open_draft(roster)
    if mediator.code not in draft.problem.mediator_by_id or date not in draft.horizon.dates:
        raise NotFound
    if roster.status != RosterStatus.PUBLISHED:
        raise Conflict(_("Only a published week has sick calls; in a draft, change the day."))
    return draft, mediator


def _repairs(draft: OpenDraft, code: str, date: dt.date) -> tuple[Repair, ...]:
    return solver.replacements(draft.problem, draft.judged.assignments, code, draft.day(date))


def _repaired(
    actor: Actor, draft: OpenDraft, code: str, day: sp.Day, repair: Repair, now: dt.datetime
) -> int:
    """The repair as a draft, on a problem that knows of the sickness."""
    away = sp.Interval(day.start, day.end)
    problem = replace(
        draft.problem,
        mediators=tuple(
            replace(one, unavailable=(*one.unavailable, away)) if one.id == code else one
            for one in draft.problem.mediators
        ),
    )
    made = versions.draft_from(actor, draft.roster.id, now, name=_("Sick call"))
    roster = Roster.get_by_id(made)
    locked = {(row.mediator.code, row.shift) for row in draft.rows.values() if row.locked}
    with_locks = replace(
        problem, locked=tuple(one for one in repair.assignments if tuple(one) in locked)
    )
    replace_rows(roster, with_locks, repair.assignments, draft, now)
    Roster.update(
        problem_json=json.dumps(problem.to_json(), separators=(",", ":")),
        cost=repair.cost,
        parts=dict(repair.judgement.parts),
        bound=None,
    ).where(Roster.id == made).execute()
    return made
