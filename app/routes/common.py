"""What every page shares: the session, the security headers, the error pages, filters."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app import settings_of
from app.failures import failure_number
from app.guards import Refused
from app.i18n import _
from app.models import database
from app.services import sign_ins
from app.services.errors import Conflict, Forbidden, Invalid, NoOffice, NotFound
from app.services.keyring import Keyring
from app.services.limits import TooManyTries
from app.services.rights import Actor, actor_of
from app.services.second_factor import is_required
from app.services.sign_ins import Found
from app.static_versions import let_keep, use_versions

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=(), display-capture=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)"
)


class SignedIn(UserMixin):
    """The signed-in person, as flask-login wants it; its id is the token of the session."""

    def __init__(self, token: str, session: Found) -> None:
        self.session = session
        self.user = session.user
        user = session.user
        self.id = token
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


def load_user(token: str) -> SignedIn | None:
    database.connect(reuse_if_open=True)
    found = sign_ins.find(token, g.now)
    return SignedIn(token, found) if found else None


def seconds_ago() -> int:
    """How long ago the button of this form was pressed, where the page kept it; else 0."""
    told = request.form.get("ago", "")
    return int(told) if told.isdecimal() and len(told) < 9 else 0


@lru_cache(maxsize=4)
def _keyring(secret_key: str) -> Keyring:
    return Keyring(secret_key)


def keys() -> Keyring:
    """What follows from the service's key."""
    return _keyring(settings_of(current_app).secret_key)


def origin() -> str:
    """Where the request comes from, for counting tries: a network of IPv6, where one asker has
    many addresses, else the address."""
    told = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return told
    if isinstance(address, ipaddress.IPv4Address):
        return told
    # As a socket of both kinds tells of IPv4: all of those would be one network.
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def register(app: Flask, login_manager: LoginManager) -> None:
    login_manager.init_app(app)
    login_manager.user_loader(load_user)
    login_manager.login_view = "session.sign_in"
    login_manager.login_message = None
    # It would write into the session of who is not signed in yet: an answer to what a browser asks
    # beside the sign-in, coming after it, would sign them out. Sessions are rows here.
    login_manager.session_protection = None
    app.after_request(_add_headers)
    use_versions(app)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(NotFound, lambda _error: _page(404))
    app.register_error_handler(NoOffice, _first_an_office)
    # A number or a date beyond what database or calendar hold names nothing that could be there.
    app.register_error_handler(OverflowError, lambda _error: _page(404))
    app.register_error_handler(Forbidden, lambda _error: _page(403))
    app.register_error_handler(Conflict, lambda error: _page(409, str(error)))
    app.register_error_handler(Invalid, lambda error: _page(400, str(error)))
    app.register_error_handler(TooManyTries, _too_many)
    app.before_request(_second_factor_first)


BEFORE_SECOND_FACTOR = frozenset(
    {
        "static",
        "session.home",
        "session.nothing_yet",
        "session.sign_in",
        "session.sign_out",
        "session.choose_language",
        "session.choose_theme",
        "sign_in.second_step",
        "sign_in.passkey_options",
        "sign_in.passkey",
        "sign_in.forgotten",
        "sign_in.new_password",
        "sign_in.invitation",
        "sign_in.invited_passkey_options",
        "sign_in.invited_passkey",
        "account.show",
        "account.password",
        "account.confirm",
        "account.confirm_options",
        "account.confirm_passkey",
        "account.codes",
        "account.stop_codes",
        "account.new_recovery_codes",
        "account.passkey_options",
        "account.add_passkey",
        "account.remove_passkey",
        "account.end_session",
        "account.end_other_sessions",
        "feeds.calendar",
        "arrivals_api.receive",
        "arrivals_api.openapi",
        "service.health",
        "service.ready",
        "service.ready_web",
        "service.figures",
    }
)
"""What a person who still owes a second factor may open, each by its name: what stands nowhere
here is shut, a new page of these areas too."""


def _second_factor_first() -> AnyResponse | None:
    """Lead whoever owes a second factor to where it is set up or shown."""
    endpoint = request.endpoint or "static"
    if endpoint in BEFORE_SECOND_FACTOR or not current_user.is_authenticated:
        return None
    if not owes_second_factor():
        return None
    return redirect(url_for("account.show"))


def owes_second_factor() -> bool:
    """Whether the signed-in person needs a second factor and has shown none."""
    policy = settings_of(current_app).second_factor
    return not current_user.session.strong and is_required(current_actor(), policy)


def security_headers(public_url: str) -> dict[str, str]:
    """Those that every answer bears, of a page, a file or a feed."""
    found = {
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS_POLICY,
    }
    if public_url.startswith("https:"):
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found


def _add_headers(response: Response) -> Response:
    for name, value in security_headers(settings_of(current_app).public_url).items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        let_keep(response)
    else:
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _http_error(error: HTTPException) -> tuple[str, int]:
    detail = error.description if isinstance(error, Refused) else ""
    if number := failure_number():
        detail = _("If it happens again, tell your administrator this number: %(n)s.", n=number)
    return _page(error.code or 500, detail or "")


def _too_many(error: TooManyTries) -> tuple[str, int, dict[str, str]]:
    text, code = _page(429, str(error))
    return text, code, {"Retry-After": str(error.wait_seconds)}


def _first_an_office(_error: NoOffice) -> AnyResponse:
    """Weeks and demand are an office's: in a service that begins, offices come first."""
    return redirect(url_for("offices.index"))


def _stale_form(_error: CSRFError) -> tuple[str, int, dict[str, str]]:
    text, code = _page(400, _("The page had grown old. Go back, reload it and press again."))
    return text, code, {"X-Stale-Form": "yes"}


def _page(code: int, detail: str = "") -> tuple[str, int]:
    texts = {
        400: _("The request could not be understood"),
        403: _("This is not yours to open"),
        404: _("There is nothing here"),
        405: _("That cannot be done this way"),
        409: _("It has changed in the meantime"),
        413: _("What was sent is too large"),
        429: _("Too many tries"),
    }
    title = texts.get(code, _("Something went wrong on our side"))
    return render_template("error.html", title=title, detail=detail, code=code), code
