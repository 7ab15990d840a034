"""A mediator chooses one mail a day, a coordinator looks into the mail log."""

from __future__ import annotations

import datetime as dt

import pytest
from browser_steps import fits, in_english, sign_in, sign_out
from playwright.sync_api import Page, expect

from app.models import User, database
from app.services.telling import tell

pytestmark = pytest.mark.browser
DETAILS = {"status": "approved", "first": "2026-03-09", "last": "2026-03-09"}


def test_a_mediator_chooses_and_a_coordinator_looks(phone: Page, service) -> None:
    _chooses(phone, service)
    with database.connection_context():
        told = [User.get(User.email == one).id for one in (
            service.world.mediator, service.world.other_mediator)]  # fmt: skip
        tell(told, "leave_decided", "journey", DETAILS, dt.datetime.now(dt.UTC))
    sign_in(phone, service, service.world.coordinator)
    in_english(phone)
    phone.goto(f"{service.url}/messages")
    phone.get_by_role("link", name="Mail log").click()
    expect(phone.locator("main")).to_contain_text("No mail server is set up")
    _until(phone, "Bo")
    expect(phone.locator("main")).to_contain_text("1 message goes with somebody's next daily mail")
    fits(phone)
    phone.get_by_label("State").select_option("on its way")
    phone.get_by_role("button", name="Find").click()
    expect(phone.locator("tbody tr")).to_have_count(1)
    phone.locator("tbody").get_by_role("link", name="Bo").click()
    expect(phone.locator("main")).to_contain_text("Leave decided")
    expect(phone.locator("main")).to_contain_text("What this mail says is for the person alone")
    fits(phone)
    phone.goto(f"{service.url}/late-changes")
    expect(phone.locator("main")).to_contain_text("No late change")
    fits(phone)


def _chooses(page: Page, service) -> None:
    sign_in(page, service, service.world.mediator)
    in_english(page)
    page.goto(f"{service.url}/messages")
    page.get_by_role("link", name="Mail settings").click()
    fits(page)
    page.get_by_label("all of a day in one mail").check()
    page.get_by_label("Hour of the daily mail").select_option("18:00")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("status")).to_contain_text("all of a day in one mail")
    expect(page.locator("main")).to_contain_text("18:00")
    with database.connection_context():
        kept = User.get(User.email == service.world.mediator)
    assert (kept.mail_choice, kept.digest_hour) == ("daily", 18)
    sign_out(page)


def _until(page: Page, name: str) -> None:
    """The worker makes mails of messages once a second."""
    for _try in range(30):
        if page.locator("tbody").get_by_text(name, exact=True).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"no mail to {name}")
