"""Signing in and out, the first page of each role, the choice of language and theme."""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_required, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired

from app.i18n import LANGUAGES, _, _l
from app.routes import formats, signing
from app.routes.common import current_actor, keys, origin
from app.routes.navigation import THEMES, page_context
from app.services import accounts, sign_ins
from app.services.rights import Actor

blueprint = Blueprint("session", __name__)
blueprint.app_context_processor(page_context)
blueprint.record_once(lambda state: formats.register(state.app))


class SignInForm(FlaskForm):
    email = EmailField(_l("Mail address"), [InputRequired(_l("write the address of your account"))])
    password = PasswordField(_l("Password"), [InputRequired(_l("write your password"))])
    next = HiddenField()


@blueprint.get("/")
@login_required
def home() -> Response:
    return redirect(first_page(current_actor()))


def first_page(actor: Actor) -> str:
    """The page of the work that an actor most likely came to do."""
    wanted = (
        (actor.is_coordinator, "weeks.this_week"),
        (actor.is_mediator, "me.my_shifts"),
        (actor.is_trainer, "courses.index"),
        (bool(actor.association_ids), "associations.index"),
    )
    for applies, endpoint in wanted:
        if applies and endpoint in current_app.view_functions:
            if endpoint == "associations.index" and len(actor.association_ids) == 1:
                (only,) = actor.association_ids
                return url_for("associations.show", association_id=only)
            return url_for(endpoint)
    return url_for("session.nothing_yet")


@blueprint.get("/welcome")
@login_required
def nothing_yet() -> str:
    return render_template("session/nothing_yet.html")


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | tuple[str, int] | str:
    form = SignInForm(next=request.args.get("next", ""))
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(url_for("session.home"))
        return _sign_in_page(form)
    if form.validate():
        user = sign_ins.check_password(
            form.email.data or "", form.password.data or "", origin(), keys(), g.now
        )
        if user is not None:
            return signing.after_password(user, form.next.data or "")
        form.form_errors.append(
            _("No account has this address and password. Look at both and try again.")
        )
    return _sign_in_page(form), 400


def _sign_in_page(form: SignInForm) -> str:
    return render_template("session/sign_in.html", form=form, passkeys=signing.party() is not None)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    if current_user.is_authenticated:
        sign_ins.end(current_actor(), current_user.session.id, g.now)
    logout_user()
    flash(_("You have signed out."))
    return redirect(url_for("session.sign_in"))


@blueprint.post("/language")
def choose_language() -> Response:
    locale = request.form.get("locale", "")
    if locale in LANGUAGES:
        session["locale"] = locale
        if current_user.is_authenticated:
            accounts.set_locale(current_user.user.id, locale)
    return redirect(signing.inside(request.form.get("next")) or url_for("session.home"))


@blueprint.post("/theme")
def choose_theme() -> Response:
    theme = request.form.get("theme", "")
    if theme in THEMES:
        session["theme"] = theme
    else:
        session.pop("theme", None)
    return redirect(signing.inside(request.form.get("next")) or url_for("session.home"))
