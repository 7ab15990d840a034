"""Texts in the reader's language. Source strings are English; Portuguese is the first catalogue."""

from __future__ import annotations

from flask import has_request_context, request, session
from flask_babel import Babel, gettext, lazy_gettext, ngettext
from flask_login import current_user

LOCALES = ("pt", "en")

_ = gettext
_l = lazy_gettext
_n = ngettext
babel = Babel()

__all__ = ["LOCALES", "_", "_l", "_n", "babel", "chosen_locale"]


def chosen_locale() -> str | None:
    """The session's choice, else the person's own, else what the browser asks for."""
    if not has_request_context():
        return None
    if session.get("locale") in LOCALES:
        return str(session["locale"])
    if current_user and current_user.is_authenticated and current_user.locale in LOCALES:
        return str(current_user.locale)
    return request.accept_languages.best_match(LOCALES)
