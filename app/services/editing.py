"""Edits of a draft: each one judged, numbered, undone and redone; none lost to a stale page.

The roster's revision goes up by one with every edit, undo and redo, in the same transaction. A
save that names an older revision is refused with what has changed since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.models import Assignment, Mediator, Roster, RosterEdit, RosterStatus, database
from app.services import audit
from app.services.edit_log import EditTold, edits_since, last_edit, next_edit, told_edit
from app.services.errors import Conflict, Forbidden, InputFault, Invalid
from app.services.judging import Fault, drafts
from app.services.office_choice import offices_of
from app.services.open_drafts import (
    UNSAID,
    CellEdit,
    OpenDraft,
    Said,
    find_roster,
    new_faults,
    open_draft,
    require_cells,
)
from app.services.passed_edits import refuse_passed
from app.services.rights import Actor
from app.services.roster_rows import columns_of, new_uid, office_ids
from solver import Change, Draft


class BrokenRules(Invalid):
    """The edit would break hard rules that are not broken yet; nothing was saved."""

    def __init__(self, broken: Sequence[Fault]) -> None:
        super().__init__([InputFault(one.rule, one.text, _("no broken rule")) for one in broken])
        self.broken = tuple(broken)


class LockedShift(Conflict):
    """The shift is locked; unlocking it comes first."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Where a draft stands, and what undo and redo would touch."""

    number: int
    cost: int
    undo: EditTold | None
    redo: EditTold | None
    elsewhere: bool = False
    """Whether the last edit is of an office that the actor does not coordinate, and not told."""


def change(
    actor: Actor,
    roster_id: int,
    revision: int,
    cells: Iterable[CellEdit],
    now: dt.datetime,
    said: Said = UNSAID,
) -> int:
    """Make one edit of a draft; the new revision. Several cells change together or not at all.

    Raises Conflict for an older revision (its details are the edits since, as `EditTold`) and for
    what is no draft, LockedShift where a locked shift would move, BrokenRules where the edit
    breaks a rule anew and RewritesPassed where it changes a shift that has begun, unless the
    coordinator has `said` to it, Invalid for a shift that the week
    does not offer.
    """
    wanted = list(cells)
    with database.atomic():
        roster = _claim(actor, roster_id, revision)
        draft = open_draft(roster)
        require_cells(actor, draft, wanted)
        codes = _codes(draft, wanted)
        _refuse_locked(draft, wanted)
        if not said.correct_passed:
            refuse_passed(draft, wanted, now)
        after = draft.judged.with_changes(
            Change(codes[one.mediator_id], draft.day(one.date), one.shift) for one in wanted
        )
        broken = new_faults(draft.judged, after)
        if broken and not said.allow_broken:
            raise BrokenRules(broken)
        before = [_state(draft, one.mediator_id, one.date) for one in wanted]
        told = [_cell_json(one) for one in wanted]
        if before == told:
            Roster.update(revision=revision).where(Roster.id == roster_id).execute()
            return revision
        _write(draft, wanted, now)
        _keep(roster, after)
        RosterEdit.delete().where(RosterEdit.roster == roster, RosterEdit.undone).execute()
        RosterEdit.create(
            roster=roster,
            revision=revision + 1,
            before=before,
            after=told,
            user=actor.user_id,
            at=now,
        )
        audit.record(
            actor, "roster.edit", "roster", roster.id, now, revision=revision + 1, cells=told
        )
    return revision + 1


def undo(actor: Actor, roster_id: int, revision: int, now: dt.datetime, said: Said = UNSAID) -> int:
    """Take the newest edit back, whoever made it; the new revision.

    Raises Conflict, and RewritesPassed where days that have begun since would no longer be as they
    were worked, unless the coordinator has `said` that this corrects them.
    """
    return _turn(actor, roster_id, revision, now, said, undoing=True)


def redo(actor: Actor, roster_id: int, revision: int, now: dt.datetime, said: Said = UNSAID) -> int:
    """Make the edit undone last again; the new revision. Raises as `undo` does."""
    return _turn(actor, roster_id, revision, now, said, undoing=False)


def revision_of(actor: Actor, roster_id: int) -> Revision:
    """Where the draft stands now."""
    roster = find_roster(actor, roster_id)
    last, next_ = last_edit(roster), next_edit(roster)
    elsewhere = last is not None and not _may_turn(actor, roster, last.before)
    if elsewhere:
        last = None
    if next_ is not None and not _may_turn(actor, roster, next_.after):
        next_ = None
    return Revision(
        number=roster.revision,
        cost=roster.cost or 0,
        undo=told_edit(roster, last) if last else None,
        redo=told_edit(roster, next_) if next_ else None,
        elsewhere=elsewhere,
    )


def _may_turn(actor: Actor, roster: Roster, cells: list[dict[str, Any]]) -> bool:
    """Whether the actor may bring an edit's days to these, and so may be told of them."""
    if actor.office_ids is None:
        return True
    try:
        require_cells(actor, open_draft(roster), [_cell(one) for one in cells])
    except Forbidden:
        return False
    return True


def week_of(actor: Actor, roster_id: int) -> dt.date:
    """The Monday of a roster's week."""
    week: dt.date = find_roster(actor, roster_id).week_starts_on
    return week


def office_of(actor: Actor, roster_id: int) -> str | None:
    """The first office planned by a roster that the actor coordinates; None where all are shut."""
    group = find_roster(actor, roster_id).group_id
    return next((one.code for one in offices_of(actor) if one.group_id == group), None)


