"""The short way to a feed: before Flask, with one look-up and no session.

Calendar programs ask again and again for what has not changed. Behind the application's own
machinery (session, sign-in, forms, language) two processes answer some hundreds of them a second;
from here, thousands. What is decided is the same: the look-up asks for the owner's rights every
time (`app.services.feed_reading`), and all but a feed that is kept and still holds goes on to the
route in `app.routes.feeds`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.models import database
from app.request_watch import ROUTE
from app.routes.feed_answers import Asked, body_headers, headers_of
from app.services import feed_reading
from app.services.errors import NotFound
from app.services.feed_notes import FetchNotes

_ADDRESS = re.compile(r"/feeds/([\w-]{20,100})\.ics", re.ASCII)

Environment = dict[str, Any]
StartResponse = Callable[..., Any]
Answer = tuple[str, list[tuple[str, str]], bytes]
"""Status, headers and body."""
Application = Callable[[Environment, StartResponse], Iterable[bytes]]


class FeedDoor:
    """WSGI middleware that answers for feeds that hold."""

    def __init__(self, application: Application, headers: Mapping[str, str]) -> None:
        """`headers` are those that every answer bears."""
        self.application = application
        self.headers = list(headers.items())
        self.notes = FetchNotes()

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/feeds/") and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            address = _ADDRESS.fullmatch(path)
            if address:
                answer = self._answer(address[1], environ, start_response)
                if answer is not None:
                    environ[ROUTE] = "/feeds/<token>.ics"
                    return answer
        return self.application(environ, start_response)

    def _answer(
        self, token: str, environ: Environment, start_response: StartResponse
    ) -> list[bytes] | None:
        """None where Flask is to answer: no such feed, or one to write anew."""
        now = dt.datetime.now(dt.UTC)
        opened = database.connect(reuse_if_open=True)
        try:
            kept = feed_reading.look_up(token, now)
            if not kept.holds:
                return None
            answer = _answer_of(kept, Asked.of(environ), environ["REQUEST_METHOD"])
            if answer is None:
                return None
            status, headers, body = answer
            start_response(status, [*headers, *self.headers])
            if feed_reading.is_due(kept, now):
                self.notes.add(kept.token_id, kept.token_hash, now)
            return [body]
        except NotFound:
            return None
        finally:
            if opened:
                database.close()


def _answer_of(kept: feed_reading.KeptFeed, asked: Asked, method: str) -> Answer | None:
    """None where the kept calendar has gone meanwhile."""
    if asked.has(kept.etag, kept.modified):
        return "304 NOT MODIFIED", headers_of(asked, kept.etag, kept.modified), b""
    document = feed_reading.kept_document(kept.token_id)
    if document is None:
        return None
    length = len(document.gzipped) if asked.squeezed else document.size
    headers = headers_of(asked, document.etag, document.modified) + body_headers(asked, length)
    if method == "HEAD":
        return "200 OK", headers, b""
    return "200 OK", headers, document.gzipped if asked.squeezed else document.body
