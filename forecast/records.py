"""Reading arrival records: CSV files of `start,count[,series]`, plain or gzipped.

`start` is a local wall-clock time, with or without its offset from UTC; closed hours are simply
absent; other columns are ignored.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from forecast.arrays import FloatArray
from forecast.calendar import MINUTES_A_DAY
from forecast.faults import Fault, refuse
from forecast.grid import Grid
from forecast.series import ArrivalSeries

SHORTEST_SLOT_MINUTES = 5
REQUIRED = ("start", "count")
COUNT_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    start: datetime
    offset: timedelta | None
    """From UTC, if written: tells the two hours of an autumn night apart."""
    series: str
    count: int


def read_records(path: Path) -> ArrivalSeries:
    """The series of a file, as the languages of one office named after the file.

    A slot present for one series and absent for another is a zero of the latter. Raises
    BadInput with every fault: line and column, the value found, what was expected.
    """
    lines = _lines(path)
    header = [name.strip() for name in (lines[0][1] if lines else [])]
    refuse(_header_faults(path.name, header))
    faults: list[Fault] = []
    rows = []
    for number, cells in lines[1:]:
        if any(cell.strip() for cell in cells):
            row = _row(path.name, number, header, cells, faults)
            if row is not None:
                rows.append(row)
    if not rows and not faults:
        faults.append(Fault(f"{path.name} line 2", "row", "", "at least one row of data"))
    slot_minutes = _slot_minutes(rows)
    faults += _misplaced(path.name, rows, slot_minutes)
    faults += _repeated(path.name, rows)
    refuse(sorted(faults, key=lambda fault: int(fault.where.split()[-1])))
    return _series(path.name, rows, slot_minutes)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
        return raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        refuse([Fault(f"{path.name} line 0", "file", str(error), "a readable UTF-8 CSV file")])
        raise AssertionError from error


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """The number of each line and its cells, the header's first."""
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    lines = []
    try:
        for cells in reader:
            lines.append((reader.line_num, cells))
    except csv.Error as error:
        where = f"{path.name} line {reader.line_num}"
        refuse([Fault(where, "row", str(error), "comma-separated cells of ordinary length")])
    return lines


def _header_faults(name: str, header: Sequence[str]) -> list[Fault]:
    where, found = f"{name} line 1", ",".join(header)
    faults = [
        Fault(where, "header", found, f"a column named {column!r}")
        for column in REQUIRED
        if column not in header
    ]
    faults += [
        Fault(where, "header", found, f"one column named {column!r}")
        for column in (*REQUIRED, "series")
        if header.count(column) > 1
    ]
    return faults


def _row(
    name: str, line: int, header: Sequence[str], cells: Sequence[str], faults: list[Fault]
) -> _Row | None:
    where = f"{name} line {line}"
    if len(cells) != len(header):
        expected = f"{len(header)} cells, one for each of {','.join(header)}"
        faults.append(Fault(where, "row", ",".join(cells), expected))
        return None
    cell: Mapping[str, str] = dict(zip(header, (c.strip() for c in cells), strict=True))
    start, count = _start(cell["start"]), _count(cell["count"])
    if start is None:
        expected = "a local time such as 2026-03-02 08:30"
        faults.append(Fault(where, "start", cell["start"], expected))
    if count is None:
        expected = f"a whole number from 0 to {COUNT_MOST:,}"
        faults.append(Fault(where, "count", cell["count"], expected))
    series = cell.get("series", "")
    if "series" in header and not series:
        faults.append(Fault(where, "series", series, "a name"))
        return None
    if start is None or count is None:
        return None
    return _Row(line, start.replace(tzinfo=None), start.utcoffset(), series, count)


def _start(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.second == moment.microsecond == 0 else None


def _count(value: str) -> int | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if 0 <= number <= COUNT_MOST and number.is_integer() else None


def _slot_minutes(rows: Sequence[_Row]) -> int:
    """The length of a slot: the commonest step between starts of a day; a day if there is none."""
    starts = sorted({row.start for row in rows})
    steps = Counter(
        int((later - earlier).total_seconds()) // 60
        for earlier, later in pairwise(starts)
        if earlier.date() == later.date()
    )
    usable = [step for step, _ in steps.most_common() if _is_slot(step)]
    return usable[0] if usable else MINUTES_A_DAY


def _is_slot(minutes: int) -> bool:
    return minutes >= SHORTEST_SLOT_MINUTES and MINUTES_A_DAY % minutes == 0


def _misplaced(name: str, rows: Sequence[_Row], slot_minutes: int) -> list[Fault]:
    """Rows that begin off the grid of slots."""
    offset = Counter(
        (row.start.hour * 60 + row.start.minute) % slot_minutes for row in rows
    ).most_common(1)
    return [
        Fault(
            f"{name} line {row.line}",
            "start",
            f"{row.start:%Y-%m-%d %H:%M}",
            f"slots of {slot_minutes} minutes",
        )
        for row in rows
        if (row.start.hour * 60 + row.start.minute) % slot_minutes != offset[0][0]
    ]


def _repeated(name: str, rows: Sequence[_Row]) -> list[Fault]:
    faults = []
    first: dict[tuple[datetime, timedelta | None, str], int] = {}
    for row in rows:
        line = first.setdefault((row.start, row.offset, row.series), row.line)
        if line != row.line:
            expected = f"one row for each start and series (line {line} has it)"
            faults.append(
                Fault(f"{name} line {row.line}", "start", f"{row.start:%Y-%m-%d %H:%M}", expected)
            )
    return faults


def _series(name: str, rows: Sequence[_Row], slot_minutes: int) -> ArrivalSeries:
    names = tuple(dict.fromkeys(row.series for row in rows))
    at = {series: j for j, series in enumerate(names)}
    slots = sorted({(row.start - (row.offset or timedelta()), row.start) for row in rows})
    starts = [start for _, start in slots]
    index = {slot: i for i, slot in enumerate(slots)}
    counts: FloatArray = np.zeros((len(starts), len(names), 1))
    for row in rows:
        slot = (row.start - (row.offset or timedelta()), row.start)
        counts[index[slot], at[row.series], 0] = row.count
    days = np.array([start.toordinal() for start in starts], dtype=np.int64)
    minutes = np.array([start.hour * 60 + start.minute for start in starts], dtype=np.int64)
    grid = Grid(days, minutes // slot_minutes, slot_minutes, tuple(starts))
    return ArrivalSeries(name, grid, names, ("",), counts)
