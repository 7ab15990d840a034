"""The reception in a real Chromium: by mouse, by keyboard, by touch, and without script."""

from __future__ import annotations

import pytest
from browser_steps import in_english, sign_in
from peewee import fn
from playwright.sync_api import Browser, Page, expect
from watched_pages import meant

from app.models import Arrival, database

pytestmark = pytest.mark.browser

LOSE_THE_FIRST_ANSWER = """() => {
  const real = window.fetch;
  window.tries = 0;
  window.fetch = async (...sent) => {
    const answer = await real(...sent);
    window.tries += 1;
    if (window.tries === 1) throw new TypeError("the answer was lost");
    return answer;
  };
}"""

BELOW_WHAT_STAYS = """() => {
  const answer = document.querySelector(".last-presses");
  return [...document.querySelectorAll(".arrivals button, .arrivals summary")]
    .filter((one) => one.checkVisibility())
    .filter((one) => {
      one.focus();
      return one.getBoundingClientRect().bottom > answer.getBoundingClientRect().top;
    })
    .map((one) => one.outerHTML.slice(0, 120));
}"""
"""Walked through, no stop of the form is below the answer that stays at the bottom."""


def counted() -> int:
    """Visitors who were counted at the reception."""
    with database.connection_context():
        rows = Arrival.select(fn.SUM(Arrival.count)).where(Arrival.source == "desk")
        return rows.scalar() or 0


def test_a_morning_at_the_reception(desk: Page, service) -> None:
    sign_in(desk, service, service.world.mediator)
    in_english(desk)
    before = counted()
    desk.goto(f"{service.url}/intake")
    last = desk.locator("[data-role=last]")
    desk.get_by_role("button", name="Ukrainian, Legal support").click()
    expect(last.locator("li").first).to_contain_text("Ukrainian · Legal support")
    for _time in range(3):
        desk.get_by_role("button", name="Portuguese, Reception", exact=True).click()
    expect(last.locator("li")).to_have_count(4)
    expect(last.locator("li").first).to_contain_text("Portuguese · Reception")
    desk.keyboard.press("a")
    desk.keyboard.press("2")
    expect(last.locator("li").first).to_contain_text("Portuguese · Legal support")
    assert counted() == before + 5
    desk.keyboard.press("u")
    expect(last.locator("li")).to_have_count(4)
    assert counted() == before + 4
    last.locator("li").first.get_by_text("How it ended").click()
    last.get_by_label("Wait in minutes").first.fill("9")
    last.locator("li").first.get_by_role("button", name="Received").click()
    expect(last.locator("li").first).to_contain_text("received, after 9 min")
    _what_one_is_at_stays_when_another_answer_comes(desk)


def _what_one_is_at_stays_when_another_answer_comes(page: Page) -> None:
    """Half-typed minutes, what is open, and the focus, though the newest becomes an older one."""
    last = page.locator("[data-role=last]")
    newest = last.locator("li").first
    newest.get_by_text("How it ended").click()
    newest.get_by_label("Wait in minutes").fill("12")
    page.get_by_role("button", name="Mandarin, Reception", exact=True).click()
    expect(newest).to_contain_text("Mandarin")
    older = last.locator("li").nth(1)
    expect(older.get_by_label("Wait in minutes")).to_have_value("12")
    expect(older.get_by_label("Wait in minutes")).to_be_visible()
    older.get_by_role("button", name="Take back").focus()
    page.keyboard.press("u")
    expect(last.locator("li")).to_have_count(4)
    expect(newest.get_by_role("button", name="Take back")).to_be_focused()
    newest.get_by_role("button", name="Left").focus()
    page.keyboard.press("Enter")
    expect(newest).to_contain_text("left, after 12 min")
    expect(newest.locator("summary")).to_be_focused()
    expect(newest.get_by_label("Wait in minutes")).to_be_hidden()
    newest.get_by_role("button", name="Take back").focus()
    page.keyboard.press("Enter")
    expect(last.locator("li")).to_have_count(3)
    expect(last).to_be_focused()


