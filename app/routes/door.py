"""At the door of a session: its screen, one's own check-in, and what one thought of it after."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app import settings_of
from app.i18n import _
from app.routes.common import current_actor, keys
from app.routes.qr_codes import qr_code
from app.services import check_ins, opinions
from app.services.errors import Invalid

blueprint = Blueprint("door", __name__, url_prefix="/sessions/<int:session_id>")


@blueprint.get("/door")
@login_required
def screen(session_id: int) -> str:
    """For the screen at the door: asked for anew whenever the code changes."""
    door = check_ins.door(current_actor(), session_id, _key(), g.now)
    return render_template("door/screen.html", door=door, qr=_qr(session_id, door.code))


@blueprint.route("/check-in", methods=["GET", "POST"])
@login_required
def check_in(session_id: int) -> Response | tuple[str, int] | str:
    """Where the QR code leads: one press says that one is there."""
    actor = current_actor()
    check_ins.door_to_enter(actor, session_id)
    code = request.values.get("code", "")
    if request.method == "GET":
        return render_template("door/check_in.html", session_id=session_id, code=code, faults=())
    try:
        check_ins.check_in(actor, session_id, code, _key(), g.now)
    except Invalid as error:
        page = render_template(
            "door/check_in.html", session_id=session_id, code=code, faults=error.faults
        )
        return page, 400
    flash(_("You are checked in."))
    return redirect(url_for("sessions.index"))


@blueprint.route("/opinion", methods=["GET", "POST"])
@login_required
def opinion(session_id: int) -> Response | tuple[str, int] | str:
    actor = current_actor()
    session = opinions.session_to_judge(actor, session_id, g.now)
    if request.method == "GET":
        return render_template("door/opinion.html", session=session, faults=(), typed={})
    score = request.form.get("score", 0, type=int)
    try:
        opinions.give(actor, session_id, score, request.form.get("comment", ""), g.now)
    except Invalid as error:
        page = render_template(
            "door/opinion.html", session=session, faults=error.faults, typed=request.form
        )
        return page, 400
    flash(_("Thank you. What you said is kept without your name."))
    return redirect(url_for("sessions.index"))


def _key() -> bytes:
    return keys().derive("check-in")


def _qr(session_id: int, code: str) -> str:
    """Where the code checks in, drawn; empty while there is none."""
    if not code:
        return ""
    public = settings_of(current_app).public_url
    address = f"{public}{url_for('door.check_in', session_id=session_id, code=code)}"
    return qr_code(address)
