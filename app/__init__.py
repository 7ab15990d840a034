"""Escala's web application."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from flask import Flask, g, request
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.compiled_templates import keep_compiled
from app.config import Settings, read_settings
from app.database import open_database
from app.failures import register as register_failures
from app.guards import register as register_guards
from app.i18n import LANGUAGES, babel, chosen_locale
from app.models import database
from app.services.audit_seals import use_key
from app.services.keyring import Keyring

csrf = CSRFProtect()
login_manager = LoginManager()


def create_app(settings: Settings | None = None) -> Flask:
    """The application for `settings`, by default those of the environment.

    Raises `app.config.BadSetting` with every wrong setting at once.
    """
    settings = settings or read_settings(os.environ)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        ESCALA=settings,
        BABEL_DEFAULT_LOCALE=str(LANGUAGES[settings.locale].locale),
        BABEL_DEFAULT_TIMEZONE="Europe/Lisbon",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        # How long one may be idle is for `sign_ins` to say. The cookie is sent when it changes, no
        # more: an answer that comes late would otherwise put an old session in a new one's place.
        PERMANENT_SESSION_LIFETIME=dt.timedelta(days=31),
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    open_database(settings.database_url)
    use_key(Keyring(settings.secret_key).derive("audit"))
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    _name_routes(app)
    _use_connections(app)
    register_failures(app)
    register_guards(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=chosen_locale)
    keep_compiled(app)

    from app import cli, routes

    routes.register(app, login_manager)
    _answer_for_feeds(app, settings)
    _watch_requests(app, settings)
    cli.register(app)
    return app


def _answer_for_feeds(app: Flask, settings: Settings) -> None:
    """Calendar programs are answered before the application's own machinery."""
    from app.routes.common import security_headers
    from app.routes.feed_door import FeedDoor

    headers = security_headers(settings.public_url)
    app.wsgi_app = FeedDoor(app.wsgi_app, headers)  # type: ignore[method-assign]


def _watch_requests(app: Flask, settings: Settings) -> None:
    """Each request gets an id, a line in the log and a place among the figures."""
    from app.request_watch import RequestWatch

    app.wsgi_app = RequestWatch(app.wsgi_app, proxied=settings.trusted_proxies > 0)  # type: ignore[method-assign]


def _name_routes(app: Flask) -> None:
    """First of all, so that a request that is refused is counted under its route too."""
    from app.request_watch import ROUTE

    @app.before_request
    def name_route() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else ""


def _use_connections(app: Flask) -> None:
    """One database connection and one `now` a request."""

    @app.before_request
    def connect() -> None:
        g.now = dt.datetime.now(dt.UTC)
        if request.endpoint == "static" or request.blueprint == "service":
            return  # the one needs no database, the other tells of it and must not fail with it
        g.connected = database.connect(reuse_if_open=True)

    @app.teardown_request
    def disconnect(_error: BaseException | None) -> None:
        """Close what the request opened, and no connection that was there before it."""
        if g.pop("connected", False):
            database.close()


def settings_of(app: Any) -> Settings:
    """The settings an application was made with."""
    found: Settings = app.config["ESCALA"]
    return found
