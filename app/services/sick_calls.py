"""Somebody falls out on a published day: repairs ranked, one taken, everyone concerned told."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import Any

import solver
from app.i18n import _
from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    LateCause,
    Mediator,
    RequestStatus,
    Roster,
    RosterStatus,
    database,
)
from app.models.written import written
from app.services import audit, rosters, versions
from app.services.effects import Effects
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.home_days import span_of
from app.services.horizon import network_date
from app.services.known_away import known_away
from app.services.late_changes import Why
from app.services.new_versions import hold_published
from app.services.open_drafts import OpenDraft, coordinates_day, find_roster, open_draft
from app.services.passed import refuse_rewriting
from app.services.repairs import RepairView, repair_key, repair_view, replace_rows
from app.services.rights import Actor
from app.services.roster_changes import changes_between
from app.services.roster_rows import office_ids
from app.services.rosters import SICK_CALL
from app.services.worked_part import with_worked, worked_until
from solver import Repair
from solver import problem as sp


@dataclass(frozen=True, slots=True)
class Fallout:
    """Somebody who falls out: on a whole day or, in the middle of a shift, for the rest of it."""

    draft: OpenDraft
    mediator: Mediator
    day: int
    away: sp.Interval
    worked: str | None
    """The part of their shift that they have worked, as a shift of the draft's problem."""


@dataclass(frozen=True, slots=True)
class SickCall:
    roster_id: int
    version: int
    week: dt.date
    mediator_id: int
    name: str
    date: dt.date
    worked_until: dt.datetime | None
    """When they leave a shift that has begun."""
    zone: str
    """Of the office where the shift is, else of the home one."""
    known_away: bool
    """Whether an absence covers what they fall out of already."""
    repairs: tuple[RepairView, ...]
    """The best first; empty where there is no shift to stand in for."""