def test_keys_are_seen_chosen_and_turned_off_at_zoom(desk: Page, service) -> None:
    """At 300 % a desk's window is as narrow as a telephone; however long the second key takes."""
    desk.set_viewport_size({"width": 480, "height": 300})
    desk.clock.install()
    sign_in(desk, service, service.world.mediator)
    in_english(desk)
    desk.goto(f"{service.url}/intake")
    last = desk.locator("[data-role=last] li")
    chosen = desk.locator("[data-role=chosen]")
    desk.keyboard.press("a")
    expect(chosen).to_contain_text("Portuguese")
    expect(chosen).to_be_visible()
    expect(desk.locator(".arrival-row.chosen")).to_be_in_viewport()
    desk.keyboard.press("Escape")
    expect(chosen).to_be_empty()
    desk.keyboard.press("2")
    desk.keyboard.press("a")
    desk.clock.fast_forward(60_000)
    desk.keyboard.press("1")
    expect(last.first).to_contain_text("Portuguese · Reception")
    expect(last).to_have_count(1)
    expect(chosen).to_be_empty()
    desk.locator("[data-role=keys] summary").click()
    desk.get_by_label("Use the keyboard this way").uncheck()
    desk.keyboard.press("a")
    desk.keyboard.press("u")
    expect(chosen).to_be_empty()
    expect(last).to_have_count(1)


def test_a_press_waits_for_the_connection_and_counts_once(desk: Page, service) -> None:
    sign_in(desk, service, service.world.other_mediator)
    in_english(desk)
    desk.goto(f"{service.url}/intake")
    before = counted()
    desk.evaluate(LOSE_THE_FIRST_ANSWER)
    desk.get_by_role("button", name="Mandarin, Reception", exact=True).click()
    expect(desk.locator("[data-role=unsent]")).to_be_visible()
    expect(desk.locator("[data-role=last] li")).to_have_count(1)
    expect(desk.locator("[data-role=unsent]")).to_be_hidden()
    assert desk.evaluate("window.tries") == 2
    assert counted() == before + 1


def test_presses_wait_for_who_signs_in_again(desk: Page, service) -> None:
    """The session ends with the page open; signed in again in another tab, all is sent."""
    sign_in(desk, service, service.world.mediator)
    in_english(desk)
    desk.goto(f"{service.url}/intake")
    before = counted()
    meant(desk, "400 (Bad Request)")
    desk.context.clear_cookies()
    button = desk.get_by_role("button", name="Portuguese, Reception", exact=True)
    button.click()
    button.click()
    expect(desk.locator("[data-role=unsent]")).to_contain_text("You are no longer signed in: 2")
    other = desk.context.new_page()
    sign_in(other, service, service.world.mediator)
    expect(desk.locator("[data-role=unsent]")).to_be_hidden()
    expect(desk.locator("[data-role=last] li")).to_have_count(2)
    assert counted() == before + 2


def test_at_a_phone_one_presses_with_the_thumb(phone: Page, service) -> None:
    sign_in(phone, service, service.world.mediator)
    in_english(phone)
    phone.goto(f"{service.url}/intake")
    button = phone.get_by_role("button", name="Portuguese, Reception", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    before = counted()
    button.click()
    expect(phone.locator("[data-role=last] li").first).to_contain_text("Portuguese")
    assert counted() == before + 1


def test_at_a_phone_what_a_press_did_is_said_where_the_thumb_is(phone: Page, service) -> None:
    sign_in(phone, service, service.world.mediator)
    in_english(phone)
    phone.goto(f"{service.url}/intake")
    lowest = phone.locator("form.arrivals > fieldset.arrival-row").last
    button = lowest.get_by_role("button").last
    name = lowest.locator("[data-role=language]").inner_text()
    phone.get_by_role("navigation", name="Languages").get_by_role("link", name=name).click()
    button.click()
    newest = phone.locator("[data-role=last] li").first
    expect(newest.locator(".press-words")).to_contain_text(name)
    expect(newest.locator(".press-words")).to_be_in_viewport(ratio=1)
    expect(newest.get_by_role("button", name="Take back")).to_be_in_viewport(ratio=1)
    expect(phone.get_by_text("counted here today")).to_be_in_viewport(ratio=1)
    expect(button).to_be_in_viewport()
    assert phone.evaluate(BELOW_WHAT_STAYS) == []


def test_without_script_the_form_does_it(chromium: Browser, service) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, service, service.world.mediator)
    page.goto(f"{service.url}/intake")
    before = counted()
    page.locator("button[value='uk:general']").click()
    expect(page.locator(".presses li").first).to_be_visible()
    assert counted() == before + 1
    page.locator("[data-undo]").click()
    assert counted() == before
    context.close()
