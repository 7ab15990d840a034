"""What is kept and why; a person's data as a file; erasing who they are."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_login import login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from app.i18n import _, _l
from app.routes import privacy_words
from app.routes.common import current_actor
from app.routes.downloads import download
from app.routes.fields import faults_of, place_faults
from app.services import erasure, own_data, translator_end
from app.services.erasure import ErasurePage
from app.services.errors import Conflict, Invalid
from app.services.privacy_register import REGISTER
from app.services.rights import require_any_coordinator

blueprint = Blueprint("privacy", __name__)


class ErasureForm(FlaskForm):
    name = StringField(_l("Name of the person"))


@blueprint.get("/privacy")
@login_required
def show() -> str:
    """The register, for who answers for it."""
    require_any_coordinator(current_actor())
    return render_template("privacy/show.html", register=REGISTER, words=privacy_words)


@blueprint.get("/account/data.zip")
@login_required
def own_file() -> Response:
    return _file(own_data.own_file(current_actor(), g.now))


@blueprint.get("/mediators/<int:mediator_id>/data.zip")
@login_required
def file_of_mediator(mediator_id: int) -> Response:
    return _file(own_data.file_of_mediator(current_actor(), mediator_id, g.now))


@blueprint.get("/accounts/<int:user_id>/data.zip")
@login_required
def file_of_account(user_id: int) -> Response:
    return _file(own_data.file_of_account(current_actor(), user_id, g.now))


@blueprint.get("/calls/translators/<int:translator_id>/data.zip")
@login_required
def file_of_translator(translator_id: int) -> Response:
    return _file(own_data.file_of_translator(current_actor(), translator_id, g.now))


@blueprint.route("/mediators/<int:mediator_id>/erase", methods=["GET", "POST"])
@login_required
def erase_mediator(mediator_id: int) -> AnyResponse | tuple[str, int] | str:
    actor = current_actor()
    page = erasure.mediator_page(actor, mediator_id, g.now)
    back = url_for("mediators.show", mediator_id=mediator_id)
    form = ErasureForm()
    if request.method == "GET":
        return _erasure(page, form, back)
    try:
        run_id = erasure.ask_erase_mediator(actor, mediator_id, form.name.data or "", g.now)
    except (Invalid, Conflict) as error:
        return _refused(page, form, back, error)
    return redirect(url_for("runs.watch", run_id=run_id))


@blueprint.route("/accounts/<int:user_id>/erase", methods=["GET", "POST"])
@login_required
def erase_account(user_id: int) -> AnyResponse | tuple[str, int] | str:
    actor = current_actor()
    page = erasure.account_page(actor, user_id)
    back = url_for("accounts.index")
    form = ErasureForm()
    if request.method == "GET":
        return _erasure(page, form, back)
    try:
        erasure.erase_account(actor, user_id, form.name.data or "", g.now)
    except (Invalid, Conflict) as error:
        return _refused(page, form, back, error)
    flash(_("The account is erased."))
    return redirect(back)


@blueprint.route("/calls/translators/<int:translator_id>/erase", methods=["GET", "POST"])
@login_required
def erase_translator(translator_id: int) -> AnyResponse | tuple[str, int] | str:
    actor = current_actor()
    page = translator_end.translator_page(actor, translator_id, g.now)
    back = url_for("calls.list_translators")
    form = ErasureForm()
    what = _(
        "Name, telephone, languages and hours go for good. Calls and what they cost stay, under a "
        "number. Nobody can take this back."
    )
    if request.method == "GET":
        return _erasure(page, form, back, what)
    try:
        translator_end.erase_translator(actor, translator_id, form.name.data or "", g.now)
    except (Invalid, Conflict) as error:
        return _refused(page, form, back, error, what)
    flash(_("The translator is erased."))
    return redirect(back)


def _file(content: bytes) -> Response:
    return download(content, "application/zip", f"escala-{g.now:%Y-%m-%d}.zip")


def _refused(
    page: ErasurePage, form: ErasureForm, back: str, error: Invalid | Conflict, what: str = ""
) -> tuple[str, int]:
    if isinstance(error, Conflict):
        return _erasure(page, form, back, what), 409
    place_faults(form, error)
    return _erasure(page, form, back, what), 400


def _erasure(page: ErasurePage, form: ErasureForm, back: str, what: str = "") -> str:
    """`what` goes and what stays, where it is not a mediator or an account."""
    return render_template(
        "privacy/erase.html", page=page, form=form, faults=faults_of(form), back=back, what=what
    )
