"""What a tired eye trips over at the desk: cut, unaligned, out of reach, or unreadable on paper."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from browser_steps import in_english, sign_in
from drafts import draft, require
from open_week import first_open_week
from playwright.sync_api import Page, Route, expect
from watched_pages import PATIENCE

from app.models import database

pytestmark = pytest.mark.browser

INK = "rgb(26, 31, 36)"
PAPER = "rgb(255, 255, 255)"


def test_the_desk_at_a_glance(desk: Page, service: Any) -> None:
    week = first_open_week(service.world.lisbon, service.now.date() + dt.timedelta(weeks=5))
    with database.connection_context():
        require(service.world.lisbon, 0, 9, 12, ["lang:zh"], week=week)
        draft(service.world, [("bo", "lisbon", 0, 9, 13)], service.now, week=week)
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    _tracks_begin_together(desk, service)
    desk.goto(f"{service.url}/weeks/{week}?office=lisbon")
    _what_is_too_long_ends_in_an_ellipsis(desk)
    _what_takes_long_is_under_way(desk)
    _undo_stays_at_hand(desk)
    _a_dark_page_is_printed_dark_on_white(desk)


def _tracks_begin_together(page: Page, service: Any) -> None:
    """The bars of an office's hours, on days that are shut too."""
    page.goto(f"{service.url}/offices/{service.world.lisbon.id}")
    lefts = page.locator(".open-week .strip").evaluate_all(
        "all => all.map(one => Math.round(one.getBoundingClientRect().left))"
    )
    assert len(lefts) == 7
    assert len(set(lefts)) == 1


def _what_is_too_long_ends_in_an_ellipsis(page: Page) -> None:
    hours = page.locator(".people .work-hours").first
    assert hours.evaluate("one => getComputedStyle(one).textOverflow") == "ellipsis"
    total = page.locator(".people td.total").first
    total.evaluate("one => { one.textContent = '37\u00a0h\u00a030 /\u00a037\u00a0h\u00a030'; }")
    assert total.evaluate("one => one.scrollWidth <= one.clientWidth")


def _what_takes_long_is_under_way(page: Page) -> None:
    held: list[Route] = []
    page.route("**/cells/**", lambda route: held.append(route))
    page.locator(".people .has-shift").first.click()
    expect(page.locator("body.is-asking")).to_have_count(1)
    held[0].continue_()
    expect(page.locator("dialog[open]")).to_contain_text("Take away")
    expect(page.locator("body.is-asking")).to_have_count(0)
    page.unroute("**/cells/**")


def _undo_stays_at_hand(page: Page) -> None:
    """However far down the board the edit was."""
    page.locator("dialog[open]").get_by_role("button", name="Lock").click()
    expect(page.locator(".people .lock")).to_have_count(1, timeout=PATIENCE)
    page.set_viewport_size({"width": 1280, "height": 320})
    page.locator(".people tr").last.scroll_into_view_if_needed()
    undo = page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_in_viewport()
    undo.click()
    expect(page.locator(".people .lock")).to_have_count(0)


def _a_dark_page_is_printed_dark_on_white(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    seen = page.evaluate(
        "(() => { const body = getComputedStyle(document.body);"
        " return [body.color, body.backgroundColor]; })()"
    )
    assert seen == [INK, PAPER]
    page.emulate_media(media="screen", color_scheme="light")
