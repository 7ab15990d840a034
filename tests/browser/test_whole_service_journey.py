"""The services beyond the counter, through the pages: the telephone served from home, a local
centre with who goes round, a loan between planning groups, an association's portal, what visitors
said and where it leads."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

import pytest
from browser_steps import in_english, sign_in, sign_out
from drafts import draft, require
from open_week import first_open_week
from playwright.sync_api import Page, expect
from telephones import open_telephone
from watched_pages import meant

from app.models import (
    Absence,
    AbsenceKind,
    Arrival,
    CertificationKind,
    Office,
    OfficeKind,
    OpeningHours,
    PlanningGroup,
    Protocol,
    RequestStatus,
    database,
)
from app.services.rosters import publish

pytestmark = pytest.mark.browser

SETUBAL = {"zone": "Europe/Lisbon", "latitude": 38.52, "longitude": -8.89, "name": "Setúbal"}
PALMELA = {"latitude": 38.57, "longitude": -8.90, "name": "Palmela"}


@dataclass(frozen=True)
class Network:
    """On Monday from nine to one Ana and Bo are in Lisbon, which asks for Mandarin all along and
    for Ukrainian until ten; on Tuesday Ana serves the telephone, which asks for Ukrainian on both
    days. Setúbal, a group by itself with Palmela, lacks Ukrainian on Monday and has Eva; Palmela
    opens on two mornings, asks for Portuguese and has nobody of its own."""

    week: dt.date
    palmela: Office


@pytest.fixture(scope="module")
def network(service) -> Network:
    world, year = service.world, service.now.year
    week = first_open_week(world.lisbon, service.now.date())
    with database.connection_context():
        Protocol.update(starts_on=dt.date(year, 1, 1), ends_on=dt.date(year, 12, 31)).execute()
        for kind in ("violence", "trafficking", "fgm"):
            CertificationKind.create(code=kind, name_pt=kind, name_en=kind)
        telephone = open_telephone(world)
        south = PlanningGroup.create(code="south", name="Sul")
        Office.update(latitude=38.72, longitude=-9.14).where(Office.id == world.lisbon.id).execute()
        Office.update(**SETUBAL, group=south).where(Office.id == world.azores.id).execute()
        palmela = Office.create(
            group=south, code="palmela", kind=OfficeKind.LOCAL_CENTRE, district="15", **PALMELA
        )
        for weekday in (1, 3):
            OpeningHours.create(
                office=palmela, weekday=weekday, opens_minute=540, closes_minute=780
            )
            require(palmela, weekday, 9, 13, ["lang:pt"], week=week)
        for day in (0, 1):
            require(telephone, day, 9, 13, ["lang:uk"], week=week)
        require(world.lisbon, 0, 9, 13, ["lang:zh"], week=week)
        require(world.lisbon, 0, 9, 10, ["lang:uk"], week=week)
        setubal = Office.get_by_id(world.azores.id)
        require(setubal, 0, 9, 13, ["lang:uk"], week=week, count=2)
        picks = [
            ("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13), ("ana", "telephone", 1, 9, 13),
        ]  # fmt: skip
        publish(world.system, draft(world, picks, service.now, week=week).id, service.now)
        there = [("eva", "azores", 0, 9, 13)]
        made = draft(replace(world, group=south), there, service.now, week=week)
        publish(world.system, made.id, service.now)
        ill = service.now + dt.timedelta(days=30)
        Absence.create(
            mediator=world.mediators[4], kind=AbsenceKind.SICKNESS, starts_at=ill,
            status=RequestStatus.APPROVED,
            ends_at=ill + dt.timedelta(days=1),
        )  # fmt: skip
    return Network(week, palmela)


def test_the_telephone_is_served_from_home_and_from_a_centre_s_quiet_hours(
    desk: Page, phone: Page, service, network: Network
) -> None:
    """What the published roster cannot plan is said: Ana, from ten, while Lisbon needs her not. A
    press gives her the telephone then, which she sees; Lisbon's week takes it back."""
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/mediators/{service.world.mediators[0].id}/edit")
    desk.get_by_label("Serves the telephone from home").check()
    desk.locator("main form button").last.click()
    expect(desk.get_by_text("Serves the telephone from home")).to_be_visible()
    desk.goto(f"{service.url}/weeks/{network.week}?office=telephone")
    quiet = desk.get_by_role("region", name="Could be answered from the centres")
    expect(quiet).to_contain_text("10:00–13:00, Ukrainian")
    quiet.get_by_role("button", name="Ana").click()
    expect(quiet.get_by_role("button", name="Take back")).to_be_visible()
    expect(quiet.get_by_role("button", name="Ana")).to_have_count(0)
    expect(desk.locator("table.board")).to_contain_text("from home")
    desk.goto(f"{service.url}/offices")
    desk.get_by_role("link", name="Telefone", exact=True).click()
    desk.get_by_role("link", name=re.compile("^Who is certified")).click()
    expect(desk.get_by_role("heading", name="Compulsory for everyone")).to_be_visible()
    expect(desk.get_by_role("row", name="trafficking")).to_contain_text("Ana")
    sign_in(phone, service, service.world.mediator)
    in_english(phone)
    phone.goto(f"{service.url}/me")
    expect(phone.locator("main")).to_contain_text("from home")
    expect(phone.locator("main")).to_contain_text("10:00–13:00 Telefone, from where you are")
    desk.goto(f"{service.url}/weeks/{network.week}?office=lisbon")
    from_here = desk.get_by_role("region", name="The telephone, answered from here")
    expect(from_here).to_contain_text("Ana")
    from_here.get_by_role("button", name="Take back").click()
    expect(desk.get_by_text("Taken back; the person is told.")).to_be_visible()
    expect(from_here).to_have_count(0)


