"""Each further service in a real Chromium: the telephone, the queue, the desks, a local centre."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_steps import in_english, sign_in, sign_out
from playwright.sync_api import Page, expect
from telephones import open_telephone
from watched_pages import meant

from app.models import Office, database

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def services(service) -> Iterator:
    """The small world with a telephone service, and numbers given at Lisbon's door."""
    with database.connection_context():
        open_telephone(service.world)
        Office.update(gives_tickets=True, latitude=38.72, longitude=-9.14).where(
            Office.code == "lisbon"
        ).execute()
        Office.update(latitude=37.74, longitude=-25.67).where(Office.code == "azores").execute()
    return service


def test_at_a_phone_a_call_that_is_refused_says_why_where_the_thumb_is(
    phone: Page, services
) -> None:
    sign_in(phone, services, services.world.mediator)
    in_english(phone)
    phone.goto(f"{services.url}/calls")
    phone.get_by_role("button", name="Log the call: 15 minutes").click()
    refused = phone.get_by_role("alert")
    expect(refused).to_have_text("Choose a language.")
    expect(refused).to_be_in_viewport(ratio=1)


def test_calls_are_logged_by_keyboard_and_summed_up(desk: Page, services) -> None:
    """A coordinator adds a translator; Ana logs a call of Ukrainian and one by the translator."""
    sign_in(desk, services, services.world.coordinator)
    in_english(desk)
    desk.goto(f"{services.url}/calls/translators/new")
    desk.get_by_label("Name").fill("Zofia Exemplo")
    desk.get_by_label("Price of a minute").fill("0,85")
    desk.get_by_label("Mandarin").check()
    desk.get_by_label("Monday").fill("09:00–17:00")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("cell", name="€0.85")).to_be_visible()
    sign_out(desk)
    sign_in(desk, services, services.world.mediator)
    in_english(desk)
    desk.goto(f"{services.url}/calls")
    last = desk.locator("[data-role=last]")
    letter = desk.locator("input[name=language][value=uk]").get_attribute("data-key")
    assert letter
    desk.keyboard.press("y")
    desk.keyboard.press(letter)
    desk.keyboard.type("12")
    desk.keyboard.press("Enter")
    expect(last.locator("li").first).to_contain_text("12 min, three-way, a mediator here")
    desk.locator("#language-zh").check()
    helper = desk.locator("option[value^=translator]").first.get_attribute("value")
    desk.get_by_label("Who helped").select_option(helper)
    desk.get_by_role("button", name="Log the call: 20 minutes").click()
    expect(last.locator("li").first).to_contain_text("Zofia Exemplo, €17.00")
    expect(desk.locator("#language-zh")).not_to_be_checked()
    desk.keyboard.press("u")
    desk.keyboard.press("u")
    expect(last.locator("li")).to_have_count(1)
    desk.keyboard.type(letter)
    desk.get_by_label("Minutes", exact=True).fill("999")
    desk.keyboard.press("Enter")
    expect(last.locator(".notice-bad")).to_contain_text("Minutes")
    expect(desk.get_by_label("Minutes", exact=True)).to_have_value("999")
    desk.get_by_label("Minutes", exact=True).fill("3")
    desk.keyboard.press("Enter")
    expect(last.locator("li").first).to_contain_text("3 min")
    desk.keyboard.press("u")
    expect(last.locator("li")).to_have_count(1)
    desk.get_by_role("link", name="Summary").click()
    expect(desk.get_by_role("row", name="Ukrainian")).to_contain_text("100 %")


def test_a_number_at_the_door_is_called_to_a_desk_and_shown(
    desk: Page, phone: Page, services
) -> None:
    """Ana gives two numbers; Bo, at a phone, calls whom he can receive; the screen shows it."""
    sign_in(desk, services, services.world.coordinator)
    in_english(desk)
    desk.goto(f"{services.url}/now/screens")
    desk.get_by_label("Which screen").fill("Waiting room")
    desk.get_by_label("It shows").select_option("waiting")
    desk.get_by_label("Office").select_option(label="Lisboa")
    desk.locator("main").get_by_label("Language").select_option("en")
    desk.locator("main").get_by_role("button", name="Add a screen").click()
    address = desk.locator("#address").input_value()
    sign_out(desk)
    sign_in(desk, services, services.world.mediator)
    in_english(desk)
    desk.goto(f"{services.url}/intake")
    desk.get_by_role("button", name="Ukrainian, Reception", exact=True).click()
    desk.get_by_role("button", name="Mandarin, Legal support").click()
    newest = desk.locator(".presses .newest .press-ticket")
    expect(newest).to_contain_text("2")
    expect(newest).to_contain_text("Legal")
    phone.clock.install()
    sign_in(phone, services, services.world.other_mediator)
    in_english(phone)
    phone.goto(f"{services.url}/queue")
    phone.get_by_label("Where you receive").fill("Room 2")
    phone.get_by_role("button", name="Call the next").click()
    expect(phone.locator(".queue-now .ticket-number")).to_have_text("2")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    _the_queue_comes_anew_and_the_focus_stays(phone, desk)
    desk.clock.install()
    desk.goto(address)
    expect(desk.locator(".waiting-called li").first).to_contain_text("2")
    expect(desk.locator(".waiting-called li").first).to_contain_text("Room 2")
    _who_is_called_is_read_out(desk, phone)
    phone.get_by_role("button", name="Received").click()
    expect(phone.get_by_text("Nobody is called.")).to_be_visible()
    desk.reload()
    expect(desk.get_by_text("No number is called now.")).to_be_visible()


