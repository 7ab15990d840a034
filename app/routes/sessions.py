"""Sessions of courses: planned, moved, filled; and their results, by grid or by sheet."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _, _l, _n
from app.models import EnrolmentStatus
from app.routes import session_forms as forms
from app.routes.common import current_actor
from app.routes.fields import faults_of, place_faults
from app.routes.words import language_names
from app.services import (
    course_pages,
    directory,
    programme_steps,
    session_pages,
    training,
    training_report,
)
from app.services.errors import Invalid
from app.services.horizon import network_date
from app.services.places import list_languages
from app.services.session_clashes import ClashKind
from app.services.trial import trial

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions")

CLASHES = {
    ClashKind.SHIFT: _l("shift"),
    ClashKind.LEAVE: _l("absence"),
    ClashKind.TRAINING: _l("training"),
    ClashKind.HIDDEN: _l("not free"),
}
MOST_PEOPLE = 60
"""In the address of a proposal."""


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    own = actor.mediator_id
    return render_template(
        "sessions/index.html",
        sessions=session_pages.open_sessions(actor, g.now),
        to_judge=session_pages.sessions_to_judge(actor, g.now),
        certificates=directory.certificates_of(actor, own, g.now) if own else (),
        steps=programme_steps.steps_of(actor, own, g.now) if own else (),
        own_hours=training_report.own_hours(actor, g.now),
        clash_words=CLASHES,
        languages=language_names(list_languages()),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@login_required
def plan() -> Response | tuple[str, int] | str:
    """Plan a session of `course`, perhaps from a proposal: `day` and `people` filled in."""
    actor = current_actor()
    if request.method == "GET" and "course" not in request.args:
        found = course_pages.courses_to_run(actor)
        return render_template("courses/choose.html", courses=found, title=_("Plan a session"))
    course = course_pages.course_to_run(actor, request.args.get("course", 0, type=int))
    asked = request.args.getlist("people", type=int)[:MOST_PEOPLE]
    people = session_pages.names_of(actor, course.id, asked)
    form = forms.SessionForm()
    forms.prepare(form, course, people)
    if request.method == "GET":
        day = _day_of(request.args.get("day", "")) or network_date(g.now) + dt.timedelta(days=14)
        forms.suggest(form, course, day, [one.id for one in people])
        return _form_page(form, course, None)
    readable = form.validate()
    try:
        with trial(keep=readable):
            session_id = training.create_session(
                actor, forms.read(form, course.id, network_date(g.now)), g.now
            )
            statuses = [
                training.enrol(actor, session_id, mediator_id, g.now)
                for mediator_id in form.people.data or ()
                if mediator_id in {one.id for one in people}
            ]
    except Invalid as error:
        place_faults(form, error, lambda field: forms.locate(form, field))
        readable = False
    if not readable:
        return _form_page(form, course, None), 400
    flash(_("The session is planned."))
    if statuses:
        _tell_enrolled(statuses)
    return redirect(url_for("sessions.show", session_id=session_id))


@blueprint.get("/<int:session_id>")
@login_required
def show(session_id: int) -> str:
    return render_template(
        "sessions/show.html",
        page=session_pages.session_page(current_actor(), session_id, g.now),
        clash_words=CLASHES,
        languages=language_names(list_languages()),
    )


@blueprint.route("/<int:session_id>/edit", methods=["GET", "POST"])
@login_required
def edit(session_id: int) -> Response | tuple[str, int] | str:
    actor = current_actor()
    session = session_pages.session_to_run(actor, session_id)
    course = course_pages.course_to_run(actor, session.course_id)
    form = forms.SessionForm()
    forms.prepare(form, course, [])
    if request.method == "GET":
        forms.show(form, session)
        return _form_page(form, course, session)
    readable = form.validate()
    try:
        with trial(keep=readable):
            facts = forms.read(form, course.id, network_date(g.now))
            training.edit_session(actor, session_id, facts, g.now)
    except Invalid as error:
        place_faults(form, error, lambda field: forms.locate(form, field))
        readable = False
    if not readable:
        return _form_page(form, course, session), 400
    flash(_("The session is changed."))
    return redirect(url_for("sessions.show", session_id=session_id))


@blueprint.route("/<int:session_id>/remove", methods=["GET", "POST"])
@login_required
def remove(session_id: int) -> Response | str:
    actor = current_actor()
    session = session_pages.session_to_run(actor, session_id)
    if request.method == "GET":
        page = session_pages.session_page(actor, session_id, g.now)
        return render_template("sessions/remove.html", page=page)
    training.remove_session(actor, session_id, g.now)
    flash(_("The session is called off."))
    return redirect(url_for("courses.show", course_id=session.course_id))


@blueprint.post("/<int:session_id>/enrol")
@login_required
def enrol(session_id: int) -> Response:
    """Enrol those named; without a name, oneself."""
    actor = current_actor()
    named = request.form.getlist("mediator_id", type=int)
    own = [actor.mediator_id] if actor.mediator_id and "mediator_id" not in request.form else []
    training.get_session(actor, session_id)
    wanted = sorted(named) or own
    statuses: list[EnrolmentStatus] = []
    refused = []
    try:
        with trial(keep=True):
            for mediator_id in wanted:
                statuses.append(training.enrol(actor, session_id, mediator_id, g.now))
    except Invalid as error:
        refused = error.faults
    if refused:
        expected = "; ".join(fault.expected for fault in refused)
        flash(_("Nobody was enrolled: expected %(expected)s.", expected=expected), "error")
    elif statuses:
        _tell_enrolled(statuses)
    else:
        flash(_("Choose who is to be enrolled."), "error")
    return _back(session_id)


@blueprint.post("/<int:session_id>/cancel")
@login_required
def cancel(session_id: int) -> Response:
    """Take somebody out, by default oneself; who waits longest moves up."""
    actor = current_actor()
    mediator_id = request.form.get("mediator_id", actor.mediator_id or 0, type=int)
    training.cancel_enrolment(actor, session_id, mediator_id, g.now)
    flash(_("The seat is given back."))
    return _back(session_id)


def _back(session_id: int) -> Response:
    """To where the button was pressed: one's own list, or the session's page."""
    actor = current_actor()
    if request.form.get("from") == "list" or not (actor.is_trainer or actor.is_coordinator):
        return redirect(url_for("sessions.index"))
    return redirect(url_for("sessions.show", session_id=session_id))


def _tell_enrolled(statuses: list[EnrolmentStatus]) -> None:
    waiting = sum(one is EnrolmentStatus.WAITING for one in statuses)
    enrolled = len(statuses) - waiting
    if enrolled:
        flash(_n("%(num)d person is enrolled.", "%(num)d people are enrolled.", enrolled))
    if waiting:
        flash(
            _n("%(num)d person waits for a seat.", "%(num)d people wait for a seat.", waiting),
            "warning",
        )


def _day_of(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _form_page(form: Any, course: training.CourseView, session: Any) -> str:
    return render_template(
        "sessions/edit.html",
        form=form,
        faults=faults_of(form),
        further_open=any(
            row.form.errors or any(field.data is not None for field in row.form)
            for row in form.further
        ),
        course=course,
        session=session,
    )
