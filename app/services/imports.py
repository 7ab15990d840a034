"""Arrivals out of a file: columns told apart, every bad row named, all of it or nothing.

What was imported before of the same office, half hour, language and need is replaced, so that a
file that comes again, whole or corrected, counts once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from peewee import fn

from app.models import Arrival, Upload, database
from app.services import arrivals, uploads
from app.services.arrivals import ArrivalRow
from app.services.import_reader import Key, Reader
from app.services.rights import Actor, require_any_coordinator
from app.services.uploads import FileRead

PURPOSE = "arrivals"
SOURCE = "import"


@dataclass(frozen=True, slots=True)
class Preview:
    file: FileRead
    office: str
    """The office of every line where no column says it."""
    offices: tuple[tuple[str, str], ...]
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
        return not self.file.fault_count and self.cells > 0


def take_in(actor: Actor, name: str, content: bytes, now: dt.datetime) -> int:
    """Keep an uploaded file until it is imported; its id. Raises Invalid at `file`, Forbidden."""
    require_any_coordinator(actor)
    return uploads.keep(actor, PURPOSE, "", name, content, now)


def preview(
    actor: Actor,
    import_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None = None,
    office: str = "",
) -> Preview:
    """What importing would do, by the columns told or guessed. Writes nothing."""
    row, read = _read(actor, import_id, now, mapping, office)
    cells = Counter(read.cells)
    new, changed = _compared(cells)
    times = sorted({one[1] for one in cells})
    return Preview(
        file=read.columns.file_read(row),
        office=office,
        offices=tuple((one.code, one.name) for one in read.offices.values()),
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
    row, read = _read(actor, import_id, now, mapping, office)
    if read.columns.faults or not read.cells:
        raise read.columns.refused(row.name)
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
) -> tuple[Upload, Reader]:
    require_any_coordinator(actor)
    row, table = uploads.find(actor, import_id, PURPOSE)
    read = Reader(actor, table, now, mapping, office)
    read.read()
    return row, read


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
