"""The cells of an XLSX file's first sheet, as `sheet.read_sheet` reads them."""

from __future__ import annotations

from datetime import date, datetime

from training.faults import refuse
from training.sheet import MOST_BYTES, MOST_LINES, MOST_ROWS
from training.workbook_apart import rows_apart
from training.workbook_rows import Cell

_MOST_COLUMNS = 40
_MOST_UNPACKED = 50_000_000


def read_workbook(data: bytes, most_rows: int = MOST_ROWS) -> list[list[str]]:
    """Cells as text: dates as 2026-03-14, whole numbers without a point, formulas by their value.

    Raises `TrainingFault` for what is no XLSX file, and for one too large, packed or unpacked, or
    too much work to read. A file with too many rows is read one row past the limit, so that
    `read_sheet` refuses it.
    """
    if len(data) > MOST_BYTES:
        raise refuse("sheet", "bytes", len(data), f"at most {MOST_BYTES}")
    rows = rows_apart(data, most_rows + 2, _MOST_COLUMNS, values=True, most_unpacked=_MOST_UNPACKED)
    last = rows[-1].number if rows else 0
    if last > MOST_LINES:
        raise refuse("sheet", "lines", last, f"at most {MOST_LINES}")
    cells: list[list[str]] = [[] for _line in range(last)]
    for row in rows:
        cells[row.number - 1] = [_text(value) for value in row.cells]
    return cells


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
