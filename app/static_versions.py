"""Addresses of static files that change with what the files hold: browsers keep those for good.

A page asks for some six files; without this each page view would ask for all of them again, only
to hear that nothing has changed.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

KEPT = "public, max-age=31536000, immutable"


class SessionOfPages(SecureCookieSessionInterface):
    """The session is a matter of pages: a file's answer neither brings one nor depends on one."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static":
            super().save_session(app, session, response)


def use_versions(app: Flask) -> None:
    """`url_for("static", …)` names the file's version; an answer at its version may be kept."""
    app.session_interface = SessionOfPages()

    @app.url_defaults
    def name_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (version := _version_of(app, values["filename"])):
            values.setdefault("v", version)


def let_keep(answer: Response) -> None:
    """Of a static file: kept for good where it was asked for by its version, else asked again."""
    asked = request.args.get("v")
    if asked and answer.status_code in (200, 304):
        filename = (request.view_args or {})["filename"]
        if asked == _version_of(current_app, filename):
            answer.headers["Cache-Control"] = KEPT


def _version_of(app: Flask, filename: str) -> str | None:
    """None where there is no such file."""
    file = Path(str(app.static_folder), filename)
    try:
        told = file.stat()
        return _digest(file, told.st_mtime_ns, told.st_size)
    except OSError:
        return None


@lru_cache(maxsize=200)
def _digest(file: Path, changed: int, size: int) -> str:
    """`changed`, `size`: a file that was written anew is read anew."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
