"""Names written from right to left, set apart from what stands beside them.

"سارة 09:00–13:00" would be drawn with its hours the other way round, and two such names with a
comma between them would change places: hours and commas have no direction and take that of the
letters before them. So each run of right-to-left words on a page is isolated (Unicode's UAX 9): by
`<bdi>` in text, by two characters in titles and choices, which hold no elements. That is done once,
on the page as it goes out, whatever made the text; few pages hold such a letter, and the others are
only looked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask, Response

_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
_BETWEEN = "(?:[ \u00a0\u200c\u200d'’.-]|&#39;)"
RUN = re.compile(f"{_LETTER}+(?:{_BETWEEN}+{_LETTER}+)*")
"""Words that belong together, as the parts of a name do; no comma, no digit of ours."""
HINT = re.compile(
    rb"[\xd6-\xdf]|\xe0[\xa0-\xa3]|\xef[\xac-\xbb]|\xf0(?:\x90[\xa0-\xbf]|\x9e[\xa0-\xbf])"
)
"""Bytes of UTF-8 without which a page holds no such letter."""
_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_NAME = re.compile(r"</?([a-zA-Z]+)")
_AS_THEY_ARE = frozenset({"script", "style", "textarea", "bdi"})
_WITHOUT_ELEMENTS = frozenset({"title", "option"})
ISOLATE, END = "\u2068", "\u2069"


def register(app: Flask) -> None:
    app.after_request(_isolate_on_page)


def _isolate_on_page(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.is_streamed:
        content = response.get_data()
        if HINT.search(content):
            response.set_data(isolated_page(content.decode()))
    return response


def isolated(text: str) -> str:
    """A plain text, such as a mail's, with its right-to-left runs isolated."""
    return RUN.sub(lambda found: f"{ISOLATE}{found[0]}{END}", text)


def isolated_page(html: str) -> str:
    """A page, with the right-to-left runs of its text isolated; attributes stay as they are."""
    return "".join(_parts(html))


def _parts(html: str) -> Iterator[str]:
    inside = ""
    for part in _TAG.split(html):
        if part.startswith("<"):
            inside = _inside(part, inside)
            yield part
        elif inside in _AS_THEY_ARE:
            yield part
        elif inside in _WITHOUT_ELEMENTS:
            yield isolated(part)
        else:
            yield RUN.sub(lambda found: f"<bdi>{found[0]}</bdi>", part)


def _inside(tag: str, inside: str) -> str:
    """Which of the elements that are treated apart the text after a tag stands in; else empty."""
    found = _NAME.match(tag)
    name = found[1].lower() if found else ""
    if inside:
        return "" if tag.startswith("</") and name == inside else inside
    opens = not tag.startswith("</") and name in _AS_THEY_ARE | _WITHOUT_ELEMENTS
    return name if opens else ""
