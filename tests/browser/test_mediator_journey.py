"""Two mediators and a coordinator at phone size: times, a swap, its confirmation, a new feed."""

from __future__ import annotations

import datetime as dt

import pytest
from browser_steps import fits, in_english, sign_in, sign_out
from drafts import draft
from open_week import first_open_week
from playwright.sync_api import Page, expect

from app.models import Assignment, Availability, Mediator, Roster, RosterStatus, database
from app.services import rosters

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def uids(service) -> dict[str, str]:
    """Ana's Monday and Bo's Tuesday are published; the UID of each by the person's code."""
    with database.connection_context():
        week = first_open_week(service.world.lisbon, service.now.date())
        picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 1, 14, 18)]
        roster = draft(service.world, picks, service.now, week=week)
        rosters.publish(service.world.system, roster.id, service.now)
        rows = Roster.get_by_id(roster.id).assignments.join(Mediator)
        return {row.mediator.code: row.uid for row in rows}


def test_a_mediator_s_say(phone: Page, service, uids: dict[str, str]) -> None:
    _enter(phone, service, service.world.mediator)
    _says_when_not(phone, service)
    feed = _subscribes(phone, service)
    _offers(phone, service, uids["ana"])
    _leave(phone)
    _enter(phone, service, service.world.other_mediator)
    _agrees(phone, service)
    _leave(phone)
    _enter(phone, service, service.world.coordinator)
    phone.goto(f"{service.url}/requests")
    fits(phone)
    phone.get_by_role("button", name="Approve the swap").click()
    expect(phone.get_by_role("status")).to_contain_text("a new version of the week is published")
    _leave(phone)
    _enter(phone, service, service.world.mediator)
    _confirms(phone, service)
    assert _start_of_ana() in phone.context.request.get(feed).text()
    _rotates(phone, service, feed)


def _start_of_ana() -> str:
    """When Ana's published shift begins, as a feed writes it: UTC."""
    with database.connection_context():
        shifts = Assignment.select().join(Mediator).switch(Assignment).join(Roster)
        (only,) = shifts.where(Mediator.code == "ana", Roster.status == RosterStatus.PUBLISHED)
    return f"{only.starts_at:%Y%m%dT%H%M%S}Z"


def _says_when_not(page: Page, service) -> None:
    page.goto(f"{service.url}/me/times")
    fits(page)
    page.get_by_label("Wednesday").fill("08:00-10:00")
    page.get_by_role("button", name="Keep these hours").click()
    expect(page.get_by_label("Wednesday")).to_have_value("08:00–10:00")
    date = service.now.date() + dt.timedelta(days=40)
    page.locator("#day-date").fill(f"{date:%d/%m/%Y}")
    page.locator("#day-hours").fill("9-11")
    page.get_by_role("button", name="Keep the hours of this day").click()
    expect(page.locator("main")).to_contain_text("09:00–11:00")
    fits(page)
    with database.connection_context():
        columns = Availability.date, Availability.weekday, Availability.from_minute
        rows = sorted(Availability.select(*columns).tuples(), key=str)
    assert rows == [(None, 2, 480), (date, date.weekday(), 540)]


def _subscribes(page: Page, service) -> str:
    page.goto(f"{service.url}/me/feeds")
    page.locator("input[name=name]").fill("Telephone")
    page.get_by_role("button", name="Make its address").click()
    address = page.locator("#feed-address").input_value()
    assert page.context.request.get(address).status == 200
    return address


def _offers(page: Page, service, uid: str) -> None:
    page.goto(f"{service.url}/swaps")
    fits(page)
    page.locator(f"a[href='/swaps/new/{uid}']").click()
    page.get_by_label("Bo, in return for").check()
    fits(page)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("status")).to_contain_text("until a coordinator approves")


def _agrees(page: Page, service) -> None:
    page.goto(f"{service.url}/messages")
    expect(page.locator("main")).to_contain_text("Ana asks you to take a shift")
    page.get_by_role("link", name="Answer").first.click()
    page.get_by_role("link", name="Answer").click()
    page.get_by_role("button", name="Agree").click()
    expect(page.locator("main")).to_contain_text("agreed, a coordinator decides")


def _confirms(page: Page, service) -> None:
    page.goto(f"{service.url}/messages")
    fits(page)
    told = page.locator(".told-new", has_text="The swap is approved")
    expect(told).to_contain_text("09:00–13:00, Lisboa")
    expect(told).to_contain_text("14:00–18:00, Lisboa")
    told.get_by_role("button", name="Seen").click()
    expect(told).to_have_count(0)


def _rotates(page: Page, service, old: str) -> None:
    page.goto(f"{service.url}/me/feeds")
    page.get_by_role("button", name="New address").click()
    new = page.locator("#feed-address").input_value()
    assert page.context.request.get(old).status == 404
    assert page.context.request.get(new).status == 200


def _enter(page: Page, service, email: str) -> None:
    sign_in(page, service, email)
    in_english(page)


def _leave(page: Page) -> None:
    sign_out(page)
