"""What is refused before any page sees it: bodies too large for their form, NUL characters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, request
from werkzeug.exceptions import BadRequest, NotFound

from app.i18n import _
from app.services.checks import is_keepable

FORM_MOST = 512 * 1024
"""Bytes of a form without files."""
FIELDS_MOST = 5_000

View = TypeVar("View", bound=Callable[..., object])


class Refused(BadRequest):
    """A request that no form sends by itself; its description is for the person."""


def takes_body(most: int) -> Callable[[View], View]:
    """A view that is sent more than a form: a file, a document, of at most `most` bytes."""

    def marked(view: View) -> View:
        view.body_most = most + FORM_MOST  # type: ignore[attr-defined]
        return view

    return marked


def register(app: Flask) -> None:
    """Before anything else that reads a request."""
    app.config.update(MAX_CONTENT_LENGTH=FORM_MOST, MAX_FORM_PARTS=FIELDS_MOST)
    app.config.update(MAX_FORM_MEMORY_SIZE=FORM_MOST)
    app.before_request(_bound_body)
    app.before_request(_refuse_nul)


def _bound_body() -> None:
    """A form may be as large as its view says; most are small."""
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "body_most", FORM_MOST)
    request.max_content_length = most
    if (request.content_length or 0) > most:
        abort(413)


def refuse_unkeepable(sent: object) -> None:
    """Raise Refused where any text in a JSON value, a name of a field too, cannot be kept."""
    waiting = [sent]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and not is_keepable(one):
            raise Refused(_("What was sent holds a character that cannot be kept."))
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one


def _refuse_nul() -> None:
    """PostgreSQL keeps no NUL, and no page has a use for one: refused here, for every form."""
    if any("\x00" in str(part) for part in (request.view_args or {}).values()):
        raise NotFound
    given = [*request.args.items(multi=True), *request.form.items(multi=True)]
    given += [(name, file.filename or "") for name, file in request.files.items(multi=True)]
    for name, text in given:
        if "\x00" in name or "\x00" in text:
            shown = name.replace("\x00", "")
            raise Refused(
                _(
                    "“%(field)s” holds a character that cannot be kept (NUL). Write it again by "
                    "hand, without pasting.",
                    field=shown,
                )
            )
