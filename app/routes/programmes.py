"""Programmes: courses and their versions, the rules of certification, what the desks ask for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from app.i18n import _, _l, _n
from app.routes import words
from app.routes.common import current_actor
from app.routes.fields import (
    DayField,
    DurationField,
    WholeField,
    faults_of,
    options,
    place_faults,
)
from app.routes.session_forms import BoxesField
from app.services import courses as course_services
from app.services import programme_steps, programmes
from app.services.courses import CourseFacts, CourseView
from app.services.errors import Invalid
from app.services.places import list_certification_kinds
from app.services.programmes import KindFacts
from app.services.rights import require_coordinator
from app.services.trial import trial

blueprint = Blueprint("programmes", __name__, url_prefix="/programmes")

PROGRAMMES = {"initial": _l("Initial programme"), "continuous": _l("Continuous programme")}


class CourseForm(FlaskForm):
    code = StringField(_l("Code"))
    version = WholeField(_l("Version"), default=1)
    title_pt = StringField(_l("Title in Portuguese"))
    title_en = StringField(_l("Title in English"))
    programme = SelectField(_l("Programme"), validate_choice=False, default="continuous")
    minutes = DurationField(_l("Length"), default=7 * 60)
    outcomes = TextAreaField(_l("Outcomes"))
    certification = SelectField(_l("Certifies for"), validate_choice=False)
    requires = BoxesField(_l("To be passed before"), validate_choice=False)
    equivalents = BoxesField(_l("Counts as this one"), validate_choice=False)
    older_due_on = DayField(_l("Older versions count until"), optional=True)
    trainer_ids = BoxesField(_l("Trainers"), coerce=int, validate_choice=False)
    active = BooleanField(_l("Is given"), default=True)


class KindForm(FlaskForm):
    code = StringField(_l("Code"))
    name_pt = StringField(_l("Name in Portuguese"))
    name_en = StringField(_l("Name in English"))
    validity_months = WholeField(_l("Valid for (months)"))
    grace_days = WholeField(_l("Grace (days)"), default=0)
    renewal_window_days = WholeField(_l("Renewal window (days)"), default=90)
    renewal_course = SelectField(_l("Renewal course"), validate_choice=False)


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    page = programmes.programme_page(actor)
    return render_template(
        "programmes/index.html",
        page=page,
        kinds={one.code: words.named(one) for one in page.kinds},
        named=words.named,
        courses=programme_steps.programme_courses(actor, g.now),
        programmes=PROGRAMMES,
    )


@blueprint.route("/kinds/<code>", methods=["GET", "POST"])
@login_required
def kind(code: str) -> Response | tuple[str, int] | str:
    actor = current_actor()
    before = programmes.kind_to_edit(actor, code)
    form = KindForm(obj=before)
    _offer_courses(form)
    if not form.is_submitted():
        return _kind_page(form, before)
    readable = form.validate()
    people = 0
    # The page of a kind in use has no field for its code.
    new_code = (form.code.data or "").strip() if "code" in request.form else code
    try:
        with trial(keep=readable):
            people = programmes.edit_kind(actor, code, _rule(form), g.now)
            programmes.rename_kind(actor, code, new_code, g.now)
    except Invalid as error:
        place_faults(form, error)
        readable = False
    if not readable:
        return _kind_page(form, before), 400
    flash(
        _n(
            "Saved; the certifications of %(num)d person are reckoned anew.",
            "Saved; the certifications of %(num)d people are reckoned anew.",
            people,
        )
    )
    return redirect(url_for("programmes.index"))


@blueprint.route("/kinds", methods=["GET", "POST"])
@login_required
def new_kind() -> Response | tuple[str, int] | str:
    """Add a kind of certification."""
    actor = current_actor()
    require_coordinator(actor)
    form = KindForm()
    _offer_courses(form)
    if not form.is_submitted():
        return _kind_page(form, None)
    readable = form.validate()
    code = (form.code.data or "").strip()
    try:
        with trial(keep=readable):
            programmes.create_kind(actor, code, _rule(form), g.now)
    except Invalid as error:
        place_faults(form, error)
        readable = False
    if not readable:
        return _kind_page(form, None), 400
    flash(_("Saved: %(name)s", name=code))
    return redirect(url_for("programmes.index"))


@blueprint.route("/courses/new", methods=["GET", "POST"])
@login_required
def create() -> Response | tuple[str, int] | str:
    require_coordinator(current_actor())
    return _course(CourseForm(), None, new_version=False)


@blueprint.route("/courses/<int:course_id>/edit", methods=["GET", "POST"])
@login_required
def edit(course_id: int) -> Response | tuple[str, int] | str:
    return _known(course_id, new_version=False)


@blueprint.route("/courses/<int:course_id>/version", methods=["GET", "POST"])
@login_required
def version(course_id: int) -> Response | tuple[str, int] | str:
    """A new version of a course, from what it is."""
    return _known(course_id, new_version=True)


def _known(course_id: int, *, new_version: bool) -> Response | tuple[str, int] | str:
    actor = current_actor()
    before = course_services.get_course(actor, course_id)
    require_coordinator(actor)
    form = CourseForm(obj=before)
    if not form.is_submitted():
        form.certification.data = before.certification or ""
        if new_version:
            form.version.data = before.version + 1
            form.older_due_on.data = None
    return _course(form, before, new_version=new_version)


def _course(
    form: CourseForm, before: CourseView | None, *, new_version: bool
) -> Response | tuple[str, int] | str:
    _offer(form, before)
    title = _("New course") if before is None else _("Change the course")
    title = _("New version") if new_version else title
    if not form.is_submitted():
        return _course_page(form, before, title)
    readable = form.validate()
    actor, facts = current_actor(), _facts(form)
    try:
        with trial(keep=readable):
            if before is None or new_version:
                course_id = course_services.create_course(actor, facts, g.now)
            else:
                course_id = before.id
                course_services.edit_course(actor, course_id, facts, g.now)
    except Invalid as error:
        place_faults(form, error, lambda field: form._fields.get(field.partition(".")[0]))
        readable = False
    if not readable:
        return _course_page(form, before, title), 400
    flash(_("Saved: %(name)s", name=facts.code))
    return redirect(url_for("courses.show", course_id=course_id))


def _offer(form: CourseForm, before: CourseView | None) -> None:
    own = before.code if before else ""
    codes = sorted(
        {one.code for one in course_services.list_courses(current_actor(), True)} - {own}
    )
    form.programme.choices = options(PROGRAMMES.items())
    kinds = [(one.code, words.named(one)) for one in list_certification_kinds()]
    form.certification.choices = options([("", "—"), *kinds])
    form.requires.choices = options((one, one) for one in codes)
    form.equivalents.choices = options((one, one) for one in codes)
    listed = course_services.trainers()
    form.trainer_ids.choices = options((one.user_id, one.name) for one in listed)


def _facts(form: CourseForm) -> CourseFacts:
    return CourseFacts(
        code=(form.code.data or "").strip(),
        version=_whole(form.version.data),
        title_pt=(form.title_pt.data or "").strip(),
        title_en=(form.title_en.data or "").strip(),
        programme=form.programme.data or "",
        minutes=form.minutes.data or 0,
        outcomes=(form.outcomes.data or "").strip(),
        certification=form.certification.data or None,
        requires=tuple(form.requires.data or ()),
        equivalents=tuple(form.equivalents.data or ()),
        older_due_on=form.older_due_on.data,
        trainer_ids=tuple(form.trainer_ids.data or ()),
        active=bool(form.active.data),
    )


def _whole(value: Any) -> Any:
    return 0 if value is None else value


def _course_page(form: CourseForm, before: CourseView | None, title: str) -> str:
    return render_template(
        "programmes/course.html", form=form, faults=faults_of(form), before=before, title=title
    )


def _offer_courses(form: KindForm) -> None:
    listed = sorted({one.code for one in course_services.list_courses(current_actor(), True)})
    form.renewal_course.choices = options([("", "—"), *((one, one) for one in listed)])


def _rule(form: KindForm) -> KindFacts:
    return KindFacts(
        name_pt=(form.name_pt.data or "").strip(),
        name_en=(form.name_en.data or "").strip(),
        validity_months=form.validity_months.data,
        grace_days=_whole(form.grace_days.data),
        renewal_window_days=_whole(form.renewal_window_days.data),
        renewal_course=form.renewal_course.data or "",
    )


def _kind_page(form: KindForm, before: programmes.KindView | None) -> str:
    return render_template(
        "programmes/kind.html",
        form=form,
        faults=faults_of(form),
        before=before,
        name=words.named(before) if before else _("Add a kind of certification"),
        used=before is not None and programmes.is_used(before.code),
    )
