"""Texts in the reader's language. Source strings are English; Portuguese is the first catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel import Locale
from flask import g, has_request_context, request, session
from flask.sansio.app import App
from flask_babel import Babel, Domain, force_locale, get_locale, gettext, lazy_gettext, ngettext
from flask_login import current_user


@dataclass(frozen=True, slots=True)
class DatePatterns:
    """How dates are written, in the letters of CLDR; each is shown by an example of 9 March."""

    day: str
    """Mon 9 March."""
    day_short: str
    """Mon 9 Mar."""
    weekday: str
    """Mon; three letters of it are shown."""
    day_long: str
    """Monday 9 March 2026."""
    month: str
    """March 2026."""
    month_short: str
    """Mar 26: a column's head."""
    date: str
    """9 March 2026."""
    date_short: str
    """9 Mar 2026."""
    first_day: str
    """9: where the last day, which follows, is of the same month."""
    first_day_and_month: str
    """30 March: where it is not."""


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """A language that people may choose, and all that depends on which it is."""

    code: str
    """As accounts, feeds and screens keep it, and as its catalogue's folder is called."""
    locale: Locale
    """As numbers, money and dates are written."""
    tag: str
    """BCP 47, as pages and mails name their language."""
    name: str
    """In the language itself."""
    dates: DatePatterns
    joint: str
    """Between the first and the last day of a span."""
    holidays: str
    """Which of the holidays package's languages for Portugal names its holidays."""


LANGUAGES = {
    one.code: one
    for one in (
        PageLanguage(
            code="pt",
            locale=Locale("pt", "PT"),
            tag="pt-PT",
            name="Português",
            dates=DatePatterns(
                day="EEE, d 'de' MMMM",
                day_short="EEE d/MM",
                weekday="EEE",
                day_long="EEEE, d 'de' MMMM 'de' y",
                month="MMMM 'de' y",
                month_short="MMM yy",
                date="d 'de' MMMM 'de' y",
                date_short="dd/MM/y",
                first_day="d",
                first_day_and_month="d 'de' MMMM",
            ),
            joint=" a ",
            holidays="pt_PT",
        ),
        PageLanguage(
            code="en",
            locale=Locale("en", "GB"),
            tag="en",
            name="English",
            dates=DatePatterns(
                day="EEE d MMMM",
                day_short="EEE d MMM",
                weekday="EEE",
                day_long="EEEE d MMMM y",
                month="MMMM y",
                month_short="MMM yy",
                date="d MMMM y",
                date_short="d MMM y",
                first_day="d",
                first_day_and_month="d MMMM",
            ),
            joint=" to ",
            holidays="en_US",
        ),
    )
}
"""By code: the languages people may choose, each as it is written in Portugal or in Britain."""
FIRST = "pt"
"""Whose texts somebody gets who chose none of these."""

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

__all__ = [
    "FIRST",
    "LANGUAGES",
    "_",
    "_l",
    "_n",
    "babel",
    "chosen_locale",
    "in_language",
    "language_called",
    "readers_language",
    "whole",
]


def language_called(code: str | None) -> PageLanguage:
    """The language of that code, or the first: a row may keep one that is no longer offered."""
    return LANGUAGES.get(code or FIRST) or LANGUAGES[FIRST]


def readers_language() -> PageLanguage:
    """The language in which texts are written at this moment."""
    found = get_locale()
    return language_called(found.language if found else None)


def chosen_locale() -> str | None:
    """The session's choice, else the person's own, else what the browser asks for."""
    code = _chosen_language()
    return str(LANGUAGES[code].locale) if code in LANGUAGES else None


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Texts, dates and numbers inside are those of `code`, one of `LANGUAGES`."""
    with force_locale(str(LANGUAGES[code].locale)):
        yield


def _chosen_language() -> str | None:
    if not has_request_context():
        return None
    if session.get("locale") in LANGUAGES:
        return str(session["locale"])
    if current_user and current_user.is_authenticated and current_user.locale in LANGUAGES:
        return str(current_user.locale)
    return request.accept_languages.best_match(list(LANGUAGES))
