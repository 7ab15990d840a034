"""The edits of a draft as people read them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.models import Mediator, Office, Roster, RosterEdit
from app.services.horizon import Horizon
from app.services.judging import problem_of_text
from app.services.roster_changes import ShiftTimes


@dataclass(frozen=True, slots=True)
class CellChange:
    """One mediator's day before and after an edit, as people read it."""

    mediator: str
    date: dt.date
    before: ShiftTimes | None
    after: ShiftTimes | None
    locked: bool | None
    """Whether it was locked (or, False, unlocked); None where the lock stayed as it was."""


@dataclass(frozen=True, slots=True)
class EditTold:
    by: str
    at: dt.datetime
    undone: bool
    cells: tuple[CellChange, ...]


def told_edit(roster: Roster, edit: RosterEdit) -> EditTold:
    """An edit as people read it: forth, or back where it is undone."""
    problem = problem_of_text(roster.problem_json)
    horizon = Horizon(roster.week_starts_on, slot_minutes=problem.slot_minutes)
    names = {
        one.id: one.called_name or one.name
        for one in Mediator.select().where(
            Mediator.id.in_([cell["mediator"] for cell in edit.after])
        )
    }
    offices = {one.code: one for one in Office.select(Office.code, Office.name, Office.zone)}

    def times(shift_id: str | None) -> ShiftTimes | None:
        shift = problem.shift_by_id.get(shift_id or "")
        if shift is None:
            return None
        office = offices[shift.office]
        return ShiftTimes(
            office.name, horizon.instant(shift.start), horizon.instant(shift.end), office.zone
        )

    pairs = list(zip(edit.before, edit.after, strict=True))
    if edit.undone:
        pairs = [(after, before) for before, after in pairs]
    return EditTold(
        by=edit.user.name if edit.user else "",
        at=edit.at,
        undone=edit.undone,
        cells=tuple(
            CellChange(
                mediator=names.get(after["mediator"], ""),
                date=dt.date.fromisoformat(after["date"]),
                before=times(before["shift"]),
                after=times(after["shift"]),
                locked=after["locked"] if after["locked"] != before["locked"] else None,
            )
            for before, after in pairs
        ),
    )


def edits_since(roster: Roster, revision: int) -> tuple[EditTold, ...]:
    """What has been edited, undone and redone after `revision`, oldest first."""
    query = (
        RosterEdit.select()
        .where(RosterEdit.roster == roster, RosterEdit.revision > revision)
        .order_by(RosterEdit.revision, RosterEdit.id)
    )
    return tuple(told_edit(roster, one) for one in query)


def last_edit(roster: Roster) -> RosterEdit | None:
    """The newest edit that stands: what undo would take back."""
    found: RosterEdit | None = (
        RosterEdit.select()
        .where(RosterEdit.roster == roster, ~RosterEdit.undone)
        .order_by(RosterEdit.id.desc())
        .first()
    )
    return found


def next_edit(roster: Roster) -> RosterEdit | None:
    """The edit undone last: what redo would make again."""
    found: RosterEdit | None = (
        RosterEdit.select()
        .where(RosterEdit.roster == roster, RosterEdit.undone)
        .order_by(RosterEdit.id)
        .first()
    )
    return found
