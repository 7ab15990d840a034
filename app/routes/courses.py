"""Courses for those who run them: sessions, people, results, certifications that end soon."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, StringField

from app.i18n import _, _l
from app.models import CompletionResult
from app.routes import formats, words
from app.routes.common import current_actor
from app.routes.fields import DayField, WholeField, faults_of, options, place_faults
from app.services import course_pages, training
from app.services.directory import shown_state
from app.services.errors import Invalid
from app.services.horizon import network_date
from app.services.places import list_certification_kinds
from app.services.trial import trial

blueprint = Blueprint("courses", __name__, url_prefix="/courses")

RESULTS = {
    CompletionResult.PASSED: _l("Passed"),
    CompletionResult.FAILED: _l("Not passed"),
    CompletionResult.ABSENT: _l("Absent"),
}
WITHIN_DAYS = (30, 60, 90, 180, 365)


class CorrectionForm(FlaskForm):
    completed_on = DayField(_l("Day of completion"))
    result = RadioField(
        _l("Result"),
        choices=options(RESULTS.items()),
        default=CompletionResult.PASSED,
        validate_choice=False,
    )
    minutes = WholeField(_l("Minutes attended"))
    note = StringField(_l("Remark"))


class ResultForm(CorrectionForm):
    mediator_id = SelectField(_l("Mediator"), coerce=int, validate_choice=False)
    session_id = SelectField(_l("Session"), coerce=int, validate_choice=False)


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    return render_template(
        "courses/index.html",
        lines=course_pages.course_lines(actor, g.now),
        certifications=_certification_names(),
        ending=course_pages.ending_certifications(actor, WITHIN_DAYS[1], g.now),
        today=network_date(g.now),
        words=words,
    )


@blueprint.get("/certifications")
@login_required
def certifications() -> str:
    within = request.args.get("within", WITHIN_DAYS[2], type=int)
    within = within if within in WITHIN_DAYS else WITHIN_DAYS[2]
    ending = course_pages.ending_certifications(current_actor(), within, g.now)
    return render_template(
        "courses/certifications.html",
        ending=ending,
        within=within,
        choices=WITHIN_DAYS,
        today=network_date(g.now),
        state_of=shown_state,
        words=words,
    )


@blueprint.get("/<int:course_id>")
@login_required
def show(course_id: int) -> str:
    return render_template(
        "courses/show.html",
        page=course_pages.course_page(current_actor(), course_id, g.now),
        certifications=_certification_names(),
        results=RESULTS,
        words=words,
    )


@blueprint.route("/<int:course_id>/results/new", methods=["GET", "POST"])
@login_required
def record(course_id: int) -> Response | tuple[str, int] | str:
    actor = current_actor()
    course = course_pages.course_to_run(actor, course_id)
    form = ResultForm()
    people = course_pages.people_of_course(actor, course_id)
    listed = [(one.id, f"{one.name} · {one.home_office_name}") for one in people]
    form.mediator_id.choices = options([(0, _("choose")), *listed])
    held = [one for one in training.sessions_of(actor, course_id) if one.starts_at <= g.now]
    listed = [(one.id, _session_words(one)) for one in held]
    form.session_id.choices = options([(0, _("none, done elsewhere")), *listed])
    if request.method == "GET":
        _guess(form, held)
        return _result_page(form, course)
    readable = form.validate() and _is_said(form)
    if form.mediator_id.data not in {one.id for one in people}:
        form.mediator_id.errors = [_("expected one of the mediators listed")]
        return _result_page(form, course), 400
    try:
        with trial(keep=readable):
            recorded = training.record_completion(
                actor,
                course_id,
                form.mediator_id.data,
                form.completed_on.data or network_date(g.now),
                _result(form),
                g.now,
                form.session_id.data or None,
                form.minutes.data,
                (form.note.data or "").strip(),
            )
    except Invalid as error:
        place_faults(form, error)
        readable = False
    if not readable:
        return _result_page(form, course), 400
    name = next(one.shown_name for one in people if one.id == form.mediator_id.data)
    _tell(name, recorded)
    return redirect(url_for("courses.show", course_id=course_id))


@blueprint.route("/results/<int:completion_id>/correct", methods=["GET", "POST"])
@login_required
def correct(completion_id: int) -> Response | tuple[str, int] | str:
    actor = current_actor()
    before = course_pages.result_to_correct(actor, completion_id)
    course = course_pages.course_to_run(actor, before.course_id)
    if request.method == "GET":
        form = CorrectionForm(
            completed_on=before.completed_on,
            result=before.result,
            minutes=before.minutes,
            note=before.note,
        )
        return _correction_page(form, course, before)
    form = CorrectionForm()
    readable = form.validate() and _is_said(form)
    try:
        with trial(keep=readable):
            recorded = training.correct_completion(
                actor,
                completion_id,
                form.completed_on.data or before.completed_on,
                _result(form),
                g.now,
                _attended(form, before),
            )
    except Invalid as error:
        place_faults(form, error)
        readable = False
    if not readable:
        return _correction_page(form, course, before), 400
    _tell(before.mediator_name, recorded)
    return redirect(url_for("courses.show", course_id=before.course_id))


@blueprint.post("/results/<int:completion_id>/remove")
@login_required
def remove_result(completion_id: int) -> Response:
    """Recorded by mistake: nothing comes in its place."""
    actor = current_actor()
    before = course_pages.result_to_correct(actor, completion_id)
    training.remove_completion(actor, completion_id, g.now)
    flash(_("The result of %(name)s is taken back.", name=before.mediator_name))
    return redirect(url_for("courses.show", course_id=before.course_id))


def _is_said(form: CorrectionForm) -> bool:
    """Whether day and result were sent: what is left out is no answer, least of all "passed"."""
    lacking = [one for one in (form.completed_on, form.result) if not one.raw_data]
    for field in lacking:
        field.errors = [*field.errors, _("expected an answer")]
    return not lacking


def _guess(form: ResultForm, held: list[training.SessionView]) -> None:
    """What the reader pressed to come here, and the day of that session, else today."""
    form.mediator_id.data = request.args.get("mediator", 0, type=int)
    form.session_id.data = request.args.get("session", 0, type=int)
    days = {one.id: one.ends_at.astimezone(ZoneInfo(one.zone)).date() for one in held}
    form.completed_on.data = days.get(form.session_id.data, network_date(g.now))


def _session_words(one: training.SessionView) -> str:
    place = one.office_name or _("online")
    return f"{formats.moment(one.starts_at, one.zone)} · {place}"


def _attended(form: CorrectionForm, before: training.CompletionView) -> training.Attended:
    """What is left out stays as it was."""
    minutes = form.minutes.data if form.minutes.raw_data else before.minutes
    note = form.note.data if form.note.raw_data else before.note
    return training.Attended(minutes, (note or "").strip())


def _result(form: CorrectionForm) -> Any:
    """The result chosen; what is none goes to the service as it came, to be refused there."""
    chosen = form.result.data
    return CompletionResult(chosen) if chosen in set(CompletionResult) else chosen


def _tell(name: str, recorded: training.Recorded) -> None:
    if recorded.certification_id is None:
        flash(_("Recorded for %(name)s. It issues no certification.", name=name))
        return
    kind = _certification_names().get(recorded.kind, "")
    if recorded.valid_until is None:
        flash(_("Recorded: %(name)s is certified for %(kind)s.", name=name, kind=kind))
        return
    flash(
        _(
            "Recorded: %(name)s is certified for %(kind)s until %(date)s.",
            name=name,
            kind=kind,
            date=formats.date_full(recorded.valid_until),
        )
    )


def _certification_names() -> dict[str, str]:
    return {one.code: words.named(one) for one in list_certification_kinds()}


def _result_page(form: ResultForm, course: training.CourseView) -> str:
    return render_template(
        "courses/record.html",
        form=form,
        faults=faults_of(form),
        course=course,
        certifications=_certification_names(),
        words=words,
    )


def _correction_page(
    form: CorrectionForm, course: training.CourseView, before: training.CompletionView
) -> str:
    return render_template(
        "courses/correct.html",
        form=form,
        faults=faults_of(form),
        course=course,
        before=before,
        results=RESULTS,
        words=words,
    )
