"""Which of a row's two names to show."""

from __future__ import annotations

from flask_babel import get_locale


def in_readers_language(name_pt: str, name_en: str) -> str:
    """The English name for readers of English, else the Portuguese."""
    locale = get_locale()
    return name_en if locale and locale.language == "en" else name_pt
