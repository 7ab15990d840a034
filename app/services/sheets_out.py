"""Tables out, as spreadsheet programs here open them: CSV with semicolons, and XLSX."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.services.checks import without_unprintable

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Ending → media type."""
WIDEST = 48
MADE_AT = re.compile(rb">[^<]*</dcterms:")
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The full-width signs are taken for the others where those are typed so, as in Japan."""
Value = str | int | float | dt.date | dt.time | None


@dataclass(frozen=True, slots=True)
class OutTable:
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def write(tables: Iterable[OutTable], form: str) -> bytes:
    """`csv`: the first table; `xlsx`: a sheet each."""
    listed = list(tables)
    return _csv(listed[0]) if form == "csv" else _xlsx(listed)


def _csv(table: OutTable) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_text(name) for name in table.header)
    writer.writerows([_text(value) for value in row] for row in table.rows)
    # With the mark, the spreadsheet programs in use here read the accents rightly.
    return out.getvalue().encode("utf-8-sig")


def _xlsx(tables: list[OutTable]) -> bytes:
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(_sheet_title(table.title))
        sheet.freeze_panes = "A2"
        for index, width in enumerate(_widths(table), start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        head = []
        for name in table.header:
            cell = WriteOnlyCell(sheet, value=str(_harmless(name)))
            cell.font = Font(bold=True)
            head.append(cell)
        sheet.append(head)
        for row in table.rows:
            sheet.append([_harmless(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return _without_time(out.getvalue())


def _without_time(workbook: bytes) -> bytes:
    """The same tables give the same bytes: openpyxl writes into them when they were made."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as made, zipfile.ZipFile(out, "w") as kept:
        for member in made.infolist():
            content = made.read(member)
            if member.filename == "docProps/core.xml":
                content = MADE_AT.sub(rb">1980-01-01T00:00:00Z</dcterms:", content)
            plain = zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0))
            kept.writestr(plain, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _widths(table: OutTable) -> list[int]:
    lines = (table.header, *table.rows)
    return [
        min(WIDEST, 2 + max(len(str(_text(line[index]))) for line in lines))
        for index in range(len(table.header))
    ]


def _text(value: Value) -> Value:
    if value is None:
        return ""
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return _harmless(value) if isinstance(value, str) else value


def _harmless(value: Value) -> Value:
    """A text that a spreadsheet would take for a formula is set off by an apostrophe, and what
    no sheet can hold is left out."""
    if not isinstance(value, str):
        return value
    value = without_unprintable(value)
    return "'" + value if value.startswith(_BEGINS_FORMULA) else value


def _sheet_title(title: str) -> str:
    """At most 31 letters, none of those that a sheet's name may not hold."""
    shown = without_unprintable(title)
    return "".join(" " if one in "[]:*?/\\" else one for one in shown)[:31] or "1"
