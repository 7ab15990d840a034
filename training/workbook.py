"""The cells of an XLSX file's first sheet, as `sheet.read_sheet` reads them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from training.faults import refuse
from training.sheet import MOST_BYTES, MOST_ROWS

_MOST_COLUMNS = 40
_MOST_UNPACKED = 50_000_000
_MOST_PARTS = 200


def read_workbook(data: bytes, most_rows: int = MOST_ROWS) -> list[list[str]]:
    """Cells as text: dates as 2026-03-14, whole numbers without a point, formulas by their value.

    Raises `TrainingFault` for what is no XLSX file, and for one too large, packed or unpacked. A
    file with too many rows is read one row past the limit, so that `read_sheet` refuses it.
    """
    if len(data) > MOST_BYTES:
        raise refuse("sheet", "bytes", len(data), f"at most {MOST_BYTES}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except zipfile.BadZipFile:
        raise refuse("sheet", "contents", "not XLSX", "an XLSX file") from None
    unpacked = sum(part.file_size for part in parts)
    if unpacked > _MOST_UNPACKED or len(parts) > _MOST_PARTS:
        expected = f"at most {_MOST_UNPACKED} bytes in {_MOST_PARTS} parts"
        raise refuse("sheet", "unpacked", f"{unpacked} bytes in {len(parts)} parts", expected)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(
            max_row=most_rows + 2, max_col=_MOST_COLUMNS, values_only=True
        )
        return [[_text(value) for value in row] for row in rows]
    except Exception as error:  # a broken file breaks the reader in many ways
        raise refuse("sheet", "contents", type(error).__name__, "an XLSX file") from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
