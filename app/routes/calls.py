"""The telephone service: logging calls, what they come to, and the translators on call."""

from __future__ import annotations

import datetime as dt
import secrets

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _, _l
from app.models import HelpedBy
from app.routes import words
from app.routes.call_forms import TranslatorForm, facts_of, fill, locate, offer_choices
from app.routes.common import current_actor, seconds_ago
from app.routes.fields import faults_of, place_faults
from app.services import call_report, calls, translators
from app.services.api_keys import is_administrator
from app.services.calls import CallFacts
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.places import list_languages
from app.services.rights import require_any_coordinator
from app.services.translators import TranslatorView

blueprint = Blueprint("calls", __name__, url_prefix="/calls")

HELPED_WORDS = {
    HelpedBy.MEDIATOR: _l("a mediator here"),
    HelpedBy.COLLEAGUE: _l("a colleague at a centre"),
    HelpedBy.TRANSLATOR: _l("an external translator"),
    HelpedBy.NOBODY: _l("nobody: not met"),
}
FIELD_WORDS = {
    "language": _l("Language"),
    "need": _l("Need"),
    "minutes": _l("Minutes"),
    "helped_by": _l("Who helped"),
    "translator_id": _l("Who helped"),
}


@blueprint.get("")
@login_required
def log() -> str:
    page = calls.call_page(current_actor(), request.args.get("office"), g.now)
    return render_template(
        "calls/log.html",
        page=page,
        calls=page.calls,
        press_id=secrets.token_hex(12),
        helped=HELPED_WORDS,
        languages=words.language_names(list_languages()),
    )


@blueprint.post("")
@login_required
def add() -> Response | str:
    actor = current_actor()
    office, _choices = calls.telephone_of(actor, request.form.get("office"), g.now)
    helped, _colon, translator = request.form.get("helped", "").partition(":")
    facts = CallFacts(
        office_id=office.id,
        press=request.form.get("press", ""),
        language=request.form.get("language", ""),
        need=request.form.get("need", ""),
        minutes=_minutes(),
        three_way=bool(request.form.get("three_way")),
        helped_by=helped,
        translator_id=int(translator) if translator.isdecimal() else None,
        seconds_ago=seconds_ago(),
    )
    try:
        calls.log_call(actor, facts, g.now)
    except Conflict as error:
        flash(str(error), "error")
    except Invalid as error:
        for fault in error.faults:
            flash(_said(fault), "error")
    return _answer(office.code)


@blueprint.post("/<int:call_id>/undo")
@login_required
def undo(call_id: int) -> Response | str:
    """What cannot be taken back is said beside the calls that stand; so is, to the page's script,
    that a call was taken back already: pressed twice, it is no fault."""
    actor = current_actor()
    try:
        office_code = calls.take_back(actor, call_id, g.now)
    except (Conflict, NotFound) as error:
        if isinstance(error, NotFound) and not request.headers.get("X-Part"):
            raise
        office, _choices = calls.telephone_of(actor, request.form.get("office"), g.now)
        office_code = office.code
        flash(str(error), "error")
    return _answer(office_code)


@blueprint.get("/summary")
@login_required
def summary() -> str:
    report = call_report.call_report(
        current_actor(), request.args.get("office"), _month(request.args.get("month", "")), g.now
    )
    return render_template("calls/summary.html", report=report, helped=HELPED_WORDS)


@blueprint.get("/translators")
@login_required
def list_translators() -> str:
    actor = current_actor()
    return render_template(
        "calls/translators.html",
        found=[
            (one, one.on_call_until(g.now)) for one in translators.list_translators(actor, g.now)
        ],
        languages=words.language_names(list_languages()),
        weekdays=words.WEEKDAYS,
        may_edit=actor.is_coordinator,
    )


@blueprint.route("/translators/new", methods=["GET", "POST"])
@login_required
def add_translator() -> Response | str | tuple[str, int]:
    require_any_coordinator(current_actor())
    return _edit_translator(None)


@blueprint.route("/translators/<int:translator_id>/edit", methods=["GET", "POST"])
@login_required
def edit_translator(translator_id: int) -> Response | str | tuple[str, int]:
    return _edit_translator(translators.translator_to_edit(current_actor(), translator_id))


def _edit_translator(before: TranslatorView | None) -> Response | str | tuple[str, int]:
    actor = current_actor()
    form = TranslatorForm()
    offer_choices(
        form, translators.telephone_services(actor, g.now), words.language_names(list_languages())
    )
    if request.method == "GET":
        if before:
            fill(form, before)
        return _translator_page(form, before)
    readable = form.validate()
    facts = facts_of(form)
    try:
        if not readable:
            raise Invalid([])
        if before is None:
            translators.create_translator(actor, facts, g.now)
        else:
            translators.edit_translator(actor, before.id, facts, g.now)
    except Invalid as error:
        place_faults(form, error, lambda fault: locate(form, fault))
        return _translator_page(form, before), 400
    flash(_("Saved: %(name)s", name=facts.name))
    return redirect(url_for("calls.list_translators"))


def _translator_page(form: TranslatorForm, before: TranslatorView | None) -> str:
    return render_template(
        "calls/translator.html",
        form=form,
        faults=faults_of(form),
        before=before,
        may_take_file=is_administrator(current_actor()),
    )


def _said(fault: InputFault) -> str:
    if fault.field == "language":
        return _("Choose a language.")
    label = FIELD_WORDS.get(fault.field, fault.field)
    return _("%(field)s: expected %(expected)s", field=label, expected=fault.expected)


def _answer(office_code: str) -> Response | str:
    """For the page's script the part that changed; else the whole page anew."""
    if request.headers.get("X-Part"):
        found = calls.last_calls(current_actor(), office_code, g.now)
        return render_template("calls/_last.html", calls=found, helped=HELPED_WORDS)
    return redirect(url_for("calls.log", office=office_code))


def _minutes() -> int:
    """The button pressed tells, else what was typed; −1 for what is no number."""
    told = (request.form.get("minutes") or request.form.get("typed", "")).strip()
    return int(told) if told.isdecimal() and len(told) < 6 else -1


def _month(told: str) -> dt.date | None:
    """The first of `2026-03`; None for what is no month."""
    try:
        return dt.date.fromisoformat(f"{told}-01")
    except ValueError:
        return None