def changes_since(actor: Actor, roster_id: int, revision: int) -> tuple[EditTold, ...]:
    """What has been edited, undone and redone after `revision`, oldest first; for the network's."""
    return revision_since(actor, roster_id, revision)[1]


def revision_since(actor: Actor, roster_id: int, revision: int) -> tuple[int, tuple[EditTold, ...]]:
    """The draft's revision, and `changes_since` one."""
    roster = find_roster(actor, roster_id)
    # Who coordinates one office is told that there were edits, not whose days they were of.
    return roster.revision, edits_since(roster, revision) if actor.office_ids is None else ()


def _claim(actor: Actor, roster_id: int, revision: int) -> Roster:
    """The draft at `revision`, its number already counted up: whoever comes second is refused."""
    roster = find_roster(actor, roster_id)
    if roster.status != RosterStatus.DRAFT:
        raise Conflict(_("This version is no draft any more; make a new draft to change the week."))
    claimed = (
        Roster.update(revision=Roster.revision + 1)
        .where(
            Roster.id == roster_id,
            Roster.revision == revision,
            Roster.status == RosterStatus.DRAFT,
        )
        .execute()
    )
    if not claimed:
        raise Conflict(
            _("Somebody else has changed this draft in the meantime; your change was not made."),
            changes_since(actor, roster_id, revision),
        )
    return roster


def _codes(draft: OpenDraft, cells: Sequence[CellEdit]) -> dict[int, str]:
    """Mediator id → the problem's name for them. Raises Invalid with every fault."""
    found = {
        one.id: one.code
        for one in Mediator.select(Mediator.id, Mediator.code).where(
            Mediator.id.in_([cell.mediator_id for cell in cells])
        )
    }
    faults = []
    for one in cells:
        code = found.get(one.mediator_id)
        if code is None or code not in draft.problem.mediator_by_id:
            faults.append(InputFault("mediator", one.mediator_id, _("somebody of this week")))
        if one.date not in draft.horizon.dates:
            faults.append(InputFault("date", one.date.isoformat(), _("a day of this week")))
            continue
        shift = draft.problem.shift_by_id.get(one.shift) if one.shift else None
        if one.shift and (shift is None or shift.day != draft.day(one.date)):
            faults.append(InputFault("shift", one.shift, _("a shift offered on that day")))
    if faults:
        raise Invalid(faults)
    return found


def _refuse_locked(draft: OpenDraft, cells: Iterable[CellEdit]) -> None:
    for one in cells:
        row = draft.row(one.mediator_id, one.date)
        if row is not None and row.locked and row.shift != one.shift:
            person = row.mediator.called_name or row.mediator.name
            raise LockedShift(_("The shift of %(name)s is locked; unlock it first.", name=person))


def _state(draft: OpenDraft, mediator_id: int, date: dt.date) -> dict[str, Any]:
    row = draft.row(mediator_id, date)
    return _cell_json(
        CellEdit(mediator_id, date, row.shift if row else None, bool(row and row.locked))
    )


def _cell_json(cell: CellEdit) -> dict[str, Any]:
    return {
        "mediator": cell.mediator_id,
        "date": cell.date.isoformat(),
        "shift": cell.shift,
        "locked": cell.locked and cell.shift is not None,
    }


def _cell(data: dict[str, Any]) -> CellEdit:
    return CellEdit(
        data["mediator"], dt.date.fromisoformat(data["date"]), data["shift"], data["locked"]
    )


def _write(draft: OpenDraft, cells: Iterable[CellEdit], now: dt.datetime) -> None:
    offices = office_ids()
    for one in cells:
        row = draft.row(one.mediator_id, one.date)
        if one.shift is None:
            if row is not None:
                row.delete_instance()
            continue
        values = columns_of(draft.problem.shift_by_id[one.shift], draft.horizon, offices)
        if row is not None:
            Assignment.update(**values, locked=one.locked, changed_at=now).where(
                Assignment.id == row.id
            ).execute()
            continue
        Assignment.create(
            roster=draft.roster,
            mediator=one.mediator_id,
            locked=one.locked,
            uid=new_uid(),
            created_at=now,
            changed_at=now,
            **values,
        )


def _keep(roster: Roster, after: Draft) -> None:
    drafts.keep(roster.problem_json, after.assignments, after)
    Roster.update(cost=after.cost, parts=dict(after.parts)).where(Roster.id == roster.id).execute()


def _turn(
    actor: Actor, roster_id: int, revision: int, now: dt.datetime, said: Said, *, undoing: bool
) -> int:
    with database.atomic():
        roster = _claim(actor, roster_id, revision)
        edit = last_edit(roster) if undoing else next_edit(roster)
        if edit is None:
            raise Conflict(
                _("There is nothing to undo.") if undoing else _("There is nothing to redo.")
            )
        draft = open_draft(roster)
        cells = [_cell(one) for one in (edit.before if undoing else edit.after)]
        codes = _codes(draft, cells)
        require_cells(actor, draft, cells)
        if not said.correct_passed:
            refuse_passed(draft, cells, now)
        after = draft.judged.with_changes(
            Change(codes[one.mediator_id], draft.day(one.date), one.shift) for one in cells
        )
        _write(draft, cells, now)
        _keep(roster, after)
        edit.undone, edit.revision = undoing, revision + 1
        edit.save(only=[RosterEdit.undone, RosterEdit.revision])
        audit.record(
            actor,
            "roster.undo" if undoing else "roster.redo",
            "roster",
            roster.id,
            now,
            revision=revision + 1,
        )
    return revision + 1
