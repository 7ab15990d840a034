"""Dates and times as cells of tables hold them: typed, or written out."""

from __future__ import annotations

import datetime as dt
import re

from training.workbook_rows import Cell

_PATTERNS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")


def as_moment(value: Cell) -> dt.datetime | dt.date | None:
    """A date, or a date with its time; None for what is neither."""
    if isinstance(value, dt.datetime | dt.date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    for pattern in _PATTERNS:
        try:
            return dt.datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            pass
        for clock in ("%H:%M", "%H:%M:%S"):
            try:
                # Wall clock; the office's zone is added by the caller.
                return dt.datetime.strptime(text, f"{pattern} {clock}")  # noqa: DTZ007
            except ValueError:
                pass
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def as_clock(value: Cell) -> dt.time | None:
    """A time of day; seconds are let go."""
    if isinstance(value, dt.datetime):
        return value.time()
    if isinstance(value, dt.time):
        return value
    found = re.fullmatch(r"(\d{1,2})[:hH.](\d{2})(?::\d{2})?", str(value or "").strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return dt.time(int(found[1]), int(found[2]))
