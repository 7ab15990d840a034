"""`workbook_rows.rows_of` in a process of its own, for workbooks that come from outside.

A process can be given so much processor time and memory and no more; a thread cannot.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from training.faults import Fault, TrainingFault, refuse
from training.workbook_rows import Row, row_told

_MOST_PARTS = 1_000


def rows_apart(
    data: bytes,
    most_rows: int,
    columns: int,
    values: bool = False,
    most_unpacked: int = 80 * 1024 * 1024,
    seconds: int = 20,
    memory_mb: int = 512,
) -> list[Row]:
    """`rows_of` in a process of its own that is ended after `seconds` of work.

    Same rows and faults; "unpacked", for an archive of more than `most_unpacked` bytes, and
    "reading" are two more reasons to be refused. Starting the process costs some tenths of a
    second.
    """
    _check_archive(data, most_unpacked)
    question = {"reading": [most_rows, columns, values], "limits": [seconds, memory_mb]}
    home = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(
            [sys.executable, "-m", "training.workbook_process"],
            input=json.dumps(question).encode() + b"\n" + data,
            capture_output=True,
            timeout=3 * seconds,  # on a machine that does other things as well
            cwd=home,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(home)},
            check=False,
        )
        *rows, end = [json.loads(line) for line in done.stdout.splitlines()]
        refused = end["refused"]
    except (subprocess.TimeoutExpired, ValueError, TypeError):
        raise refuse(
            "sheet", "reading", "not finished", f"within {seconds} s and {memory_mb} MB"
        ) from None
    if refused:
        raise TrainingFault([Fault(*fault) for fault in refused])
    return [row_told(number, cells) for number, cells in rows]


def _check_archive(data: bytes, most_unpacked: int) -> None:
    """Raises `TrainingFault` for what is no archive, and for one that unpacks to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except Exception as error:  # a broken directory breaks the reader in many ways
        raise refuse("sheet", "contents", type(error).__name__, "an XLSX file") from None
    unpacked = sum(part.file_size for part in parts)
    if unpacked > most_unpacked or len(parts) > _MOST_PARTS:
        expected = f"at most {most_unpacked} bytes in {_MOST_PARTS} parts"
        raise refuse("sheet", "unpacked", f"{unpacked} bytes in {len(parts)} parts", expected)
