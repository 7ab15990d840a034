"""`python -m app.messages_catalogue`: brings app/translations up to date with the texts in use.

Source texts are English. Each catalogue keeps what is translated; new texts are added empty,
those no longer used are dropped.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "app" / "translations"
METHODS = [
    ("app/**.py", "python"),
    ("app/templates/**.html", "jinja2"),
    ("app/templates/**.txt", "jinja2"),
]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "_n": (1, 2),
    "ngettext": (1, 2),
    "lazy_gettext": None,
}
TRANSLATED = ("pt",)


def texts_in_use() -> Catalog:
    """Every text that a page or a service may show."""
    catalogue = Catalog(project="Escala", charset="utf-8")
    for filename, line, message, comments, context in extract_from_dir(
        str(ROOT), METHODS, keywords=KEYWORDS, directory_filter=_ours
    ):
        del line
        catalogue.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalogue


def read_catalogue(locale: str) -> Catalog:
    path = _path(locale)
    if not path.exists():
        return Catalog(locale=locale, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def main() -> int:
    template = texts_in_use()
    for locale in TRANSLATED:
        catalogue = read_catalogue(locale)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        missing = [message.id for message in catalogue if message.id and not message.string]
        out = io.BytesIO()
        write_po(out, catalogue, width=100, sort_output=True, omit_header=False, no_location=True)
        path = _path(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".po.new")
        fresh.write_bytes(out.getvalue())
        fresh.rename(path)
        print(f"{locale}: {len(catalogue)} texts, {len(missing)} to translate")
    return 0


def _path(locale: str) -> Path:
    return TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"


def _ours(folder: str) -> bool:
    name = os.path.basename(folder)
    return name not in {"static", "node_modules", "migrations"} and not name.startswith(".")


if __name__ == "__main__":
    sys.exit(main())
