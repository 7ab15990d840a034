"""Accounts, for administrators; the invitation of a mediator, for their coordinator."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, RadioField, SelectField, StringField

from app import settings_of
from app.i18n import FIRST, _, _l
from app.models import LinkKind, Role
from app.routes.common import current_actor, keys
from app.routes.fields import faults_of, options, page_languages, place_faults
from app.services import account_admin
from app.services.account_admin import AccountState, Invited
from app.services.api_keys import require_administrator
from app.services.errors import Invalid
from app.services.places import list_offices

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")

ROLES = {
    Role.COORDINATOR: _l("Coordinator"),
    Role.MEDIATOR: _l("Mediator"),
    Role.TRAINER: _l("Trainer"),
    Role.ASSOCIATION: _l("Association"),
    Role.ADMINISTRATOR: _l("Administrator"),
}
PAGES = {
    LinkKind.INVITATION: "sign_in.invitation",
    LinkKind.NEW_PASSWORD: "sign_in.new_password",
}
STATES = {
    AccountState.OPEN: _l("can sign in"),
    AccountState.INVITED: _l("invited"),
    AccountState.LAPSED: _l("no invitation is open"),
    AccountState.STOPPED: _l("stopped"),
}


class InviteForm(FlaskForm):
    name = StringField(_l("Name"))
    email = EmailField(_l("Mail address"))
    role = RadioField(_l("Role"), choices=options(ROLES.items()), validate_choice=False)
    office = SelectField(_l("Office, of a coordinator"), coerce=int, validate_choice=False)
    association = SelectField(_l("Association, of its contact"), coerce=int, validate_choice=False)
    mediator = SelectField(_l("Which mediator"), coerce=int, validate_choice=False)
    locale = RadioField(
        _l("Language of the mail"),
        choices=page_languages,
        default=FIRST,
        validate_choice=False,
    )


@blueprint.get("")
@login_required
def index() -> str:
    return render_template(
        "accounts/index.html",
        lines=account_admin.list_accounts(current_actor(), g.now),
        roles=ROLES,
        states=STATES,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@login_required
def invite() -> Response | tuple[str, int] | str:
    actor = current_actor()
    require_administrator(actor)
    form = InviteForm()
    offices = [(one.id, one.name) for one in list_offices(actor)]
    form.office.choices = options([(0, _("the whole network")), *offices])
    associations = account_admin.associations_to_choose(actor)
    form.association.choices = options([(0, _("none")), *associations])
    form.mediator.choices = options([(0, _("none")), *account_admin.mediators_to_choose(actor)])
    if request.method == "GET":
        return render_template("accounts/invite.html", form=form, faults=[])
    try:
        roles = account_admin.grants_of(
            form.role.data or "", form.office.data or None, form.association.data or None
        )
        made = account_admin.invite(
            actor,
            email=form.email.data or "",
            name=form.name.data or "",
            roles=roles,
            locale=form.locale.data or "",
            mediator_id=(form.mediator.data or None) if form.role.data == Role.MEDIATOR else None,
            keys=keys(),
            now=g.now,
        )
    except Invalid as error:
        place_faults(form, error, lambda name: {"roles": form.role}.get(name))
        return render_template("accounts/invite.html", form=form, faults=faults_of(form)), 400
    return _sent(made, url_for("accounts.index"))


@blueprint.post("/<int:user_id>/link")
@login_required
def send_link(user_id: int) -> Response | str:
    made = account_admin.send_link(current_actor(), user_id, keys(), g.now)
    return _sent(made, url_for("accounts.index"))


@blueprint.post("/<int:user_id>/stop")
@login_required
def stop(user_id: int) -> Response:
    name = account_admin.stop(current_actor(), user_id, g.now)
    flash(_("%(name)s is signed out everywhere and cannot sign in.", name=name))
    return redirect(url_for("accounts.index"))


@blueprint.post("/<int:user_id>/restore")
@login_required
def restore(user_id: int) -> Response:
    name = account_admin.restore(current_actor(), user_id, g.now)
    flash(_("%(name)s can sign in again.", name=name))
    return redirect(url_for("accounts.index"))


@blueprint.post("/<int:user_id>/clear-factors")
@login_required
def clear_factors(user_id: int) -> Response:
    name = account_admin.clear_factors(current_actor(), user_id, g.now)
    flash(_("Passkeys and codes of %(name)s are gone; the password alone counts.", name=name))
    return redirect(url_for("accounts.index"))


@blueprint.post("/mediators/<int:mediator_id>")
@login_required
def invite_mediator(mediator_id: int) -> Response | str:
    try:
        made = account_admin.invite_mediator(current_actor(), mediator_id, keys(), g.now)
    except Invalid as error:
        for fault in error.faults:
            flash(_("The invitation needs %(expected)s.", expected=fault.expected), "error")
        return redirect(url_for("mediators.edit", mediator_id=mediator_id))
    back = url_for("mediators.show", mediator_id=mediator_id)
    return _sent(made, back)


def _sent(made: Invited, back: str) -> Response | str:
    """Back to where it was asked for; without a mail server the link is shown once."""
    settings = settings_of(current_app)
    if settings.mail_server is not None:
        flash(_("The mail is on its way."))
        return redirect(back)
    address = settings.public_url + url_for(PAGES[made.kind], token=made.token)
    return render_template("accounts/link.html", address=address, back=back)
