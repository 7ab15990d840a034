"""Demand: who is foreseen, who is asked for and why, what is known to change it."""

from __future__ import annotations

import datetime as dt

from babel.numbers import format_decimal
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _, _l
from app.routes import words
from app.routes.common import current_actor
from app.routes.demand_forms import (
    EventForm,
    OverrideForm,
    fill_event,
    offer_choices,
    override_form,
)
from app.routes.fields import faults_of, place_faults
from app.routes.formats import language
from app.services import (
    accuracy_view,
    demand_view,
    events,
    likes,
    office_choice,
    overrides,
    waiting,
    weeks,
)
from app.services.demand_view import DemandView
from app.services.errors import Invalid, NotFound
from app.services.events import EventView
from app.services.needs import NEEDS
from app.services.places import list_languages
from app.services.trial import trial

blueprint = Blueprint("demand", __name__, url_prefix="/demand")

WEEK = dt.timedelta(weeks=1)
EVENTS_BEFORE = dt.timedelta(days=365)
DOUBTS = {
    "unlogged_days": _l("open on days of which nothing was counted"),
    "far_above": _l("far more came than could be expected"),
    "far_below": _l("far fewer came than could be expected"),
    "set_aside": _l("has days unlike their neighbours; the forecast gave them no weight"),
    "came_while_shut": _l("many came at times for which nothing was foreseen"),
}

OUTDATED = {
    "forecast": _l("the week was foreseen again"),
    "events": _l("the known events have changed"),
    "target": _l("the target of the wait has changed"),
}


@blueprint.app_template_filter()
def tenths(value: float) -> str:
    """One decimal, the reader's way: 1.4 or 1,4."""
    return format_decimal(round(value, 1), format="0.0", locale=language())


@blueprint.get("")
@login_required
def this_week() -> Response:
    monday = weeks.planning_week(current_actor(), g.now)
    return redirect(url_for("demand.week", monday=monday, office=request.args.get("office")))


@blueprint.get("/<monday>")
@login_required
def week(monday: str) -> str:
    view = _view(monday)
    return _page(view, override_form(view, empty=True))


@blueprint.post("/<monday>/override")
@login_required
def override(monday: str) -> Response | tuple[str, int]:
    actor, view = current_actor(), _view(monday)
    office, _choices = office_choice.office_of(actor, view.office.code)
    form = override_form(view, empty=False)
    readable = form.validate()
    try:
        with trial(keep=readable):
            overrides.override(actor, office, view.starts_on, form.facts(view.date), g.now)
    except Invalid as error:
        place_faults(form, error)
        readable = False
    if not readable:
        return _page(view, form), 400
    flash(_("It holds from now on, also when the week is foreseen again."))
    return redirect(
        url_for("demand.week", monday=monday, office=office.code, day=view.day) + "#overrides"
    )


@blueprint.post("/overrides/<int:override_id>/remove")
@login_required
def remove_override(override_id: int) -> Response:
    gone = overrides.remove_override(current_actor(), override_id, g.now)
    flash(_("What was derived holds again."))
    return redirect(
        url_for(
            "demand.week",
            monday=gone.week_starts_on,
            office=gone.office.code,
            day=request.form.get("day", type=int),
        )
    )


@blueprint.get("/<monday>/wait")
@login_required
def wait(monday: str) -> str:
    view = waiting.wait_view(
        current_actor(),
        request.args.get("office"),
        date_of(monday),
        roster_id=request.args.get("version", type=int),
        factor=2 if request.args.get("factor") == "2" else 1,
        away=request.args.get("away", ""),
        day=request.args.get("day", type=int),
    )
    return render_template(
        "demand/wait.html", view=view, dates=_dates(view.starts_on), outdated=OUTDATED
    )


@blueprint.post("/<monday>/wait")
@login_required
def ask_wait(monday: str) -> Response:
    run_id = waiting.ask_simulation(
        current_actor(),
        request.form.get("office", ""),
        date_of(monday),
        request.form.get("version", type=int) or 0,
        request.form.get("factor", type=int) or 1,
        request.form.get("away", ""),
        g.now,
    )
    return redirect(url_for("runs.watch", run_id=run_id, office=request.form.get("office")))


