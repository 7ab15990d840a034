"""How a test's reader signs in by the page."""

from __future__ import annotations

from playwright.sync_api import Page


def sign_in(page: Page, url: str, email: str, password: str) -> None:
    page.goto(f"{url}/sign-in")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda here: not here.endswith("/sign-in"))
