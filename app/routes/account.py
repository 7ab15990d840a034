"""A person's own account: password, passkeys, second factor, devices signed in."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, PasswordField, StringField

from app.i18n import _, _l
from app.routes import signing
from app.routes.common import current_actor, keys, owes_second_factor
from app.routes.fields import faults_of, place_faults
from app.routes.qr_codes import qr_code
from app.services import account_links, limits, passkeys, passwords, second_factor, sign_ins
from app.services.errors import Conflict, Invalid

blueprint = Blueprint("account", __name__, url_prefix="/account")

Answer = AnyResponse | tuple[str, int] | str


class PasswordForm(FlaskForm):
    old = PasswordField(_l("Password now"))
    password = PasswordField(_l("New password"))
    again = PasswordField(_l("The same once more"))


class CodeForm(FlaskForm):
    code = StringField(_l("Code"))


class ConfirmForm(FlaskForm):
    password = PasswordField(_l("Password"))
    code = StringField(_l("Code"))
    next = HiddenField()


@blueprint.get("")
@login_required
def show() -> str:
    """All of it on one page."""
    user_id, session = current_user.user.id, current_user.session
    return render_template(
        "account/show.html",
        user=current_user.user,
        has_password=bool(current_user.user.password_hash),
        factors=second_factor.factors_of(user_id),
        passkeys=passkeys.list_passkeys(user_id),
        party=signing.party(),
        proven=sign_ins.is_proven(session, g.now),
        sessions=sign_ins.list_sessions(user_id, session.id, g.now),
        owes=owes_second_factor(),
    )


@blueprint.route("/password", methods=["GET", "POST"])
@login_required
def password() -> Answer:
    form = PasswordForm()
    has_password = bool(current_user.user.password_hash)
    if not has_password and not _is_proven():
        return _prove_first("account.password")
    if request.method == "GET":
        return render_template(
            "account/password.html", form=form, faults=[], has_password=has_password
        )
    try:
        account_links.change_password(
            current_actor(),
            current_user.session.id,
            form.old.data or "",
            form.password.data or "",
            form.again.data or "",
            keys(),
            g.now,
        )
    except Invalid as error:
        place_faults(form, error)
        page = render_template(
            "account/password.html", form=form, faults=faults_of(form), has_password=has_password
        )
        return page, 400
    flash(_("The new password is kept. Every other device has been signed out."))
    return redirect(url_for("account.show"))


@blueprint.route("/confirm", methods=["GET", "POST"])
@login_required
def confirm() -> Answer:
    """Show once more who you are, before how you sign in may change: by all that signing in asks
    for, so where codes are set up by one of them too."""
    form = ConfirmForm(next=request.args.get("next", ""))
    user = current_user.user
    factors = second_factor.factors_of(user.id)
    if request.method == "POST":
        subject = keys().disguise(f"user {user.id}")
        limits.count(limits.CONFIRM, subject, g.now)
        if not passwords.is_right(user.password_hash, form.password.data or ""):
            form.password.errors = [_("This is not the password you sign in with.")]
        elif factors.code and not _takes_code(form.code.data or ""):
            form.code.errors = [_("This code is not right, or it was used already.")]
        else:
            limits.forget(limits.CONFIRM, subject)
            sign_ins.note_proof(current_user.session.id, g.now, strong=factors.code)
            return redirect(signing.inside(form.next.data) or url_for("account.show"))
    page = render_template(
        "account/confirm.html",
        form=form,
        has_password=bool(user.password_hash),
        factors=factors,
        passkeys=signing.party() is not None and factors.passkeys > 0,
    )
    return (page, 400) if request.method == "POST" else page


@blueprint.post("/confirm/passkey/options")
@login_required
def confirm_options() -> Response:
    options = passkeys.asking_options(signing.party_or_404(), g.now, current_user.user.id)
    return Response(options, mimetype="application/json")


@blueprint.post("/confirm/passkey")
@login_required
def confirm_passkey() -> Response | tuple[Response, int]:
    """A passkey shown now counts as the second factor as well."""
    sent = signing.sent_json()
    subject = keys().disguise(f"user {current_user.user.id}")
    limits.count(limits.CONFIRM, subject, g.now)
    user = passkeys.check(
        signing.party_or_404(), sent.get("credential"), g.now, current_user.user.id
    )
    if user is None:
        return jsonify(error=_("This passkey is not one of yours here.")), 400
    limits.forget(limits.CONFIRM, subject)
    sign_ins.note_proof(current_user.session.id, g.now, strong=True)
    return jsonify(next=signing.inside(str(sent.get("next") or "")) or url_for("account.show"))


@blueprint.route("/codes", methods=["GET", "POST"])
@login_required
def codes() -> Answer:
    """Set up one-time codes: scan, then write the first one."""
    if not _is_proven():
        return _prove_first("account.codes")
    form = CodeForm()
    actor = current_actor()
    shown = second_factor.begin(actor, keys(), g.now)
    if request.method == "POST":
        try:
            recovery = second_factor.confirm(actor, form.code.data or "", keys(), g.now)
        except Invalid as error:
            place_faults(form, error)
        else:
            sign_ins.note_proof(current_user.session.id, g.now, strong=True)
            return _recovery_page(recovery)
    page = render_template(
        "account/codes.html",
        form=form,
        faults=faults_of(form),
        shown=shown,
        drawn=qr_code(shown.uri),
    )
    return (page, 400) if request.method == "POST" else page


@blueprint.post("/codes/stop")
@login_required
def stop_codes() -> Answer:
    if not _is_proven():
        return _prove_first("account.show")
    second_factor.stop_codes(current_actor(), g.now)
    flash(_("Codes are asked for no more. Remove the entry from your phone."))
    return redirect(url_for("account.show"))


@blueprint.post("/recovery")
@login_required
def new_recovery_codes() -> Answer:
    if not _is_proven():
        return _prove_first("account.show")
    return _recovery_page(second_factor.new_recovery_codes(current_actor(), keys(), g.now))


@blueprint.post("/passkeys/options")
@login_required
def passkey_options() -> Response | tuple[Response, int]:
    if not _is_proven():
        return _prove_answer()
    options = passkeys.making_options(signing.party_or_404(), current_user.user.id, keys(), g.now)
    return Response(options, mimetype="application/json")


@blueprint.post("/passkeys")
@login_required
def add_passkey() -> Response | tuple[Response, int]:
    if not _is_proven():
        return _prove_answer()
    sent = signing.sent_json()
    name = str(sent.get("name") or "")
    try:
        passkeys.keep(
            signing.party_or_404(), current_user.user.id, sent.get("credential"), name, g.now
        )
    except Invalid as error:
        return jsonify(error=signing.expectations(error)), 400
    except Conflict as error:
        return jsonify(error=str(error)), 409
    # Its owner was verified just now, which is what a second factor shows.
    sign_ins.note_proof(current_user.session.id, g.now, strong=True)
    flash(_("The passkey is kept. You can sign in with it from now on."))
    return jsonify(next=url_for("account.show"))


@blueprint.post("/passkeys/<int:passkey_id>/remove")
@login_required
def remove_passkey(passkey_id: int) -> Answer:
    if not _is_proven():
        return _prove_first("account.show")
    name = passkeys.remove(current_actor(), passkey_id, g.now)
    flash(_("The passkey “%(name)s” opens nothing any more.", name=name))
    return redirect(url_for("account.show"))


@blueprint.post("/sessions/<int:session_id>/end")
@login_required
def end_session(session_id: int) -> AnyResponse:
    sign_ins.end(current_actor(), session_id, g.now)
    flash(_("That device is signed out."))
    return redirect(url_for("account.show"))


@blueprint.post("/sessions/end")
@login_required
def end_other_sessions() -> AnyResponse:
    sign_ins.end_others(current_actor(), current_user.session.id, g.now)
    flash(_("Every other device is signed out."))
    return redirect(url_for("account.show"))


def _takes_code(code: str) -> bool:
    return second_factor.take_code(current_user.user.id, code, keys(), g.now)


def _is_proven() -> bool:
    return sign_ins.is_proven(current_user.session, g.now)


def _prove_first(endpoint: str) -> AnyResponse:
    flash(_("Show first that it is you; then press again."), "warning")
    return redirect(url_for("account.confirm", next=url_for(endpoint)))


def _prove_answer() -> tuple[Response, int]:
    where = url_for("account.confirm", next=url_for("account.show"))
    return jsonify(error=_("Show first that it is you."), next=where), 403


def _recovery_page(recovery: tuple[str, ...]) -> str:
    return render_template("account/recovery.html", codes=recovery)
