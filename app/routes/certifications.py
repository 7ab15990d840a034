"""Certifications withdrawn, what that breaks, and what mends it; drafts brought up to date."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from app.i18n import _, _l
from app.routes import words
from app.routes.common import current_actor
from app.routes.edit_words import published_words, reasons
from app.routes.fields import DayField, faults_of, place_faults
from app.services import certificates, certification_repairs, draft_facts, editing
from app.services.directory import shown_state
from app.services.errors import Invalid
from app.services.horizon import network_date
from app.services.places import list_certification_kinds
from app.services.reach import reach_of
from app.services.trial import trial

blueprint = Blueprint("certifications", __name__, url_prefix="/certifications")


class WithdrawalForm(FlaskForm):
    reason = TextAreaField(_l("Reason"))
    since = DayField(_l("Counts no more since"))


@blueprint.get("/<int:certification_id>")
@login_required
def show(certification_id: int) -> str:
    page = certificates.certification_page(current_actor(), certification_id, g.now)
    return render_template(
        "certifications/show.html",
        page=page,
        state_of=shown_state(page.certification, network_date(g.now)),
        words=words,
    )


@blueprint.route("/<int:certification_id>/withdraw", methods=["GET", "POST"])
@login_required
def withdraw(certification_id: int) -> Response | tuple[str, int] | str:
    actor = current_actor()
    page = certificates.certification_page(actor, certification_id, g.now)
    if request.method == "GET":
        form = WithdrawalForm(since=network_date(g.now))
        return _withdrawal(form, page)
    form = WithdrawalForm()
    readable = form.validate()
    try:
        with trial(keep=readable):
            certificates.withdraw_certification(
                actor, certification_id, form.reason.data or "", g.now, form.since.data
            )
    except Invalid as error:
        place_faults(form, error)
        readable = False
    if not readable:
        return _withdrawal(form, page), 400
    flash(_("The certification is withdrawn; no roster counts it any more."))
    return redirect(url_for("certifications.show", certification_id=certification_id))


@blueprint.post("/<int:certification_id>/reinstate")
@login_required
def reinstate(certification_id: int) -> Response:
    certificates.reinstate_certification(current_actor(), certification_id, g.now)
    flash(_("The withdrawal is taken back."))
    return redirect(url_for("certifications.show", certification_id=certification_id))


@blueprint.get("/repairs/<int:roster_id>/<int:mediator_id>/<date:date>")
@login_required
def repairs(roster_id: int, mediator_id: int, date: dt.date) -> str:
    view = certification_repairs.repairs_for(current_actor(), roster_id, mediator_id, date, g.now)
    return render_template(
        "certifications/repairs.html",
        view=view,
        reasons=reasons,
        office=request.args.get("office") or None,
        as_it_is=certification_repairs.AS_IT_IS,
    )


@blueprint.post("/repairs/<int:roster_id>/<int:mediator_id>/<date:date>")
@login_required
def repair(roster_id: int, mediator_id: int, date: dt.date) -> Response:
    key = request.form.get("repair", "")
    made = certification_repairs.take(current_actor(), roster_id, mediator_id, date, key, g.now)
    flash(published_words(_("The repair is published."), reach_of(current_actor(), made)))
    return _to_week(made)


@blueprint.post("/drafts/<int:roster_id>/refresh")
@login_required
def refresh(roster_id: int) -> Response:
    """Judge a draft on what holds now."""
    draft_facts.bring_up_to_date(current_actor(), roster_id, g.now)
    flash(_("The draft is judged on what holds now; its shifts are as they were."))
    return _to_week(roster_id)


def _to_week(roster_id: int) -> Response:
    actor = current_actor()
    week = editing.week_of(actor, roster_id)
    office = request.form.get("office") or editing.office_of(actor, roster_id)
    return redirect(url_for("weeks.week", monday=week, office=office, version=roster_id))


def _withdrawal(form: WithdrawalForm, page: certificates.CertificationPage) -> str:
    kinds = {one.code: words.named(one) for one in list_certification_kinds()}
    return render_template(
        "certifications/withdraw.html",
        form=form,
        faults=faults_of(form),
        page=page,
        kind=kinds.get(page.certification.kind, ""),
    )
