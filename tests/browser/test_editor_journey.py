"""A draft edited in a real Chromium: by keyboard and by mouse, refused, locked, undone."""

from __future__ import annotations

import datetime as dt

import pytest
from browser_steps import in_english, sign_in
from drafts import draft, require
from playwright.sync_api import Page, expect

from app.models import database
from app.services.horizon import monday_of

pytestmark = pytest.mark.browser


def test_a_draft_is_edited_by_keyboard_and_mouse(desk: Page, service) -> None:
    week = monday_of(service.now.date()) + dt.timedelta(days=7)
    with database.connection_context():
        require(service.world.lisbon, 0, 9, 12, ["lang:uk"], week=week)
        picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 14, 18)]
        draft(service.world, picks, service.now, week=week)
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/weeks/{week}?office=lisbon")
    expect(desk.get_by_text("All that is asked for here is covered.")).to_be_visible()
    _taken_away_and_undone_by_keyboard(desk)
    _locked_shifts_stay(desk)
    _dragged_onto_a_free_day(desk)


def _taken_away_and_undone_by_keyboard(page: Page) -> None:
    page.locator(".people .cell").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    panel = page.locator("dialog[open]")
    expect(panel.get_by_role("heading", name="Ana")).to_be_focused()
    take = panel.get_by_role("button", name="Take away")
    take.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".state-main .missing")).to_contain_text("3 h")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("All that is asked for here is covered.")).to_be_visible()
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".state-main .missing")).to_contain_text("3 h")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("All that is asked for here is covered.")).to_be_visible()


def _locked_shifts_stay(page: Page) -> None:
    page.locator(".people .cell.has-shift").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Lock").click()
    expect(page.locator(".people .lock")).to_have_count(1)
    expect(page.locator(".people .is-movable")).to_have_count(1)


def _dragged_onto_a_free_day(page: Page) -> None:
    shift = page.locator(".people .is-movable").bounding_box()
    free = page.locator(".people tr").nth(2).locator("td[data-date]").nth(2).bounding_box()
    assert shift
    assert free
    page.mouse.move(shift["x"] + 20, shift["y"] + 8)
    page.mouse.down()
    page.mouse.move(shift["x"] + 60, shift["y"] + 10, steps=5)
    page.mouse.move(free["x"] + 30, free["y"] + 10, steps=10)
    moved = page.locator(".people tr").nth(2).locator("td[data-date]").nth(2)
    expect(moved.locator(".sortable-ghost")).to_have_count(1)
    page.mouse.up()
    expect(page.locator("[data-role=last]")).to_contain_text("Bo")
    expect(moved.locator(".has-shift")).to_contain_text("14:00–18:00")
