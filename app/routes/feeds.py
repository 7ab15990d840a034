"""The calendar behind a feed's address. Whoever holds the address may read it: no session."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from app.services import feeds

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")

MAX_AGE_SECONDS = 300


@blueprint.get("/<token>.ics")
def calendar(token: str) -> Response:
    """The feed, compressed when asked for, or 304 when the reader has these very bytes.

    Only If-None-Match is weighed: a shift that leaves the roster leaves no later date behind, so
    If-Modified-Since could call a changed feed unchanged.
    """
    document = feeds.read_feed(token, g.now)
    squeezed = request.accept_encodings["gzip"] > 0
    response = Response(
        document.gzipped if squeezed else document.body,
        content_type="text/calendar; charset=utf-8",
    )
    if squeezed:
        response.content_encoding = "gzip"
    tags = (document.etag, f"{document.etag}-gzip")
    response.set_etag(tags[squeezed])
    response.last_modified = document.modified
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = f"private, max-age={MAX_AGE_SECONDS}"
    response.headers["Content-Disposition"] = 'inline; filename="escala.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    if any(request.if_none_match.contains_weak(tag) for tag in tags):
        response.status_code = 304
        response.set_data(b"")
        del response.headers["Content-Length"]
    return response
