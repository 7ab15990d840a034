"""Files that a page takes in: what was sent, what is wrong with it, which column is which."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from app.i18n import _
from app.routes.fields import ShownFault
from app.services.errors import Invalid


def sent_file() -> tuple[str, bytes]:
    """Name and content of the form's file; both empty where none was chosen."""
    sent = request.files.get("file")
    return (sent.filename or "", sent.read()) if sent else ("", b"")


def file_faults(error: Invalid) -> list[ShownFault]:
    """What is wrong with the file itself."""
    return [
        ShownFault("file", _("File"), _("expected %(expected)s", expected=one.expected))
        for one in error.faults
    ]


def told_columns(fields: Iterable[str]) -> dict[str, int] | None:
    """Field → the place of its column, as the form says; None before it was sent."""
    if request.method != "POST":
        return None
    told = {field: request.form.get(f"column-{field}", type=int) for field in fields}
    return {field: place for field, place in told.items() if place is not None}
