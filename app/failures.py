"""A page that fails: a number for who saw it, and under it in the log where, with nothing of whom.

Flask's own words would write down the path, which may hold a token, and the error's message, which
may hold names.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from pathlib import Path
from types import TracebackType

from flask import Flask, g, render_template, request, session
from peewee import InterfaceError, OperationalError
from playhouse.pool import MaxConnectionsExceeded

log = logging.getLogger("escala.failures")
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


AWAY = (OperationalError, InterfaceError, MaxConnectionsExceeded)
"""What is raised where the database does not answer, is full up, or lacks its tables."""
_NO_CONNECTION = ("SQLITE_CANTOPEN", "08", "28", "3D000", "53300", "57P")
"""How the codes of drivers begin where there is no connection, or no longer one."""
AWAY_SECONDS = 30
"""After which a browser may ask again."""


def register(app: Flask) -> None:
    """Log failures of `app` in our words instead of Flask's, and answer without a database."""
    app.log_exception = _log_failure  # type: ignore[method-assign]
    for one in AWAY:
        app.register_error_handler(one, _database_away)


def _database_away(error: Exception) -> tuple[str, int, dict[str, str]]:
    """A page that asks the database nothing, not even who is signed in."""
    from app.i18n import LANGUAGES, _, in_language, language_called

    _log_failure((type(error), error, error.__traceback__))
    chosen = session.get("locale") or request.accept_languages.best_match(LANGUAGES)
    language = language_called(chosen)
    with in_language(language.code):
        page = render_template(
            "away.html",
            title=_("Escala cannot be reached at the moment"),
            number=failure_number(),
            html_lang=language.tag,
        )
    return page, 503, {"Retry-After": str(AWAY_SECONDS)}


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


def failure_of(error: BaseException) -> str:
    """What failed and where, without what it says: messages hold codes of people.

    A fault of the machine (a full disk, memory) is told in the system's own words, one of the
    database by the code that its driver gives it (`SQLITE_BUSY`, `57P03`).
    """
    frames = traceback.extract_tb(error.__traceback__)
    # A library is often deeper than four calls, and where it was called is to be told.
    own = [one for one in frames[:-1] if "site-packages" not in one.filename]
    shown = [*own[-3:], *frames[-1:]]
    places = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in shown]
    told = error.strerror if isinstance(error, OSError) else _code_of(error)
    words = f" ({told})" if told else ""
    return f"{type(error).__name__}{words} at {' < '.join(reversed(places))}"[:2000]


def lets_nobody_connect(error: Exception) -> bool:
    """Whether what is AWAY says that the database cannot be reached, rather than that it refuses,
    or cannot do, what it was asked."""
    code = _code_of(error)
    # The driver of PostgreSQL has no code where it found nobody, or lost whom it talked to.
    return not code or code.startswith(_NO_CONNECTION)


def _code_of(error: BaseException) -> str:
    """The driver's code of a fault of the database; peewee keeps the driver's error in its own."""
    for one in (error, getattr(error, "orig", None)):
        for name in ("sqlite_errorname", "sqlstate", "pgcode"):
            code = getattr(one, name, None)
            if isinstance(code, str):
                return code
    return ""
