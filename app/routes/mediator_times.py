"""A mediator's times as their coordinators enter them: absences, weekly hours, wishes."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.i18n import _
from app.models import AbsenceKind, WishKind
from app.routes.common import current_actor
from app.routes.fields import place_faults
from app.routes.my_times import (
    WISHES,
    AbsenceForm,
    LastDayForm,
    WeeklyForm,
    WishForm,
    chosen,
    require_choice,
)
from app.routes.words import ABSENCES, REQUESTS
from app.services import times_of_others
from app.services.errors import Invalid

blueprint = Blueprint("mediator_times", __name__, url_prefix="/mediators/<int:mediator_id>/times")


@blueprint.get("")
@login_required
def show(mediator_id: int) -> str:
    return _page(mediator_id)


@blueprint.post("")
@login_required
def set_weekly(mediator_id: int) -> Response | tuple[str, int]:
    form = WeeklyForm(prefix="weekly-")
    if form.validate():
        spans = [field.data or () for field in form.days]
        try:
            times_of_others.set_weekly(current_actor(), mediator_id, spans, g.now)
        except Invalid as error:
            place_faults(form, error, lambda fault: form._fields.get(f"day{fault}"))
        else:
            flash(_("The weekly hours are kept. They count from the next roster that is built."))
            return _back(mediator_id)
    return _page(mediator_id, weekly=form), 400


@blueprint.post("/absences")
@login_required
def add_absence(mediator_id: int) -> Response | tuple[str, int]:
    form = AbsenceForm(prefix="absence-")
    kind = chosen(form.kind, AbsenceKind)
    first, last = form.first.data, form.last.data
    if form.validate() and kind and first and last:
        try:
            times_of_others.enter_absence(
                current_actor(),
                mediator_id,
                first,
                last,
                AbsenceKind(kind),
                g.now,
                weekend_too=form.weekend.data,
            )
        except Invalid as error:
            place_faults(form, error)
        else:
            flash(_("The absence is entered and the person is told."))
            return _back(mediator_id)
    require_choice(form.kind, kind)
    return _page(mediator_id, absence=form), 400


@blueprint.post("/absences/<int:absence_id>/end")
@login_required
def end_absence(mediator_id: int, absence_id: int) -> Response | tuple[str, int]:
    form = LastDayForm(prefix=f"end-{absence_id}-")
    if form.validate() and form.last.data:
        try:
            times_of_others.end_absence(
                current_actor(), mediator_id, absence_id, form.last.data, g.now
            )
        except Invalid as error:
            place_faults(form, error)
        else:
            flash(_("The absence ends earlier and the person is told."))
            return _back(mediator_id)
    return _page(mediator_id, end=form), 400


@blueprint.post("/absences/<int:absence_id>/remove")
@login_required
def remove_absence(mediator_id: int, absence_id: int) -> Response:
    times_of_others.remove_absence(current_actor(), mediator_id, absence_id, g.now)
    flash(_("The absence is removed and the person is told."))
    return _back(mediator_id)


@blueprint.post("/wishes")
@login_required
def add_wish(mediator_id: int) -> Response | tuple[str, int]:
    form = WishForm(prefix="wish-")
    kind = chosen(form.kind, WishKind)
    if form.validate() and kind and form.date.data:
        try:
            times_of_others.enter_wish(
                current_actor(), mediator_id, form.date.data, WishKind(kind), g.now
            )
        except Invalid as error:
            place_faults(form, error)
        else:
            flash(_("The wish is kept and the person is told."))
            return _back(mediator_id)
    require_choice(form.kind, kind)
    return _page(mediator_id, wish=form), 400


@blueprint.post("/wishes/<int:wish_id>/remove")
@login_required
def remove_wish(mediator_id: int, wish_id: int) -> Response:
    times_of_others.remove_wish(current_actor(), mediator_id, wish_id, g.now)
    flash(_("The wish is taken back."))
    return _back(mediator_id)


def _back(mediator_id: int) -> Response:
    return redirect(url_for("mediator_times.show", mediator_id=mediator_id))


def _page(mediator_id: int, **faulty: FlaskForm) -> str:
    name, theirs = times_of_others.times_of(current_actor(), mediator_id, g.now)
    weekly = {f"day{number}": spans for number, spans in enumerate(theirs.weekly)}
    fresh: dict[str, FlaskForm] = {
        "weekly": WeeklyForm(formdata=None, prefix="weekly-", **weekly),
        "wish": WishForm(formdata=None, prefix="wish-", kind=WishKind.OFF),
        "absence": AbsenceForm(formdata=None, prefix="absence-", kind=AbsenceKind.LEAVE),
    }
    return render_template(
        "mediators/times.html",
        mediator_id=mediator_id,
        name=name,
        theirs=theirs,
        forms=fresh | faulty,
        faulty=next(iter(faulty.values()), None),
        wish_words=WISHES,
        absence_words=ABSENCES,
        request_words=REQUESTS,
    )
