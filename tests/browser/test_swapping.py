"""What a reader is at stays when a part of the page is put anew (`swapping.js`), in a Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

import app

pytestmark = pytest.mark.browser

SCRIPT = Path(app.__file__).parent / "static" / "js" / "swapping.js"
ORIGIN = "http://parts.test"
TOKEN = '<input type="hidden" name="csrf_token" value="{}">'


def button(action: str, label: str, token: str = "old", **fields: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{k}" value="{v}">' for k, v in fields.items())
    return f'<form action="{action}">{TOKEN.format(token)}{hidden}<button>{label}</button></form>'


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    made = chromium.new_page()

    def answer(route: Route) -> None:
        if route.request.url.endswith(".js"):
            route.fulfill(body=SCRIPT.read_text(), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><div id=part></div>", content_type="text/html")

    made.route(f"{ORIGIN}/**", answer)
    made.goto(f"{ORIGIN}/")
    yield made
    made.close()


def swap(page: Page, html: str) -> None:
    page.evaluate(
        "async (html) => (await import('/swapping.js'))"
        ".swapPart(document.querySelector('#part'), html)",
        html,
    )


def test_the_same_button_has_the_focus_though_others_came_before_it(page: Page) -> None:
    swap(page, button("/end", "Left", press="1") + button("/end", "Left", press="2"))
    page.get_by_role("button").nth(1).focus()
    swap(page, "".join(button("/end", "Left", "new", press=n) for n in "012"))
    expect(page.get_by_role("button").nth(2)).to_be_focused()


def test_the_revision_tells_no_two_forms_apart(page: Page) -> None:
    swap(page, button("/undo", "Undo", revision="1") + button("/redo", "Redo", revision="1"))
    page.get_by_role("button", name="Redo").focus()
    swap(page, button("/undo", "Undo", revision="2") + button("/redo", "Redo", revision="2"))
    expect(page.get_by_role("button", name="Redo")).to_be_focused()


def test_what_is_gone_leaves_the_reader_around_it_and_at_no_other_button(page: Page) -> None:
    list_of = '<section id="waiting">{}</section>'
    swap(page, list_of.format(button("/end/1", "Left") + button("/end/2", "Left")))
    page.get_by_role("button").first.focus()
    swap(page, list_of.format(button("/end/2", "Left")))
    expect(page.locator("#waiting")).to_be_focused()
    swap(page, list_of.format(button("/end/3", "Left")))
    expect(page.locator("#waiting")).to_be_focused()
    swap(page, button("/end/3", "Left"))
    expect(page.locator("#part")).to_be_focused()


def test_a_button_that_can_no_longer_be_pressed_does_not_hold_the_focus(page: Page) -> None:
    tools = '<div id="tools">{}</div>'
    swap(page, tools.format(button("/undo", "Undo")))
    page.get_by_role("button").focus()
    swap(page, tools.format(button("/undo", "Undo").replace("<button", "<button disabled")))
    expect(page.locator("#tools")).to_be_focused()


def test_of_links_to_one_place_the_same_one_is_kept(page: Page) -> None:
    links = '<a href="/why">1</a><a href="/why">2</a><a href="/why">3</a>'
    swap(page, links)
    page.get_by_role("link", name="2").focus()
    swap(page, f"<p>Changed</p>{links}")
    expect(page.get_by_role("link", name="2")).to_be_focused()
    page.get_by_role("link", name="3").focus()
    swap(page, '<a href="/why">1</a><a href="/why">2</a>')
    expect(page.get_by_role("link", name="2")).to_be_focused()


def test_what_is_open_and_half_typed_stays_also_where_it_was_folded_away(page: Page) -> None:
    ended = (
        '<details id="ended-1"><summary>How it ended</summary>'
        '<input id="minutes-1" aria-label="Minutes" value=""></details>'
    )
    older = '<details id="older"><summary>Before</summary>{}</details>'
    swap(page, ended + older.format("One"))
    page.get_by_text("How it ended").click()
    page.get_by_label("Minutes").fill("120")
    page.get_by_label("Minutes").evaluate("one => one.setSelectionRange(1, 2)")
    swap(page, f"<p>Another</p>{older.format(ended)}")
    minutes = page.get_by_label("Minutes")
    expect(minutes).to_be_visible()
    expect(minutes).to_have_value("120")
    expect(minutes).to_be_focused()
    assert minutes.evaluate("one => [one.selectionStart, one.selectionEnd]") == [1, 2]


def test_what_was_closed_stays_closed_and_what_is_new_comes_as_it_is(page: Page) -> None:
    swap(page, '<details id="a" open><summary>A</summary>a</details>')
    page.locator("#a summary").click()
    both = '<details id="a" open><summary>A</summary>a</details><details id="b" open>b</details>'
    swap(page, both)
    assert page.evaluate("[a.open, b.open]") == [False, True]
    expect(page.locator("#a summary")).to_be_focused()


def test_the_same_text_is_not_put_anew_but_its_token_is(page: Page) -> None:
    swap(page, "<p>One&nbsp;waits</p>" + button("/end/1", "Left", "old"))
    page.evaluate("document.querySelector('#part p').kept = true")
    swap(page, "<p>One&nbsp;waits</p>" + button("/end/1", "Left", "new"))
    assert page.evaluate("document.querySelector('#part p').kept")
    assert page.locator("[name=csrf_token]").input_value() == "new"
    swap(page, "<p>Two&nbsp;wait</p>" + button("/end/1", "Left", "newer"))
    assert not page.evaluate("document.querySelector('#part p').kept")


def test_a_reader_elsewhere_is_left_there(page: Page) -> None:
    swap(page, button("/end/1", "Left"))
    swap(page, "<p>Nobody</p>")
    assert page.evaluate("document.activeElement === document.body")
