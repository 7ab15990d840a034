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
from app.services.sheets import CELL_MOST, Cell, Formula, Line, Table, read_table

KEPT_DAYS = 1
FAULTS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one cell of a file: its line, column, what it holds, what was expected."""

    line: int
    column: str
    value: str
    expected: str


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
    known = {plain(name): field for field, names in synonyms.items() for name in names}
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        field = known.get(plain(name))
        if field is not None and field not in found:
            found[field] = index
    return found


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", sorting_key(name))


class Columns:
    """A table read through a mapping of fields to columns, with the faults met on the way."""

    def __init__(self, table: Table, mapping: Mapping[str, int], fields: tuple[str, ...]) -> None:
        self.table = table
        self.mapping = {
            field: place
            for field, place in mapping.items()
            if field in fields and 0 <= place < len(table.header)
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
        value = self.cell(line, field)
        return "" if value is None else str(value).strip()

    def fault(self, line: Line, field: str, expected: str) -> None:
        value = self.cell(line, field)
        if isinstance(value, Formula):
            expected = _("a value, not a formula")
        column = self.table.header[self.mapping[field]] if field in self.mapping else field
        shown = "" if value is None else str(value)[:CELL_MOST]
        self.faults.append(RowFault(line.number, column, shown, expected))

    def refused(self, name: str) -> Invalid:
        """All faults as one refusal; of an empty file that it is empty."""
        return Invalid(
            [InputFault(f"{one.line}.{one.column}", one.value, one.expected) for one in self.faults]
            or [InputFault("file", name, _("lines below the names of the columns"))]
        )
