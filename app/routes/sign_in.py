"""The ways in beside a password: second step, passkey, forgotten password, invitation."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired

from app import settings_of
from app.i18n import _, _l
from app.models import LinkKind, User
from app.routes import signing
from app.routes.common import keys, origin
from app.routes.fields import faults_of, place_faults
from app.services import account_links, limits, passkeys, second_factor
from app.services.errors import Conflict, Invalid, NotFound

blueprint = Blueprint("sign_in", __name__)

Answer = AnyResponse | tuple[str, int] | str


class CodeForm(FlaskForm):
    code = StringField(_l("Code"), [InputRequired(_l("write the six digits, or a recovery code"))])


class ForgottenForm(FlaskForm):
    email = EmailField(_l("Mail address"), [InputRequired(_l("write the address of your account"))])


class NewPasswordForm(FlaskForm):
    password = PasswordField(_l("New password"))
    again = PasswordField(_l("The same once more"))


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def second_step() -> Answer:
    """The second step of who has written a right password."""
    waiting = signing.half()
    if waiting is None:
        return redirect(url_for("session.sign_in"))
    user, next_page = waiting
    form = CodeForm()
    if request.method == "POST" and form.validate():
        if second_factor.take_code(user.id, form.code.data or "", keys(), g.now):
            return signing.complete(user, strong=True, next_page=next_page)
        form.code.errors = [_("This code is not right, or it was used already.")]
    page = render_template(
        "session/second_step.html",
        form=form,
        factors=second_factor.factors_of(user.id),
        passkeys=signing.party() is not None,
    )
    return (page, 400) if request.method == "POST" else page


@blueprint.post("/sign-in/passkey/options")
def passkey_options() -> Response:
    """What the browser's passkey dialogue is opened with; signing in or as a second step."""
    return Response(
        passkeys.asking_options(signing.party_or_404(), g.now, _half_id()),
        mimetype="application/json",
    )


@blueprint.post("/sign-in/passkey")
def passkey() -> tuple[Response, int] | Response:
    waiting = signing.half()
    place = keys().disguise(origin())
    limits.count(limits.SIGN_IN_FROM, place, g.now)
    sent = signing.sent_json()
    user = passkeys.check(signing.party_or_404(), sent.get("credential"), g.now, _half_id())
    if user is None:
        text = _("No account here has this passkey. Sign in with your password.")
        return jsonify(error=text), 400
    limits.give_back(limits.SIGN_IN_FROM, place)
    asked = waiting[1] if waiting else str(sent.get("next") or "")
    signing.begin(user, strong=True)
    return jsonify(next=signing.inside(asked) or url_for("session.home"))


@blueprint.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> Answer:
    """The same answer, as fast, whether or not an account has the address."""
    form = ForgottenForm()
    mail = settings_of(current_app).mail_server is not None
    if request.method == "POST" and form.validate():
        account_links.ask_new_password(form.email.data or "", origin(), keys(), g.now)
        return render_template("session/forgotten_sent.html", mail=mail)
    page = render_template("session/forgotten.html", form=form, mail=mail)
    return (page, 400) if request.method == "POST" else page


@blueprint.route("/new-password/<token>", methods=["GET", "POST"])
def new_password(token: str) -> Answer:
    user = _chosen_by(token, LinkKind.NEW_PASSWORD)
    if not isinstance(user, User):
        return user
    flash(_("The new password is kept. Sign in with it."))
    return redirect(url_for("session.sign_in"))


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Answer:
    """Whoever was invited chooses a password, or a passkey by the two routes below."""
    user = _chosen_by(token, LinkKind.INVITATION)
    if not isinstance(user, User):
        return user
    answer = signing.complete(user, strong=False)
    # After the new session has begun, which keeps nothing of the one before.
    flash(_("Welcome. From now on you sign in with your address and this password."))
    return answer


@blueprint.post("/invitations/<token>/passkey/options")
def invited_passkey_options(token: str) -> Response | tuple[Response, int]:
    link = _link(token, LinkKind.INVITATION)
    if link is None:
        return _stale_answer()
    options = passkeys.making_options(signing.party_or_404(), link.user_id, keys(), g.now)
    return Response(options, mimetype="application/json")


@blueprint.post("/invitations/<token>/passkey")
def invited_passkey(token: str) -> Response | tuple[Response, int]:
    link = _link(token, LinkKind.INVITATION)
    if link is None:
        return _stale_answer()
    sent = signing.sent_json()
    name = str(sent.get("name") or _("First passkey"))
    try:
        user = account_links.use_with_passkey(
            signing.party_or_404(), token, sent.get("credential"), name, g.now
        )
    except Invalid as error:
        return jsonify(error=signing.expectations(error)), 400
    except Conflict as error:
        return jsonify(error=str(error)), 409
    except NotFound:
        return _stale_answer()
    signing.begin(user, strong=True)
    flash(_("Welcome. From now on you sign in with this passkey."))
    return jsonify(next=url_for("session.home"))


def _half_id() -> int | None:
    waiting = signing.half()
    return waiting[0].id if waiting else None


def _chosen_by(token: str, kind: LinkKind) -> User | Answer:
    """Who has chosen a password by this link; until then, what to show."""
    link = _link(token, kind)
    if link is None:
        return _stale_link()
    form = NewPasswordForm()
    if request.method == "GET":
        return _link_page(form, link)
    try:
        return account_links.use_with_password(
            token, kind, form.password.data or "", form.again.data or "", g.now
        )
    except Invalid as error:
        place_faults(form, error)
        return _link_page(form, link), 400
    except NotFound:
        return _stale_link()


def _link(token: str, kind: LinkKind) -> account_links.LinkView | None:
    """The open link of a token; every miss is counted against where it came from."""
    place = keys().disguise(origin())
    try:
        return account_links.look_up(token, kind, g.now)
    except NotFound:
        limits.count(limits.LINK_MISSES, place, g.now)
        return None


def _link_page(form: NewPasswordForm, link: account_links.LinkView) -> str:
    return render_template(
        "session/new_password.html",
        form=form,
        faults=faults_of(form),
        link=link,
        invitation=link.kind is LinkKind.INVITATION,
        passkeys=signing.party() is not None,
    )


def _stale_link() -> tuple[str, int]:
    return render_template("session/stale_link.html"), 404


def _stale_answer() -> tuple[Response, int]:
    return jsonify(error=_("This link leads nowhere any more.")), 404
