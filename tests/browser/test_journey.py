"""One journey through the product in a real Chromium: from arrivals to a shift on a phone."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import icalendar
import pytest
from browser_steps import in_english, sign_in, sign_out
from playwright.sync_api import Page, expect

from app.models import Assignment, Certification, Mediator, Roster, RosterStatus, database
from app.services.horizon import monday_of

pytestmark = pytest.mark.browser


def test_a_week_from_arrivals_to_a_shift_in_a_calendar(desk: Page, phone: Page, service) -> None:
    week = monday_of(service.now.date()) + dt.timedelta(days=7)
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    _coordinator_builds_and_publishes(desk, service, week)
    sign_out(desk)
    hours = _published_hours("ana")
    sign_in(phone, service, service.world.mediator)
    in_english(phone)
    _mediator_sees_the_shift(phone, service, hours)
    sign_out(phone)
    sign_in(desk, service, service.world.trainer)
    in_english(desk)
    _trainer_records_a_completion(desk, service)
    sign_out(desk)
    sign_in(desk, service, service.world.coordinator)
    _next_roster_counts_on_it(desk, service, week)


def _coordinator_builds_and_publishes(page: Page, service, week: dt.date) -> None:
    page.goto(f"{service.url}/weeks/{week}?office=lisbon")
    page.get_by_role("button", name="Foresee the week").click()
    page.get_by_role("link", name="On to the week").click(timeout=60_000)
    page.get_by_role("button", name="Build").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_role("link", name="Look at the draft").click(timeout=60_000)
    expect(page.locator("table.board")).to_contain_text("Ana")
    page.get_by_role("link", name="Publish").click()
    expect(page.get_by_text("It is the first version of this week.")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/weeks/**")
    expect(page.get_by_text("Published").first).to_be_visible()


def _mediator_sees_the_shift(
    page: Page, service, hours: list[tuple[dt.datetime, dt.datetime]]
) -> None:
    page.goto(f"{service.url}/me")
    start, end = (instant.astimezone(ZoneInfo("Europe/Lisbon")) for instant in hours[0])
    expect(page.locator(".next-shift .next-hours")).to_have_text(f"{start:%H:%M}–{end:%H:%M}")
    expect(page.locator(".next-shift")).to_contain_text("Lisboa")
    page.goto(f"{service.url}/me/feeds")
    page.locator("input[name=name]").fill("Telephone")
    page.locator("main form button").first.click()
    feed = page.context.request.get(page.locator("#feed-address").input_value())
    assert feed.status == 200
    events = icalendar.Calendar.from_ical(feed.body()).walk("VEVENT")
    starts = {event["DTSTART"].dt.strftime("%Y-%m-%dT%H:%M") for event in events}
    assert starts == {start.strftime("%Y-%m-%dT%H:%M") for start, _end in hours}


def _trainer_records_a_completion(page: Page, service) -> None:
    page.goto(f"{service.url}/courses")
    page.get_by_role("link", name="Legal support").first.click()
    page.get_by_role("link", name="Record a result").first.click()
    page.locator("select[name=mediator_id]").select_option(str(service.world.mediators[1].id))
    page.locator("input[name=result][value=passed]").check()
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("Bo")
    with database.connection_context():
        assert [one.kind_id for one in Certification.select()] == ["legal"]


def _next_roster_counts_on_it(page: Page, service, week: dt.date) -> None:
    page.goto(f"{service.url}/weeks/{week}/build?office=lisbon")
    page.get_by_role("button", name="Build").click()
    page.get_by_role("link", name="Look at the draft").click(timeout=60_000)
    with database.connection_context():
        newest = Roster.select().order_by(Roster.version.desc()).get()
    problem = json.loads(newest.problem_json)
    (bo,) = (one for one in problem["mediators"] if one["id"] == "bo")
    assert bo["skills"]["cert:legal"] is None


def _published_hours(code: str) -> list[tuple[dt.datetime, dt.datetime]]:
    """A mediator's published shifts, read from the database: instants in UTC."""
    with database.connection_context():
        shifts = Assignment.select().join(Mediator).switch(Assignment).join(Roster)
        rows = shifts.where(Mediator.code == code, Roster.status == RosterStatus.PUBLISHED)
        hours = [(row.starts_at, row.ends_at) for row in rows.order_by(Assignment.starts_at)]
    assert hours
    return hours
