"""The edits of a draft as people read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.models import Mediator, Office, Roster, RosterEdit, User
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
    return told_edits(roster, [edit])[0]


def told_edits(roster: Roster, edits: Sequence[RosterEdit]) -> tuple[EditTold, ...]:
    """Several at once."""
    if not edits:
        return ()
    words = _Words(roster, {cell["mediator"] for edit in edits for cell in edit.after})
    users = {edit.user_id for edit in edits}
    named: Any = User.select(User.id, User.name).where(User.id.in_(list(users))).tuples()
    authors: dict[int, str] = dict(named)
    return tuple(words.told(edit, authors.get(edit.user_id, "")) for edit in edits)


class _Words:
    """What an edit of a roster is told in: names and hours."""

    def __init__(self, roster: Roster, mediator_ids: Iterable[int]) -> None:
        self._problem = problem_of_text(roster.problem_json)
        slot_minutes = self._problem.slot_minutes
        self._horizon = Horizon(roster.week_starts_on, slot_minutes=slot_minutes)
        people: Any = Mediator.select(Mediator.id, Mediator.called_name, Mediator.name)
        people = people.where(Mediator.id.in_(list(mediator_ids)))
        self._names = {who: called or name for who, called, name in people.tuples()}
        columns = Office.select(Office.code, Office.name, Office.zone)
        self._offices = {one.code: one for one in columns}

    def told(self, edit: RosterEdit, by: str) -> EditTold:
        pairs = list(zip(edit.before, edit.after, strict=True))
        if edit.undone:
            pairs = [(after, before) for before, after in pairs]
        return EditTold(
            by=by,
            at=edit.at,
            undone=edit.undone,
            cells=tuple(
                CellChange(
                    mediator=self._names.get(after["mediator"], ""),
                    date=dt.date.fromisoformat(after["date"]),
                    before=self._times(before["shift"]),
                    after=self._times(after["shift"]),
                    locked=after["locked"] if after["locked"] != before["locked"] else None,
                )
                for before, after in pairs
            ),
        )

    def _times(self, shift_id: str | None) -> ShiftTimes | None:
        shift = self._problem.shift_by_id.get(shift_id or "")
        if shift is None:
            return None
        office, instant = self._offices[shift.office], self._horizon.instant
        return ShiftTimes(office.name, instant(shift.start), instant(shift.end), office.zone)


def edits_since(roster: Roster, revision: int) -> tuple[EditTold, ...]:
    """What has been edited, undone and redone after `revision`, oldest first."""
    query = (
        RosterEdit.select()
        .where(RosterEdit.roster == roster, RosterEdit.revision > revision)
        .order_by(RosterEdit.revision, RosterEdit.id)
    )
    return told_edits(roster, list(query))


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
