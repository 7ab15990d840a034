"""A draft edited in a real Chromium by keyboard, by mouse and by finger: taken away, pulled longer,
moved to another office, its break split, given to another, refused, locked, undone; and what a
second coordinator sees of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from browser_steps import in_english, sign_in
from drafts import draft, require
from open_week import first_open_week
from page_checks import ENLARGED
from playwright.sync_api import Browser, Locator, Page, expect

from app.models import MediatorOffice, database
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
    undo, redo = (page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    undo.click()
    expect(page.get_by_text("All that is asked for here is covered.")).to_be_visible()
    # Nothing is left to be undone: the reader stays beside it.
    expect(undo).to_be_disabled()
    expect(page.get_by_role("group", name="Edits")).to_be_focused()
    page.keyboard.press("Tab")
    expect(redo).to_be_focused()
    page.keyboard.press("Enter")
    expect(undo).to_be_enabled()
    page.keyboard.press("Tab")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(undo).to_be_disabled()


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


def by_keyboard(page: Page, target: Locator) -> None:
    target.focus()
    page.keyboard.press("Enter")


def by_mouse(page: Page, target: Locator) -> None:
    target.click()


def by_finger(page: Page, target: Locator) -> None:
    target.tap()


Press = Callable[[Page, Locator], None]


@pytest.mark.parametrize(
    ("press", "weeks_ahead"), [(by_keyboard, 3), (by_mouse, 6), (by_finger, 9)]
)
def test_everything_a_day_can_become(
    chromium: Browser, service: Any, press: Press, weeks_ahead: int
) -> None:
    """Longer, at another office, its break split, given to another, locked; undone and redone."""
    week = first_open_week(
        service.world.lisbon, service.now.date() + dt.timedelta(weeks=weeks_ahead)
    )
    with database.connection_context():
        require(service.world.lisbon, 0, 9, 12, ["lang:pt"], week=week)
        caio = service.world.mediators[2]
        MediatorOffice.get_or_create(mediator=caio, office=service.world.azores)
        draft(service.world, [("caio", "lisbon", 0, 9, 13)], service.now, week=week)
    context = chromium.new_context(
        viewport={"width": 1180, "height": 820}, has_touch=True, locale="en-GB"
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    sign_in(page, service, service.world.coordinator)
    in_english(page)
    page.goto(f"{service.url}/weeks/{week}?office=lisbon")
    given, bo = _cell(page, "Caio", 0), _cell(page, "Bo", 0)
    _resized(page, press, given)
    _at_another_office(page, press, given)
    _break_split(page, press, given)
    _given_to_another(page, press, given)
    expect(bo).to_contain_text("09:00–18:00")
    press(page, page.get_by_role("button", name="Undo"))
    expect(given).to_contain_text("09:00–18:00")
    press(page, page.get_by_role("button", name="Redo"))
    expect(bo).to_contain_text("09:00–18:00")
    press(page, bo)
    press(page, page.locator("dialog[open]").get_by_role("button", name="Lock"))
    expect(page.locator(".people .lock")).to_have_count(1)
    context.close()


def _own_hours(
    page: Page, press: Press, cell: Locator, office: str, start: str, end: str, breaks: str
) -> None:
    press(page, cell)
    form = page.locator("dialog[open] .own-hours")
    form.get_by_label("Office").select_option(office)
    form.get_by_label("From").fill(start)
    form.get_by_label("Until").fill(end)
    form.get_by_label("Breaks").fill(breaks)
    press(page, form.get_by_role("button", name="Give these hours"))


def _resized(page: Page, press: Press, cell: Locator) -> None:
    _own_hours(page, press, cell, "lisbon", "09:00", "14:00", "")
    expect(cell).to_contain_text("09:00–14:00")


def _at_another_office(page: Page, press: Press, cell: Locator) -> None:
    _own_hours(page, press, cell, "azores", "10:00", "14:00", "")
    _meant_all_the_same(page, press)
    expect(cell).to_contain_text("10:00–14:00")
    expect(cell.locator(".away-tag")).to_contain_text("Azores")


def _meant_all_the_same(page: Page, press: Press) -> None:
    """Where it breaks a rule that is told, and it is done when that is meant."""
    page.wait_for_function(
        "() => { const open = document.querySelector('dialog[open]');"
        " return !open || open.textContent.includes('That breaks a rule.'); }"
    )
    anyway = page.locator("dialog[open]").get_by_role("button", name="Do it all the same")
    if anyway.count():
        press(page, anyway)
    expect(page.locator("dialog[open]")).to_have_count(0)


def _break_split(page: Page, press: Press, cell: Locator) -> None:
    two = "12:00-12:30, 15:00-15:30"
    _own_hours(page, press, cell, "lisbon", "09:00", "18:00", two)
    expect(cell).to_contain_text("break 12:00 to 12:30")
    expect(cell).to_contain_text("break 15:00 to 15:30")


def _given_to_another(page: Page, press: Press, cell: Locator) -> None:
    press(page, cell)
    panel = page.locator("dialog[open]")
    press(page, panel.get_by_role("link", name="Give to another"))
    press(page, panel.get_by_role("button", name=re.compile("Give to Bo")))
    _meant_all_the_same(page, press)


def test_an_end_is_pulled_with_the_mouse_and_the_other_coordinator_sees_it(
    desk: Page, service: Any
) -> None:
    week = first_open_week(service.world.lisbon, service.now.date() + dt.timedelta(weeks=12))
    with database.connection_context():
        require(service.world.lisbon, 0, 9, 14, ["lang:zh"], week=week)
        draft(service.world, [("bo", "lisbon", 0, 9, 13)], service.now, week=week)
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    board = f"{service.url}/weeks/{week}?office=lisbon"
    other = desk.context.new_page()
    other.goto(board)
    expect(_cell(other, "Bo", 0)).to_contain_text("09:00–13:00")
    other.get_by_text("How missing hours are counted").click()
    day = other.locator(".board thead a").nth(2)
    day.focus()
    desk.goto(board)
    expect(desk.locator(".state-main .missing")).to_contain_text("1 h")
    bar = _cell(desk, "Bo", 0).locator(".work-bar").bounding_box()
    assert bar
    unit = bar["width"] / 8  # half hours
    end = bar["x"] + bar["width"] - 1, bar["y"] + bar["height"] / 2
    desk.mouse.move(*end)
    desk.mouse.down()
    desk.mouse.move(end[0] + unit, end[1], steps=4)
    expect(_cell(desk, "Bo", 0)).to_contain_text("09:00–13:30")
    desk.mouse.move(end[0] + 2 * unit, end[1], steps=4)
    desk.mouse.up()
    expect(desk.locator("[data-role=last]")).to_contain_text("Bo")
    expect(desk.get_by_text("All that is asked for here is covered.")).to_be_visible()
    expect(desk.locator("dialog[open]")).to_have_count(0)
    expect(_cell(other, "Bo", 0)).to_contain_text("09:00–14:00")
    # What the other was at has stayed.
    expect(day).to_be_focused()
    expect(other.get_by_text("A place is one mediator")).to_be_visible()
    other.close()


def test_tab_reaches_the_day_shown_where_the_board_shows_one(desk: Page, service: Any) -> None:
    """On a phone and at zoom, whichever day was gone to while all were shown."""
    week = first_open_week(service.world.lisbon, service.now.date() + dt.timedelta(weeks=15))
    with database.connection_context():
        for day in (1, 2):
            require(service.world.lisbon, day, 9, 14, ["lang:zh"], week=week)
        draft(service.world, [("bo", "lisbon", 0, 9, 13)], service.now, week=week)
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    board = f"{service.url}/weeks/{week}?office=lisbon"
    wide = desk.viewport_size
    assert wide
    desk.goto(f"{board}&day=2")
    monday = _cell(desk, "Bo", 0)
    monday.focus()
    desk.set_viewport_size(ENLARGED)
    expect(monday).to_be_hidden()
    _tabbed_to(desk, ".board .why-cell")
    _tabbed_to(desk, ".people .cell")
    desk.goto(f"{board}&day=2")
    _tabbed_to(desk, ".people .cell")
    desk.set_viewport_size(wide)
    expect(desk.locator(".people .cell[tabindex='0']")).to_have_count(1)


def _tabbed_to(page: Page, what: str) -> None:
    """From the day's tab on, whose board it is."""
    page.locator(".day-tabs a").last.focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        at = page.locator(f"{what}:focus")
        if at.count():
            expect(at).to_be_visible()
            return
    raise AssertionError(f"Tab does not reach {what}")


def _cell(page: Page, name: str, day: int) -> Locator:
    row = page.locator(".people tr").filter(has_text=name)
    return row.locator("td").nth(day).locator(".cell")
