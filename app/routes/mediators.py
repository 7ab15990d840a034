"""Mediators: look them up, see one, add and change them."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes import words
from app.routes.common import current_actor
from app.routes.fields import faults_of, place_faults
from app.routes.mediator_forms import (
    MediatorForm,
    facts_of,
    form_of,
    form_of_nomination,
    locate,
    offer_choices,
    offered_offices,
)
from app.services import (
    account_admin,
    directory,
    mail_log,
    months,
    nominations,
    office_pages,
    programme_steps,
    worked,
)
from app.services.associations import list_associations
from app.services.errors import Invalid
from app.services.horizon import network_date
from app.services.mediators import MediatorView, create_mediator, edit_mediator
from app.services.nomination_view import NominationView, nomination_to_bring_in
from app.services.places import list_languages, office_names
from app.services.regimes import list_regimes
from app.services.rights import require_any_coordinator
from app.services.trial import trial

blueprint = Blueprint("mediators", __name__, url_prefix="/mediators")


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    asked = directory.MediatorFilter(
        text=request.args.get("text", "").strip(),
        language=request.args.get("language", ""),
        level=request.args.get("level", ""),
        certification=request.args.get("certification", ""),
        office_id=request.args.get("office", type=int),
        association_id=request.args.get("association", type=int),
        include_inactive="all" in request.args,
    )
    shown, page, pages, found = directory.page_of_mediators(
        actor, asked, request.args.get("page", 1, type=int), network_date(g.now)
    )
    return render_template(
        "mediators/index.html",
        mediators=shown,
        found=found,
        page=page,
        pages=pages,
        month=g.now.date(),
        worked=worked.worked_between(
            *months.month_of(network_date(g.now)), [one.id for one in shown]
        ),
        kinds=directory.certification_kinds(),
        asked=asked,
        filtered=asked != directory.MediatorFilter(),
        offices=office_names(actor) if actor.is_coordinator else [],
        associations=list_associations(actor),
        languages=words.language_names(list_languages()),
        levels=words.LEVELS,
        may_add=actor.is_coordinator,
    )


@blueprint.get("/<int:mediator_id>")
@login_required
def show(mediator_id: int) -> str:
    return render_template(
        "mediators/show.html",
        page=directory.mediator_page(current_actor(), mediator_id, g.now),
        steps=programme_steps.steps_of(current_actor(), mediator_id, g.now),
        languages=words.language_names(list_languages()),
        words=words,
        today=g.now.date(),
        account=account_admin.mediator_account(mediator_id, g.now),
        dead_address=mail_log.dead_address_of(current_actor(), mediator_id),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@login_required
def create() -> Response | tuple[str, int] | str:
    require_any_coordinator(current_actor())
    nominated = _nominated()
    if nominated is not None and request.method == "GET":
        return _handle(form_of_nomination(nominated), before=None)
    return _handle(MediatorForm(), before=None, nominated=nominated)


@blueprint.route("/<int:mediator_id>/edit", methods=["GET", "POST"])
@login_required
def edit(mediator_id: int) -> Response | tuple[str, int] | str:
    before = directory.mediator_to_edit(current_actor(), mediator_id, g.now)
    form = MediatorForm() if request.method == "POST" else form_of(before)
    return _handle(form, before)


def _nominated() -> NominationView | None:
    """The accepted nomination that the new mediator is of, where the address names one."""
    nomination_id = request.args.get("nomination", type=int)
    if nomination_id is None:
        return None
    return nomination_to_bring_in(current_actor(), nomination_id)


def _handle(
    form: MediatorForm, before: MediatorView | None, nominated: NominationView | None = None
) -> Response | tuple[str, int] | str:
    actor = current_actor()
    offices = offered_offices(office_pages.offices_of(actor), before)
    offer_choices(form, list_associations(actor), offices, list_regimes(), list_languages())
    if request.method == "GET":
        return _page(form, before)
    form.validate()
    facts = facts_of(form, before, offices, g.now.date())
    readable = not faults_of(form)
    try:
        with trial(keep=readable):
            if before is None:
                mediator_id = create_mediator(actor, facts, g.now)
                if nominated is not None:
                    nominations.bring_in(actor, nominated.id, mediator_id, g.now)
            else:
                mediator_id = before.id
                edit_mediator(actor, mediator_id, facts, g.now)
    except Invalid as error:
        place_faults(form, error, lambda fault: locate(form, fault))
        readable = False
    if not readable:
        return _page(form, before), 400
    flash(_("Saved: %(name)s", name=facts.called_name or facts.name))
    return redirect(url_for("mediators.show", mediator_id=mediator_id))


def _page(form: MediatorForm, before: MediatorView | None) -> str:
    return render_template("mediators/edit.html", form=form, faults=faults_of(form), before=before)
