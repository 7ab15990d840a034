"""A page that fails: a number for who saw it, and under it in the log where, with nothing of whom.

Flask's own words would write down the path, which may hold a token, and the error's message, which
may hold names.
"""

from __future__ import annotations

import logging
import secrets
from types import TracebackType

from flask import Flask, g, request

from app.runs import failure_of

log = logging.getLogger("escala.failures")
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def register(app: Flask) -> None:
    """Log failures of `app` in our words instead of Flask's."""
    app.log_exception = _log_failure  # type: ignore[method-assign]


def failure_number() -> str:
    """The number under which this request's failure is logged, or empty without one."""
    found: str = g.get("failure_number", "")
    return found


def _log_failure(exc_info: ExcInfo) -> None:
    error = exc_info[1]
    g.failure_number = secrets.token_hex(4)
    told = failure_of(error) if error else "unknown"
    cause = error.__cause__ if error else None
    caused = f", caused by {failure_of(cause)}" if cause else ""
    log.error(
        "failure %s at %s %s: %s%s",
        g.failure_number,
        request.method,
        request.endpoint or "no page",
        told,
        caused,
    )
