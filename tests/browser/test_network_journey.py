"""A nomination, a field route, lending, the network and open data, through the pages."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from browser_steps import in_english, sign_in, sign_out
from drafts import draft, require
from open_week import first_open_week
from playwright.sync_api import Page, expect
from watched_pages import meant

from app.models import Arrival, database
from app.services.rosters import publish

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def week(service) -> dt.date:
    """A published week to come: Ana in Lisbon, where Ukrainian is asked for, as in Setúbal, where
    the small world's other centre lies here."""
    week = first_open_week(service.world.lisbon, service.now.date())
    with database.connection_context():
        lisbon, other = service.world.lisbon, service.world.azores
        lisbon.latitude, lisbon.longitude = 38.72, -9.14
        other.latitude, other.longitude = 38.52, -8.89
        other.zone, other.name = "Europe/Lisbon", "Setúbal"
        for office in (lisbon, other):
            office.save()
        require(service.world.lisbon, 0, 9, 13, ["lang:uk"], week=week)
        require(service.world.azores, 0, 8, 12, ["lang:uk"], week=week, count=2)
        picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)]
        made = draft(service.world, picks, service.now, week=week)
        publish(service.world.system, made.id, service.now)
        Arrival.create(
            office=service.world.lisbon, language="pt", need="general", count=90,
            starts_at=dt.datetime(service.now.year - 1, 1, 20, 10, tzinfo=dt.UTC),
        )  # fmt: skip
    return week


def test_an_association_nominates_and_reads_the_answer(desk: Page, service) -> None:
    world = service.world
    meant(desk, "400 (Bad Request)")
    sign_in(desk, service, world.association)
    in_english(desk)
    expect(desk.get_by_role("heading", name="Associação Aurora")).to_be_visible()
    desk.get_by_role("link", name="Nominate somebody").first.click()
    desk.get_by_role("button", name="Propose").click()
    expect(desk.locator(".error-summary li")).to_have_count(2)
    desk.get_by_label("Full name").fill("Olha Exemplo")
    desk.get_by_label("Language 1", exact=True).select_option("uk")
    desk.get_by_label("Office wished").select_option(label="Lisboa")
    desk.get_by_role("button", name="Propose").click()
    expect(desk.get_by_role("row", name=re.compile("Olha Exemplo"))).to_contain_text("proposed")
    sign_out(desk)

    sign_in(desk, service, world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/requests")
    panel = desk.locator("section", has_text="Olha Exemplo")
    panel.get_by_label("Reason").fill("Ukrainian is short in Lisbon")
    panel.get_by_role("button", name="Accept the nomination").click()
    desk.get_by_role("link", name="Add to the mediators").click()
    expect(desk.get_by_label("Full name")).to_have_value("Olha Exemplo")
    sign_out(desk)

    sign_in(desk, service, world.association)
    in_english(desk)
    desk.goto(f"{service.url}/messages")
    expect(desk.get_by_text("The nomination of Olha Exemplo is accepted.")).to_be_visible()
    expect(desk.get_by_text("Ukrainian is short in Lisbon")).to_be_visible()


def test_a_route_is_planned_staffed_and_seen(desk: Page, service, week: dt.date) -> None:
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/field?week={week}")
    desk.get_by_role("link", name="Plan a route").first.click()
    desk.get_by_label("Name of the route").fill("Costa")
    desk.get_by_label("Date").fill(f"{week + dt.timedelta(days=2):%d/%m/%Y}")
    place = desk.get_by_role("group", name="Place 1")
    place.get_by_label("place", exact=True).fill("Mercado de Setúbal")
    place.get_by_label("from", exact=True).fill("10:00")
    place.get_by_label("until", exact=True).fill("12:00")
    place.get_by_label("coordinates").fill("38.52, -8.89")
    place.get_by_label("language", exact=True).select_option("zh")
    desk.get_by_role("button", name="Save").click()
    expect(desk.locator("svg.route-map .map-number")).to_have_text(["1"])
    choose = desk.get_by_role("button", name=re.compile("Goes along"))
    first = desk.get_by_role("row").filter(has=choose).first
    expect(first).to_contain_text("Bo")
    if desk.get_by_label("Reason for the short notice").count():
        desk.get_by_label("Reason for the short notice").fill("A family arrived")
    first.get_by_role("button").click()
    expect(desk.locator(".crew-line")).to_contain_text("Bo")
    sign_out(desk)

    sign_in(desk, service, service.world.other_mediator)
    desk.goto(f"{service.url}/me")
    desk.get_by_role("link", name="Costa").first.click()
    expect(desk.get_by_role("row", name=re.compile("Mercado de Setúbal"))).to_be_visible()
    expect(desk.get_by_role("button", name=re.compile("Take"))).to_have_count(0)


def test_somebody_is_lent_for_a_day(desk: Page, service, week: dt.date) -> None:
    world = service.world
    sign_in(desk, service, world.azores_coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/lending")
    desk.get_by_label("From", exact=True).select_option(label="Lisboa")
    desk.get_by_label("For", exact=True).select_option(label="Setúbal")
    desk.get_by_label("Day").fill(f"{week:%d/%m/%Y}")
    desk.get_by_role("button", name="Who could go").click()
    ana = desk.get_by_role("row", name=re.compile("^Ana"))
    expect(ana).to_contain_text("won")
    expect(ana).to_contain_text("lost")
    desk.get_by_label("Reason").fill("Two are away")
    ana.get_by_role("button").click()
    expect(desk.get_by_role("button", name="Agree")).to_have_count(0)
    sign_out(desk)

    sign_in(desk, service, world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/lending")
    expect(desk.get_by_text("Two are away")).to_be_visible()
    desk.get_by_role("button", name="Agree").click()
    expect(desk.get_by_text("Agreed: a new version of the week is published")).to_be_visible()


def test_the_network_and_open_data(desk: Page, service, week: dt.date) -> None:
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/coordination")
    expect(desk.get_by_role("heading", name="Office by office")).to_be_visible()
    desk.get_by_role("link", name="Services by centre and year").last.click()
    expect(desk.get_by_role("row", name=re.compile("^Lisboa"))).to_be_visible()
    sign_out(desk)
    desk.goto(f"{service.url}/statistics")
    in_english(desk)
    with desk.expect_download() as taken:
        desk.get_by_role("link", name=re.compile("CSV")).first.click()
    assert taken.value.suggested_filename == f"escala-{service.now.year - 1}.csv"
