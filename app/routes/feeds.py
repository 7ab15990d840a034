"""The calendar behind a feed's address. Whoever holds the address may read it: no session."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from app.routes.common import keys, origin
from app.routes.feed_answers import Asked, body_headers, headers_of
from app.services import feeds, limits
from app.services.errors import NotFound

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")


@blueprint.get("/<token>.ics")
def calendar(token: str) -> Response:
    """The feed, written anew where it has to be; what is kept, `feed_door` answers before."""
    try:
        document = feeds.read_feed(token, g.now)
    except NotFound:
        limits.count(limits.FEED_MISSES, keys().disguise(origin()), g.now)
        raise
    asked = Asked.of(request.environ)
    headers = headers_of(asked, document.etag, document.modified)
    if asked.has(document.etag, document.modified):
        return Response(status=304, headers=headers)
    body = document.gzipped if asked.squeezed else document.body
    return Response(body, headers=[*headers, *body_headers(asked, len(body))])
