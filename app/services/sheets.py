"""Tables out of uploaded files: CSV as programs write it, and XLSX without its formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.i18n import _
from app.services.errors import InputFault, Invalid
from training.faults import Fault, TrainingFault
from training.workbook_apart import MOST_PARTS, rows_apart
from training.workbook_rows import LAST_ROW, Cell

BYTES_MOST = 4 * 1024 * 1024
UNPACKED_MOST = 80 * 1024 * 1024
"""A small archive that unpacks to more is refused unread."""
ROWS_MOST = 50_000
COLUMNS_MOST = 40
CELL_MOST = 500


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    """As the reader's own program counts, from 1."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(name: str, content: bytes) -> Table:
    """The first sheet of a file: its first line with content is the header.

    Raises Invalid at `file` for what is neither CSV nor XLSX, too large or too long.
    """
    if not content:
        raise _refused(name, _("a file with something in it"))
    if len(content) > BYTES_MOST:
        raise _refused(name, _("a file of at most %(n)d MB", n=BYTES_MOST // 1024 // 1024))
    xlsx = content[:4] == b"PK\x03\x04"
    lines = _filled(_xlsx(name, content) if xlsx else _csv(name, content))
    first = next(lines, None)
    if first is None:
        raise _refused(name, _("a first line that names the columns"))
    found: list[Line] = []
    for line in lines:
        if len(found) >= ROWS_MOST:
            raise _refused(name, _("at most %(n)d lines", n=ROWS_MOST))
        found.append(line)
    if not found:
        raise _refused(name, _("lines below the names of the columns"))
    width = max(len(first.cells), *(len(line.cells) for line in found))
    if width > COLUMNS_MOST:
        raise _refused(name, _("at most %(n)d columns", n=COLUMNS_MOST))
    header = tuple(
        str(first.cells[index] or "").strip()[:CELL_MOST] if index < len(first.cells) else ""
        for index in range(width)
    )
    return Table(header, tuple(found))


def _refused(name: str, expected: str) -> Invalid:
    return Invalid([InputFault("file", name, expected)])


def _filled(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines that hold something; empty cells at their end cut off."""
    for line in lines:
        cells = list(line.cells)
        while cells and (cells[-1] is None or str(cells[-1]).strip() == ""):
            cells.pop()
        if cells:
            yield Line(line.number, tuple(cells))


def _csv(name: str, content: bytes) -> Iterator[Line]:
    if b"\x00" in content:
        raise _refused(name, _("a CSV or XLSX file"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            yield Line(before + 1, tuple(cells))
            before = reader.line_num
    except csv.Error as error:
        raise _refused(
            name, _("a sound CSV file (line %(n)d: %(why)s)", n=reader.line_num, why=error)
        ) from error


def _xlsx(name: str, content: bytes) -> Iterator[Line]:
    try:
        rows = rows_apart(content, ROWS_MOST + 2, COLUMNS_MOST + 1, most_unpacked=UNPACKED_MOST)
    except TrainingFault as refused:
        raise _refused(name, _not_read(refused.faults[0])) from refused
    for row in rows:
        yield Line(row.number, row.cells)


def _not_read(fault: Fault) -> str:
    if fault.field == "unpacked":
        return _("a file that unpacks to at most %(n)d MB", n=UNPACKED_MOST // 1024 // 1024)
    if fault.field == "reading":
        return _("an XLSX file that takes less work to read; CSV takes least")
    if fault.field == "parts":
        return _("an XLSX file of at most %(n)d parts; CSV has none", n=MOST_PARTS)
    if fault.field in ("signs", "cells"):
        return _("a file with less text in its cells")
    if fault.field == "rows":
        return _("rows with numbers up to %(n)d", n=LAST_ROW)
    return _("a sound XLSX file")
