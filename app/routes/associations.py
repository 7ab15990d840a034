"""Associations: their protocols, places and people."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import (
    EmailField,
    Field,
    FieldList,
    Form,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
)

from app.i18n import _, _l
from app.routes import words
from app.routes.common import current_actor
from app.routes.fields import DayField, WholeField, faults_of, options, place_faults
from app.routes.mediator_forms import (
    LANGUAGES_MOST,
    SpokenForm,
    locate,
    offer_languages,
    spoken_languages,
)
from app.services import association_pages, nominations, office_pages
from app.services.associations import (
    AssociationFacts,
    AssociationView,
    ProtocolFacts,
    create_association,
    edit_association,
)
from app.services.errors import Invalid
from app.services.horizon import network_date
from app.services.places import list_languages
from app.services.rights import require_coordinator
from app.services.trial import trial

blueprint = Blueprint("associations", __name__, url_prefix="/associations")

PROTOCOLS_MOST = 60


class ProtocolForm(Form):
    starts_on = DayField(_l("first day"), optional=True)
    ends_on = DayField(_l("last day"), optional=True)
    places = WholeField(_l("places"))

    @property
    def blank(self) -> bool:
        return not any(any(field.raw_data or ()) for field in self)


class AssociationForm(FlaskForm):
    name = StringField(_l("Name"))
    code = StringField(_l("Code"))
    contact_name = StringField(_l("Who to speak to"))
    contact_email = EmailField(_l("Mail address"))
    protocols = FieldList(FormField(ProtocolForm), _l("Protocol"), max_entries=PROTOCOLS_MOST)


class ProposalForm(FlaskForm):
    name = StringField(_l("Full name"))
    email = EmailField(_l("Mail address"))
    languages = FieldList(FormField(SpokenForm), _l("Language"), max_entries=LANGUAGES_MOST)
    office_id = SelectField(_l("Office wished"), coerce=int, validate_choice=False)
    note = TextAreaField(_l("Why this person"))


@blueprint.get("")
@login_required
def index() -> str:
    actor = current_actor()
    return render_template(
        "associations/index.html",
        lines=association_pages.look_up_associations(actor, network_date(g.now)),
        may_add=office_pages.may_add_places(actor),
    )


@blueprint.get("/<int:association_id>")
@login_required
def show(association_id: int) -> str:
    page = association_pages.association_page(current_actor(), association_id, network_date(g.now))
    return render_template(
        "associations/show.html",
        page=page,
        words=words,
        languages=words.language_names(list_languages()),
        today=network_date(g.now),
    )


@blueprint.route("/<int:association_id>/propose", methods=["GET", "POST"])
@login_required
def propose(association_id: int) -> Response | tuple[str, int] | str:
    actor = current_actor()
    page = association_pages.association_page(actor, association_id, network_date(g.now))
    nominations.require_proposer(actor, association_id)
    form = ProposalForm()
    form.office_id.choices = options([(0, _("any office")), *nominations.offered_offices()])
    offer_languages(form, list_languages())
    if request.method == "POST":
        form.validate()
        person = nominations.ProposalFacts(
            name=form.name.data or "",
            email=(form.email.data or "").strip(),
            languages=spoken_languages(form),
            office_id=form.office_id.data or None,
            note=form.note.data or "",
        )
        try:
            nominations.propose_person(actor, association_id, person, g.now)
        except Invalid as error:
            place_faults(form, error, lambda fault: locate(form, fault))
        else:
            flash(_("Proposed: %(name)s. A coordinator answers; you are told.", name=person.name))
            return redirect(url_for("associations.show", association_id=association_id))
    code = 400 if request.method == "POST" else 200
    told = {"form": form, "faults": faults_of(form), "association": page.association}
    return render_template("associations/propose.html", page=page, **told), code


@blueprint.post("/nominations/<int:nomination_id>/withdraw")
@login_required
def withdraw(nomination_id: int) -> Response:
    association_id = nominations.withdraw_nomination(current_actor(), nomination_id, g.now)
    flash(_("The nomination is taken back."))
    return redirect(url_for("associations.show", association_id=association_id))


@blueprint.route("/new", methods=["GET", "POST"])
@login_required
def create() -> Response | tuple[str, int] | str:
    require_coordinator(current_actor())
    return _handle(AssociationForm(), before=None)


@blueprint.route("/<int:association_id>/edit", methods=["GET", "POST"])
@login_required
def edit(association_id: int) -> Response | tuple[str, int] | str:
    before = association_pages.association_to_edit(current_actor(), association_id)
    form = AssociationForm() if request.method == "POST" else AssociationForm(obj=before)
    return _handle(form, before)


def _handle(
    form: AssociationForm, before: AssociationView | None
) -> Response | tuple[str, int] | str:
    if request.method == "GET":
        if len(form.protocols) < PROTOCOLS_MOST:
            form.protocols.append_entry()
        return _page(form, before)
    readable = all([form.validate(), _protocols_whole(form)])
    facts = _facts(form, network_date(g.now))
    actor = current_actor()
    try:
        with trial(keep=readable):
            if before is None:
                association_id = create_association(actor, facts, g.now)
            else:
                association_id = before.id
                edit_association(actor, association_id, facts, g.now)
    except Invalid as error:
        place_faults(form, error, lambda fault: _locate(form, fault))
        readable = False
    if not readable:
        return _page(form, before), 400
    flash(_("Saved: %(name)s", name=facts.name))
    return redirect(url_for("associations.show", association_id=association_id))


def _protocols_whole(form: AssociationForm) -> bool:
    """A row with something in it has both dates; one left empty is no protocol."""
    missing = [
        field
        for row in _filled(form)
        for field in (row.form.starts_on, row.form.ends_on)
        if field.data is None and not field.errors
    ]
    for field in missing:
        field.errors = [_("expected a date such as 24/12/2026")]
    return not missing


def _facts(form: AssociationForm, today: dt.date) -> AssociationFacts:
    return AssociationFacts(
        code=(form.code.data or "").strip(),
        name=(form.name.data or "").strip(),
        contact_name=(form.contact_name.data or "").strip(),
        contact_email=(form.contact_email.data or "").strip(),
        protocols=tuple(_protocol(row.form, today) for row in _filled(form)),
    )


def _protocol(row: ProtocolForm, today: dt.date) -> ProtocolFacts:
    """A date that is missing stands in for the other, so that it is no fault of its own."""
    starts_on = row.starts_on.data or row.ends_on.data or today
    return ProtocolFacts(starts_on, row.ends_on.data or starts_on, row.places.data)


def _filled(form: AssociationForm) -> list[FormField]:
    return [row for row in form.protocols if not row.form.blank]


def _locate(form: AssociationForm, fault: str) -> Field | None:
    what, _dot, rest = fault.partition(".")
    number, _dot, part = rest.partition(".")
    if what != "protocols":
        return None
    row = _filled(form)[int(number)].form
    found: Field = row._fields.get(part, row.starts_on)
    return found


def _page(form: AssociationForm, before: AssociationView | None) -> str:
    return render_template(
        "associations/edit.html", form=form, faults=faults_of(form), before=before
    )
