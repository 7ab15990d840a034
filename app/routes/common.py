"""What every page shares: the session, the security headers, the error pages, filters."""

from __future__ import annotations

from flask import Flask, Response, g, render_template, request
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.i18n import _
from app.models import User, database
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.rights import Actor, actor_of

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class SignedIn(UserMixin):
    """The signed-in person, as flask-login wants it."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.id = f"{user.id}.{user.session_epoch}"
        self.name: str = user.name
        self.locale: str = user.locale

    @property
    def actor(self) -> Actor:
        if "actor" not in g:
            g.actor = actor_of(self.user)
        actor: Actor = g.actor
        return actor


def current_actor() -> Actor:
    """Who asks; only behind `login_required`."""
    actor: Actor = current_user.actor
    return actor


def load_user(session_id: str) -> SignedIn | None:
    user_id, _dot, epoch = session_id.partition(".")
    if not user_id.isdecimal():
        return None
    database.connect(reuse_if_open=True)
    user = User.get_or_none(User.id == int(user_id), User.active)
    return SignedIn(user) if user and str(user.session_epoch) == epoch else None


def register(app: Flask, login_manager: LoginManager) -> None:
    login_manager.init_app(app)
    login_manager.user_loader(load_user)
    login_manager.login_view = "session.sign_in"
    login_manager.login_message = None
    app.after_request(_add_headers)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(NotFound, lambda _error: _page(404))
    # A number or a date beyond what database or calendar hold names nothing that could be there.
    app.register_error_handler(OverflowError, lambda _error: _page(404))
    app.register_error_handler(Forbidden, lambda _error: _page(403))
    app.register_error_handler(Conflict, lambda error: _page(409, str(error)))
    app.register_error_handler(Invalid, lambda error: _page(400, str(error)))


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "private, no-store")
    return response


def _http_error(error: HTTPException) -> tuple[str, int]:
    return _page(error.code or 500)


def _stale_form(_error: CSRFError) -> tuple[str, int]:
    return _page(400, _("The page had grown old. Go back, reload it and press again."))


def _page(code: int, detail: str = "") -> tuple[str, int]:
    texts = {
        400: _("The request could not be understood"),
        403: _("This is not yours to open"),
        404: _("There is nothing here"),
        405: _("That cannot be done this way"),
        409: _("It has changed in the meantime"),
        413: _("The file is too large"),
        429: _("Too many tries; wait a minute"),
    }
    title = texts.get(code, _("Something went wrong on our side"))
    return render_template("error.html", title=title, detail=detail, code=code), code
