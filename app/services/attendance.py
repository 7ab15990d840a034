"""Attendance and results of a session: a grid, or a sheet; all rows are saved, or none.

A pass issues or renews its certification in the same transaction, as `record_completion` does.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import (
    Certification,
    Completion,
    CompletionResult,
    Enrolment,
    EnrolmentStatus,
    Mediator,
    database,
)
from app.services import audit
from app.services.check_ins import arrivals_of
from app.services.checks import Faults
from app.services.completions import NOTE_LENGTH, Recorded, record_completion
from app.services.errors import InputFault, Invalid
from app.services.horizon import network_date
from app.services.rights import Actor
from app.services.session_pages import session_to_run
from app.services.session_rows import hold_mediator
from app.services.sessions import SessionView
from training.faults import Fault, TrainingFault
from training.sheet import (
    MOST_MINUTES,
    Known,
    SheetReading,
    SheetSettings,
    read_sheet,
    read_text,
)
from training.workbook import read_workbook

LATEST_DAYS = 30
"""How long after the session's day a row of a sheet may be dated."""


@dataclass(frozen=True, slots=True)
class GridRow:
    """Somebody enrolled, and their result of this session, if there is one."""

    mediator_id: int
    name: str
    office_name: str
    result: CompletionResult | None
    completion_id: int | None
    minutes: int | None
    note: str
    certificate: str
    """The number of the certification it issued; empty where it issued none."""
    valid_until: dt.date | None
    arrivals: tuple[dt.datetime, ...] = ()
    """Checked in at the door, on one date after another."""


@dataclass(frozen=True, slots=True)
class Grid:
    session: SessionView
    rows: tuple[GridRow, ...]
    on: dt.date
    """The day results are recorded for: the session's last, today at the latest."""
    may_begin: bool
    """The day of the session's last date has come."""


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """One result to record."""

    mediator_id: int
    result: CompletionResult
    on: dt.date
    minutes: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A sheet read: the rows to save with the names they mean, and every reason against others."""

    rows: tuple[tuple[int, str, ResultFacts], ...]
    """Row of the sheet, name, result."""
    faults: tuple[Fault, ...]


def grid(actor: Actor, session_id: int, now: dt.datetime) -> Grid:
    """The session's people and their results. Raises Forbidden for who does not run it."""
    session = session_to_run(actor, session_id)
    results = {
        row.mediator_id: row
        for row in Completion.select().where(
            Completion.session == session_id, Completion.replaced_at.is_null()
        )
    }
    issued = {
        row.completion_id: row
        for row in Certification.select().where(
            Certification.completion.in_([row.id for row in results.values()]),
            Certification.withdrawn_at.is_null(),
        )
    }
    people = _people(session_id)
    arrived = arrivals_of(session_id)
    first = _first_day(session)
    today = network_date(now)
    last = _day(session, session.ends_at - dt.timedelta(seconds=1))
    return Grid(
        session=session,
        rows=tuple(
            replace(_grid_row(one, results, issued), arrivals=tuple(arrived.get(one.id, ())))
            for one in people
        ),
        on=max(first, min(last, today)),
        may_begin=first <= today,
    )


def record_results(
    actor: Actor, session_id: int, results: Sequence[ResultFacts], now: dt.datetime
) -> tuple[Recorded, ...]:
    """Save every result, or none. Raises Invalid with the faults of all rows, each at
    `rows.<mediator id>.<field>`."""
    session = session_to_run(actor, session_id)
    enrolled = {one.id for one in _people(session_id)}
    faults: list[InputFault] = []
    recorded: list[Recorded] = []
    seen: set[int] = set()
    with database.atomic() as transaction:
        # In one order, whatever that of the sheet: two who save at once wait, and do not lock up.
        for mediator_id in sorted(enrolled & {one.mediator_id for one in results}):
            hold_mediator(mediator_id)
        for one in results:
            found = _row_faults(one, enrolled, seen)
            seen.add(one.mediator_id)
            if not found:
                try:
                    with database.atomic():
                        recorded.append(_record(actor, session, one, now))
                except Invalid as error:
                    found = error.faults
            faults += [
                InputFault(f"rows.{one.mediator_id}.{fault.field}", fault.value, fault.expected)
                for fault in found
            ]
        if faults:
            transaction.rollback()
        elif recorded:
            audit.record(actor, "session.results", "session", session_id, now, count=len(recorded))
    if faults:
        raise Invalid(faults)
    return tuple(recorded)


def cells_of(text: str, upload: bytes, file_name: str) -> list[list[str]]:
    """The cells of what was pasted, or of a CSV or XLSX file. Raises TrainingFault."""
    if not upload:
        return read_text(text)
    packed = upload.startswith(b"PK") or file_name.lower().endswith((".xlsx", ".xlsm"))
    return read_workbook(upload) if packed else read_text(upload)


