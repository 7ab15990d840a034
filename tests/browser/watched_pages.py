"""Pages that fail their test on any trouble in the browser that the test does not mean."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page

PATIENCE = 30_000
"""Milliseconds. A busy machine is slow, not wrong."""

_meant: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()


def meant(page: Page, *words: str) -> None:
    """The test brings about what the browser logs with these words: it is no trouble."""
    _meant.setdefault(page, []).extend(words)


def watched(browser: Browser, width: int, height: int) -> Iterator[Page]:
    """A page that fails its test on any script error or refused resource that is not meant."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", timezone_id="Europe/Lisbon"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda message: troubles.append(message.text) if message.type == "error" else None,
    )
    yield page
    context.close()
    expected = _meant.get(page, [])
    assert [one for one in troubles if not any(words in one for words in expected)] == []
