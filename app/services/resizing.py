"""A shift made longer or shorter at one of its ends, as a hand does it on the board."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Assignment, RosterStatus
from app.services import editing, own_hours
from app.services.errors import Conflict
from app.services.open_drafts import (
    UNSAID,
    CellEdit,
    OpenDraft,
    Said,
    find_roster,
    open_draft,
    require_cells,
)
from app.services.own_hours import Hours
from app.services.published import breaks_of
from app.services.rights import Actor
from solver import problem as sp

Pause = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pull:
    """The ends of somebody's shift of a day moved by so many minutes; earlier is below 0."""

    mediator_id: int
    date: dt.date
    start_by: int
    end_by: int


def resize(
    actor: Actor,
    roster_id: int,
    revision: int,
    pull: Pull,
    now: dt.datetime,
    said: Said = UNSAID,
) -> int:
    """Give the shift its new ends as one edit; the new revision.

    Its breaks are those of the shift that the week offers between these ends, the nearest to what
    they were; where none is offered, what is left of its own. Raises as `own_hours.give` does, and
    Conflict where there is no shift any more.
    """
    roster = find_roster(actor, roster_id)
    if roster.status != RosterStatus.DRAFT or roster.revision != revision:
        return editing.change(actor, roster_id, revision, [], now, said)
    draft = open_draft(roster)
    require_cells(actor, draft, [CellEdit(pull.mediator_id, pull.date, None)])
    hours = _hours(draft, pull)
    return own_hours.give(actor, roster_id, revision, hours, now, said)


def _hours(draft: OpenDraft, pull: Pull) -> Hours:
    row = draft.row(pull.mediator_id, pull.date)
    if row is None:
        raise Conflict(_("There is no shift on that day any more."))
    start = _minute(row, row.starts_at) + pull.start_by
    end = _minute(row, row.ends_at) + pull.end_by
    own = tuple((_minute(row, first), _minute(row, last)) for first, last in breaks_of(row))
    kept = tuple(one for one in own if start < one[0] and one[1] < end)
    offered = _offered(draft, row, start, end)
    breaks = min(offered, key=lambda one: _distance(one, own)) if offered else kept
    return Hours(pull.mediator_id, pull.date, row.office.code, start, end, breaks)


def _minute(row: Assignment, instant: dt.datetime) -> int:
    """On the wall clock of the shift's office, counted from the midnight of its date."""
    local = instant.astimezone(ZoneInfo(row.office.zone))
    return (local.date() - row.date).days * 24 * 60 + local.hour * 60 + local.minute


def _offered(draft: OpenDraft, row: Assignment, start: int, end: int) -> list[tuple[Pause, ...]]:
    """The breaks of each shift that the week offers there between these ends."""

    def minute(slot: int) -> int:
        return _minute(row, draft.horizon.instant(slot))

    def fits(one: sp.Shift) -> bool:
        return (minute(one.start), minute(one.end)) == (start, end)

    day, office = draft.day(row.date), row.office.code
    return [
        tuple((minute(pause.start), minute(pause.end)) for pause in one.breaks)
        for one in draft.problem.shifts
        if one.day == day and one.office == office and fits(one)
    ]


def _distance(breaks: tuple[Pause, ...], before: tuple[Pause, ...]) -> tuple[int, int]:
    """How far breaks lie from what they were: another number first, then minutes."""
    pairs = zip(breaks, before, strict=False)
    return abs(len(breaks) - len(before)), sum(abs(one[0] - other[0]) for one, other in pairs)
