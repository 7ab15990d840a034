"""What waits for a coordinator's answer."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes.common import current_actor
from app.routes.words import ABSENCES, LEVELS, language_names
from app.services import leave_requests, nomination_view, nominations, swap_view
from app.services.errors import Invalid
from app.services.horizon import network_date
from app.services.places import list_languages

blueprint = Blueprint("requests", __name__, url_prefix="/requests")


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    absences = leave_requests.to_answer(actor, g.now)
    return render_template(
        "requests/index.html",
        leave=absences.leave,
        reason_most=leave_requests.REASON_MOST,
        sickness=absences.sickness,
        swaps=swap_view.swaps_to_decide(actor, g.now),
        nominations=nomination_view.nominations_to_decide(actor),
        languages=language_names(list_languages()),
        levels=LEVELS,
        absence_words=ABSENCES,
    )


@blueprint.post("/<int:absence_id>/approve")
@login_required
def approve(absence_id: int) -> Response:
    name = leave_requests.decide_leave(current_actor(), absence_id, True, g.now)
    flash(_("Approved; %(name)s is told.", name=name))
    return redirect(url_for("requests.index"))


@blueprint.post("/<int:absence_id>/decline")
@login_required
def decline(absence_id: int) -> Response:
    reason = request.form.get("reason", "")
    try:
        name = leave_requests.decide_leave(current_actor(), absence_id, False, g.now, reason)
    except Invalid as error:
        _flash_faults(error)
    else:
        flash(_("Declined; %(name)s is told.", name=name))
    return redirect(url_for("requests.index"))


@blueprint.post("/nominations/<int:nomination_id>")
@login_required
def decide_nomination(nomination_id: int) -> Response:
    accepted = request.form.get("answer") == "accept"
    reason = request.form.get("reason", "").strip()
    try:
        nominations.decide_nomination(
            current_actor(), nomination_id, accepted, network_date(g.now), reason, g.now
        )
    except Invalid as error:
        _flash_faults(error)
    else:
        flash(_("Answered; the association is told."))
    return redirect(url_for("requests.index", _anchor="nominations"))


def _flash_faults(error: Invalid) -> None:
    for fault in error.faults:
        field = _("Reason") if fault.field == "reason" else _("Nomination")
        flash(_("%(field)s: expected %(expected)s", field=field, expected=fault.expected), "error")
