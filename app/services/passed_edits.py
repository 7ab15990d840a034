"""Edits of days that have begun: told at the edit, not only when the week is published.

The rule is that of publishing (`passed`): a shift of the published version that has begun, or one
put where the time has passed, changes only where a coordinator says that it corrects what was
worked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app.models import Assignment, Mediator, Office, Roster
from app.services.open_drafts import CellEdit, OpenDraft
from app.services.passed import refuse_rewriting
from app.services.published import breaks_of
from app.services.roster_changes import PersonChange, ShiftTimes, offered_times
from app.services.standing import current_roster


def refuse_passed(draft: OpenDraft, cells: Iterable[CellEdit], now: dt.datetime) -> None:
    """Raises RewritesPassed where a cell of a published week would no longer be as it was worked.

    What leaves the draft as it is, a lock say, and what brings it back to the published shift are
    no rewriting.
    """
    published = current_roster(draft.roster.group_id, draft.roster.week_starts_on)
    if published is None or published.id == draft.roster.id or now < draft.horizon.starts_at:
        return
    refuse_rewriting(published, _changes(draft, published, cells), now)


def _changes(
    draft: OpenDraft, published: Roster, cells: Iterable[CellEdit]
) -> Iterable[PersonChange]:
    for cell in cells:
        row = draft.row(cell.mediator_id, cell.date)
        if (row.shift if row else None) == cell.shift:
            continue
        before, after = _published(published, cell), _after(draft, cell)
        if before != after:
            person = Mediator.get_by_id(cell.mediator_id)
            name = person.called_name or person.name
            yield PersonChange(cell.mediator_id, name, cell.date, before, after)


def _published(published: Roster, cell: CellEdit) -> ShiftTimes | None:
    row = Assignment.get_or_none(
        Assignment.roster == published,
        Assignment.mediator == cell.mediator_id,
        Assignment.date == cell.date,
    )
    if row is None:
        return None
    office = row.office
    return ShiftTimes(office.name, row.starts_at, row.ends_at, office.zone, breaks_of(row))


def _after(draft: OpenDraft, cell: CellEdit) -> ShiftTimes | None:
    if cell.shift is None:
        return None
    shift = draft.problem.shift_by_id[cell.shift]
    return offered_times(shift, Office.get(Office.code == shift.office), draft.horizon)
