"""A coordinator and the demand: a file, an event, another number, and what the wait would be."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from browser_steps import in_english, sign_in
from playwright.sync_api import Page, expect

from app.services.horizon import monday_of

pytestmark = pytest.mark.browser


@pytest.fixture
def coordinator(desk: Page, service) -> Page:
    desk.set_default_timeout(60_000)
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    return desk


def test_a_file_is_put_right_looked_at_and_brought_in(coordinator: Page, service) -> None:
    day = f"{service.now.date() - dt.timedelta(days=7):%d/%m/%Y}"
    good = f"office;date;time;language;visitors\nlisbon;{day};10:10;uk;2\nlisbon;{day};10:40;zh;3\n"
    page = coordinator
    page.goto(f"{service.url}/intake")
    page.get_by_role("link", name="Bring in arrivals from a file").click()
    for content in (good.replace("zh", "klingon"), good):
        page.get_by_label("File").set_input_files(
            {"name": "march.csv", "mimeType": "text/csv", "buffer": content.encode()}
        )
        page.get_by_role("button", name="Look at it").click()
        if "klingon" in content:
            row = page.locator(".error-summary tbody tr")
            expect(row).to_have_count(1)
            expect(row).to_contain_text(re.compile(r"3\s*language\s*klingon", re.IGNORECASE))
            expect(page.get_by_role("button", name="Bring in")).to_have_count(0)
            page.get_by_role("link", name="Another file").click()
    page.get_by_role("button", name="Bring in 5 visitors").click()
    expect(page.get_by_text("5 visitors are counted.")).to_be_visible()


def test_an_event_another_number_and_what_if(coordinator: Page, service) -> None:
    week = monday_of(service.now.date()) + dt.timedelta(days=7)
    page = coordinator
    page.goto(f"{service.url}/demand/events")
    page.get_by_role("link", name="Add an event").first.click()
    page.get_by_label("What happens").fill("A consulate's day")
    page.get_by_label("First day").fill(f"{week:%d/%m/%Y}")
    page.get_by_label("Last day").fill(f"{week + dt.timedelta(days=4):%d/%m/%Y}")
    page.get_by_label("Visitors, in % of a usual day").fill("150")
    page.get_by_label("Lisboa").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="A consulate's day")).to_be_visible()

    page.goto(f"{service.url}/weeks/{week}?office=lisbon")
    page.get_by_role("button", name="Foresee the week").click()
    page.get_by_role("link", name="On to the week").click()
    page.goto(f"{service.url}/demand/{week}?office=lisbon")
    expect(page.get_by_text("A consulate's day").first).to_be_visible()
    _seen_beside_the_names(page)
    page.get_by_label("Language or desk").select_option("uk")
    page.get_by_label("From", exact=True).fill("10:00")
    page.get_by_label("Until", exact=True).fill("12:00")
    page.get_by_label("Mediators", exact=True).fill("3")
    page.get_by_label("Why", exact=True).fill("The consulate opens")
    page.get_by_role("button", name="Ask for it").click()
    row = page.locator("#overrides tbody tr")
    expect(row).to_contain_text("The consulate opens")
    expect(row).to_contain_text("asked for")
    expect(row).to_contain_text("%")

    page.goto(f"{service.url}/weeks/{week}?office=lisbon")
    page.get_by_role("button", name="Build").first.click()
    page.get_by_role("link", name="Look at the draft").click()
    page.goto(f"{service.url}/demand/{week}/wait?office=lisbon")
    page.get_by_label("What if so many come").select_option("2")
    page.get_by_role("button", name="Try it out").click()
    page.wait_for_url("**/runs/**")
    page.goto(f"{service.url}/demand/{week}/wait?office=lisbon&factor=2")
    for _look in range(60):
        if page.get_by_text("What if twice as many come.").is_visible():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.get_by_text("What if twice as many come.")).to_be_visible()
    expect(page.locator(".wait-chart svg")).to_be_visible()
    page.goto(f"{service.url}/demand/{week}?office=lisbon")
    page.locator("#overrides").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("What was derived holds again.")).to_be_visible()


def _seen_beside_the_names(page: Page) -> None:
    """Walked back through the half hours of a narrow window, each cell is right of its name."""
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": 480, "height": 800})
    row = page.locator(".heat tbody tr").first.locator("td[title]")
    row.first.focus()
    for key in ["ArrowRight"] * (row.count() - 1) + ["ArrowLeft"] * (row.count() - 1):
        page.keyboard.press(key)
        assert not page.evaluate(
            "document.activeElement.getBoundingClientRect().left + 1 <"
            " document.activeElement.parentElement.cells[0].getBoundingClientRect().right"
        )
    expect(row.first).to_be_focused()
    page.set_viewport_size(size)
