"""Content lines of iCalendar, written directly: RFC 5545, 3.1 (folding) and 3.3.11 (text).

The icalendar library builds objects for each value, which takes 40 times as long; a publication
makes thousands of feeds anew. That both write the same bytes is tested.
"""

from __future__ import annotations

from datetime import UTC, datetime

_FOLD = b"\r\n "
_OCTETS = 74
"""One less than RFC 5545 allows, which leaves room for the space a folded line begins with."""


def content_line(name: str, value: str) -> bytes:
    """`NAME:value`, folded, with its line end."""
    line = f"{name}:{value}\r\n".encode()
    return line if len(line) <= _OCTETS + 2 else _folded(line[:-2]) + b"\r\n"


def text(value: str) -> str:
    """A TEXT value, escaped. Line breaks are single line feeds."""
    escaped = value.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,")
    return escaped.replace("\n", r"\n")


def instant(moment: datetime) -> str:
    """A DATE-TIME in UTC, to the second."""
    at = moment.astimezone(UTC)
    return f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}Z"


def _folded(line: bytes) -> bytes:
    """Cut into lines that tear no character and no escape (some clients unescape too early)."""
    parts = []
    start = 0
    while len(line) - start > _OCTETS:
        end = start + _OCTETS
        while line[end] & 0xC0 == 0x80:  # inside a character of UTF-8
            end -= 1
        if line[end - 1] in b"\\^" and end - start > 1:
            end -= 1
        parts.append(line[start:end])
        start = end
    return _FOLD.join([*parts, line[start:]])
