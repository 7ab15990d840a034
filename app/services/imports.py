"""Arrivals out of a file: columns told apart, every bad row named, all of it or nothing.

What was imported before of the same office, half hour, language and need is replaced, so that a
file that comes again, whole or corrected, counts once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from peewee import fn

from app.i18n import _
from app.models import Arrival, ArrivalImport, database
from app.services import arrivals
from app.services.arrivals import ArrivalRow
from app.services.errors import InputFault, Invalid, NotFound
from app.services.import_reader import Key, Reader, RowFault, guess
from app.services.rights import Actor, require_any_coordinator
from app.services.sheets import Line, Table, read_table

SOURCE = "import"
KEPT_DAYS = 1
FAULTS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Preview:
    id: int
    name: str
    header: tuple[str, ...]
    mapping: dict[str, int]
    """Field → the place of its column; a field without a column is not in it."""
    office: str
    """The office of every line where no column says it."""
    offices: tuple[tuple[str, str], ...]
    sample: tuple[Line, ...]
    lines: int
    faults: tuple[RowFault, ...]
    """At most FAULTS_SHOWN of them."""
    fault_count: int
    visitors: int
    cells: int
    new: int
    changed: int
    first: dt.datetime | None
    last: dt.datetime | None
    also_at_desk: int
    """Visitors that receptions counted themselves in the same half hours: both would count."""

    @property
    def ready(self) -> bool:
        return not self.fault_count and self.cells > 0


def take_in(actor: Actor, name: str, content: bytes, now: dt.datetime) -> int:
    """Keep an uploaded file until it is imported; its id. Raises Invalid at `file`, Forbidden."""
    require_any_coordinator(actor)
    read_table(name, content)
    with database.atomic():
        ArrivalImport.delete().where(
            ArrivalImport.created_at < now - dt.timedelta(days=KEPT_DAYS)
        ).execute()
        row = ArrivalImport.create(
            user=actor.user_id,
            name=name[:255],
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            created_at=now,
        )
    return int(row.id)


def preview(
    actor: Actor,
    import_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None = None,
    office: str = "",
) -> Preview:
    """What importing would do, by the columns told or guessed. Writes nothing."""
    row, table, read = _read(actor, import_id, now, mapping, office)
    cells = Counter(read.cells)
    new, changed = _compared(cells)
    times = sorted({one[1] for one in cells})
    return Preview(
        id=row.id,
        name=row.name,
        header=table.header,
        mapping=dict(read.mapping),
        office=office,
        offices=tuple((one.code, one.name) for one in read.offices.values()),
        sample=table.lines[:5],
        lines=len(table.lines),
        faults=tuple(read.faults[:FAULTS_SHOWN]),
        fault_count=len(read.faults),
        visitors=sum(cells.values()),
        cells=len(cells),
        new=new,
        changed=changed,
        first=times[0] if times else None,
        last=times[-1] if times else None,
        also_at_desk=_also_at_desk(cells),
    )


def carry_out(
    actor: Actor,
    import_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None = None,
    office: str = "",
) -> int:
    """Import a file and let it go; how many visitors. Raises Invalid where a row is bad."""
    row, _table, read = _read(actor, import_id, now, mapping, office)
    if read.faults or not read.cells:
        raise Invalid(
            [
                InputFault(f"{one.line}.{one.column}", one.value, one.expected)
                for one in read.faults[: arrivals.FAULTS_MOST]
            ]
            or [InputFault("file", row.name, _("lines below the names of the columns"))]
        )
    rows = [ArrivalRow(*key, visitors) for key, visitors in sorted(read.cells.items())]
    with database.atomic():
        arrivals.record_arrivals(actor, rows, now, SOURCE)
        row.delete_instance()
    return sum(read.cells.values())


def _read(
    actor: Actor,
    import_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None,
    office: str,
) -> tuple[ArrivalImport, Table, Reader]:
    require_any_coordinator(actor)
    row = ArrivalImport.get_or_none(
        ArrivalImport.id == import_id, ArrivalImport.user == actor.user_id
    )
    if row is None:
        raise NotFound
    table = read_table(row.name, bytes(row.content))
    read = Reader(actor, table, now, guess(table.header) if mapping is None else mapping, office)
    read.read()
    return row, table, read


def _compared(cells: Mapping[Key, int]) -> tuple[int, int]:
    """How many cells are not there yet, and how many hold another number."""
    if not cells:
        return 0, 0
    times = [key[1] for key in cells]
    stored = {
        (row.office_id, row.starts_at, row.language_id, row.need): row.count
        for row in Arrival.select().where(
            Arrival.source == SOURCE, Arrival.starts_at.between(min(times), max(times))
        )
    }
    new = sum(key not in stored for key in cells)
    changed = sum(key in stored and stored[key] != count for key, count in cells.items())
    return new, changed


def _also_at_desk(cells: Mapping[Key, int]) -> int:
    if not cells:
        return 0
    slots = {(key[0], key[1]) for key in cells}
    times = [key[1] for key in cells]
    rows = (
        Arrival.select(Arrival.office, Arrival.starts_at, fn.SUM(Arrival.count).alias("total"))
        .where(
            Arrival.source == arrivals.DESK_SOURCE,
            Arrival.starts_at.between(min(times), max(times)),
        )
        .group_by(Arrival.office, Arrival.starts_at)
    )
    return sum(row.total for row in rows if (row.office_id, row.starts_at) in slots)
