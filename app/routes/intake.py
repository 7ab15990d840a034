"""The reception: one press for language and need, taken back as easily."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.guards import takes_body
from app.i18n import _, _l, _n
from app.routes import words
from app.routes.common import current_actor, seconds_ago
from app.routes.uploading import file_faults, sent_file, told_columns
from app.services import import_reader, imports, intake, queue_view
from app.services.errors import Conflict, Invalid
from app.services.intake import DeskCount, IntakePage, Press
from app.services.needs import NEEDS
from app.services.places import list_languages
from app.services.rights import require_any_coordinator
from app.services.sheets import BYTES_MOST

blueprint = Blueprint("intake", __name__, url_prefix="/intake")

REMEMBERED = 20
"""Presses that can be taken back or completed; the browser keeps them in its session, whose
cookie holds about four kilobytes."""

OUTCOME_WORDS = {
    "served": _l("received"),
    "by_phone": _l("by telephone"),
    "left": _l("left"),
}
OUTCOME_FIELDS = {
    "minutes": _l("Wait in minutes"),
    "service_minutes": _l("Received for, in minutes"),
}

SOURCES = {"desk": _l("The reception"), "call": _l("The telephone line")}
"""Who counted arrivals, beside files; another system by the name it gave."""

FIELD_WORDS = {
    "office": _l("Office"),
    "date": _l("Date, or date and time"),
    "time": _l("Time"),
    "language": _l("Language"),
    "need": _l("Need"),
    "visitors": _l("How many"),
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
    office, _choices = intake.office_of(actor, request.form.get("office"), g.now)
    language, _colon, need = request.form.get("who", "").partition(":")
    pressed = intake.press(
        actor,
        office.id,
        request.form.get("press", ""),
        language,
        need,
        g.now,
        seconds_ago=seconds_ago(),
    )
    kept = _remembered(office.code)
    if pressed and pressed.id not in {one.id for one in kept}:
        _remember(office.code, [pressed, *kept])
    return _answer(office.code)


@blueprint.post("/undo")
@login_required
def undo() -> Response | str:
    actor = current_actor()
    office, _choices = intake.office_of(actor, request.form.get("office"), g.now)
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
    office, _choices = intake.office_of(actor, request.form.get("office"), g.now)
    kept = _remembered(office.code)
    pressed = _chosen(kept)
    if pressed is None:
        return _answer(office.code)
    try:
        noted = intake.note_outcome(
            actor,
            office.id,
            pressed,
            request.form.get("outcome", ""),
            _minutes("minutes"),
            _minutes("service_minutes"),
            now=g.now,
        )
    except Conflict as error:
        flash(str(error), "error")
        return _answer(office.code)
    except Invalid as error:
        for fault in error.faults:
            label = OUTCOME_FIELDS.get(fault.field, _("How it ended"))
            flash(
                _("%(field)s: expected %(expected)s", field=label, expected=fault.expected),
                "error",
            )
        return _answer(office.code)
    _remember(office.code, [noted if one.id == noted.id else one for one in kept])
    return _answer(office.code)


@blueprint.get("/tickets/<int:ticket_id>")
@login_required
def ticket(ticket_id: int) -> str:
    """A visitor's number on paper."""
    return render_template(
        "intake/ticket.html", ticket=queue_view.paper_ticket(current_actor(), ticket_id, g.now)
    )


@blueprint.route("/import", methods=["GET", "POST"])
@login_required
@takes_body(BYTES_MOST)
def upload() -> Response | str | tuple[str, int]:
    actor = current_actor()
    require_any_coordinator(actor)
    if request.method == "GET":
        return render_template("intake/import.html", faults=[])
    try:
        import_id = imports.take_in(actor, *sent_file(), g.now)
    except Invalid as error:
        faults = file_faults(error)
        return render_template("intake/import.html", faults=faults), 400
    return redirect(url_for("intake.import_file", import_id=import_id))


@blueprint.route("/import/<int:import_id>", methods=["GET", "POST"])
@login_required
def import_file(import_id: int) -> Response | str | tuple[str, int]:
    actor = current_actor()
    mapping = told_columns(import_reader.FIELDS)
    office = request.form.get("office", "")
    found = imports.preview(actor, import_id, g.now, mapping, office)
    whole = request.form.get("whole") == "yes"
    if request.form.get("do") == "import" and found.ready:
        visitors = imports.carry_out(actor, import_id, g.now, mapping, office, whole_days=whole)
        flash(_n("%(num)d visitor is counted.", "%(num)d visitors are counted.", visitors))
        return redirect(url_for("intake.reception"))
    page = render_template(
        "intake/preview.html",
        found=found,
        labels=FIELD_WORDS,
        fields=import_reader.FIELDS,
        sources=SOURCES,
        whole=whole,
    )
    return (page, 400) if request.method == "POST" and found.file.fault_count else page


def _minutes(name: str) -> Any:
    """What was typed: None for nothing, a text where it is no number."""
    typed = request.form.get(name, "").strip()
    return int(typed) if typed.isdecimal() and len(typed) < 6 else typed or None


def _answer(office_code: str) -> Response | str:
    """For the page's script the part that changed; else the whole page anew."""
    if request.headers.get("X-Part"):
        page = intake.desk_count(current_actor(), office_code, g.now)
        return render_template("intake/_last.html", page=page, shown=_shown(page))
    return redirect(url_for("intake.reception", office=office_code))


def _shown(page: IntakePage | DeskCount) -> list[dict[str, Any]]:
    """The last presses in words, the newest first."""
    names = words.language_names(list_languages())
    kept = _remembered(page.office.code)
    numbered = [one.need for one in kept if one.ticket]
    desks = intake.desks_of(page.office.code, numbered, g.now) if numbered else {}
    return [
        {
            "id": one.id,
            "starts_at": one.starts_at,
            "language": names.get(one.language, one.language),
            "need": NEEDS.get(one.need, one.need),
            "outcome": one.outcome,
            "outcome_words": OUTCOME_WORDS.get(one.outcome, ""),
            "minutes": one.minutes,
            "service_minutes": one.service_minutes,
            "ticket": one.ticket,
            "ticket_id": one.ticket_id,
            "desk": desks.get(one.need),
        }
        for one in kept
    ]


def _chosen(kept: list[Press]) -> Press | None:
    """The press that the form names, by default the newest."""
    wanted = request.form.get("press") or (kept[0].id if kept else "")
    return next((one for one in kept if one.id == wanted), None)


def _remembered(office_code: str) -> list[Press]:
    kept = session.get("presses", {})
    return [
        Press(key, dt.datetime.fromtimestamp(at, dt.UTC), *told)
        for key, at, *told in kept.get(office_code, [])
    ]


def _remember(office_code: str, presses: list[Press]) -> None:
    session["presses"] = {
        office_code: [
            [one.id, int(one.starts_at.timestamp()), one.language, one.need, one.outcome,
             one.minutes, one.service_minutes, one.ticket, one.ticket_id]
            for one in presses[:REMEMBERED]
        ]
    }  # fmt: skip
