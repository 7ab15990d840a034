"""Names written from right to left, set apart on pages from what stands beside them.

Each run of right-to-left words is isolated (why: `calendars.right_to_left`): by `<bdi>` in text, by
two characters where no such element may stand: in titles, choices, drawings, and in attributes that
are read out or shown. That is done once, on the page as it goes out, whatever made the text; few
pages hold such a letter, and the others are only looked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask, Response

from calendars.right_to_left import RUN, isolated

HINT = re.compile(
    rb"[\xd6-\xdf]|\xe0[\xa0-\xa3]|\xef[\xac-\xbb]|\xf0(?:\x90[\xa0-\xbf]|\x9e[\xa0-\xbf])"
)
"""Bytes of UTF-8 without which a page holds no such letter."""
_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_NAME = re.compile(r"</?([a-zA-Z]+)")
_AS_THEY_ARE = frozenset({"script", "style", "textarea", "bdi"})
_WITHOUT_ELEMENTS = frozenset({"title", "option", "svg"})
"""A drawing would not show what stands in an element that it does not know."""
_SHOWN = re.compile(
    r"""(\s(?:title|aria-label|aria-description|aria-valuetext|alt|placeholder|label)=)("[^"]*"|'[^']*')"""
)
"""Attributes whose value is a text for people; others, such as `value`, are data."""


def register(app: Flask) -> None:
    app.after_request(_isolate_on_page)


def _isolate_on_page(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.is_streamed:
        content = response.get_data()
        if HINT.search(content):
            response.set_data(isolated_page(content.decode()))
    return response


def isolated_page(html: str) -> str:
    """A page, with the right-to-left runs of its text and of what its attributes show isolated."""
    return "".join(_parts(html))


def _parts(html: str) -> Iterator[str]:
    inside = ""
    for part in _TAG.split(html):
        if part.startswith("<"):
            inside = _inside(part, inside)
            yield _SHOWN.sub(lambda found: found[1] + isolated(found[2]), part)
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
