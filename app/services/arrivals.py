"""Arrivals: who came, counted by office, half hour, language and need. Nothing personal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.i18n import _
from app.models import Arrival, Language, Office, database
from app.models.written import written
from app.services import audit
from app.services.checks import SLOT_MINUTES, Faults
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.needs import NEEDS
from app.services.rights import Actor
from app.services.worked_today import offices_worked

DESK_SOURCE = "desk"
"""The source of arrivals logged by one press at the reception."""
PRESS_KEPT_MOST = dt.timedelta(hours=6)
"""So long a page may keep a press for want of a network, and still be believed when it was."""
VISITORS_MOST = 10_000
FAULTS_MOST = 1_000
"""A file that is wrong from end to end need not be told so line by line."""
_CHUNK_ROWS = 20_000


class ArrivalRow(NamedTuple):
    """How many came to an office in the half hour that begins at `starts_at` (aware)."""

    office_id: int
    starts_at: dt.datetime
    language: str
    need: str
    visitors: int


def record_arrivals(actor: Actor, rows: Sequence[ArrivalRow], now: dt.datetime, source: str) -> int:
    """Save counts in bulk, all or none; how many rows.

    A row whose office, half hour, language, need and source are there already takes its place:
    recording the same rows again changes nothing. Raises Invalid, each fault at
    `row index.field` (at most FAULTS_MOST of them), and Forbidden for an office not the actor's.
    """
    offices = {row.office_id for row in rows}
    known = {row.id for row in Office.select(Office.id)}
    for office_id in offices & known:
        _require_reception(actor, office_id, now)
    faults = Faults()
    if not source or len(source) > 32:
        faults.add("source", source, _("1 to 32 characters"))
    _check_rows(faults, rows, known, now)
    faults.raise_any()
    with database.atomic():
        _upsert(rows, source)
        if rows:
            audit.record(
                actor, "arrivals.record", "arrivals", source, now,
                rows=len(rows), offices=sorted(offices),
            )  # fmt: skip
    return len(rows)


def add_arrival(
    actor: Actor,
    office_id: int,
    language: str,
    need: str,
    now: dt.datetime,
    came_at: dt.datetime | None = None,
) -> ArrivalRow:
    """Count one more visitor in the half hour of `came_at`, by default of `now`; the row as it is
    afterwards.

    Two receptions that press at once are both counted: the database adds, not the caller. The
    audit log is left out: the row tells all there is to tell.
    """
    row = ArrivalRow(office_id, half_hour(came_at or now), language, need, 1)
    _check_press(actor, row, now, came_at)
    with database.atomic():
        add_counts([row], DESK_SOURCE)
        return row._replace(visitors=_desk_count(row))


def add_counts(rows: Iterable[ArrivalRow], source: str) -> None:
    """Add visitors to what the cells of `source` hold; the caller has checked the rows."""
    for office_id, starts_at, language, need, visitors in rows:
        Arrival.insert(
            office=office_id, starts_at=starts_at, language=language, need=need,
            count=visitors, source=source,
        ).on_conflict(
            conflict_target=[
                Arrival.office, Arrival.starts_at, Arrival.language, Arrival.need, Arrival.source,
            ],
            update={Arrival.count: Arrival.count + visitors},
        ).execute()  # fmt: skip


def take_counts(row: ArrivalRow, source: str) -> bool:
    """Take visitors from what the cell of `source` holds; False where it holds fewer.

    The caller has checked the row.
    """
    cell = (*_cell(row), Arrival.source == source)
    less = Arrival.update(count=Arrival.count - row.visitors)
    taken = less.where(*cell, Arrival.count >= row.visitors).execute()
    Arrival.delete().where(*cell, Arrival.count == 0).execute()
    return bool(taken)


def undo_arrival(
    actor: Actor,
    office_id: int,
    starts_at: dt.datetime,
    language: str,
    need: str,
    now: dt.datetime,
) -> int:
    """Take one press back; how many the row still holds. Raises Conflict when it holds none."""
    row = ArrivalRow(office_id, starts_at, language, need, 1)
    _check_press(actor, row, now)
    with database.atomic():
        if not take_counts(row, DESK_SOURCE):
            raise Conflict(_("There is no arrival left to take back."))
        audit.record(
            actor, "arrivals.undo", "office", office_id, now,
            starts_at=starts_at.astimezone(dt.UTC).isoformat(), language=language, need=need,
        )  # fmt: skip
        return _desk_count(row)


def half_hour(instant: dt.datetime) -> dt.datetime:
    """The start in UTC of the half hour an instant lies in (Portugal's zones are whole hours)."""
    utc = instant.astimezone(dt.UTC)
    return utc.replace(minute=utc.minute // SLOT_MINUTES * SLOT_MINUTES, second=0, microsecond=0)


def pressed_at(now: dt.datetime, seconds_ago: int) -> dt.datetime:
    """When a button was pressed that reaches us now and says how long ago it was pressed.

    A page without network keeps its presses; one that tells of the future, or of a time too long
    ago to be believed, is of now.
    """
    ago = dt.timedelta(seconds=seconds_ago)
    return now - ago if dt.timedelta() <= ago <= PRESS_KEPT_MOST else now


def may_log(actor: Actor, office_id: int, now: dt.datetime) -> bool:
    """Arrivals are logged by an office's coordinators and the mediators who work there, if only
    today: lent for the day, or out with its route."""
    offices = offices_logged(actor, now)
    return offices is None or office_id in offices


def offices_logged(actor: Actor, now: dt.datetime) -> frozenset[int] | None:
    """The offices whose arrivals the actor may log now; None for all."""
    coordinated = actor.office_ids if actor.is_coordinator else frozenset()
    if coordinated is None:
        return None
    worked = offices_worked(actor.mediator_id, now) if actor.is_mediator else frozenset()
    return frozenset(coordinated) | worked


def _require_reception(actor: Actor, office_id: int, now: dt.datetime) -> None:
    if not may_log(actor, office_id, now):
        raise Forbidden


def _check_press(
    actor: Actor, row: ArrivalRow, now: dt.datetime, came_at: dt.datetime | None = None
) -> None:
    """The right is that of the moment in which the button was pressed."""
    if not _an_office(row.office_id):
        raise NotFound
    _require_reception(actor, row.office_id, came_at or now)
    faults = Faults()
    _check_rows(faults, [row], {row.office_id}, now)
    faults.raise_any()


@written
def _an_office(office_id: Any) -> Any:
    return Office.select(Office.id).where(Office.id == office_id).tuples()


def _check_rows(
    faults: Faults, rows: Iterable[ArrivalRow], offices: set[int], now: dt.datetime
) -> None:
    languages = {code for (code,) in _language_codes()}
    seen: set[tuple[int, dt.datetime, str, str]] = set()
    sound_times: set[dt.datetime] = set()
    for index, row in enumerate(rows):
        office_id, starts_at, language, need, visitors = row
        if office_id not in offices:
            faults.add(f"{index}.office_id", office_id, _("an office"))
        if starts_at in sound_times or _check_time(faults, f"{index}.starts_at", starts_at, now):
            sound_times.add(starts_at)
        if language not in languages:
            faults.add(f"{index}.language", language, _("the code of a language"))
        if need not in NEEDS:
            faults.one_of(f"{index}.need", need, NEEDS)
        if type(visitors) is not int or not 1 <= visitors <= VISITORS_MOST:
            faults.whole(f"{index}.visitors", visitors, 1, VISITORS_MOST)
        key = (office_id, starts_at, language, need)
        if key in seen:
            faults.add(f"{index}.starts_at", starts_at, _("each office, time, language, need once"))
        seen.add(key)
        if len(faults.found) >= FAULTS_MOST:
            return


@written
def _language_codes() -> Any:
    return Language.select(Language.code).tuples()


def _check_time(faults: Faults, field: str, starts_at: dt.datetime, now: dt.datetime) -> bool:
    if starts_at.tzinfo is None:
        faults.add(field, starts_at, _("a time with its time zone"))
    elif starts_at != half_hour(starts_at):
        faults.add(field, starts_at, _("the start of a half hour"))
    elif starts_at > now:
        faults.add(field, starts_at, _("a time that has come"))
    else:
        return True
    return False


def _upsert(rows: Sequence[ArrivalRow], source: str) -> None:
    """Insert or replace by the driver's own executemany, in chunks: several times as quick as
    building one statement for every chunk, which matters for a year of half hours."""
    if not rows:
        return
    first = dict(zip(_COLUMNS, (*rows[0], source), strict=True))
    statement, _parameters = (
        Arrival.insert_many([first])
        .on_conflict(
            conflict_target=[
                Arrival.office, Arrival.starts_at, Arrival.language, Arrival.need, Arrival.source,
            ],
            preserve=[Arrival.count],
        )
        .sql()
    )  # fmt: skip
    stored: dict[dt.datetime, Any] = {}
    convert = Arrival.starts_at.db_value
    for begin in range(0, len(rows), _CHUNK_ROWS):
        values = []
        for office_id, starts_at, language, need, visitors in rows[begin : begin + _CHUNK_ROWS]:
            when = stored.get(starts_at)
            if when is None:
                when = stored[starts_at] = convert(starts_at)
            values.append((office_id, when, language, need, visitors, source))
        database.cursor().executemany(statement, values)


_COLUMNS = ("office", "starts_at", "language", "need", "count", "source")


def _cell(row: ArrivalRow) -> tuple[Any, ...]:
    return (
        Arrival.office == row.office_id,
        Arrival.starts_at == row.starts_at,
        Arrival.language == row.language,
        Arrival.need == row.need,
    )


def _desk_count(row: ArrivalRow) -> int:
    found = _count(row.office_id, row.starts_at, row.language, row.need)
    return int(found[0][0]) if found else 0


@written
def _count(office_id: Any, starts_at: Any, language: Any, need: Any) -> Any:
    cell = _cell(ArrivalRow(office_id, starts_at, language, need, 0))
    query = Arrival.select(Arrival.count)
    return query.where(*cell, Arrival.source == DESK_SOURCE).tuples()
