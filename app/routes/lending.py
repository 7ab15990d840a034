"""Lending people between offices for a day: asked, answered, published."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _, _l
from app.models import LoanStatus
from app.routes.common import current_actor
from app.routes.fields import read_date
from app.services import lending, lending_start, lending_view
from app.services.errors import Invalid
from app.services.horizon import network_date

blueprint = Blueprint("lending", __name__, url_prefix="/lending")

STATUSES = {
    LoanStatus.ASKED: _l("asked"),
    LoanStatus.AGREED: _l("agreed"),
    LoanStatus.DECLINED: _l("declined"),
    LoanStatus.WITHDRAWN: _l("taken back"),
    LoanStatus.LAPSED: _l("lapsed"),
}


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    waiting, past = lending_view.loans_for(actor, g.now)
    return render_template(
        "lending/index.html",
        waiting=waiting,
        past=past,
        statuses=STATUSES,
        groups=lending_view.lending_offices(actor),
        start=lending_start.lending_start(actor, network_date(g.now), g.now),
    )


@blueprint.get("/new")
@login_required
def choose() -> str:
    lender, borrower = (request.args.get(one, type=int, default=0) for one in ("from", "to"))
    date = read_date(request.args.get("date", "")) or network_date(g.now)
    return _day(lender, borrower, date)


@blueprint.post("/new")
@login_required
def ask() -> Response | tuple[str, int]:
    lender, borrower = (request.form.get(one, type=int, default=0) for one in ("from", "to"))
    date = read_date(request.form.get("date", "")) or network_date(g.now)
    mediator, _bar, shift = request.form.get("choice", "").partition("|")
    reason = request.form.get("reason", "")
    try:
        number = int(mediator) if mediator.isdecimal() and len(mediator) < 10 else 0
        lending.ask(current_actor(), number, date, borrower, shift, reason, g.now)
    except Invalid as error:
        for fault in error.faults:
            text = str(fault.value)
            if fault.field == "reason":
                text = _("Reason: expected %(expected)s", expected=fault.expected)
            flash(text, "error")
        return _day(lender, borrower, date), 400
    flash(_("Asked. The other office's coordinator answers; until then nothing changes."))
    return redirect(url_for("lending.index"))


@blueprint.post("/<int:loan_id>/agree")
@login_required
def agree(loan_id: int) -> Response:
    try:
        lending.agree(current_actor(), loan_id, g.now)
    except Invalid as error:
        for fault in error.faults:
            flash(str(fault.value), "error")
    else:
        flash(_("Agreed: a new version of the week is published, and the person is told."))
    return redirect(url_for("lending.index"))


@blueprint.post("/<int:loan_id>/decline")
@login_required
def decline(loan_id: int) -> Response:
    lending.decline(current_actor(), loan_id, g.now)
    flash(_("Declined; who asked is told."))
    return redirect(url_for("lending.index"))


@blueprint.post("/<int:loan_id>/withdraw")
@login_required
def withdraw(loan_id: int) -> Response:
    lending.withdraw(current_actor(), loan_id, g.now)
    flash(_("Taken back; nothing has changed."))
    return redirect(url_for("lending.index"))


def _day(lender: int, borrower: int, date: dt.date) -> str:
    found = lending_view.lending_day(current_actor(), lender, borrower, date, g.now)
    day = dt.timedelta(days=1)
    return render_template("lending/choose.html", day=found, before=date - day, after=date + day)