@blueprint.get("/accuracy")
@login_required
def accuracy() -> str:
    week = request.args.get("week")
    view = accuracy_view.accuracy_view(
        current_actor(), request.args.get("office"), g.now, date_of(week) if week else None
    )
    return render_template("demand/accuracy.html", view=view, doubts=DOUBTS)


@blueprint.post("/accuracy/backtest")
@login_required
def ask_back_test() -> Response:
    office = request.form.get("office", "")
    run_id = accuracy_view.ask_back_test(current_actor(), office, g.now)
    return redirect(url_for("runs.watch", run_id=run_id, office=office))


@blueprint.get("/events")
@login_required
def list_events() -> str:
    actor = current_actor()
    found = events.list_events(actor, g.now.date() - EVENTS_BEFORE)
    return render_template(
        "demand/events.html",
        past=[one for one in found if one.ends_on < g.now.date()],
        coming=[one for one in found if one.ends_on >= g.now.date()],
        offices={one.code: one.name for one in office_choice.offices_of(actor)},
        languages=words.language_names(list_languages()),
        needs=NEEDS,
    )


@blueprint.route("/events/new", methods=["GET", "POST"])
@login_required
def add_event() -> Response | str | tuple[str, int]:
    return _edit_event(None)


@blueprint.route("/events/<int:event_id>/edit", methods=["GET", "POST"])
@login_required
def edit_event(event_id: int) -> Response | str | tuple[str, int]:
    return _edit_event(events.event_to_edit(current_actor(), event_id))


@blueprint.post("/events/<int:event_id>/remove")
@login_required
def remove_event(event_id: int) -> Response:
    events.remove_event(current_actor(), event_id, g.now)
    flash(_("The event is gone. Foresee the weeks it touched again."))
    return redirect(url_for("demand.list_events"))


def _edit_event(before: EventView | None) -> Response | str | tuple[str, int]:
    actor = current_actor()
    offices = [(one.code, one.name) for one in office_choice.offices_of(actor)]
    form = EventForm()
    offer_choices(form, offices, words.language_names(list_languages()))
    if request.method == "GET":
        if before:
            fill_event(form, before)
        return _event_page(form, before)
    readable = form.validate()
    try:
        with trial(keep=readable):
            if before is None:
                events.create_event(actor, form.facts(), g.now)
            else:
                events.edit_event(actor, before.id, form.facts(), g.now)
    except Invalid as error:
        place_faults(form, error, lambda name: form._fields.get(name.partition(".")[0]))
        readable = False
    if not readable:
        return _event_page(form, before), 400
    flash(_("Saved. It counts when a week it touches is foreseen again."))
    return redirect(url_for("demand.list_events"))


def _event_page(form: EventForm, before: EventView | None) -> str:
    return render_template(
        "demand/event.html",
        form=form,
        faults=faults_of(form),
        before=before,
        bound=current_actor().office_ids is not None,
    )


def _view(monday: str) -> DemandView:
    return demand_view.demand_view(
        current_actor(),
        request.values.get("office"),
        date_of(monday),
        request.values.get("day", type=int),
    )


def _page(view: DemandView, form: OverrideForm) -> str:
    return render_template(
        "demand/week.html",
        view=view,
        form=form,
        faults=faults_of(form),
        needs=NEEDS,
        may_plan=current_actor().office_ids is None,
        one_week=WEEK,
        hardly_opened=likes.hardly_opened(view.office_id, view.starts_on, g.now),
    )


def _dates(monday: dt.date) -> list[dt.date]:
    return [monday + dt.timedelta(days=index) for index in range(demand_view.DAYS)]


@blueprint.app_template_filter()
def instant(text: str) -> dt.datetime:
    """An ISO instant or date, as runs keep them in their results."""
    return dt.datetime.fromisoformat(text)


def date_of(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
