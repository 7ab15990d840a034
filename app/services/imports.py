"""Arrivals out of a file: columns told apart, every bad row named, all of it or nothing.

What was imported before of the same office, half hour, language and need is replaced, so that a
file that comes again counts once. A corrected one may move visitors to another time or language:
whoever brings it in says whether it replaces its days whole or is added to what is there.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.models import Upload, database
from app.services import arrivals, audit, uploads
from app.services.arrivals import ArrivalRow
from app.services.import_effect import also_counted, effect, remove
from app.services.import_reader import Reader
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
    removed: int
    """Counts brought in before that the file says are 0."""
    gone: int
    """Counts brought in before, of the same offices and days, that the file does not have."""
    gone_visitors: int
    also: tuple[tuple[str, int], ...]
    """Visitors whom other sources have in the same half hours, each: both would count."""

    @property
    def ready(self) -> bool:
        return not self.file.fault_count and self.cells + self.removed > 0


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
    told = effect(cells, read.zones, SOURCE)
    times = sorted({one[1] for one in cells})
    return Preview(
        file=read.columns.file_read(row),
        office=office,
        offices=tuple((one.code, one.name) for one in read.offices.values()),
        visitors=sum(cells.values()),
        cells=sum(count > 0 for count in cells.values()),
        new=told.new,
        changed=told.changed,
        first=times[0] if times else None,
        last=times[-1] if times else None,
        removed=len(told.emptied),
        gone=len(told.gone),
        gone_visitors=told.gone_visitors,
        also=also_counted(cells, SOURCE),
    )


def carry_out(
    actor: Actor,
    import_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None = None,
    office: str = "",
    *,
    whole_days: bool = False,
) -> int:
    """Import a file and let it go; how many visitors. Raises Invalid where a row is bad.

    whole_days: what was imported before of the file's offices and days and is not in it goes.
    """
    row, read = _read(actor, import_id, now, mapping, office)
    if read.columns.faults or not read.cells:
        raise read.columns.refused(row.name)
    rows = [ArrivalRow(*key, count) for key, count in sorted(read.cells.items()) if count]
    with database.atomic():
        told = effect(read.cells, read.zones, SOURCE)
        removed = remove([*told.emptied, *(told.gone if whole_days else ())])
        if removed:
            audit.record(actor, "arrivals.remove", "arrivals", SOURCE, now, rows=removed)
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
