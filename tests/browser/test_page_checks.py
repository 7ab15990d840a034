"""The walk of all pages finds nothing: here is that it would, were there something."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from page_checks import hard_to_read, kept_from_the_keyboard, moving
from playwright.sync_api import Browser, Page
from test_pages_accessible import AXE, RUN

pytestmark = pytest.mark.browser

SOUND = "<main><h1>Week</h1><p><a href='/'>Home</a></p></main>"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_init_script(AXE)
    yield context.new_page()
    context.close()


def by_axe(page: Page) -> list[str]:
    return list(page.evaluate(RUN, ["", ""]))


CHECKS = (kept_from_the_keyboard, hard_to_read, moving, by_axe)


def show(page: Page, body: str, css: str = "") -> None:
    page.goto("about:blank")
    page.set_content(
        f"<!doctype html><html lang=en><title>T</title><style>{css}</style><body>{body}"
    )


def test_a_sound_page_passes(page: Page) -> None:
    show(page, SOUND)
    assert [found for check in CHECKS for found in check(page)] == []


@pytest.mark.parametrize(
    ("check", "body", "css", "told"),
    [
        (kept_from_the_keyboard, "<button>a</button>", ":focus { outline: none }", "is not seen"),
        (kept_from_the_keyboard, "<a href='#' tabindex=2>a</a>", "", "an order of its own"),
        (
            kept_from_the_keyboard,
            "<header>Bar</header><button>a</button>",
            "header { position: fixed; inset: 0 0 auto 0; height: 90px; background: #fff }",
            "is covered",
        ),
        (
            kept_from_the_keyboard,
            "<table><thead><tr><th>Day</th></tr></thead><tbody>"
            + "<tr><td><a href='#'>a</a></td></tr>" * 60
            + "</tbody></table>",
            "th { position: sticky; top: 0; height: 90px; background: #fff } body { margin: 0 }",
            "walked back to, it is covered",
        ),
        (
            kept_from_the_keyboard,
            "<div><table><tr><th>Name</th>"
            + "<td><a href='#'>a</a></td>" * 60
            + "</tr></table></div>",
            "div { overflow-x: auto } th { position: sticky; left: 0; min-width: 90px }"
            " td { min-width: 30px }",
            "walked back to, it is covered",
        ),
        (hard_to_read, "<main><svg role=img aria-label=Waits></svg></main>", "", "Waits"),
        (hard_to_read, "<p>a</p>", "p { width: 50rem }", "200%"),
        (hard_to_read, f"<p>{'a' * 60}</p>", "p { font: 34px monospace }", "letter-spacing"),
        (moving, "<p>a</p>", "p::after { content: 'x'; transition: all 1s }", "moves::after"),
        (moving, "<p>a</p>", "p { animation: a 1s infinite } @keyframes a { }", "moves: "),
        (
            by_axe,
            "<button>a</button><button>b</button>",
            "button { width: 15px; height: 15px; padding: 0; border: 0; margin: 0 }",
            "target-size",
        ),
        (by_axe, "<p>pale</p>", "p { color: #bbb }", "color-contrast"),
        (by_axe, "<input>", "", "label"),
    ],
)
def test_what_is_wrong_is_found(
    page: Page, check: Callable[[Page], list[str]], body: str, css: str, told: str
) -> None:
    show(page, body, css)
    assert any(told in one for one in check(page))
