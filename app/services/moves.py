"""What a coordinator does to a day in one gesture, as an edit of the cells it touches."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.i18n import _
from app.services import editing
from app.services.cell_view import same_hours
from app.services.errors import Conflict, InputFault, Invalid
from app.services.open_drafts import UNSAID, CellEdit, OpenDraft, Said, seen_draft
from app.services.rights import Actor


class MoveKind(StrEnum):
    GIVE = "give"
    """The day gets `shift`, whatever it held: hours, office and length change so too."""
    TAKE = "take"
    HAND = "hand"
    """The shift goes to `to_mediator_id`, `to_date` or both, with the same hours; where that day
    is taken, the two shifts change places."""
    LOCK = "lock"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True)
class Move:
    kind: MoveKind
    mediator_id: int
    date: dt.date
    shift: str | None = None
    to_mediator_id: int | None = None
    to_date: dt.date | None = None


def make(
    actor: Actor,
    roster_id: int,
    revision: int,
    move: Move,
    now: dt.datetime,
    said: Said = UNSAID,
) -> int:
    """Make the move as one edit; the new revision. Raises as `editing.change` does."""
    draft = seen_draft(actor, roster_id, revision)
    cells = _cells(draft, move) if draft else []  # refused below, with what has changed
    return editing.change(actor, roster_id, revision, cells, now, said)


def _cells(draft: OpenDraft, move: Move) -> list[CellEdit]:
    row = draft.row(move.mediator_id, move.date)
    if move.kind is MoveKind.GIVE:
        if not move.shift:
            raise Invalid([InputFault("shift", move.shift, _("a shift offered on that day"))])
        return [CellEdit(move.mediator_id, move.date, move.shift, bool(row and row.locked))]
    if row is None:
        raise Conflict(_("There is no shift on that day any more."))
    if move.kind is MoveKind.TAKE:
        return [CellEdit(move.mediator_id, move.date, None)]
    if move.kind in (MoveKind.LOCK, MoveKind.UNLOCK):
        locked = move.kind is MoveKind.LOCK
        return [CellEdit(move.mediator_id, move.date, row.shift, locked)]
    return _handed(draft, move, row.shift)


def _handed(draft: OpenDraft, move: Move, shift: str) -> list[CellEdit]:
    mediator = move.to_mediator_id or move.mediator_id
    date = move.to_date or move.date
    if (mediator, date) == (move.mediator_id, move.date):
        return [CellEdit(mediator, date, shift)]
    other = draft.row(mediator, date)
    return [
        CellEdit(
            move.mediator_id,
            move.date,
            _on(draft, other.shift, move.date) if other else None,
        ),
        CellEdit(mediator, date, _on(draft, shift, date)),
    ]


def _on(draft: OpenDraft, shift: str, date: dt.date) -> str:
    """The shift of the same hours on `date`."""
    known = draft.problem.shift_by_id.get(shift)
    found = same_hours(draft.problem, known, draft.day(date)) if known else None
    if found is None:
        raise Invalid([InputFault("date", date.isoformat(), _("a day that offers these hours"))])
    return found.id
