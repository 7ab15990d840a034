"""Published shifts given to colleagues: offered, accepted, decided."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField

from app.i18n import _, _l
from app.routes.common import current_actor
from app.routes.fields import options
from app.routes.formats import clock, day
from app.services import swap_view, swaps
from app.services.errors import Invalid
from app.services.mediators import list_mediators
from app.services.my_duties import ShiftView

blueprint = Blueprint("swaps", __name__, url_prefix="/swaps")

EVERYONE = "everyone"


class ChoiceForm(FlaskForm):
    choice = RadioField(_l("Who and for what"), validate_choice=False)


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    listed = swap_view.swaps_for(actor, g.now)
    mediator_id = request.args.get("mediator", type=int) or actor.mediator_id
    own = swap_view.shifts_to_offer(actor, mediator_id, g.now) if mediator_id else None
    people = list_mediators(actor) if actor.is_coordinator else []
    return render_template(
        "swaps/index.html", listed=listed, own=own, people=people, chosen=mediator_id
    )


@blueprint.route("/new/<uid>", methods=["GET", "POST"])
@login_required
def offer(uid: str) -> Response | str | tuple[str, int]:
    actor = current_actor()
    shift = swap_view.shift_on_offer(actor, uid, g.now)
    form = ChoiceForm()
    everyone = [(EVERYONE, _("Ask everyone listed here"))] if shift.options else []
    form.choice.choices = options(everyone + [(one.value, _said(one)) for one in shift.options])
    if request.method == "POST":
        if form.choice.data in {str(value.value) for value in form.choice.choices}:
            return _offered(uid, form)
        form.choice.errors = [_("expected one of the choices listed")]
        return render_template("swaps/offer.html", on_offer=shift, form=form), 400
    return render_template("swaps/offer.html", on_offer=shift, form=form)


@blueprint.get("/<int:swap_id>")
@login_required
def show(swap_id: int) -> str:
    view, found = swap_view.get_swap(current_actor(), swap_id, g.now)
    return render_template("swaps/show.html", swap=view, form=_taking(found), found=found)


@blueprint.post("/<int:swap_id>/accept")
@login_required
def accept(swap_id: int) -> Response | tuple[str, int]:
    actor = current_actor()
    view, found = swap_view.get_swap(actor, swap_id, g.now)
    form = _taking(found)
    if form.choice.data not in {one.value for one in found}:
        form.choice.errors = [_("expected one of the choices listed")]
        return render_template("swaps/show.html", swap=view, form=form, found=found), 400
    mediator_id, uid = _chosen(form)
    if swaps.accept(actor, swap_id, mediator_id, g.now, uid):
        flash(_("Agreed and published: no cover is lost by it. Both are told."))
    else:
        flash(_("Agreed. A coordinator decides; until then every shift stays where it is."))
    return redirect(url_for("swaps.show", swap_id=swap_id))


@blueprint.post("/<int:swap_id>/approve")
@login_required
def approve(swap_id: int) -> Response:
    try:
        swaps.approve(current_actor(), swap_id, g.now)
    except Invalid as error:
        for fault in error.faults:
            flash(str(fault.value), "error")
    else:
        flash(_("Approved: a new version of the week is published, and both are told."))
    return redirect(url_for("requests.index"))


@blueprint.post("/<int:swap_id>/decline")
@login_required
def decline(swap_id: int) -> Response:
    actor = current_actor()
    swaps.decline(actor, swap_id, g.now)
    flash(_("Declined; those concerned are told."))
    return redirect(url_for("requests.index" if actor.is_coordinator else "swaps.index"))


@blueprint.post("/<int:swap_id>/withdraw")
@login_required
def withdraw(swap_id: int) -> Response:
    swaps.withdraw(current_actor(), swap_id, g.now)
    flash(_("The offer is taken back; the shift stays as it is."))
    return redirect(url_for("swaps.index"))


@blueprint.post("/<int:swap_id>/take-back")
@login_required
def take_back(swap_id: int) -> Response:
    swaps.take_back_word(current_actor(), swap_id, g.now)
    flash(_("Your word is taken back; the giver and the coordinators are told."))
    return redirect(url_for("swaps.index"))


def _offered(uid: str, form: ChoiceForm) -> Response:
    actor = current_actor()
    if form.choice.data == EVERYONE:
        swap_id = swaps.offer(actor, uid, g.now)
    else:
        mediator_id, back = _chosen(form)
        swap_id = swaps.offer(actor, uid, g.now, asked_id=mediator_id, returned_uid=back)
    flash(_("Asked. The shift stays where it is until a coordinator approves."))
    return redirect(url_for("swaps.show", swap_id=swap_id))


def _taking(found: tuple[swap_view.Option, ...]) -> ChoiceForm:
    form = ChoiceForm()
    form.choice.choices = options([(one.value, _said(one)) for one in found])
    if len(found) == 1 and form.choice.data is None:
        form.choice.data = found[0].value
    return form


def _chosen(form: ChoiceForm) -> tuple[int, str | None]:
    mediator, _colon, uid = str(form.choice.data).partition(":")
    return int(mediator), uid or None


def _said(one: swap_view.Option) -> str:
    if one.returned is None:
        text = _("%(name)s takes it", name=one.mediator_name)
    else:
        text = _(
            "%(name)s, in return for %(shift)s", name=one.mediator_name, shift=_told(one.returned)
        )
    if not one.loses_cover:
        return text
    short = _("cover falls short")
    return f"{text} · {short}"


def _told(shift: ShiftView) -> str:
    hours = f"{clock(shift.starts_at, shift.zone)}–{clock(shift.ends_at, shift.zone)}"
    return f"{day(shift.date)}, {hours}, {shift.office_name}"
