"""A board out of a file, into a draft: one edit that can be undone, nothing where a row is bad.

People in the file get exactly the days that the file gives them; who is not in it stays as they
are. A line with a date and no hours is a day off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Mediator, Office, Roster, RosterStatus
from app.services import editing, uploads
from app.services.errors import Conflict
from app.services.judging import Fault
from app.services.names import sorting_key
from app.services.open_drafts import (
    CellEdit,
    OpenDraft,
    find_roster,
    new_faults,
    open_draft,
    require_cells,
)
from app.services.rights import Actor, require_any_coordinator
from app.services.sheet_values import as_clock, as_moment
from app.services.sheets import Line, Table
from app.services.uploads import Columns, FileRead
from solver import Change
from solver import problem as sp

PURPOSE = "board"
REQUIRED = ("mediator", "date", "office", "start", "end")
SYNONYMS = {
    "mediator": ("code", "codigo", "mediator", "mediador"),
    "date": ("date", "data", "dia", "day"),
    "office": ("office", "centro", "balcao", "local"),
    "start": ("start", "inicio", "entrada", "from"),
    "end": ("end", "fim", "saida", "until"),
    "break_from": ("break from", "break", "pausa", "pausa desde", "pausa de", "inicio da pausa"),
    "locked": ("locked", "fixo", "bloqueado", "trancado"),
}
FIELDS = tuple(SYNONYMS)


@dataclass(frozen=True, slots=True)
class BoardPreview:
    file: FileRead
    roster_id: int
    week: dt.date
    people: int
    changed: int
    """Days that would be other than they are."""
    broken: tuple[Fault, ...]
    """Rules that the board of the file breaks anew."""

    @property
    def ready(self) -> bool:
        return not self.file.fault_count and self.changed > 0


def week_of_draft(actor: Actor, roster_id: int) -> dt.date:
    """The Monday of a draft that the actor may change. Raises Conflict for what is no draft."""
    week: dt.date = _draft(actor, roster_id).week_starts_on
    return week


def take_in(actor: Actor, roster_id: int, name: str, content: bytes, now: dt.datetime) -> int:
    """Keep a file for a draft; its id. Raises Invalid at `file`, Conflict for what is no draft."""
    _draft(actor, roster_id)
    return uploads.keep(actor, PURPOSE, str(roster_id), name, content, now)


def preview(
    actor: Actor, roster_id: int, upload_id: int, mapping: Mapping[str, int] | None = None
) -> BoardPreview:
    """What bringing it in would do. Writes nothing."""
    roster = _draft(actor, roster_id)
    row, table = uploads.find(actor, upload_id, PURPOSE, str(roster_id))
    draft = open_draft(roster)
    read = _Reader(draft, table, mapping)
    cells = read.read()
    if not read.columns.faults:
        require_cells(actor, draft, cells)
    broken = _broken(draft, cells, read.codes) if not read.columns.faults else ()
    return BoardPreview(
        file=read.columns.file_read(row),
        roster_id=roster_id,
        week=roster.week_starts_on,
        people=read.people,
        changed=len(cells),
        broken=broken,
    )


def carry_out(
    actor: Actor,
    roster_id: int,
    upload_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None = None,
    *,
    allow_broken: bool = False,
) -> int:
    """Make the board of the file the draft's, as one edit; how many days changed.

    Raises Invalid where a row is bad, BrokenRules unless `allow_broken`.
    """
    roster = _draft(actor, roster_id)
    row, table = uploads.find(actor, upload_id, PURPOSE, str(roster_id))
    draft = open_draft(roster)
    read = _Reader(draft, table, mapping)
    cells = read.read()
    if read.columns.faults or not table.lines:
        raise read.columns.refused(row.name)
    editing.change(actor, roster_id, roster.revision, cells, now, allow_broken=allow_broken)
    row.delete_instance()
    return len(cells)


def _draft(actor: Actor, roster_id: int) -> Roster:
    require_any_coordinator(actor)
    roster = find_roster(actor, roster_id)
    if roster.status != RosterStatus.DRAFT:
        raise Conflict(_("This version is no draft any more; make a new draft to change the week."))
    return roster


def _broken(draft: OpenDraft, cells: list[CellEdit], codes: Mapping[int, str]) -> tuple[Fault, ...]:
    after = draft.judged.with_changes(
        Change(codes[one.mediator_id], draft.day(one.date), one.shift) for one in cells
    )
    return new_faults(draft.judged, after)


class _Reader:
    """Lines into the days they change, every fault collected on the way."""

    def __init__(self, draft: OpenDraft, table: Table, mapping: Mapping[str, int] | None) -> None:
        self.draft = draft
        self.columns = Columns(table, mapping, SYNONYMS)
        known = draft.problem.mediator_by_id
        rows = [one for one in Mediator.select() if one.code in known]
        self.codes = {one.id: one.code for one in rows}
        self.by_name: dict[str, int | None] = {}
        for one in rows:
            for name in (one.name, one.called_name):
                if name:
                    key = sorting_key(name)
                    # Two people of one name are told apart by their codes only.
                    self.by_name[key] = None if key in self.by_name else one.id
        self.by_name |= {sorting_key(one.code): one.id for one in rows}
        offices = list(Office.select())
        self.offices = {sorting_key(n): one for one in offices for n in (one.code, one.name)}
        self.shifts: dict[tuple[str, int, int, int], list[sp.Shift]] = {}
        for shift in draft.problem.shifts:
            key4 = (shift.office, shift.day, shift.start, shift.end)
            self.shifts.setdefault(key4, []).append(shift)
        self.people = 0

    def read(self) -> list[CellEdit]:
        if not self.columns.require(REQUIRED):
            return []
        wanted: dict[tuple[int, dt.date], CellEdit] = {}
        for line in self.columns.table.lines:
            cell = self._line(line)
            if cell is None:
                continue
            key = (cell.mediator_id, cell.date)
            if key in wanted:
                self.columns.fault(line, "date", _("one line for a person's day"))
            wanted[key] = cell
        people = {mediator_id for mediator_id, _date in wanted}
        self.people = len(people)
        return [
            cell
            for mediator_id in sorted(people)
            for date in self.draft.horizon.dates
            if (cell := self._changed(mediator_id, date, wanted.get((mediator_id, date))))
        ]

    def _changed(self, mediator_id: int, date: dt.date, cell: CellEdit | None) -> CellEdit | None:
        """The edit that brings the day there, None where it is so already."""
        wanted = cell or CellEdit(mediator_id, date, None)
        row = self.draft.row(mediator_id, date)
        is_now = (row.shift, row.locked) if row else (None, False)
        return None if (wanted.shift, wanted.locked) == is_now else wanted

    def _line(self, line: Line) -> CellEdit | None:
        columns = self.columns
        before = len(columns.faults)
        mediator_id = self.by_name.get(sorting_key(columns.text(line, "mediator")))
        if mediator_id is None:
            columns.fault(line, "mediator", _("the code of somebody of this week"))
        moment = as_moment(columns.cell(line, "date"))
        date = moment.date() if isinstance(moment, dt.datetime) else moment
        if date is None or date not in self.draft.horizon.dates:
            columns.fault(line, "date", _("a day of this week"))
        off = not columns.text(line, "start") and not columns.text(line, "end")
        shift = None if off or date not in self.draft.horizon.dates else self._shift(line, date)
        if len(columns.faults) > before or mediator_id is None or date is None:
            return None
        locked = bool(columns.text(line, "locked")) and not off
        return CellEdit(mediator_id, date, shift.id if shift else None, locked)

    def _shift(self, line: Line, date: dt.date) -> sp.Shift | None:
        columns = self.columns
        office = self.offices.get(sorting_key(columns.text(line, "office")))
        if office is None:
            columns.fault(line, "office", _("the code or name of an office"))
        clocks = {}
        for field in ("start", "end"):
            clocks[field] = as_clock(columns.cell(line, field))
            if clocks[field] is None:
                columns.fault(line, field, _("a time such as 09:30"))
        starts, ends = clocks["start"], clocks["end"]
        if office is None or starts is None or ends is None:
            return None
        zone = ZoneInfo(office.zone)
        start, end = self._slot(date, starts, zone), self._slot(date, ends, zone)
        offered = self.shifts.get((office.code, self.draft.day(date), start, end), [])
        pause = as_clock(columns.cell(line, "break_from")) if columns.has("break_from") else None
        if pause is not None:
            begins = self._slot(date, pause, zone)
            offered = [one for one in offered if one.breaks and one.breaks[0].start == begins]
        if not offered:
            columns.fault(line, "start", _("hours that the office offers on that day"))
            return None
        return offered[0]

    def _slot(self, date: dt.date, clock: dt.time, zone: ZoneInfo) -> int:
        return self.draft.horizon.slot(dt.datetime.combine(date, clock, zone).astimezone(dt.UTC))
