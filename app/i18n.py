"""Texts in the reader's language. Source strings are English; Portuguese is the first catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from babel import Locale
from flask import g, has_request_context, request, session
from flask.sansio.app import App
from flask_babel import Babel, Domain, force_locale, gettext, lazy_gettext, ngettext
from flask_login import current_user

LOCALES = {"pt": Locale("pt", "PT"), "en": Locale("en", "GB")}
"""The languages people may choose, each as it is written in Portugal or in Britain."""

_ = gettext
_l = lazy_gettext
_n = ngettext


_FIGURE = re.compile(r"(\d|%\(\w+\)[sd]) (?=(?:h|min|km|€|%)(?![\w(]))")
"""A number, or the place of one, with the space before its unit."""


class _Whole:
    """A catalogue whose figures stay with their units: no line breaks between 30 and min."""

    def __init__(self, catalogue: Any) -> None:
        self._catalogue = catalogue

    def ugettext(self, text: str) -> str:
        return whole(self._catalogue.ugettext(text))

    def ungettext(self, one: str, more: str, n: int) -> str:
        return whole(self._catalogue.ungettext(one, more, n))


@lru_cache(16_000)
def whole(text: str) -> str:
    """The text with a no-break space between each figure and its unit."""
    return _FIGURE.sub("\\1\u00a0", text)


class _Domain(Domain):
    """Keeps the catalogue of a request where flask-babel once did, and `force_locale` still clears.

    It looks the reader's language up for every text otherwise: a page of the directory has four
    thousand.
    """

    def get_translations(self) -> Any:
        here = getattr(g, "_flask_babel", None) if g else None
        found = getattr(here, "babel_translations", None)
        if found is None:
            catalogue: Any = super().get_translations()
            found = getattr(catalogue, "whole", None)
            if found is None:
                found = catalogue.whole = _Whole(catalogue)
            if here is not None:
                here.babel_translations = found
        return found


class _Babel(Babel):
    """Reads each catalogue once for an application, not with every request."""

    def init_app(self, app: App, **options: Any) -> None:
        super().init_app(app, **options)
        domain = self._domain = _Domain()
        app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
            lambda text: domain.get_translations().ugettext(text),
            lambda one, more, n: domain.get_translations().ungettext(one, more, n),
            newstyle=True,
        )
        app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"]  # no look-up by name  # type: ignore[attr-defined]

    @property
    def domain_instance(self) -> Domain:
        return self._domain


babel = _Babel()

__all__ = ["LOCALES", "_", "_l", "_n", "babel", "chosen_locale", "in_language", "whole"]


def chosen_locale() -> str | None:
    """The session's choice, else the person's own, else what the browser asks for."""
    code = _chosen_language()
    return str(LOCALES[code]) if code in LOCALES else None


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Texts, dates and numbers inside are those of `code`, one of `LOCALES`."""
    with force_locale(str(LOCALES[code])):
        yield


def _chosen_language() -> str | None:
    if not has_request_context():
        return None
    if session.get("locale") in LOCALES:
        return str(session["locale"])
    if current_user and current_user.is_authenticated and current_user.locale in LOCALES:
        return str(current_user.locale)
    return request.accept_languages.best_match(list(LOCALES))
