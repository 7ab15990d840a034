"""Signing in and out, the first page of each role, the choice of language and theme."""

from __future__ import annotations

from urllib.parse import urlsplit

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
from flask_login import current_user, login_required, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired

from app.i18n import LOCALES, _, _l
from app.routes import formats
from app.routes.common import SignedIn, current_actor
from app.routes.navigation import THEMES, page_context
from app.services import accounts
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
        return render_template("session/sign_in.html", form=form)
    if form.validate():
        user = accounts.sign_in(form.email.data or "", form.password.data or "", g.now)
        if user is not None:
            kept = {name: session[name] for name in ("locale", "theme") if name in session}
            session.clear()
            session.update(kept)
            session.permanent = True
            login_user(SignedIn(user))
            return redirect(_inside(form.next.data) or url_for("session.home"))
        form.form_errors.append(
            _("No account has this address and password. Look at both and try again.")
        )
    return render_template("session/sign_in.html", form=form), 400


@blueprint.post("/sign-out")
def sign_out() -> Response:
    logout_user()
    flash(_("You have signed out."))
    return redirect(url_for("session.sign_in"))


@blueprint.post("/language")
def choose_language() -> Response:
    locale = request.form.get("locale", "")
    if locale in LOCALES:
        session["locale"] = locale
        if current_user.is_authenticated:
            accounts.set_locale(current_user.user.id, locale)
    return redirect(_inside(request.form.get("next")) or url_for("session.home"))


@blueprint.post("/theme")
def choose_theme() -> Response:
    theme = request.form.get("theme", "")
    if theme in THEMES:
        session["theme"] = theme
    else:
        session.pop("theme", None)
    return redirect(_inside(request.form.get("next")) or url_for("session.home"))


def _inside(address: str | None) -> str | None:
    """`address` if it is a page of this service, so that nobody is sent elsewhere."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else address
