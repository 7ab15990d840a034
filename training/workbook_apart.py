"""`workbook_rows.rows_of` in a process of its own, for workbooks that come from outside.

A process can be given so much processor time and memory and no more; a thread cannot. What it
says is held here, so that is bounded as well, and two are read at a time.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from training.faults import Fault, TrainingFault, refuse
from training.workbook_rows import Row, row_told

MOST_PARTS = 1_000
_MOST_TOLD = 30 * 1024 * 1024
"""Bytes of what the process says."""
_READING = threading.BoundedSemaphore(2)


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

    Same rows and faults; "unpacked", for an archive of more than `most_unpacked` bytes, "parts",
    "cells", for some 30 MB in them, and "reading" are more reasons to be refused. Starting the
    process costs some tenths of a second.
    """
    _check_archive(data, most_unpacked)
    question = {"reading": [most_rows, columns, values], "limits": [seconds, memory_mb]}
    with _READING:
        # Three times as long, on a machine that does other things as well.
        told = _told(json.dumps(question).encode() + b"\n" + data, 3 * seconds)
        if len(told) > _MOST_TOLD:
            # Its length is not known: it was ended.
            raise refuse("sheet", "cells", "more", f"at most {_MOST_TOLD} bytes")
        try:
            *rows, end = [json.loads(line) for line in told.splitlines()]
            refused = end["refused"]
        except (ValueError, TypeError):  # it was ended, or ended itself, before it had done
            raise refuse(
                "sheet", "reading", "not finished", f"within {seconds} s and {memory_mb} MB"
            ) from None
        if refused:
            raise TrainingFault([Fault(*fault) for fault in refused])
        return [row_told(number, cells) for number, cells in rows]


def _told(question: bytes, seconds: float) -> bytes:
    """What the process says to it within that time, to one byte past `_MOST_TOLD`."""
    home = Path(__file__).resolve().parent.parent
    with subprocess.Popen(
        [sys.executable, "-m", "training.workbook_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(home)},
    ) as process:
        question_pipe, answer_pipe = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        ending = threading.Timer(seconds, process.kill)
        ending.start()
        try:
            # It says nothing before it has read all.
            with suppress(BrokenPipeError), question_pipe:
                question_pipe.write(question)
            return answer_pipe.read(_MOST_TOLD + 1)
        finally:
            ending.cancel()
            process.kill()


def _check_archive(data: bytes, most_unpacked: int) -> None:
    """Raises `TrainingFault` for what is no archive, and for one that unpacks to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except Exception:  # a broken directory breaks the reader in many ways
        raise refuse("sheet", "contents", "not XLSX", "an XLSX file") from None
    if len(parts) > MOST_PARTS:
        raise refuse("sheet", "parts", len(parts), f"at most {MOST_PARTS}")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > most_unpacked:
        raise refuse("sheet", "unpacked", f"{unpacked} bytes", f"at most {most_unpacked} bytes")
