"""Hours of the coordinator's own: any start, end and breaks, also where no build offers them.

A shift that the week's catalogue does not know is added to the roster's problem, so that it is
judged like any other; a new build keeps it where it is locked.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Mediator, Office, Roster, database
from app.services import editing
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.horizon import Horizon
from app.services.open_drafts import UNSAID, CellEdit, OpenDraft, Said, seen_draft
from app.services.openings import opening_intervals
from app.services.rights import Actor
from app.services.shift_making import ShiftMaker
from solver import problem as sp


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the office's wall clock, counted from the date's midnight."""

    mediator_id: int
    date: dt.date
    office: str
    start_minute: int
    end_minute: int
    breaks: tuple[tuple[int, int], ...] = ()


def give(
    actor: Actor,
    roster_id: int,
    revision: int,
    hours: Hours,
    now: dt.datetime,
    said: Said = UNSAID,
) -> int:
    """Give a day these hours as one edit; the new revision.

    Raises as `editing.change` does, and Invalid with every fault where they fit no half hours, lie
    outside the office's opening, or hold a stretch or a break that the law forbids (CT 213).
    """
    with database.atomic():
        draft = seen_draft(actor, roster_id, revision)
        cells = [_cell(draft, hours)] if draft else []  # refused below, with what has changed
        return editing.change(actor, roster_id, revision, cells, now, said)


def _cell(draft: OpenDraft, hours: Hours) -> CellEdit:
    shift = _shift(draft, hours)
    if shift.id not in draft.problem.shift_by_id:
        _offer(draft.roster, draft.problem, shift)
    row = draft.row(hours.mediator_id, hours.date)
    return CellEdit(hours.mediator_id, hours.date, shift.id, bool(row and row.locked))


def _offer(roster: Roster, problem: sp.Problem, shift: sp.Shift) -> None:
    wider = replace(problem, shifts=(*problem.shifts, shift))
    text = json.dumps(wider.to_json(), separators=(",", ":"))
    Roster.update(problem_json=text).where(Roster.id == roster.id).execute()


def _shift(draft: OpenDraft, hours: Hours) -> sp.Shift:
    office = Office.get_or_none(Office.code == hours.office)
    person = Mediator.get_or_none(Mediator.id == hours.mediator_id)
    known = {one.id for one in draft.problem.offices}
    if office is None or person is None or office.code not in known:
        raise NotFound
    if hours.date not in draft.horizon.dates:
        raise NotFound
    _require_legal(hours, office, person, draft.horizon)
    horizon = draft.horizon
    start, end, *edges = (
        horizon.slot(horizon.wall(hours.date, minute, office.zone))
        for minute in (
            hours.start_minute,
            hours.end_minute,
            *(edge for pause in hours.breaks for edge in pause),
        )
    )
    pauses = tuple(zip(edges[::2], edges[1::2], strict=True))
    made = ShiftMaker(office, hours.date, horizon).make(start, end, pauses)
    for one in draft.problem.shifts:
        same = (one.office, one.day, one.start, one.end, one.breaks)
        if same == (made.office, made.day, made.start, made.end, made.breaks):
            return one
    return made


def _require_legal(hours: Hours, office: Office, person: Mediator, horizon: Horizon) -> None:
    faults, step, regime = Faults(), horizon.slot_minutes, person.regime
    edges = (
        hours.start_minute,
        *(edge for pause in hours.breaks for edge in pause),
        hours.end_minute,
    )
    if any(edge % step for edge in edges):
        faults.add("start", _told(edges), _("times at full and half hours"))
    if any(before >= after for before, after in pairwise(edges)):
        faults.add("start", _told(edges), _("a start before the end, and breaks between the two"))
    faults.raise_any()
    stretches = [after - before for before, after in zip(edges[::2], edges[1::2], strict=True)]
    if max(stretches) > regime.longest_stretch_minutes:
        longest = regime.longest_stretch_minutes // 60
        faults.add(
            "breaks",
            _told(edges),
            _("at most %(hours)d hours without a break (Labour Code, art. 213)", hours=longest),
        )
    paused = sum(after - before for before, after in hours.breaks)
    if hours.breaks and paused < regime.break_minutes:
        faults.add(
            "breaks",
            paused,
            _(
                "breaks of %(minutes)d min in all (Labour Code, art. 213)",
                minutes=regime.break_minutes,
            ),
        )
    starts, ends = (
        horizon.wall(hours.date, minute, office.zone)
        for minute in (hours.start_minute, hours.end_minute)
    )
    openings = opening_intervals(office, hours.date)
    if not openings or starts < openings[0][0] or ends > openings[-1][1]:
        zone = ZoneInfo(office.zone)
        told = ", ".join(
            f"{first.astimezone(zone):%H:%M}–{last.astimezone(zone):%H:%M}"
            for first, last in openings
        )
        faults.add(
            "start",
            _told(edges),
            _("hours in which the office is open: %(open)s", open=told or "–"),
        )
    faults.raise_any()


def _told(edges: Iterable[int]) -> str:
    return " ".join(f"{edge // 60:02}:{edge % 60:02}" for edge in edges)
