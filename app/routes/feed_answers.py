"""What a calendar program is answered: the feed, or that nothing has changed (RFC 9110, 13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime

from werkzeug.http import parse_accept_header

MAX_AGE_SECONDS = 300
_GZIP = "gzip"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of what it already has and can read."""

    if_none_match: str
    if_modified_since: str
    accept_encoding: str

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Asked:
        return cls(
            environ.get("HTTP_IF_NONE_MATCH", ""),
            environ.get("HTTP_IF_MODIFIED_SINCE", ""),
            environ.get("HTTP_ACCEPT_ENCODING", ""),
        )

    @property
    def squeezed(self) -> bool:
        """Whether the reader unpacks gzip."""
        text = self.accept_encoding
        if _GZIP not in text and "*" not in text:
            return False
        if ";" not in text:
            return True
        accepted = {name.lower(): quality for name, quality in parse_accept_header(text)}
        return float(accepted.get(_GZIP, accepted.get("*", 0))) > 0

    def has(self, etag: str, modified: dt.datetime) -> bool:
        """Whether the reader has this very calendar, packed or not.

        A tag goes before a date; the date is weighed only where no tag is given.
        """
        if self.if_none_match:
            given = {one.strip().removeprefix("W/") for one in self.if_none_match.split(",")}
            return bool(given & {"*", f'"{etag}"', f'"{etag}-gzip"'})
        if not self.if_modified_since:
            return False
        try:
            since = parsedate_to_datetime(self.if_modified_since)
        except ValueError:
            return False
        if since.tzinfo is None:
            since = since.replace(tzinfo=dt.UTC)
        return modified.replace(microsecond=0) <= since


def headers_of(asked: Asked, etag: str, modified: dt.datetime) -> list[tuple[str, str]]:
    """Those of every answer about a feed, with or without its body."""
    tag = f"{etag}-gzip" if asked.squeezed else etag
    return [
        ("ETag", f'"{tag}"'),
        ("Last-Modified", format_datetime(modified, usegmt=True)),
        ("Vary", "Accept-Encoding"),
        ("Cache-Control", f"private, max-age={MAX_AGE_SECONDS}"),
        ("X-Robots-Tag", "noindex"),
    ]


def body_headers(asked: Asked, length: int) -> list[tuple[str, str]]:
    """Those of an answer that has the calendar in it, or, to HEAD, tells of it."""
    found = [
        ("Content-Type", "text/calendar; charset=utf-8"),
        ("Content-Length", str(length)),
        ("Content-Disposition", 'inline; filename="escala.ics"'),
    ]
    return [*found, ("Content-Encoding", _GZIP)] if asked.squeezed else found
