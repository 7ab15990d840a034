"""Reports of a month or a year, and what visitors said."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField

from app.i18n import _, _l
from app.models import FeedbackKind
from app.routes import words
from app.routes.common import current_actor
from app.routes.downloads import download
from app.routes.fields import DayField, WholeField, faults_of, options, place_faults
from app.services import feedback, office_choice, reports, sheets_out
from app.services.errors import Invalid
from app.services.feedback import FeedbackFacts
from app.services.needs import NEEDS
from app.services.places import list_languages
from app.services.reports import Grouping

blueprint = Blueprint("reports", __name__, url_prefix="/reports")

GROUPINGS = {
    Grouping.OFFICE: _l("By office"),
    Grouping.LANGUAGE: _l("By language"),
    Grouping.ASSOCIATION: _l("By association"),
    Grouping.MONTH: _l("By month"),
}
KINDS = {
    FeedbackKind.COMPLAINT: _l("Complaint"),
    FeedbackKind.PRAISE: _l("Praise"),
    FeedbackKind.SATISFACTION: _l("Answer of a survey"),
}


class FeedbackForm(FlaskForm):
    kind = SelectField(_l("What it is"), choices=options(KINDS.items()), validate_choice=False)
    office_id = SelectField(_l("Office"), coerce=int, choices=[], validate_choice=False)
    received_on = DayField(_l("Day"))
    need = SelectField(_l("Service"), choices=options(NEEDS.items()), validate_choice=False)
    language = SelectField(_l("Language, where known"), choices=[], validate_choice=False)
    topic = SelectField(_l("What it is about"), choices=[], validate_choice=False)
    level = SelectField(_l("How much the service has helped"), choices=[], validate_choice=False)
    count = WholeField(_l("How many"), default=1)


MOST_PEOPLE = 12
"""So many are shown at once; the others open below them."""


@blueprint.get("")
@login_required
def index() -> str:
    found = _report()
    return render_template(
        "reports/index.html",
        found=found,
        groupings=GROUPINGS,
        earlier=_beside(found, -1),
        later=_beside(found, 1),
        most_people=MOST_PEOPLE,
    )


@blueprint.get("/report.<any(csv, xlsx):form>")
@login_required
def report_file(form: str) -> Response:
    found = _report()
    name = f"escala-relatorio-{found.period}-{found.grouping}.{form}"
    content = sheets_out.write(reports.report_tables(found), form)
    return download(content, sheets_out.FORMS[form], name)


@blueprint.route("/feedback", methods=["GET", "POST"])
@login_required
def log_feedback() -> AnyResponse | str | tuple[str, int]:
    actor = current_actor()
    form = _form()
    if request.method == "GET":
        form.received_on.data = g.now.date()
        return _feedback_page(form)
    form.validate()
    if not faults_of(form):
        try:
            feedback.log(actor, _facts(form), g.now)
        except Invalid as error:
            place_faults(form, error)
    if faults_of(form):
        return _feedback_page(form), 400
    flash(_("It is counted."))
    return redirect(url_for("reports.log_feedback"))


@blueprint.post("/feedback/<int:feedback_id>/remove")
@login_required
def remove_feedback(feedback_id: int) -> AnyResponse:
    feedback.remove(current_actor(), feedback_id, g.now)
    flash(_("It is taken back."))
    return redirect(url_for("reports.log_feedback"))


def _report() -> reports.Report:
    return reports.report(
        current_actor(),
        request.args.get("period"),
        request.args.get("by", Grouping.OFFICE),
        g.now,
    )


def _beside(found: reports.Report, step: int) -> str:
    """The period before or after."""
    if found.yearly:
        return str(found.first.year + step)
    edge = found.first - dt.timedelta(days=1) if step < 0 else found.last + dt.timedelta(days=1)
    return f"{edge:%Y-%m}"


def _form() -> FeedbackForm:
    form = FeedbackForm()
    form.office_id.choices = options(
        (one.id, one.name) for one in office_choice.offices_of(current_actor())
    )
    names = words.language_names(list_languages())
    form.language.choices = options(
        [("", _("not known")), *sorted(names.items(), key=lambda one: one[1])]
    )
    form.topic.choices = options([("", "–"), *feedback.TOPICS.items()])
    form.level.choices = options(
        [("", "–"), *((str(level), name) for level, name in feedback.LEVELS.items())]
    )
    return form


def _facts(form: FeedbackForm) -> FeedbackFacts:
    level = form.level.data or ""
    count: Any = form.count.data
    return FeedbackFacts(
        office_id=form.office_id.data or 0,
        received_on=form.received_on.data,
        kind=form.kind.data or "",
        need=form.need.data or "",
        language=form.language.data or "",
        topic=form.topic.data or "",
        level=int(level) if level.isdecimal() else None,
        count=count if count is not None else 0,
    )


def _feedback_page(form: FeedbackForm) -> str:
    actor = current_actor()
    year = request.args.get("year", type=int, default=g.now.year)
    if not reports.FIRST_YEAR < year <= reports.LAST_YEAR:
        year = g.now.year
    return render_template(
        "reports/feedback.html",
        form=form,
        faults=faults_of(form),
        year=year,
        months=feedback.said_by_month(actor, year),
        years=feedback.said_by_year(actor, year),
        newest=feedback.newest(actor),
        kinds=KINDS,
        needs=NEEDS,
        topics=feedback.TOPICS,
        levels=feedback.LEVELS,
        languages=words.language_names(list_languages()),
    )
