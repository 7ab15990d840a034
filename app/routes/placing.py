"""Placing a session: asked with people and weeks, ranked by the cover it costs, one chosen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField

from app.i18n import _, _l, _n
from app.models import RunStatus
from app.routes import session_forms, words
from app.routes.common import current_actor
from app.routes.fields import DayField, DurationField, faults_of, options, place_faults
from app.routes.session_forms import USUAL_LANGUAGE, BoxesField, languages_to_choose
from app.services import course_pages, placing, session_pages
from app.services.errors import Invalid
from app.services.horizon import network_date
from app.services.places import list_certification_kinds, list_languages
from app.services.placing_times import Wanted
from app.services.training import CourseView
from app.services.trial import trial

blueprint = Blueprint("placing", __name__, url_prefix="/placing")

USUAL_WEEKS = 6


class PlacingForm(FlaskForm):
    minutes = DurationField(_l("Length"))
    first_day = DayField(_l("From"), to_come=True)
    last_day = DayField(_l("Until"), to_come=True)
    office_id = SelectField(_l("Place"), coerce=int, validate_choice=False)
    link = StringField(_l("Link"))
    trainer_ids = BoxesField(_l("Trainers"), coerce=int, validate_choice=False)
    languages = BoxesField(_l("Languages it is given in"), validate_choice=False)
    may_split = BooleanField(_l("Two groups, where that costs less"))
    people = BoxesField(_l("Who comes"), coerce=int, validate_choice=False)


@blueprint.route("", methods=["GET", "POST"])
@login_required
def ask() -> Response | tuple[str, int] | str:
    """Ask for the best times of `course`; `people` and days may come from a proposal."""
    actor = current_actor()
    if request.method == "GET" and "course" not in request.args:
        found = course_pages.courses_to_run(actor)
        title = _("Find the time that costs least")
        return render_template("courses/choose.html", courses=found, title=title)
    course = course_pages.course_to_run(actor, request.args.get("course", 0, type=int))
    form = PlacingForm()
    places = [(one.id, one.name) for one in session_pages.places_to_choose()]
    form.office_id.choices = options([(0, _("online")), *places])
    trainers = session_pages.trainers_to_choose(course.id)
    form.trainer_ids.choices = options([(one.id, one.name) for one in trainers])
    form.languages.choices = languages_to_choose()
    people = session_pages.everyone_of(actor, course.id)
    form.people.choices = options([(one.id, one.name) for one in people])
    if request.method == "GET":
        _suggest(form, course)
        return _form_page(form, course)
    readable = form.validate()
    try:
        with trial(keep=readable):
            run_id = placing.ask(actor, _wanted(form, course.id), g.now)
    except Invalid as error:
        place_faults(form, error, lambda field: _locate(form, field))
        readable = False
    if not readable:
        return _form_page(form, course), 400
    return redirect(url_for("placing.show", run_id=run_id))


@blueprint.get("/<int:run_id>")
@login_required
def show(run_id: int) -> str:
    actor = current_actor()
    page = placing.page(actor, run_id)
    return render_template(
        "placing/show.html",
        page=page,
        told=_told(run_id),
        course=course_pages.course_to_run(actor, page.course_id),
        labels=_labels(),
    )


@blueprint.get("/<int:run_id>.json")
@login_required
def state(run_id: int) -> Response:
    return jsonify(_told(run_id))


@blueprint.post("/<int:run_id>")
@login_required
def choose(run_id: int) -> Response:
    actor = current_actor()
    try:
        made = placing.choose(actor, run_id, request.form.get("choice", -1, type=int), g.now)
    except Invalid as error:
        expected = "; ".join(fault.expected for fault in error.faults)
        flash(_("Nothing was planned: expected %(expected)s.", expected=expected), "error")
        return redirect(url_for("placing.show", run_id=run_id))
    flash(
        _n(
            "The session is planned and its people are enrolled.",
            "%(num)d sessions are planned and their people are enrolled.",
            len(made),
        )
    )
    return redirect(url_for("sessions.show", session_id=made[0]))


def _locate(form: PlacingForm, field: str) -> Any:
    """The form's field of a service's fault."""
    named = {"languages": form.languages, "trainer_ids": form.trainer_ids}
    return named.get(field.partition(".")[0])


def _suggest(form: PlacingForm, course: CourseView) -> None:
    today = network_date(g.now)
    first = _day("first") or today + dt.timedelta(days=7)
    first = max(first, today + dt.timedelta(days=1))
    form.minutes.data = session_forms.dates_of(course)[0]
    form.first_day.data = first
    last = _day("last") or first + dt.timedelta(weeks=USUAL_WEEKS) - dt.timedelta(days=1)
    form.last_day.data = max(first, last)
    form.trainer_ids.data = list(course.trainer_ids)
    form.languages.data = [USUAL_LANGUAGE]
    form.may_split.data = True
    form.people.data = request.args.getlist("people", type=int)
    listed = form.office_id.choices or ()
    form.office_id.data = next((one.value for one in listed if one.value), 0)


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _wanted(form: PlacingForm, course_id: int) -> Wanted:
    tomorrow = network_date(g.now) + dt.timedelta(days=1)
    return Wanted(
        course_id=course_id,
        minutes=form.minutes.data or 60,
        first_day=form.first_day.data or tomorrow,
        last_day=form.last_day.data or form.first_day.data or tomorrow,
        people=tuple(form.people.data or ()),
        office_id=form.office_id.data or None,
        link=(form.link.data or "").strip(),
        trainer_ids=tuple(form.trainer_ids.data or ()),
        may_split=bool(form.may_split.data),
        languages=tuple(form.languages.data or ()),
    )


def _told(run_id: int) -> dict[str, Any]:
    """What the page's script shows of the search."""
    status, done, of = placing.progress(current_actor(), run_id)
    ended = status in (RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED)
    sentences = {
        RunStatus.QUEUED: _("Waiting for its turn."),
        RunStatus.RUNNING: _("Looking at week %(done)d of %(of)d.", done=min(done + 1, of), of=of),
        RunStatus.FAILED: _("It did not work out."),
        RunStatus.CANCELLED: _("It was called off; nothing was kept."),
        RunStatus.DONE: _("Done."),
    }
    return {
        "words": sentences[status] if of or status != RunStatus.RUNNING else _("At work."),
        "step": "",
        "done": done,
        "of": of,
        "cost": None,
        "bound": None,
        "gap": "",
        "points": [],
        "ended": ended,
    }


def _labels() -> dict[str, str]:
    """The names of what is lost: languages, certifications, anyone."""
    named = {f"lang:{code}": name for code, name in words.language_names(list_languages()).items()}
    named |= {f"cert:{one.code}": words.named(one) for one in list_certification_kinds()}
    return named | {"any": _("any language")}


def _form_page(form: PlacingForm, course: CourseView) -> str:
    return render_template(
        "placing/ask.html",
        form=form,
        faults=faults_of(form),
        course=course,
        dates=session_forms.dates_of(course),
    )
