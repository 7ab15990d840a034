"""A board out of a file, into a draft: one edit that can be undone, nothing where a row is bad.

People in the file get exactly the days that the file gives them at the offices it has lines of and
that the actor coordinates; who is not in it stays as they are, and so do days elsewhere. A line
with a date and no hours is a day off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Mediator, Office, Roster, RosterStatus, database
from app.services import editing, uploads
from app.services.errors import Conflict
from app.services.judging import Fault
from app.services.names import sorting_key
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
from app.services.rights import Actor, coordinates, require_any_coordinator
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
    "breaks": ("breaks", "pausas"),
    "break_from": ("break from", "break", "pausa", "pausa desde", "pausa de", "inicio da pausa"),
    "locked": ("locked", "fixo", "bloqueado", "trancado"),
}
FIELDS = tuple(SYNONYMS)


@dataclass(frozen=True, slots=True)
class BoardPreview:
    file: FileRead
    roster_id: int
    revision: int
    """Of the draft that the file was held against."""
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
    read = _Reader(actor, draft, table, mapping)
    cells = read.read()
    if not read.columns.faults:
        require_cells(actor, draft, cells)
    broken = _broken(draft, cells, read.codes) if not read.columns.faults else ()
    return BoardPreview(
        file=read.columns.file_read(row),
        roster_id=roster_id,
        revision=roster.revision,
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
    revision: int | None = None,
    said: Said = UNSAID,
) -> int:
    """Make the board of the file the draft's, as one edit; how many days changed.

    `revision` is the one that was previewed; without it the draft is taken as it stands. Raises
    Invalid where a row is bad, Conflict where the draft has been edited since the preview, and what
    `editing.change` raises.
    """
    roster = _draft(actor, roster_id)
    row, table = uploads.find(actor, upload_id, PURPOSE, str(roster_id))
    draft = open_draft(roster)
    read = _Reader(actor, draft, table, mapping)
    cells = read.read()
    if read.columns.faults or not table.lines:
        raise read.columns.refused(row.name)
    seen = roster.revision if revision is None else revision
    with database.atomic():
        editing.change(actor, roster_id, seen, cells, now, said)
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

    def __init__(
        self, actor: Actor, draft: OpenDraft, table: Table, mapping: Mapping[str, int] | None
    ) -> None:
        self.actor = actor
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
        self.covered: set[int] = set()
        """Offices that the file has lines of, among those that the actor coordinates."""

    def read(self) -> list[CellEdit]:
        if not self.columns.require(REQUIRED):
            return []
        wanted: dict[tuple[int, dt.date], CellEdit] = {}
        for line in self.columns.table.lines:
            self._cover(line)
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
        if cell is None and (row is None or row.office_id not in self.covered):
            return None
        is_now = (row.shift, row.locked) if row else (None, False)
        return None if (wanted.shift, wanted.locked) == is_now else wanted

    def _cover(self, line: Line) -> None:
        office = self.offices.get(sorting_key(self.columns.text(line, "office")))
        if office is not None and coordinates(self.actor, office.id):
            self.covered.add(office.id)

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
        shift = (
            None
            if off or date not in self.draft.horizon.dates
            else self._shift(line, date, mediator_id)
        )
        if len(columns.faults) > before or mediator_id is None or date is None:
            return None
        locked = bool(columns.text(line, "locked")) and not off
        return CellEdit(mediator_id, date, shift.id if shift else None, locked)

    def _shift(self, line: Line, date: dt.date, mediator_id: int | None) -> sp.Shift | None:
        columns = self.columns
        office = self.offices.get(sorting_key(columns.text(line, "office")))
        if office is None:
            columns.fault(line, "office", _("the code or name of an office"))
        clocks = {}
        for field in ("start", "end"):
            clocks[field] = as_clock(columns.cell(line, field))
            if clocks[field] is None:
                columns.fault(line, field, _("a time such as 09:30"))
            elif not self._on_slot(clocks[field]):
                columns.fault(line, field, _("times at full and half hours"))
                return None
        starts, ends = clocks["start"], clocks["end"]
        if office is None or starts is None or ends is None:
            return None
        zone = ZoneInfo(office.zone)
        start, end = self._slot(date, starts, zone), self._slot(date, ends, zone)
        offered = self.shifts.get((office.code, self.draft.day(date), start, end), [])
        fitting = self._with_breaks(line, date, zone, offered)
        if fitting is None:
            return None
        if not fitting:
            field = "breaks" if offered and columns.text(line, "breaks") else "start"
            columns.fault(line, field, _("hours that the office offers on that day"))
            return None
        row = self.draft.row(mediator_id, date) if mediator_id is not None else None
        return next((one for one in fitting if row and one.id == row.shift), fitting[0])

    def _with_breaks(
        self, line: Line, date: dt.date, zone: ZoneInfo, offered: list[sp.Shift]
    ) -> list[sp.Shift] | None:
        """Those with the breaks that the line tells, however it tells them; None after a fault."""
        columns = self.columns
        if text := columns.text(line, "breaks"):
            edges = _edges(text)
            if edges is None or not all(map(self._on_slot, edges)):
                columns.fault(line, "breaks", _("breaks such as 12:00-12:30, 15:00-15:30"))
                return None
            slots = [self._slot(date, edge, zone) for edge in edges]
            told = sorted(zip(slots[::2], slots[1::2], strict=True))
            return [one for one in offered if [tuple(each) for each in one.breaks] == told]
        pause = as_clock(columns.cell(line, "break_from"))
        if pause is None:
            # A table made by hand need not say when breaks are.
            return sorted(offered, key=lambda one: len(one.breaks))
        if not self._on_slot(pause):
            columns.fault(line, "break_from", _("times at full and half hours"))
            return None
        begins = self._slot(date, pause, zone)
        return [one for one in offered if one.breaks and one.breaks[0].start == begins]

    def _on_slot(self, clock: dt.time | None) -> bool:
        step = self.draft.problem.slot_minutes
        return clock is not None and not (clock.minute % step or clock.second)

    def _slot(self, date: dt.date, clock: dt.time, zone: ZoneInfo) -> int:
        return self.draft.horizon.slot(dt.datetime.combine(date, clock, zone).astimezone(dt.UTC))


def _edges(text: str) -> list[dt.time] | None:
    """12:00-12:30, 15:00-15:30: both edges of each break; None where it is no such thing."""
    edges = []
    for pause in text.replace("–", "-").replace(";", ",").split(","):
        start, dash, end = pause.partition("-")
        times = as_clock(start), as_clock(end)
        if not dash or times[0] is None or times[1] is None:
            return None
        edges += [times[0], times[1]]
    return edges
