"""axe on every page that the access table knows, with something of everybody's on it.

Each page in Portuguese and light, in English and dark: where the table holds a page several times,
its first address in the one and another in the other. `page_checks` looks at what axe does not.
The walk takes minutes, so it is dealt out in shares that several processes go at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib.resources import files

import pytest
from flask import Flask
from page_checks import hard_to_read, kept_from_the_keyboard, moving
from playwright.sync_api import Browser, Page, ViewportSize
from signing_in import sign_in
from small_world import PASSWORD, SmallWorld
from test_access import EVERYONE, NOBODY_YET, TABLE, Door, objects
from werkzeug.serving import BaseWSGIServer, make_server

pytestmark = pytest.mark.browser

__all__ = ["objects"]

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await axe.run(document, {
    resultTypes: ["violations"], preload: false, runOnly: { type: "tag", values: tags },
  });
  return found.violations.map((one) => `${one.id}: ${one.nodes
    .slice(0, 3)
    .map((node) => node.target.join(" ") + " " + node.html.slice(0, 120))
    .join(" | ")}`);
}"""
DARK = """() => {
  document.documentElement.dataset.theme = "dark";
  document.documentElement.dataset.bsTheme = "dark";
}"""
DESK: ViewportSize = {"width": 1280, "height": 900}
NARROW = 320
NOWHERE = "/nowhere"
"""The page of every error, seen by who is signed in and who is not."""
ORDER = (
    "coordinator", "administrator", "trainer", "mediator", "association", "other_mediator",
)  # fmt: skip
"""As whom a page is looked at: the first of these that may open it."""
SHARES = 4
"""Into so many the pages of each role are dealt."""
LEAST = 70
"""Pages of one language, files apart, that the walk comes by at the least."""


@pytest.fixture
def served(app: Flask, world: SmallWorld, objects: dict[str, object]) -> Iterator[str]:
    """The application on a port of its own, in this process: the pages come as people get them."""
    app.config.update(TESTING=False)
    server: BaseWSGIServer = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)


def pages(objects: dict[str, object], language: str) -> dict[str, list[str]]:
    """Role → paths of the table that it is to look at, one of each page."""
    found: dict[str, list[str]] = {}
    for listed in TABLE.values():
        doors = [one for one in listed if one.method == "GET" and one.open_to]
        if doors:
            door = doors[0] if language == "pt" else doors[-1]
            found.setdefault(_as_whom(door), []).append(door.path.format(**objects))
    for role in ("coordinator", *NOBODY_YET):
        found[role].append(NOWHERE)
    return found


def _as_whom(door: Door) -> str:
    if door.open_to == EVERYONE:
        return next(iter(NOBODY_YET))
    return next(role for role in (*ORDER, *sorted(door.open_to)) if role in door.open_to)


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("language", ["pt", "en"])
def test_no_page_keeps_anybody_out(
    chromium: Browser,
    served: str,
    world: SmallWorld,
    objects: dict[str, object],
    language: str,
    share: int,
) -> None:
    wrong: list[str] = []
    seen: list[str] = []
    for role, paths in pages(objects, language).items():
        # Nothing may move then; colours are weighed as they are, not on their way to the dark.
        context = chromium.new_context(viewport=DESK, bypass_csp=True, reduced_motion="reduce")
        context.set_default_timeout(30_000)
        context.add_init_script(AXE)
        page = context.new_page()
        if role not in NOBODY_YET:
            sign_in(page, served, getattr(world, role), PASSWORD)
        _choose(page, served, language)
        for path in paths[share::SHARES]:
            found = _look(page, served + path, language)
            if found is not None:
                seen.append(path)
                wrong += [f"{role} {path}: {one}" for one in found]
        context.close()
    assert len(seen) > LEAST / SHARES, "the walk has lost its pages"
    assert not wrong, "\n".join(wrong)


FORMS = (
    "/mediators/new",
    "/offices/new",
    "/associations/new",
    "/demand/events/new",
    "/field/new",
    "/programmes/courses/new",
    "/sessions/new?course={course}",
    "/calls/translators/new",
    "/account/password",
)
"""A form of each area."""
EMPTIED = """() => {
  const form = [...document.querySelectorAll("main form[method=post]")].at(-1);
  form.noValidate = true;
  for (const one of form.querySelectorAll("input, textarea")) {
    if (!["hidden", "checkbox", "radio", "submit"].includes(one.type)) one.value = "";
  }
  form.requestSubmit();
}"""


def test_a_form_sent_back_tells_everybody_what_is_missing(
    chromium: Browser, served: str, world: SmallWorld, objects: dict[str, object]
) -> None:
    """The reader is led to the list of faults; each field bears its own."""
    context = chromium.new_context(viewport=DESK, bypass_csp=True)
    context.add_init_script(AXE)
    page = context.new_page()
    sign_in(page, served, world.coordinator, PASSWORD)
    wrong: list[str] = []
    for path in FORMS:
        page.goto(served + path.format(**objects), wait_until="load")
        with page.expect_navigation(wait_until="load"):
            page.evaluate(EMPTIED)
        wrong += [f"{path}: {one}" for one in page.evaluate(RUN)]
        if not page.locator(".error-summary:focus").count():
            wrong.append(f"{path}: the reader is not led to the list of faults")
        if not page.locator("[aria-invalid=true][aria-describedby]").count():
            wrong.append(f"{path}: no field bears its fault")
    context.close()
    assert not wrong, "\n".join(wrong)


def _look(page: Page, url: str, language: str) -> list[str] | None:
    """What axe and `page_checks` find on a page; None for a file that is saved, not looked at.

    In Portuguese axe sees the light page, in English the dark one: what a theme changes is colours,
    what a language changes is words. The keyboard is tried in the one, larger text and motion in
    the other.
    """
    if "." in url.partition("?")[0].rpartition("/")[2]:
        return None
    answer = page.goto(url, wait_until="load")
    expected = (404,) if url.endswith(NOWHERE) else (200, 409)
    if answer is None or answer.status not in expected:
        return [f"no page: {answer.status if answer else 'no answer'}"]
    if "text/html" not in answer.headers.get("content-type", ""):
        return None
    if language == "en":
        found = hard_to_read(page) + moving(page)
        page.evaluate(DARK)
        return found + [f"dark {one}" for one in page.evaluate(RUN)]
    found = list(page.evaluate(RUN)) + _wider_than_a_phone(page)
    return found + kept_from_the_keyboard(page)


def _wider_than_a_phone(page: Page) -> list[str]:
    """WCAG 1.4.10: nothing is to be scrolled to both sides but tables, each in its own frame."""
    page.set_viewport_size({"width": NARROW, "height": 640})
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(DESK)
    return [f"{width} px wide at {NARROW}"] if width > NARROW else []


def _choose(page: Page, url: str, language: str) -> None:
    """Choose the language where it is not the page's already."""
    page.goto(f"{url}/")
    button = page.locator(f"button[name=locale][value={language}]")
    if button.count():
        button.click()
        page.wait_for_load_state("load")