def sick_call(
    actor: Actor, roster_id: int, mediator_id: int, date: dt.date, now: dt.datetime
) -> SickCall:
    """What could be done when a mediator falls out on a day.

    For coordinators of the network, of the home office, and of the one where the day's shift is;
    who coordinates some offices is offered what touches no other's shifts. Raises Forbidden, and
    Conflict unless the roster is the published one and the day's shift is not over.
    """
    fallout = _opened(actor, roster_id, mediator_id, date, now)
    draft, mediator = fallout.draft, fallout.mediator
    effects = Effects(draft)
    away = known_away(draft, mediator, date, now)
    if away:
        audit.note_reading(actor, "absence", [mediator_id], now)
    return SickCall(
        roster_id=roster_id,
        version=draft.roster.version,
        week=draft.roster.week_starts_on,
        mediator_id=mediator_id,
        name=mediator.called_name or mediator.name,
        date=date,
        worked_until=draft.horizon.instant(fallout.away.start) if fallout.worked else None,
        zone=_zone(draft, mediator, date),
        known_away=away,
        repairs=tuple(
            repair_view(draft, repair, effects) for repair in _repairs(actor, fallout, now)
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

    Why they cannot come stays in the absence alone: what is kept for years (the log, the version's
    name) says that a day was repaired, and whose is forgotten with the week.

    All of it or nothing, for whom `sick_call` offers it. Raises Conflict where the repair is not
    offered any more.
    """
    with database.atomic():
        _of_ones_own(actor, roster_id, mediator_id, date)
        hold_published(find_roster(actor, roster_id))
        fallout = _opened(actor, roster_id, mediator_id, date, now)
        chosen = [one for one in _repairs(actor, fallout, now) if repair_key(one) == key]
        if not chosen:
            raise Conflict(_("This repair is not possible any more; look at the others."))
        absence_id = _record_absence(fallout, date, now)
        audit.record(actor, "day.repair", "mediator", mediator_id, now, date=str(date))
        # Whoever may call may publish this one repair, and nothing else is in it.
        network = replace(actor, office_ids=None)
        made = _repaired(network, fallout, chosen[0], now)
        noted = {
            "mediator": mediator_id,
            "date": date.isoformat(),
            "absence": absence_id,
            "offices": sorted(_touched(fallout, chosen[0])),
        }
        Roster.update(options={SICK_CALL: noted}).where(Roster.id == made).execute()
        rosters.publish(
            network,
            made,
            now,
            why=Why(LateCause.ABSENCE),
            undo_swaps=True,
            only_new=True,
            # Of what has begun, only the end of shifts that are still going on.
            correct_passed=True,
        )
    return made


def can_take_back(actor: Actor, roster_id: int) -> bool:
    """Whether this published version repairs a sick call that the actor may take back."""
    # Not the megabyte that its problem takes: this is asked at every look at the week.
    row = next(iter(_options_of(roster_id)), None)
    if row is None or row.status != RosterStatus.PUBLISHED or SICK_CALL not in row.options:
        return False
    return _coordinates_all(actor, row.options[SICK_CALL])


@written
def _options_of(roster_id: Any) -> Any:
    return Roster.select(Roster.status, Roster.options).where(Roster.id == roster_id)


def take_back(actor: Actor, roster_id: int, now: dt.datetime) -> int:
    """Undo a sick call whose repair is the published version; the new roster's id.

    The absence that it recorded goes, the version before is published again, and those concerned
    are told. For coordinators of the network, or of every office that the repair touched. Raises
    Forbidden, Conflict where there is none, and where somebody's shift that the repair
    changed has begun.
    """
    with database.atomic():
        roster = find_roster(actor, roster_id)
        call = roster.options.get(SICK_CALL)
        if not _coordinates_all(actor, call or {}):
            raise Forbidden
        hold_published(roster)
        if not call or roster.based_on is None:
            raise Conflict(_("This version repairs nobody's day."))
        network = replace(actor, office_ids=None)
        others = (
            one
            for one in changes_between(roster, roster.based_on)
            if one.mediator_id != call["mediator"]
        )
        refuse_rewriting(roster, others, now)
        if call["absence"] is not None:
            # Row numbers come again on SQLite: only the very absence that was recorded.
            Absence.delete().where(
                Absence.id == call["absence"],
                Absence.mediator == call["mediator"],
                Absence.kind == AbsenceKind.SICKNESS,
            ).execute()
        _require_no_other_absence(roster.based_on, call, now)
        audit.record(
            actor, "day.repair_undone", "mediator", call["mediator"], now, date=call["date"]
        )
        made = versions.draft_from(network, roster.based_on_id, now, name=_("Repair taken back"))
        why = Why(LateCause.ABSENCE)
        # Their own shift may have begun: they are there after all.
        rosters.publish(
            network, made, now, why=why, undo_swaps=True, only_new=True, correct_passed=True
        )
    return made


def _require_no_other_absence(before: Roster, call: dict[str, Any], now: dt.datetime) -> None:
    """What they have told themselves is theirs to end: the shift cannot come back under it."""
    away = (
        Absence.select()
        .join(Assignment, on=(Assignment.mediator == Absence.mediator))
        .where(
            Assignment.roster == before,
            Assignment.mediator == call["mediator"],
            Assignment.date == dt.date.fromisoformat(call["date"]),
            Assignment.starts_at > now,
            Absence.status == RequestStatus.APPROVED,
            Absence.starts_at < Assignment.ends_at,
            Absence.ends_at > Assignment.starts_at,
        )
    )
    if away.exists():
        raise Conflict(_("An absence still covers the shift: end it first, on the person's page."))


def _record_absence(fallout: Fallout, date: dt.date, now: dt.datetime) -> int | None:
    """The sickness of the day, where no absence covers what they fall out of yet; its id."""
    if known_away(fallout.draft, fallout.mediator, date, now):
        return None
    # A day of the home office, which in the Azores begins and ends an hour after the roster's.
    begins, ends_at = span_of(fallout.mediator, date, date)
    made = Absence.create(
        mediator=fallout.mediator,
        starts_at=max(begins, fallout.draft.horizon.instant(fallout.away.start)),
        ends_at=ends_at,
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    return int(made.id)


def _of_ones_own(
    actor: Actor, roster_id: int, mediator_id: int, date: dt.date
) -> tuple[OpenDraft, Mediator]:
    """The roster and the person. Raises NotFound, Forbidden where the actor may not call."""
    roster = find_roster(actor, roster_id)
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    draft = open_draft(roster)
    if not coordinates_day(actor, draft, mediator, date):
        raise Forbidden
    return draft, mediator


def _opened(
    actor: Actor, roster_id: int, mediator_id: int, date: dt.date, now: dt.datetime
) -> Fallout:
    draft, mediator = _of_ones_own(actor, roster_id, mediator_id, date)
    if mediator.code not in draft.problem.mediator_by_id or date not in draft.horizon.dates:
        raise NotFound
    if draft.roster.status != RosterStatus.PUBLISHED:
        raise Conflict(_("Only a published week has sick calls; in a draft, change the day."))
    if date < network_date(now):
        raise Conflict(_("The day is past."))
    return _fallout(draft, mediator, date, now)


def _fallout(draft: OpenDraft, mediator: Mediator, date: dt.date, now: dt.datetime) -> Fallout:
    """In the middle of a shift, on a problem that knows what was worked of it until now."""
    day = draft.day(date)
    whole = sp.Interval(draft.problem.days[day].start, draft.problem.days[day].end)
    row = draft.row(mediator.id, date)
    lost = draft.problem.shift_by_id.get(row.shift) if row is not None else None
    leaves = draft.horizon.slot_ceiling(now)
    if lost is None or row is None or row.starts_at >= now:
        return Fallout(draft, mediator, day, whole, None)
    if lost.end <= leaves:
        raise Conflict(_("This shift is over."))
    worked = worked_until(lost, leaves, draft.problem.days[day].start)
    return Fallout(
        with_worked(draft, mediator.code, worked),
        mediator,
        day,
        sp.Interval(leaves, whole.end),
        worked.id,
    )


def _touched(fallout: Fallout, repair: Repair) -> set[int]:
    """Ids of the offices whose shifts the repair changes."""
    shifts, ids = fallout.draft.problem.shift_by_id, office_ids()
    return {
        ids[shifts[shift].office]
        for one in repair.changes
        for shift in (one.before, one.after)
        if shift is not None
    }


def _coordinates_all(actor: Actor, call: dict[str, Any]) -> bool:
    """Whether a noted sick call touched nobody else's offices; who notes none is the network's."""
    if actor.office_ids is None:
        return actor.is_coordinator
    return bool(call.get("offices")) and set(call["offices"]) <= actor.office_ids


def _zone(draft: OpenDraft, mediator: Mediator, date: dt.date) -> str:
    row = draft.row(mediator.id, date)
    office = row.office if row is not None else mediator.home_office
    return str(office.zone)


def _repairs(actor: Actor, fallout: Fallout, now: dt.datetime) -> tuple[Repair, ...]:
    """Those that the actor may take: at their own offices, where they coordinate but some."""
    draft, own = fallout.draft, actor.office_ids
    return solver.replacements(
        draft.problem,
        draft.judged.assignments,
        fallout.mediator.code,
        fallout.day,
        now=draft.horizon.position(now),
        stays=fallout.worked,
        only_at=None
        if own is None
        else frozenset(code for code, office in office_ids().items() if office in own),
    )


def _repaired(actor: Actor, fallout: Fallout, repair: Repair, now: dt.datetime) -> int:
    """The repair as a draft, on a problem that knows of the sickness."""
    draft, code = fallout.draft, fallout.mediator.code
    problem = replace(
        draft.problem,
        mediators=tuple(
            replace(one, unavailable=(*one.unavailable, fallout.away)) if one.id == code else one
            for one in draft.problem.mediators
        ),
    )
    made = versions.draft_from(actor, draft.roster.id, now, name=_("Day repaired"))
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
