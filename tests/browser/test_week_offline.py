"""A mediator's week on a narrow phone: what changed, confirmed, then without a network; and after
signing out nothing of it is left on the device."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_steps import in_english, sign_in
from conftest import serving
from drafts import draft
from fresh_databases import FreshSqlite
from open_week import first_open_week
from playwright.sync_api import Browser, Page, expect

from app.models import database
from app.services import rosters

pytestmark = pytest.mark.browser


@pytest.fixture
def narrow(chromium: Browser) -> Iterator[Page]:
    """320 px wide. Without a network a browser reports errors: they are what is tested here."""
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, locale="en-GB", timezone_id="Europe/Lisbon"
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def week(service) -> dt.date:
    with database.connection_context():
        week = first_open_week(service.world.lisbon, service.now.date())
        picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 1, 14, 18)]
        roster = draft(service.world, picks, service.now, week=week)
        rosters.publish(service.world.system, roster.id, service.now)
        return week


def test_the_week_opens_without_a_network_and_is_gone_after_signing_out(
    narrow: Page, service, week: dt.date
) -> None:
    page = narrow
    sign_in(page, service, service.world.mediator)
    in_english(page)
    page.goto(f"{service.url}/me")
    _fits(page)
    expect(page.locator(".week-news")).to_contain_text("new shift")
    page.get_by_role("button", name="I have seen it").click()
    expect(page.get_by_role("status").first).to_contain_text("Thank you")
    expect(page.locator(".week-news")).to_have_count(0)
    page.goto(f"{service.url}/me/month/{week:%Y-%m}")
    _fits(page)
    expect(page.locator(".month")).to_contain_text("09:00–13:00")
    _kept_by_the_worker(page, service)

    page.context.set_offline(True)
    page.goto(f"{service.url}/me")
    expect(page.locator(".next-hours")).to_contain_text("09:00–13:00")
    expect(page.locator("[data-offline]")).to_contain_text("There is no network")
    page.goto(f"{service.url}/swaps")
    expect(page.locator("main")).to_contain_text("There is no network")
    assert "Ana" not in page.content()

    page.context.set_offline(False)
    page.goto(f"{service.url}/me")
    page.locator(".menu-button").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    assert _own_caches(page) == []
    page.context.set_offline(True)
    page.goto(f"{service.url}/me")
    expect(page.locator("main")).to_contain_text("There is no network")
    assert "09:00–13:00" not in page.content()


def test_it_can_be_put_on_the_home_screen(narrow: Page, service, week: dt.date) -> None:
    page = narrow
    sign_in(page, service, service.world.other_mediator)
    page.goto(f"{service.url}/me")
    address = page.locator("link[rel=manifest]").get_attribute("href")
    manifest = page.request.get(f"{service.url}{address}").json()
    assert (manifest["start_url"], manifest["display"]) == ("/me", "standalone")
    for icon in manifest["icons"]:
        answer = page.request.get(f"{service.url}{icon['src']}")
        assert answer.headers["content-type"] == "image/png"
        width = int.from_bytes(answer.body()[16:20], "big")
        assert icon["sizes"] == f"{width}x{width}"


def test_what_is_kept_is_marked_where_the_server_is_away(
    narrow: Page, fresh_sqlite: FreshSqlite, tmp_path: Path
) -> None:
    """The browser is online all along. Last of its file: it serves from a database of its own."""
    page = narrow
    with serving(fresh_sqlite, tmp_path) as served:
        sign_in(page, served, served.world.mediator)
        in_english(page)
        page.goto(f"{served.url}/me")
        expect(page.locator("[data-offline]")).to_be_hidden()
        _kept_by_the_worker(page, served)
    page.goto(f"{served.url}/me")
    assert page.evaluate("navigator.onLine")
    expect(page.locator("[data-offline]")).to_be_visible()
    for button in page.locator("main form button").all():
        expect(button).to_be_disabled()


def _kept_by_the_worker(page: Page, service) -> None:
    """Let the worker take over, then see each page once under it."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.goto(f"{service.url}/me")
    page.wait_for_function("caches.keys().then((all) => all.some((n) => n.includes('-own-')))")
    assert len(_own_caches(page)) == 1


def _own_caches(page: Page) -> list[str]:
    found: list[str] = page.evaluate("caches.keys()")
    return [name for name in found if "-own-" in name]


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
