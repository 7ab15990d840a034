"""What one has been told, confirmed with one press."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _n
from app.routes import message_words
from app.routes.common import current_actor
from app.services import message_view

blueprint = Blueprint("messages", __name__, url_prefix="/messages")


@blueprint.get("")
@login_required
def index() -> str:
    messages = message_view.messages_of(current_actor())
    return render_template(
        "messages/index.html",
        messages=messages,
        unread=[one for one in messages if one.read_at is None],
        words=message_words,
    )


@blueprint.post("/<int:message_id>/seen")
@login_required
def seen(message_id: int) -> Response:
    message_view.mark_seen(current_actor(), message_id, g.now)
    return redirect(url_for("messages.index"))


@blueprint.post("/seen")
@login_required
def all_seen() -> Response:
    newest = request.form.get("newest", type=int) or 0
    count = message_view.mark_all_seen(current_actor(), newest, g.now)
    flash(_n("%(num)d message confirmed.", "%(num)d messages confirmed.", count))
    return redirect(url_for("messages.index"))