def _the_queue_comes_anew_and_the_focus_stays(queue: Page, reception: Page) -> None:
    """Where nothing has changed it is not touched; where somebody came, the same button is held."""
    left = queue.get_by_role("row", name="1").get_by_role("button", name="Left")
    left.focus()
    queue.evaluate("document.querySelector('.queue-now').kept = true")
    _after_ten_seconds(queue)
    expect(left).to_be_focused()
    assert queue.evaluate("document.querySelector('.queue-now').kept")
    reception.get_by_role("button", name="Russian, Reception", exact=True).click()
    expect(reception.locator(".presses .newest")).to_contain_text("Russian")
    _after_ten_seconds(queue)
    expect(queue.get_by_role("row", name="3")).to_be_visible()
    expect(left).to_be_focused()


def _who_is_called_is_read_out(screen: Page, queue: Page) -> None:
    """Where a number is called, and once: not one that was called before, nor when one goes."""
    said = screen.get_by_role("status").and_(screen.locator("[data-role=said]"))
    expect(said).to_have_text("")
    queue.get_by_role("button", name="Back into the queue").click()
    expect(queue.get_by_text("Nobody is called.")).to_be_visible()
    _after_ten_seconds(screen)
    expect(screen.get_by_text("No number is called now.")).to_be_visible()
    expect(said).to_have_text("")
    queue.get_by_role("button", name="Call the next").click()
    expect(queue.locator(".queue-now .ticket-number")).to_have_text("2")
    _after_ten_seconds(screen)
    expect(said).to_have_text("2, Room 2")
    said.evaluate("one => { one.firstChild.kept = true }")
    _after_ten_seconds(screen)
    expect(screen.locator(".waiting-called")).to_contain_text("Room 2")
    assert said.evaluate("one => one.firstChild.kept")


def _after_ten_seconds(page: Page) -> None:
    with page.expect_response(lambda one: one.request.headers.get("x-part") == "now"):
        page.clock.fast_forward(10_000)


def test_a_desk_is_given_to_a_partner_and_by_appointment(desk: Page, services) -> None:
    sign_in(desk, services, services.world.coordinator)
    in_english(desk)
    office = services.world.lisbon.id
    desk.goto(f"{services.url}/offices/{office}/desks")
    expect(desk.get_by_role("row", name="Legal")).to_contain_text("walk-in")
    desk.get_by_role("link", name="Change the desks").click()
    desk.get_by_label("Legal support: Receives").select_option("appointment")
    desk.get_by_label("Legal support: Partner agency").fill("Ordem dos Advogados")
    desk.locator("main form button").last.click()
    desk.goto(f"{services.url}/offices/{office}/desks")
    expect(desk.get_by_role("row", name="Legal")).to_contain_text("by appointment")
    expect(desk.get_by_role("row", name="Legal")).to_contain_text("Ordem dos Advogados")


def test_somebody_of_an_island_s_centre_is_not_sent_across_the_sea(desk: Page, services) -> None:
    """The islands' coordinator sees their own centre only; who works there stays on the island."""
    sign_in(desk, services, services.world.coordinator)
    in_english(desk)
    meant(desk, "400 (Bad Request)")
    eva = services.world.mediators[4].id
    desk.goto(f"{services.url}/mediators/{eva}/edit")
    desk.get_by_label("Lisboa").check()
    desk.locator("main form button").last.click()
    expect(desk.get_by_text("across the sea").first).to_be_visible()
    sign_out(desk)
    sign_in(desk, services, services.world.azores_coordinator)
    in_english(desk)
    desk.goto(f"{services.url}/offices")
    expect(desk.locator("tbody tr")).to_have_count(1)
    expect(desk.get_by_role("row", name="Ponta Delgada")).to_contain_text("Local centre")
