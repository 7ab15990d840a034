"""A coordinator reads what is kept and erases somebody; a mediator takes their data away."""

from __future__ import annotations

import datetime as dt
import json
import zipfile

import pytest
from browser_steps import fits, in_english, sign_in, sign_out
from playwright.sync_api import Page, expect
from watched_pages import meant

from app.models import Mediator, database

pytestmark = pytest.mark.browser


def test_data_are_read_of_taken_away_and_erased(phone: Page, service) -> None:
    _takes_their_data_away(phone, service)
    with database.connection_context():
        yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
        caio = Mediator.get(Mediator.code == "caio")
        Mediator.update(ends_on=yesterday).where(Mediator.id == caio.id).execute()
    sign_in(phone, service, service.world.coordinator)
    in_english(phone)
    phone.goto(f"{service.url}/privacy")
    phone.locator("summary", has_text="For how long").nth(1).click()
    expect(phone.locator("main")).to_contain_text("sensitive")
    fits(phone)
    phone.goto(f"{service.url}/mediators/{caio.id}")
    phone.get_by_role("link", name="Erase…").click()
    phone.get_by_label("Name of the person").wait_for()
    fits(phone)
    meant(phone, "400 (Bad Request)")
    phone.get_by_role("button", name="Erase for good").click()
    expect(phone.locator(".error-summary")).to_contain_text("the name exactly")
    phone.get_by_label("Name of the person").fill(caio.name)
    phone.get_by_role("button", name="Erase for good").click()
    phone.get_by_role("link", name="Look at what came of it").click()
    expect(phone.locator("main")).to_contain_text("erased")
    expect(phone.locator("main")).not_to_contain_text(caio.name)


def _takes_their_data_away(page: Page, service) -> None:
    sign_in(page, service, service.world.mediator)
    in_english(page)
    page.goto(f"{service.url}/account")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take your data away").click()
    with zipfile.ZipFile(taken.value.path()) as archive:
        content = json.loads(archive.read("data.json"))
    assert service.world.mediator in json.dumps(content)
    sign_out(page)
