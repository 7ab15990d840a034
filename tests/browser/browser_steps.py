"""Steps that every journey takes, through the pages as a person does."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page
from small_world import PASSWORD


def sign_in(page: Page, service: Any, email: str) -> None:
    page.goto(f"{service.url}/sign-in")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))


def sign_out(page: Page) -> None:
    """Leave the page first: an answer still under way would bring the session's cookie back."""
    page.goto("about:blank")
    page.context.clear_cookies()


def fits(page: Page) -> None:
    """Nothing is cut off at the side. Of a page that a press led to nothing may be there yet."""
    page.wait_for_load_state("domcontentloaded")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def in_english(page: Page) -> None:
    """Choose English, whatever the size of the screen."""
    if page.locator(".menu-button").is_visible():
        page.locator(".menu-button").click()
    english = page.locator("button[name=locale][value=en]")
    if english.count():
        english.click()
        page.locator("html[lang=en]").wait_for()
