"""The queue: calling numbers to a counter, and saying how it went."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _, _l
from app.routes.common import current_actor
from app.services import intake, queue_view, tickets
from app.services.errors import Conflict, Invalid

blueprint = Blueprint("queue", __name__, url_prefix="/queue")

FIELD_WORDS = {"counter": _l("Where you receive"), "need": _l("Desk")}


@blueprint.get("")
@login_required
def show() -> str:
    page = queue_view.queue_page(current_actor(), request.args.get("office"), g.now)
    template = "queue/_part.html" if request.headers.get("X-Part") else "queue/show.html"
    return render_template(
        template, page=page, mine=session.get("counter", {}), press_id=secrets.token_hex(12)
    )


@blueprint.post("")
@login_required
def call() -> Response:
    """Call the next; what was chosen is remembered by the browser for the next time."""
    actor = current_actor()
    office, _choices = intake.office_of(actor, request.form.get("office"), g.now)
    counter, need = request.form.get("counter", "").strip(), request.form.get("need", "")
    languages = request.form.getlist("languages")
    session["counter"] = {
        "counter": counter[: tickets.COUNTER_MOST],
        "need": need,
        "languages": languages,
    }
    try:
        called = tickets.call_next(
            actor,
            office.id,
            press=request.form.get("press", ""),
            need=need,
            languages=languages,
            counter=counter,
            now=g.now,
        )
    except Invalid as error:
        for fault in error.faults:
            label = FIELD_WORDS.get(fault.field, fault.field)
            flash(
                _("%(field)s: expected %(expected)s", field=label, expected=fault.expected),
                "error",
            )
    else:
        if called is None:
            flash(_("Nobody waits for this desk in these languages."))
    return redirect(url_for("queue.show", office=office.code))


@blueprint.post("/<int:ticket_id>/end")
@login_required
def end(ticket_id: int) -> Response:
    actor = current_actor()
    try:
        row = tickets.end(actor, ticket_id, request.form.get("ending", ""), g.now)
    except Conflict as error:
        return _stale(error)
    return redirect(url_for("queue.show", office=row.office.code))


@blueprint.post("/<int:ticket_id>/back")
@login_required
def back(ticket_id: int) -> Response:
    try:
        row = tickets.put_back(current_actor(), ticket_id, g.now)
    except Conflict as error:
        return _stale(error)
    return redirect(url_for("queue.show", office=row.office.code))


def _stale(error: Conflict) -> Response:
    flash(str(error), "error")
    return redirect(url_for("queue.show", office=request.form.get("office")))
