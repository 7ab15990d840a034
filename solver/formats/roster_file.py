"""`escala-roster/1`: the file form of a roster, which is a `Result` without its reasons."""

from __future__ import annotations

import os
from typing import Any

from solver.formats.fields import Faults, Fields
from solver.formats.json_file import load_json, write_json
from solver.formats.limits import MOST_ENTRIES
from solver.formats.problem_file import read_assignments
from solver.result import Result, Status

FORMAT = "escala-roster/1"
MOST_TOTAL = 10**18
MOST_SECONDS = 10**9


def load_roster(path: str | os.PathLike[str]) -> Result:
    """The roster in a file, gzipped or not. Raises `BadInput`."""
    return read_roster(load_json(path))


def save_roster(path: str | os.PathLike[str], roster: Result) -> None:
    """Write the roster whole: beside `path`, then renamed."""
    write_json(path, roster.to_json())


def read_roster(data: Any) -> Result:
    """Read a parsed `escala-roster/1`. Raises `BadInput` with every fault at once.

    Whether its mediators and shifts exist is for the judge to say, not for the reader.
    """
    faults = Faults()
    root = Fields(faults, "roster", "", data)
    if not root.clean:
        faults.raise_any()
    if root.data.get("format") != FORMAT:
        root.fault("format", root.data.get("format"), repr(FORMAT))
    problem = root.text("problem")
    status = _status(root)
    cost = root.optional_integer("cost", 0, MOST_TOTAL)
    bound = root.optional_integer("bound", 0, MOST_TOTAL)
    seconds = _seconds(root)
    count = len(root.items("assignments"))
    if count > MOST_ENTRIES:
        root.fault("assignments", f"{count} entries", f"at most {MOST_ENTRIES}")
    listed = root.sound("assignments")
    assignments = read_assignments(root, "assignments", None, None) if listed else ()
    faults.raise_any()
    return Result(problem, status, cost, bound, seconds, assignments)


def _status(root: Fields) -> Status:
    value = root.data.get("status")
    if isinstance(value, str) and value in set(Status):
        return Status(value)
    root.fault("status", value, "one of " + ", ".join(Status))
    return Status.FEASIBLE


def _seconds(root: Fields) -> float:
    value = root.data.get("seconds", 0)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and 0 <= value <= MOST_SECONDS:
        return float(value)
    root.fault("seconds", value, f"a number of seconds from 0 to {MOST_SECONDS}")
    return 0.0
