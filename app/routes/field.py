"""Routes of the mobile unit and of field teams: planned with the week, staffed, on a map."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes import words
from app.routes.common import current_actor
from app.routes.field_forms import RouteForm, facts_of, form_of, locate, offer
from app.routes.fields import faults_of, place_faults, read_date
from app.services import field_changes, field_crew, field_late, field_routes, route_map
from app.services.errors import Invalid
from app.services.field_routes import RouteView
from app.services.field_week import Person, TroubledCrew
from app.services.horizon import monday_of, network_date
from app.services.places import list_languages
from app.services.trial import trial

blueprint = Blueprint("field", __name__, url_prefix="/field")


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    asked = read_date(request.args.get("week", ""))
    monday = monday_of(asked or network_date(g.now))
    routes = field_routes.routes_of_week(actor, monday)
    return render_template(
        "field/index.html",
        monday=monday,
        earlier=monday - dt.timedelta(days=7),
        later=monday + dt.timedelta(days=7),
        routes=routes,
        next_route=None if routes else field_routes.next_route(actor, monday),
        called_off=field_routes.routes_of_week(actor, monday, called_off=True),
        map=route_map.draw([_numbered(one, number) for number, one in enumerate(routes, 1)]),
        languages=words.language_names(list_languages()),
        professionals=field_routes.PROFESSIONALS,
    )


@blueprint.get("/<int:route_id>")
@login_required
def show(route_id: int) -> str:
    return _show(route_id)


@blueprint.route("/new", methods=["GET", "POST"])
@login_required
def create() -> Response | tuple[str, int] | str:
    offices = field_routes.sending_offices(current_actor())
    form = RouteForm()
    if request.method == "GET":
        form.date.data = read_date(request.args.get("date", "")) or network_date(g.now)
        form.leaves_minute.data, form.returns_minute.data = 9 * 60, 17 * 60
    return _handle(form, offices, before=None)


@blueprint.route("/<int:route_id>/edit", methods=["GET", "POST"])
@login_required
def edit(route_id: int) -> Response | tuple[str, int] | str:
    actor = current_actor()
    before = field_routes.route_to_edit(actor, route_id)
    form = RouteForm() if request.method == "POST" else form_of(before)
    return _handle(form, field_routes.sending_offices(actor), before)


@blueprint.post("/<int:route_id>/cancel")
@login_required
def cancel(route_id: int) -> Response | tuple[str, int]:
    route = field_routes.get_route(current_actor(), route_id)
    try:
        field_changes.cancel_route(current_actor(), route_id, g.now, _reason())
    except Invalid as error:
        return _refused(route_id, error)
    flash(_("Called off; who would have gone along is told."))
    return redirect(url_for("field.index", week=monday_of(route.date)))


@blueprint.post("/<int:route_id>/restore")
@login_required
def restore(route_id: int) -> Response | tuple[str, int]:
    try:
        field_changes.restore_route(
            current_actor(), route_id, g.now, anyway=_anyway(), reason=_reason()
        )
    except TroubledCrew as error:
        return _show(route_id, error.people), 400
    except Invalid as error:
        return _refused(route_id, error)
    flash(_("Takes place after all; who goes along is told."))
    return redirect(url_for("field.show", route_id=route_id))


@blueprint.post("/<int:route_id>/crew")
@login_required
def assign(route_id: int) -> Response | tuple[str, int]:
    mediator_id = request.form.get("mediator", type=int, default=0)
    try:
        field_crew.assign(current_actor(), route_id, mediator_id, g.now, _reason())
    except Invalid as error:
        return _refused(route_id, error)
    flash(_("Goes along, and is told."))
    return redirect(url_for("field.show", route_id=route_id))


@blueprint.post("/<int:route_id>/crew/<int:mediator_id>/remove")
@login_required
def take_off(route_id: int, mediator_id: int) -> Response | tuple[str, int]:
    try:
        field_crew.take_off(current_actor(), route_id, mediator_id, g.now, _reason())
    except Invalid as error:
        return _refused(route_id, error)
    flash(_("No longer goes along, and is told."))
    return redirect(url_for("field.show", route_id=route_id))


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _anyway() -> bool:
    return bool(request.form.get("anyway"))


def _refused(route_id: int, error: Invalid) -> tuple[str, int]:
    for fault in error.faults:
        text = str(fault.value)
        if fault.field == "reason":
            text = _("Reason: expected %(expected)s", expected=fault.expected)
        flash(text, "error")
    return _show(route_id), 400


def _show(route_id: int, troubled: tuple[Person, ...] = ()) -> str:
    """The route's page; with `troubled`, what stands against restoring it is to be meant."""
    page = field_crew.crew_page(current_actor(), route_id, g.now)
    return render_template(
        "field/show.html",
        page=page,
        troubled=troubled,
        reason=_reason(),
        map=route_map.draw([_numbered(page.route, None)]),
        languages=words.language_names(list_languages()),
        professionals=field_routes.PROFESSIONALS,
        monday=monday_of(page.route.date),
    )


def _numbered(route: RouteView, number: int | None) -> list[tuple[str, tuple[float, float]]]:
    """Its places with coordinates: `3`, or `2.3` where the map holds several routes."""
    before = f"{number}." if number is not None else ""
    return [
        (f"{before}{place}", (stop.latitude, stop.longitude))
        for place, stop in enumerate(route.stops, start=1)
        if stop.latitude is not None and stop.longitude is not None
    ]


def _handle(
    form: RouteForm, offices: list[tuple[int, str]], before: RouteView | None
) -> Response | tuple[str, int] | str:
    offer(form, offices)
    if request.method == "GET":
        return _page(form, before)
    readable = form.validate()
    facts = facts_of(form)
    actor = current_actor()
    troubled: tuple[Person, ...] = ()
    try:
        with trial(keep=readable):
            if before is None:
                route_id = field_routes.create_route(actor, facts, g.now)
            else:
                route_id = before.id
                reason = form.reason.data or ""
                field_changes.edit_route(
                    actor, route_id, facts, g.now, anyway=_anyway(), reason=reason
                )
    except TroubledCrew as error:
        troubled, readable = error.people, False
    except Invalid as error:
        place_faults(form, error, lambda fault: locate(form, fault))
        readable = False
    if not readable:
        return _page(form, before, troubled), 400
    flash(_("Saved: %(name)s", name=facts.name))
    return redirect(url_for("field.show", route_id=route_id))


def _page(form: RouteForm, before: RouteView | None, troubled: tuple[Person, ...] = ()) -> str:
    """The form; with `troubled`, what stands against who goes along is to be meant."""
    asked = bool(form.reason.errors or form.reason.data)
    late = before is not None and bool(before.crew) and field_late.is_late(before, g.now)
    return render_template(
        "field/edit.html",
        form=form,
        faults=faults_of(form),
        before=before,
        troubled=troubled,
        late=late or asked,
    )
