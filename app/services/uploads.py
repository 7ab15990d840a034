"""Files on their way in: kept as they came, read by columns that are told or guessed by name."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.i18n import _
from app.models import Upload, database
from app.services.errors import InputFault, Invalid, NotFound
from app.services.names import sorting_key
from app.services.rights import Actor
from app.services.sheets import CELL_MOST, Line, Table, read_table
from training.workbook_rows import Cell, Formula

KEPT_DAYS = 1
FAULTS_SHOWN = 500
SAMPLE_LINES = 5


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one cell of a file: its line, column, what it holds, what was expected."""

    line: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as it was read: what a person sees of it before anything is brought in."""

    id: int
    name: str
    header: tuple[str, ...]
    mapping: dict[str, int]
    """Field → the place of its column; a field without a column is not in it."""
    sample: tuple[Line, ...]
    lines: int
    faults: tuple[RowFault, ...]
    """At most FAULTS_SHOWN of them."""
    fault_count: int


def keep(
    actor: Actor, purpose: str, target: str, name: str, content: bytes, now: dt.datetime
) -> int:
    """Keep a file until it is brought in; its id. Rights are the caller's. Raises Invalid."""
    read_table(name, content)
    with database.atomic():
        Upload.delete().where(Upload.created_at < now - dt.timedelta(days=KEPT_DAYS)).execute()
        row = Upload.create(
            user=actor.user_id,
            purpose=purpose,
            target=target,
            name=name[:255],
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            created_at=now,
        )
    return int(row.id)


def find(actor: Actor, upload_id: int, purpose: str, target: str = "") -> tuple[Upload, Table]:
    """One's own file, read. Raises NotFound for anybody else's."""
    row = Upload.get_or_none(
        Upload.id == upload_id,
        Upload.user == actor.user_id,
        Upload.purpose == purpose,
        Upload.target == target,
    )
    if row is None:
        raise NotFound
    return row, read_table(row.name, bytes(row.content))


def guess(header: tuple[str, ...], synonyms: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Which column is which, by its name: capitals, accents and signs make no difference."""
    known = {_plain(name): field for field, names in synonyms.items() for name in names}
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        field = known.get(_plain(name))
        if field is not None and field not in found:
            found[field] = index
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", sorting_key(name))


class Columns:
    """A table read through a mapping of fields to columns, with the faults met on the way."""

    def __init__(
        self,
        table: Table,
        mapping: Mapping[str, int] | None,
        synonyms: Mapping[str, tuple[str, ...]],
    ) -> None:
        """`synonyms`: field → names of its column, by which it is guessed without a mapping."""
        self.table = table
        if mapping is None:
            mapping = guess(table.header, synonyms)
        self.mapping = {
            field: place
            for field, place in mapping.items()
            if field in synonyms and 0 <= place < len(table.header)
        }
        self.faults: list[RowFault] = []

    def require(self, fields: tuple[str, ...]) -> bool:
        """A fault for each of `fields` that no column holds; whether all are there."""
        missing = [field for field in fields if field not in self.mapping]
        self.faults += [RowFault(1, field, "", _("a column for it")) for field in missing]
        return not missing

    def has(self, field: str) -> bool:
        return field in self.mapping

    def cell(self, line: Line, field: str) -> Cell:
        place = self.mapping.get(field)
        return line.cells[place] if place is not None and place < len(line.cells) else None

    def text(self, line: Line, field: str) -> str:
        """A cell as one line: what a person broke or spaced out in it is one space."""
        value = self.cell(line, field)
        return "" if value is None else " ".join(str(value).split())

    def fault(self, line: Line, field: str, expected: str) -> None:
        value = self.cell(line, field)
        if isinstance(value, Formula):
            expected = _("a value, not a formula")
        column = self.table.header[self.mapping[field]] if field in self.mapping else field
        shown = "" if value is None else str(value)[:CELL_MOST]
        self.faults.append(RowFault(line.number, column, shown, expected))

    def file_read(self, row: Upload) -> FileRead:
        return FileRead(
            id=row.id,
            name=row.name,
            header=self.table.header,
            mapping=dict(self.mapping),
            sample=self.table.lines[:SAMPLE_LINES],
            lines=len(self.table.lines),
            faults=tuple(self.faults[:FAULTS_SHOWN]),
            fault_count=len(self.faults),
        )

    def refused(self, name: str) -> Invalid:
        """The faults as one refusal; of an empty file that it is empty."""
        return Invalid(
            [
                InputFault(f"{one.line}.{one.column}", one.value, one.expected)
                for one in self.faults[:FAULTS_SHOWN]
            ]
            or [InputFault("file", name, _("lines below the names of the columns"))]
        )
