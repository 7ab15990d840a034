"""Offices: their week, desks, holidays and people; for those who coordinate them."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.i18n import _
from app.routes import words
from app.routes.common import current_actor
from app.routes.fields import faults_of, place_faults
from app.routes.office_forms import (
    OfficeForm,
    facts_of,
    form_of,
    locate,
    new_group_of,
    offer_choices,
)
from app.services import desk_view, likes, office_pages
from app.services.errors import Invalid
from app.services.needs import NEEDS
from app.services.places import (
    OfficeView,
    list_certification_kinds,
    list_languages,
    list_planning_groups,
)
from app.services.planning_groups import save_office
from app.services.rights import require_coordinator
from app.services.trial import trial

blueprint = Blueprint("offices", __name__, url_prefix="/offices")


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    return render_template(
        "offices/index.html",
        offices=office_pages.look_up_offices(actor),
        kinds=words.OFFICE_KINDS,
        may_add=office_pages.may_add_places(actor),
    )


@blueprint.get("/<int:office_id>")
@login_required
def show(office_id: int) -> str:
    return render_template(
        "offices/show.html",
        page=office_pages.office_page(current_actor(), office_id, g.now),
        words=words,
        needs=NEEDS,
        certifications={one.code: words.named(one) for one in list_certification_kinds()},
        languages=words.language_names(list_languages()),
    )


@blueprint.get("/<int:office_id>/desks")
@login_required
def desks(office_id: int) -> str:
    page = desk_view.desk_page(current_actor(), office_id, g.now)
    return render_template("offices/desks.html", page=page, words=words)


@blueprint.route("/new", methods=["GET", "POST"])
@login_required
def create() -> Response | tuple[str, int] | str:
    require_coordinator(current_actor())
    return _handle(OfficeForm(), before=None)


@blueprint.route("/<int:office_id>/edit", methods=["GET", "POST"])
@login_required
def edit(office_id: int) -> Response | tuple[str, int] | str:
    before = office_pages.office_to_edit(current_actor(), office_id)
    return _handle(OfficeForm() if request.method == "POST" else form_of(before), before)


def _handle(form: OfficeForm, before: OfficeView | None) -> Response | tuple[str, int] | str:
    actor = current_actor()
    others = office_pages.offices_to_be_like(
        before.id if before else None, before.likes if before else ()
    )
    offer_choices(form, list_planning_groups(), list_certification_kinds(), others)
    if request.method == "GET":
        return _page(form, before)
    readable = form.validate()
    facts = facts_of(form, before)
    try:
        with trial(keep=readable):
            known = before.id if before else None
            office_id = save_office(actor, known, facts, new_group_of(form), g.now)
    except Invalid as error:
        place_faults(form, error, lambda fault: locate(form, fault))
        readable = False
    if not readable:
        return _page(form, before), 400
    flash(_("Saved: %(name)s", name=facts.name))
    return redirect(url_for("offices.show", office_id=office_id))


def _page(form: OfficeForm, before: OfficeView | None) -> str:
    bound = before is not None and current_actor().office_ids is not None
    return render_template(
        "offices/edit.html",
        form=form,
        faults=faults_of(form),
        before=before,
        bound=bound,
        warm_days=likes.DAYS_NEEDED,
    )
