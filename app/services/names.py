"""Which of a row's two names to show, and names in their order."""

from __future__ import annotations

import datetime as dt
import unicodedata
from functools import lru_cache

from babel.dates import format_date

from app.i18n import readers_language


def in_readers_language(name_pt: str, name_en: str) -> str:
    """The English name for readers of English, else the Portuguese."""
    return name_en if readers_language().code == "en" else name_pt


def month_words(date: dt.date) -> str:
    """A month and its year in the reader's language: março de 2026, March 2026."""
    reader = readers_language()
    return format_date(date, reader.dates.month, locale=reader.locale)


@lru_cache(maxsize=4_000)
def sorting_key(name: str) -> str:
    """Orders names as a reader looks for them: capitals and accents make no difference."""
    letters = unicodedata.normalize("NFD", name.casefold())
    return "".join(one for one in letters if not unicodedata.combining(one))
