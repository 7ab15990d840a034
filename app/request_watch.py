"""Around every request: an id for it, a line in the log, a count among the figures."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from app import metrics
from app.failures import AWAY_SECONDS, failure_of
from app.logs import request_id

ROUTE = "escala.route"
"""Where, in the WSGI environment, whoever answers says which route it was."""
HEADER = "X-Request-Id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_AWAY = (("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", str(AWAY_SECONDS)))
log = logging.getLogger("escala.requests")

Environment = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]


class RequestWatch:
    """WSGI middleware outside all others."""

    def __init__(self, application: Application, *, proxied: bool) -> None:
        """`proxied`: a proxy of ours stands in front, and the id that it gives is kept."""
        self.application = application
        self.proxied = proxied

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self.proxied else ""
        number = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(number)
        began = time.perf_counter()
        status = 500

        def start(told: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = int(told[:3])
            return start_response(told, [*headers, (HEADER, number)], *rest)

        try:
            return self.application(environ, start)
        except Exception as error:
            # Pages answer for their own failures; what comes here failed before any page.
            log.error("no page could answer: %s", failure_of(error))
            start("503 SERVICE UNAVAILABLE", list(_AWAY))
            return [b"Escala cannot be reached at the moment.\n"]
        finally:
            _tell(environ, status, time.perf_counter() - began)
            request_id.reset(token)


def _tell(environ: Environment, status: int, seconds: float) -> None:
    method, route = environ["REQUEST_METHOD"], environ.get(ROUTE, "")
    metrics.count_request(method, route, status, seconds)
    log.log(
        logging.ERROR if status >= 500 else logging.INFO,
        "%s %s %d in %.0f ms",
        method if method in metrics.METHODS else "other",
        route or "no page",
        status,
        1000 * seconds,
        extra={
            "method": method if method in metrics.METHODS else "other",
            "route": route,
            "status": status,
            "milliseconds": round(1000 * seconds, 1),
        },
    )
