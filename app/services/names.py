"""Which of a row's two names to show, and names in their order."""

from __future__ import annotations

import unicodedata

from flask_babel import get_locale


def in_readers_language(name_pt: str, name_en: str) -> str:
    """The English name for readers of English, else the Portuguese."""
    locale = get_locale()
    return name_en if locale and locale.language == "en" else name_pt


def sorting_key(name: str) -> str:
    """Orders names as a reader looks for them: capitals and accents make no difference."""
    letters = unicodedata.normalize("NFD", name.casefold())
    return "".join(one for one in letters if not unicodedata.combining(one))
