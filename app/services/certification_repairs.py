"""A published shift counted on a certification that counts no more: repairs ranked, one taken.

Unlike a sick call the mediator can still come, and serve whatever they are still certified for:
so a colleague who comes besides, or comes at other hours, is weighed beside those who take over.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import solver
from app.i18n import _
from app.models import LateCause, Mediator, Roster, RosterStatus, database
from app.services import audit, rosters, versions
from app.services.draft_facts import facts_now, with_skills
from app.services.effects import Effects
from app.services.errors import Conflict, NotFound
from app.services.horizon import network_date
from app.services.judging import drafts, problem_of_text
from app.services.late_changes import Why
from app.services.new_versions import hold_published
from app.services.open_drafts import OpenDraft, find_roster, open_draft
from app.services.repairs import RepairView, repair_key, repair_view, replace_rows
from app.services.rights import Actor, require_coordinator
from solver import COST_TERMS, Repair, RepairKind
from solver import problem as sp
from solver.problem import Shift
from solver.replace import Moved
from solver.stand_in import Candidate, StandIns, has_new

MOST_BESIDE = 3
MOST_INSTEAD = 2
AS_IT_IS = "as-it-is"
"""The repair that changes nobody's hours: the gap is known and accepted."""


@dataclass(frozen=True, slots=True)
class CertificationRepairs:
    roster_id: int
    week: dt.date
    mediator_id: int
    name: str
    date: dt.date
    beside: tuple[RepairView, ...]
    """The mediator stays; the best first."""
    instead: tuple[RepairView, ...]
    """The mediator has the day off; the best first."""


def repairs_for(
    actor: Actor, roster_id: int, mediator_id: int, date: dt.date, now: dt.datetime
) -> CertificationRepairs:
    """What could be done about a shift whose certification has changed since the roster was
    built. Network coordinators only. Raises Conflict unless the roster is published, NotFound
    where the mediator has no shift that day."""
    draft, mediator, shift = _opened(actor, roster_id, mediator_id, date)
    effects = Effects(draft)
    return CertificationRepairs(
        roster_id=roster_id,
        week=draft.roster.week_starts_on,
        mediator_id=mediator_id,
        name=mediator.called_name or mediator.name,
        date=date,
        beside=tuple(
            repair_view(draft, one, effects) for one in _beside(draft, mediator, shift, now)
        ),
        instead=tuple(
            repair_view(draft, one, effects) for one in _instead(draft, mediator, shift, now)
        ),
    )


def take(
    actor: Actor, roster_id: int, mediator_id: int, date: dt.date, key: str, now: dt.datetime
) -> int:
    """Publish the repair as a new version, on what people are certified for now; its id. All of
    it or nothing. Raises Conflict where the repair is not offered any more, or the day is past."""
    require_coordinator(actor)
    with database.atomic():
        hold_published(find_roster(actor, roster_id))
        draft, mediator, shift = _opened(actor, roster_id, mediator_id, date)
        if date < network_date(now):
            raise Conflict(_("The day is past."))
        offered = [*_beside(draft, mediator, shift, now), *_instead(draft, mediator, shift, now)]
        chosen = [one for one in offered if repair_key(one) == key]
        if not chosen and key != AS_IT_IS:
            raise Conflict(_("This repair is not possible any more; look at the others."))
        assignments = chosen[0].assignments if chosen else draft.judged.assignments
        judgement = chosen[0].judgement if chosen else draft.judged.judgement
        made = versions.draft_from(actor, roster_id, now, name=_("Certification changed"))
        replace_rows(Roster.get_by_id(made), draft.problem, assignments, draft, now)
        Roster.update(
            problem_json=json.dumps(
                replace(draft.problem, locked=()).to_json(), separators=(",", ":")
            ),
            cost=judgement.cost,
            parts=dict(judgement.parts),
            bound=None,
        ).where(Roster.id == made).execute()
        audit.record(
            actor, "roster.certification_repair", "roster", made, now, mediator=mediator_id
        )
        why = Why(LateCause.COORDINATOR, _("A certification counts no more"))
        rosters.publish(
            actor, made, now, why=why, undo_swaps=True, only_new=True, correct_passed=True
        )
    return made


def _opened(
    actor: Actor, roster_id: int, mediator_id: int, date: dt.date
) -> tuple[OpenDraft, Mediator, Shift]:
    require_coordinator(actor)
    roster = find_roster(actor, roster_id)
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    if roster.status != RosterStatus.PUBLISHED:
        raise Conflict(_("Only a published week is repaired; a draft is brought up to date."))
    as_built = open_draft(roster)
    problem = with_skills(problem_of_text(roster.problem_json), facts_now(roster))
    # A loan that two have agreed stays, as every other lock but that of the shift in question.
    locked = tuple(
        sp.Assignment(one.mediator.code, one.shift)
        for one in as_built.rows.values()
        if one.locked and (one.mediator_id, one.date) != (mediator_id, date)
    )
    problem = replace(problem, locked=locked)
    text = json.dumps(problem.to_json(), separators=(",", ":"))
    draft = OpenDraft(
        roster=roster,
        problem=problem,
        horizon=as_built.horizon,
        rows=as_built.rows,
        judged=drafts.get(text, as_built.judged.assignments),
    )
    row = draft.row(mediator_id, date)
    if row is None or row.shift not in problem.shift_by_id:
        raise NotFound
    return draft, mediator, problem.shift_by_id[row.shift]


def _instead(draft: OpenDraft, mediator: Mediator, shift: Shift, now: dt.datetime) -> list[Repair]:
    at = draft.horizon.position(now)
    if shift.start <= at:
        return []
    given = draft.judged.assignments
    found = solver.replacements(
        draft.problem, given, mediator.code, shift.day, MOST_INSTEAD, now=at
    )
    return [one for one in found if one.kind is not RepairKind.GAP]


def _beside(draft: OpenDraft, mediator: Mediator, shift: Shift, now: dt.datetime) -> list[Repair]:
    """Colleagues whose coming, or other hours, make the roster cheaper; one repair for each."""
    known = draft.judged.violations
    stand_ins = StandIns(draft.judged, mediator.code, shift, known, draft.horizon.position(now))
    helpful = [one for one in stand_ins.candidates() if one.cost < draft.judged.cost]
    best: dict[str, Candidate] = {}
    for one in sorted(helpful, key=lambda each: each.cost):
        best.setdefault(one.mediator, one)
    judged = (_judged(draft, one) for one in best.values())
    return [repair for repair, _count in zip(_sound(judged), range(MOST_BESIDE), strict=False)]


def _sound(repairs: Iterator[Repair | None]) -> Iterator[Repair]:
    return (one for one in repairs if one is not None)


def _judged(draft: OpenDraft, one: Candidate) -> Repair | None:
    """The repair whole; None where it mends no cover or breaks a rule after all."""
    before = draft.judged
    after = before.with_changes(one.changes)
    judgement = after.judgement
    covers = after.parts["cover"] < before.parts["cover"]
    if not covers or has_new(judgement.violations, before.violations):
        return None
    return Repair(
        kind=RepairKind.MOVED if one.was is not None else RepairKind.OTHER_SHIFT,
        assignments=after.assignments,
        changes=(Moved(one.mediator, one.was.id if one.was else None, one.shift.id),),
        judgement=judgement,
        difference={term: after.parts[term] - before.parts[term] for term in COST_TERMS},
    )