def text_of(cells: Sequence[Sequence[str]]) -> str:
    """Cells as text that `cells_of` reads back: what was seen is what is saved."""
    written = io.StringIO()
    csv.writer(written, delimiter="\t", lineterminator="\n").writerows(cells)
    return written.getvalue()


def preview(
    actor: Actor, session_id: int, cells: Sequence[Sequence[str]], now: dt.datetime
) -> Preview:
    """What the cells would record. Raises TrainingFault where they are no sheet of results."""
    current = grid(actor, session_id, now)
    session = current.session
    reading = read_sheet(cells, _known(session_id), _settings(current, session, now))
    names = {row.mediator_id: row.name for row in current.rows}
    rows = tuple(
        (
            row.row,
            names[row.mediator],
            ResultFacts(row.mediator, CompletionResult(row.result), row.on, row.minutes, row.note),
        )
        for row in reading.rows
    )
    return Preview(rows, (*reading.faults, *_note_faults(reading)))


def _settings(current: Grid, session: SessionView, now: dt.datetime) -> SheetSettings:
    first = _first_day(session)
    today = network_date(now)
    return SheetSettings(
        first_day=first,
        last_day=min(today, first + dt.timedelta(days=LATEST_DAYS)),
        day=current.on,
        enrolled={row.mediator_id for row in current.rows},
        recorded={row.mediator_id for row in current.rows if row.result is not None},
    )


def save_sheet(
    actor: Actor, session_id: int, cells: Sequence[Sequence[str]], now: dt.datetime
) -> tuple[Recorded, ...]:
    """Save a sheet's rows, all or none. Raises TrainingFault or Invalid with every reason."""
    read = preview(actor, session_id, cells, now)
    if read.faults:
        raise TrainingFault(read.faults)
    return record_results(actor, session_id, [facts for _row, _name, facts in read.rows], now)


def _note_faults(reading: SheetReading) -> list[Fault]:
    faults = []
    for row in reading.rows:
        found = Faults()
        found.length("note", row.note, NOTE_LENGTH, lines=True)
        faults += [
            Fault(f"row {row.row}", "note", f"{len(row.note)}", one.expected) for one in found.found
        ]
    return faults


def _row_faults(one: ResultFacts, enrolled: set[int], seen: set[int]) -> list[InputFault]:
    faults = []
    if one.mediator_id in seen:
        faults.append(InputFault("result", one.result, _("one result for a person")))
    if one.mediator_id not in enrolled:
        faults.append(InputFault("result", one.result, _("somebody enrolled in the session")))
    if one.minutes is not None and (
        type(one.minutes) is not int or not 0 <= one.minutes <= MOST_MINUTES
    ):
        expected = _("a whole number from %(least)d to %(most)d", least=0, most=MOST_MINUTES)
        faults.append(InputFault("minutes", one.minutes, expected))
    found = Faults()
    found.length("note", one.note, NOTE_LENGTH, lines=True)
    return faults + found.found


def _record(actor: Actor, session: SessionView, one: ResultFacts, now: dt.datetime) -> Recorded:
    twice = Completion.select().where(
        Completion.session == session.id,
        Completion.mediator == one.mediator_id,
        Completion.replaced_at.is_null(),
    )
    if twice.exists():
        expected = _("somebody without a result of this session; correct the one there is")
        raise Invalid([InputFault("result", one.result, expected)])
    return record_completion(
        actor,
        session.course_id,
        one.mediator_id,
        one.on,
        one.result,
        now,
        session.id,
        one.minutes,
        one.note,
    )


def _people(session_id: int) -> list[Mediator]:
    query = Mediator.select().join(Enrolment)
    return list(
        query.where(
            Enrolment.session == session_id, Enrolment.status == EnrolmentStatus.ENROLLED
        ).order_by(Mediator.name, Mediator.id)
    )


def _known(session_id: int) -> list[Known]:
    """Everybody enrolled, by the names they go by; a stranger's row is refused as unknown."""
    known = []
    for one in _people(session_id):
        known.append(Known(one.id, one.name, one.email, one.code))
        if one.called_name and one.called_name != one.name:
            known.append(Known(one.id, one.called_name))
    return known


def _grid_row(
    one: Mediator, results: dict[int, Completion], issued: dict[int, Certification]
) -> GridRow:
    result = results.get(one.id)
    certification = issued.get(result.id) if result else None
    return GridRow(
        mediator_id=one.id,
        name=one.called_name or one.name,
        office_name=one.home_office.name,
        result=result.result if result else None,
        completion_id=result.id if result else None,
        minutes=result.minutes if result else None,
        note=result.note if result else "",
        certificate=certification.number if certification else "",
        valid_until=certification.valid_until if certification else None,
    )


def _first_day(session: SessionView) -> dt.date:
    """The first day that results may be of."""
    return _day(session, session.spans[-1][0])


def _day(session: SessionView, instant: dt.datetime) -> dt.date:
    return instant.astimezone(ZoneInfo(session.zone)).date()
