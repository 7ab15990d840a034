"""Files that a page hands out."""

from __future__ import annotations

from flask import Response


def download(content: bytes, media_type: str, name: str) -> Response:
    """PDFs open in the browser; tables are saved. `name` is of ASCII letters."""
    way = "inline" if media_type == "application/pdf" else "attachment"
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'{way}; filename="{name}"'
    return answer
