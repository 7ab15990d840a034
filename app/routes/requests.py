"""What waits for a coordinator's answer."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes.common import current_actor
from app.routes.words import ABSENCES
from app.services import leave_requests, swap_view

blueprint = Blueprint("requests", __name__, url_prefix="/requests")


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    return render_template(
        "requests/index.html",
        leave=leave_requests.leave_to_decide(actor, g.now),
        swaps=swap_view.swaps_to_decide(actor, g.now),
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
    name = leave_requests.decide_leave(current_actor(), absence_id, False, g.now)
    flash(_("Declined; %(name)s is told.", name=name))
    return redirect(url_for("requests.index"))
