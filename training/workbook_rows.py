"""The filled rows of an XLSX file's first sheet.

What a workbook can make its reader do is not bounded by its size: one row of a million cells, a
tree of styles, a formula to be shifted for every cell that shares it. So what comes from outside
goes through `workbook_apart`: the same reading in a process of its own, its time and memory
limited.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook

from training.faults import TrainingFault, refuse

LAST_ROW = 1_048_576
"""No program writes a row below it."""
MOST_SIGNS = 10_000_000
"""Of all cells together: a workbook holds a text once, however many cells show it. A table of
50,000 rows and 8 columns holds less."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula: nothing here computes it."""

    text: str

    def __str__(self) -> str:
        return self.text


Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | Formula | None


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    """As the spreadsheet counts, from 1."""
    cells: tuple[Cell, ...]
    """Without the empty ones at the end; never none at all."""


def rows_of(data: bytes, most_rows: int, columns: int, values: bool = False) -> Iterator[Row]:
    """The rows that hold something, in order, `most_rows` of them at most.

    columns  how many are read, from the first
    values   formulas by the value the spreadsheet kept of them, else as `Formula`

    Raises `TrainingFault` for what is no XLSX file, and MemoryError.
    """
    signs = found = 0
    gap: Any = None  # what the reader gives again and again for rows that the file leaves out
    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=values).worksheets[0]
        # What a file says of its own size is not to be believed.
        sheet.reset_dimensions()
        read = sheet.iter_rows(max_row=LAST_ROW + 1, max_col=columns)
        for number, told in enumerate(read, start=1):
            if number > LAST_ROW:
                raise refuse("sheet", "rows", f"number {number}", f"at most {LAST_ROW}")
            if told is gap:
                continue
            cells = _filled(told)
            if not cells:
                gap = told
                continue
            signs += sum(len(str(one)) for one in cells if isinstance(one, str | Formula))
            if signs > MOST_SIGNS:
                raise refuse("sheet", "signs", signs, f"at most {MOST_SIGNS}")
            yield Row(number, cells)
            found += 1
            if found >= most_rows:
                return
    except (TrainingFault, GeneratorExit, MemoryError):
        raise
    except Exception:  # a broken file breaks the reader in many ways
        raise refuse("sheet", "contents", "not XLSX", "an XLSX file") from None


def _filled(told: tuple[Any, ...]) -> tuple[Cell, ...]:
    cells = [_cell(one) for one in told]
    while cells and (cells[-1] is None or not str(cells[-1]).strip()):
        cells.pop()
    return tuple(cells)


def _cell(one: Any) -> Cell:
    value = one.value
    if one.data_type == "f":
        return Formula(str(getattr(value, "text", value)))
    known = (str, int, float, bool, dt.datetime, dt.date, dt.time)
    return value if value is None or isinstance(value, known) else str(value)


def cells_told(row: Row) -> list[Any]:
    """The cells of a row as JSON holds them; `row_told` makes them the row again."""
    return [_told(one) for one in row.cells]


def row_told(number: int, cells: list[Any]) -> Row:
    return Row(number, tuple(_untold(one) for one in cells))


_TOLD: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Cell]]] = {
    # A datetime is a date as well, so it comes first.
    "datetime": (dt.datetime, dt.datetime.isoformat, dt.datetime.fromisoformat),
    "date": (dt.date, dt.date.isoformat, dt.date.fromisoformat),
    "time": (dt.time, dt.time.isoformat, dt.time.fromisoformat),
    "formula": (Formula, str, Formula),
}
"""Name → type, how it is written, how it is read."""


def _told(cell: Cell) -> Any:
    for name, (kind, write, _read) in _TOLD.items():
        if isinstance(cell, kind):
            return {name: write(cell)}
    return cell


def _untold(told: Any) -> Cell:
    if not isinstance(told, dict):
        found: Cell = told
        return found
    ((name, text),) = told.items()
    return _TOLD[name][2](text)