def test_a_local_centre_of_two_mornings_is_staffed_by_who_goes_round(
    desk: Page, service, network: Network
) -> None:
    """Dina of Setúbal may go there, which is told with the way; a build sends her."""
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/offices/{network.palmela.id}")
    expect(desk.get_by_text("Local centre").first).to_be_visible()
    dina = service.world.mediators[3].id
    desk.goto(f"{service.url}/mediators/{dina}/edit")
    desk.get_by_label("Palmela").check()
    desk.locator("main form button").last.click()
    expect(desk.get_by_text(re.compile(r"Palmela \(\d+\smin away\)"))).to_be_visible()
    desk.goto(f"{service.url}/weeks/{network.week}/build?office=palmela")
    desk.get_by_role("button", name="Build").click()
    desk.get_by_role("link", name="Look at the draft").click(timeout=120_000)
    desk.goto(f"{service.url}/weeks/{network.week}/network?office=palmela")
    expect(desk.get_by_role("row", name=re.compile("^Dina"))).to_contain_text("Palmela")
    expect(desk.get_by_role("row", name=re.compile("^Palmela"))).to_contain_text("covered")


def test_somebody_is_lent_to_another_planning_group(desk: Page, service, network: Network) -> None:
    world, monday = service.world, network.week
    sign_in(desk, service, world.azores_coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/lending")
    desk.get_by_label("From", exact=True).select_option(label="Lisboa")
    desk.get_by_label("For", exact=True).select_option(label="Setúbal")
    desk.get_by_label("Day").fill(f"{monday:%d/%m/%Y}")
    desk.get_by_role("button", name="Who could go").click()
    ana = desk.get_by_role("row", name=re.compile("^Ana"))
    expect(ana).to_contain_text(re.compile(r"won.*Ukrainian \(Setúbal\).*lost.*\(Lisboa\)", re.S))
    desk.get_by_label("Reason").fill("One is away")
    ana.get_by_role("button").click()
    sign_out(desk)

    sign_in(desk, service, world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/lending")
    expect(desk.get_by_text("One is away")).to_be_visible()
    desk.get_by_role("button", name="Agree").click()
    expect(desk.get_by_text("Agreed: a new version of the week is published")).to_be_visible()
    desk.goto(f"{service.url}/weeks/{monday}?office=azores")
    expect(desk.locator("table.board")).to_contain_text("Ana")
    desk.goto(f"{service.url}/weeks/{monday}?office=lisbon")
    expect(desk.get_by_role("row", name=re.compile("^Ana"))).to_contain_text("Setúbal")


def test_an_association_sees_its_protocol_and_people_and_nobody_else_s(
    desk: Page, service, network: Network
) -> None:
    """Eva of its people is ill some day, which is nothing for it; another association is shut."""
    first, second = service.world.associations
    meant(desk, "403 (Forbidden)")
    sign_in(desk, service, service.world.association)
    in_english(desk)
    desk.goto(f"{service.url}/associations/{first.id}")
    expect(desk.get_by_text(re.compile(r"3 of 5 places used"))).to_be_visible()
    year = service.now.year
    protocol = desk.get_by_text(re.compile(rf"Protocol from .*{year} to .*{year}"))
    expect(protocol).to_be_visible()
    desk.get_by_role("link", name="Ledger").click()
    expect(desk.get_by_role("row", name=re.compile("^Ana Exemplo"))).to_contain_text("Ukrainian")
    expect(desk.get_by_role("row", name=re.compile("^Bo Exemplo"))).to_have_count(0)
    desk.get_by_role("link", name="Eva Exemplo").click()
    expect(desk.get_by_role("heading", name="Eva")).to_be_visible()
    expect(desk.get_by_text(re.compile("sickness|absence", re.I))).to_have_count(0)
    answer = desk.goto(f"{service.url}/associations/{second.id}")
    assert answer is not None
    assert answer.status == 403


def test_what_visitors_said_stands_on_the_network_s_page_which_leads_on(
    desk: Page, service, network: Network
) -> None:
    """A complaint and a praise beside last year's services, by support office and by month."""
    with database.connection_context():
        Arrival.create(
            office=service.world.lisbon, language="pt", need="legal", count=7,
            starts_at=dt.datetime(service.now.year - 1, 3, 2, 10, tzinfo=dt.UTC),
        )  # fmt: skip
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/reports/feedback")
    for kind in ("Complaint", "Praise"):
        desk.get_by_label("What it is", exact=True).select_option(label=kind)
        desk.get_by_label("Office", exact=True).select_option(label="Lisboa")
        desk.get_by_label("Day", exact=True).fill(f"{service.now:%d/%m/%Y}")
        desk.get_by_label("What it is about").select_option(label="The wait")
        desk.get_by_role("button", name="Count it").click()
        expect(desk.get_by_role("cell", name=kind, exact=True)).to_be_visible()
    desk.goto(f"{service.url}/coordination")
    lisbon = desk.get_by_role("row", name=re.compile("^Lisboa")).last
    expect(lisbon.locator("td").nth(4)).to_have_text("1")
    expect(lisbon.locator("td").nth(5)).to_have_text("1")
    desk.get_by_role("link", name="Services by centre and year").last.click()
    year = str(service.now.year - 1)
    table = desk.get_by_role("region", name="By support office")
    expect(table.get_by_role("row", name=re.compile("^Legal"))).to_contain_text("7")
    table.get_by_role("link", name=year).click()
    expect(desk.get_by_role("heading", name=f"Services by month, {year}")).to_be_visible()
    expect(desk.get_by_role("row", name=re.compile("^Complaints"))).to_be_visible()
