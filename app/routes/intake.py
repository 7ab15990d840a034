"""The reception: one press for language and need, taken back as easily."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _, _l
from app.routes import words
from app.routes.common import current_actor
from app.services import intake
from app.services.errors import Conflict, Invalid
from app.services.intake import IntakePage, Press
from app.services.needs import NEEDS
from app.services.places import list_languages

blueprint = Blueprint("intake", __name__, url_prefix="/intake")

REMEMBERED = 6
"""Presses that can be taken back; the browser keeps them in its session."""
OUTCOME_WORDS = {
    "served": _l("received"),
    "by_phone": _l("by telephone"),
    "left": _l("left"),
}


@blueprint.get("")
@login_required
def reception() -> str:
    page = intake.intake_page(current_actor(), request.args.get("office"), g.now)
    return render_template(
        "intake/reception.html",
        page=page,
        press_id=secrets.token_hex(12),
        shown=_shown(page),
    )


@blueprint.post("")
@login_required
def press() -> Response | str | tuple[str, int]:
    actor = current_actor()
    office, _choices = intake.office_of(actor, request.form.get("office"))
    language, _colon, need = request.form.get("who", "").partition(":")
    pressed = intake.press(actor, office.id, request.form.get("press", ""), language, need, g.now)
    kept = _remembered(office.code)
    if pressed and pressed.id not in {one.id for one in kept}:
        _remember(office.code, [pressed, *kept])
    return _answer(office.code)


@blueprint.post("/undo")
@login_required
def undo() -> Response | str:
    actor = current_actor()
    office, _choices = intake.office_of(actor, request.form.get("office"))
    kept = _remembered(office.code)
    pressed = _chosen(kept)
    if pressed is not None:
        try:
            intake.take_back(actor, office.id, pressed, g.now)
        except Conflict as error:
            flash(str(error), "error")
        _remember(office.code, [one for one in kept if one.id != pressed.id])
    return _answer(office.code)


@blueprint.post("/outcome")
@login_required
def outcome() -> Response | str:
    """How a visit ended. Of a press no longer remembered nothing can be said."""
    actor = current_actor()
    office, _choices = intake.office_of(actor, request.form.get("office"))
    kept = _remembered(office.code)
    pressed = _chosen(kept)
    if pressed is None:
        return _answer(office.code)
    typed = request.form.get("minutes", "").strip()
    minutes: Any = int(typed) if typed.isdecimal() and len(typed) < 6 else typed or None
    try:
        noted = intake.note_outcome(
            actor, office.id, pressed, request.form.get("outcome", ""), minutes
        )
    except Invalid as error:
        for fault in error.faults:
            label = _("Wait in minutes") if fault.field == "minutes" else _("How it ended")
            flash(
                _("%(field)s: expected %(expected)s", field=label, expected=fault.expected),
                "error",
            )
        return _answer(office.code)
    _remember(office.code, [noted if one.id == noted.id else one for one in kept])
    return _answer(office.code)


def _answer(office_code: str) -> Response | str:
    """For the page's script the part that changed; else the whole page anew."""
    if request.headers.get("X-Part"):
        page = intake.intake_page(current_actor(), office_code, g.now)
        return render_template("intake/_last.html", page=page, shown=_shown(page))
    return redirect(url_for("intake.reception", office=office_code))


def _shown(page: IntakePage) -> list[dict[str, Any]]:
    """The last presses in words, the newest first."""
    names = words.language_names(list_languages())
    return [
        {
            "id": one.id,
            "starts_at": one.starts_at,
            "language": names.get(one.language, one.language),
            "need": NEEDS.get(one.need, one.need),
            "outcome": one.outcome,
            "outcome_words": OUTCOME_WORDS.get(one.outcome, ""),
            "minutes": one.minutes,
        }
        for one in _remembered(page.office.code)
    ]


def _chosen(kept: list[Press]) -> Press | None:
    """The press that the form names, by default the newest."""
    wanted = request.form.get("press") or (kept[0].id if kept else "")
    return next((one for one in kept if one.id == wanted), None)


def _remembered(office_code: str) -> list[Press]:
    kept = session.get("presses", {})
    return [
        Press(key, dt.datetime.fromtimestamp(at, dt.UTC), language, need, ended, minutes)
        for key, at, language, need, ended, minutes in kept.get(office_code, [])
    ]


def _remember(office_code: str, presses: list[Press]) -> None:
    session["presses"] = {
        office_code: [
            [one.id, int(one.starts_at.timestamp()), one.language, one.need, one.outcome,
             one.minutes]
            for one in presses[:REMEMBERED]
        ]
    }  # fmt: skip
