"""The log: a line for each thing, as JSON or for a terminal, with nothing of whom.

Every line written while a request is answered bears the request's id. An error is told by its kind
and place (`failure_of`), never by its message, which may hold names; a request by its route, never
by its path or query, which may hold tokens.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import threading
from contextvars import ContextVar
from typing import Any, TextIO

from app.failures import failure_of

FORMATS = ("json", "text")
LEVELS = ("debug", "info", "warning", "error")
FIELDS = ("method", "route", "status", "milliseconds")
"""What a line about a request says beside its words."""

request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonLines(logging.Formatter):
    """One JSON object a line: time in UTC, level, logger, message, and what goes with it."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(
                "T", "milliseconds"
            ),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if number := request_id.get():
            told["request_id"] = number
        told |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if failure := _failure(record):
            told["failure"] = failure
        return json.dumps(told, ensure_ascii=False)


class TextLines(logging.Formatter):
    """The same for who reads along on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        when = dt.datetime.fromtimestamp(record.created, dt.UTC).strftime("%H:%M:%S")
        line = f"{when} {record.levelname.lower()} {record.name} {record.getMessage()}"
        failure = _failure(record)
        return f"{line}: {failure}" if failure else line


class _Standard(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _stream: TextIO) -> None:
        """It is always standard error."""


def set_up(chosen_format: str, level: str) -> None:
    """Write this process's log in `chosen_format`, ours from `level` on, libraries' warnings."""
    handler = _Standard()
    handler.setFormatter(JsonLines() if chosen_format == "json" else TextLines())
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Standard)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("escala").setLevel(level.upper())
    threading.excepthook = _thread_failed


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    """A thread that ends by an error says so like everything else."""
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
        name = failed.thread.name if failed.thread else "unknown"
        told = failure_of(failed.exc_value)
        logging.getLogger("escala.threads").error("thread %s ended: %s", name, told)


def _failure(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return failure_of(error) if error else ""
