"""A course in a real Chromium: planned, filled, results pasted, the paper; and the roster obeys."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from browser_steps import in_english, sign_in, sign_out
from drafts import draft, require
from open_week import first_open_week
from playwright.sync_api import Page, expect

from app.models import (
    Certification,
    Completion,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    PlanningGroup,
    database,
)
from app.services.horizon import monday_of
from app.services.problems import build_problem
from solver import check, solve

pytestmark = pytest.mark.browser

SHEET = "Nome\tResultado\tMinutos\nAna Exemplo\taprovado\t180\nBo Exemplo\treprovado\t60\n"


def skills_of_ana(service) -> frozenset[str]:
    """Ana's, in the problem of the week after next."""
    monday = monday_of(service.now.date()) + dt.timedelta(weeks=2)
    with database.connection_context():
        problem = build_problem(PlanningGroup.get(), monday)
    return frozenset(problem.mediator_by_id["ana"].skills)


def plan_today(page: Page, service) -> None:
    """A session of today from midnight to midnight, at Lisbon."""
    today = dt.datetime.now(ZoneInfo("Europe/Lisbon")).date()
    page.goto(f"{service.url}/courses/{service.world.course.id}")
    page.get_by_role("link", name="Plan a session").click()
    page.get_by_label("Day", exact=True).fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Begins at").fill("00:00")
    page.get_by_label("Ends at").fill("24:00")
    page.get_by_label("Place").select_option(label="Lisboa")
    page.get_by_role("button", name="Plan the session").click()
    expect(page.get_by_text("The session is planned.")).to_be_visible()


def place_for_ana(desk: Page, service, monday: dt.date) -> None:
    """A session for Ana on Monday or Tuesday, at the time that costs no desk anything.

    A coordinator finds it: to a trainer the cost of a time would tell of the absences of so few.
    """
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    desk.goto(f"{service.url}/courses/{service.world.course.id}")
    desk.get_by_role("link", name="Find the best time").click()
    desk.get_by_label("From").fill(f"{monday:%d/%m/%Y}")
    desk.get_by_label("Until").fill(f"{monday + dt.timedelta(days=1):%d/%m/%Y}")
    desk.get_by_label("Place").select_option(label="Lisboa")
    desk.get_by_label("Ana", exact=True).check()
    desk.get_by_role("button", name="Find times").click()
    expect(desk.get_by_text("No desk loses any cover.").first).to_be_visible(timeout=60_000)
    desk.get_by_role("button", name="Plan it so 1").click()
    expect(desk.get_by_text("The session is planned and its people are enrolled.")).to_be_visible()
    sign_out(desk)


def test_from_plan_to_certificate_and_the_roster_after(desk: Page, service) -> None:
    assert "cert:legal" not in skills_of_ana(service), "before"
    sign_in(desk, service, service.world.trainer)
    in_english(desk)
    plan_today(desk, service)
    for name in ("Ana", "Bo", "Caio"):
        desk.locator(".pick-list label", has_text=re.compile(rf"\b{name}\b")).click()
    desk.get_by_role("button", name="Enrol those chosen").click()
    expect(desk.get_by_text("3 people are enrolled.")).to_be_visible()

    desk.get_by_role("link", name="Attendance and results").click()
    desk.get_by_role("link", name="Paste or upload a sheet").click()
    desk.get_by_label("Paste from a spreadsheet").fill(SHEET)
    desk.get_by_role("button", name="Look at the rows").click()
    expect(desk.get_by_role("heading", name="2 good rows")).to_be_visible()
    desk.get_by_role("button", name="Save all of them").click()
    expect(desk.get_by_text("2 results are recorded.")).to_be_visible()

    # Caio, by the grid and the keyboard.
    desk.locator('[data-role="row"] input[type=radio]').first.focus()
    desk.keyboard.press("p")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("1 certification is issued or renewed.")).to_be_visible()
    assert "cert:legal" in skills_of_ana(service), "after"

    paper = desk.get_by_role("link", name="Certificate Ana").get_attribute("href")
    fetched = desk.request.get(f"{service.url}{paper}")
    assert fetched.body().startswith(b"%PDF-")
    number = re.search(r"ESC-[\w-]+", paper)[0]
    desk.context.clear_cookies()
    desk.goto(f"{service.url}/certificates/{number}")
    expect(desk.locator(".notice-good")).to_be_visible()
    assert "Ana" not in desk.locator("body").inner_text()


def test_placed_at_the_cheapest_time(desk: Page, service) -> None:
    """Ana alone speaks Ukrainian, and is asked for all Monday: her course comes on another day."""
    world, now = service.world, service.now
    monday = first_open_week(world.lisbon, now.date() + dt.timedelta(days=14))
    with database.connection_context():
        require(world.lisbon, 0, 8, 18, ["lang:uk"], week=monday)
        draft(world, [("ana", "lisbon", 0, 8, 17)], now, week=monday)
    place_for_ana(desk, service, monday)
    with database.connection_context():
        placed = CourseSession.select().order_by(CourseSession.id.desc()).get()
        assert placed.starts_at.date() == monday + dt.timedelta(days=1)
        problem = build_problem(PlanningGroup.get(), monday)
    assert problem.mediator_by_id["ana"].busy, "the roster knows of it"


def test_an_expiry_and_its_renewal(phone: Page, service) -> None:
    """What ends takes the skill away; a new result brings it back, and the horizon is told."""
    today = dt.datetime.now(ZoneInfo("Europe/Lisbon")).date()
    yesterday = today - dt.timedelta(days=1)
    with database.connection_context():
        Certification.delete().where(Certification.mediator == service.world.mediators[0]).execute()
        Enrolment.insert(
            session=CourseSession.select().first(),
            mediator=service.world.mediators[0],
            status=EnrolmentStatus.ENROLLED,
            asked_at=service.now,
        ).on_conflict_ignore().execute()
        Certification.create(
            mediator=service.world.mediators[0], kind="legal", number="old",
            valid_from=yesterday - dt.timedelta(days=360),
            valid_until=today + dt.timedelta(days=5),
        )  # fmt: skip
    assert "cert:legal" not in skills_of_ana(service), "it ends before that week"
    sign_in(phone, service, service.world.trainer)
    in_english(phone)
    phone.goto(f"{service.url}/horizon")
    expect(phone.locator(".losses")).to_contain_text("Lisboa has no one for Ukrainian")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.goto(f"{service.url}/courses/{service.world.course.id}/results/new")
    phone.get_by_label("Mediator").select_option(label="Ana Exemplo · Lisboa")
    phone.get_by_label("Day of completion").fill(f"{yesterday:%d/%m/%Y}")
    phone.get_by_role("button", name="Record", exact=True).click()
    expect(phone.get_by_text("Ana is certified for Legal support until")).to_be_visible()
    assert "cert:legal" in skills_of_ana(service)
    phone.goto(f"{service.url}/horizon")
    expect(phone.locator("main")).not_to_contain_text("Ana:")


def test_one_course_from_its_cheapest_time_to_expiry_and_the_rosters_between(
    desk: Page, service
) -> None:
    """Nobody is certified for the legal desk; Ana is, once she has passed and renewed; and then no
    more. Each time a roster of that week is built."""
    world = service.world
    ana = world.mediators[0]
    monday = first_open_week(world.lisbon, service.now.date() + dt.timedelta(days=14))
    with database.connection_context():
        for table in (Certification, Completion, Enrolment):
            table.delete().execute()
        require(world.lisbon, 2, 9, 12, ["cert:legal"], week=monday)
    assert built_cover(monday) > 0, "before"

    # Placed where it costs no desk anything, and its day comes.
    place_for_ana(desk, service, monday)
    sign_in(desk, service, world.trainer)
    in_english(desk)
    with database.connection_context():
        placed = CourseSession.select().order_by(CourseSession.id.desc()).get()
        held = service.now - dt.timedelta(days=1)
        CourseSession.update(starts_at=held, ends_at=held + dt.timedelta(hours=3)).where(
            CourseSession.id == placed.id
        ).execute()

    # Attendance pasted from a sheet, and the paper of it.
    desk.goto(f"{service.url}/sessions/{placed.id}")
    desk.get_by_role("link", name="Attendance and results").click()
    desk.get_by_role("link", name="Paste or upload a sheet").click()
    desk.get_by_label("Paste from a spreadsheet").fill("Nome\tResultado\nAna Exemplo\taprovado\n")
    desk.get_by_role("button", name="Look at the rows").click()
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("1 certification is issued or renewed.")).to_be_visible()
    paper = desk.get_by_role("link", name="Certificate Ana").get_attribute("href")
    assert desk.request.get(f"{service.url}{paper}").body().startswith(b"%PDF-")
    assert built_cover(monday) == 0, "once she has passed"

    # Most of a year later she renews it, and it reaches a year further.
    first_end = grown_older(ana.id, until=service.now.date() + dt.timedelta(days=20))
    desk.goto(f"{service.url}/courses/{world.course.id}/results/new")
    desk.get_by_label("Mediator").select_option(label="Ana Exemplo · Lisboa")
    desk.get_by_label("Day of completion").fill(f"{held:%d/%m/%Y}")
    desk.get_by_role("button", name="Record", exact=True).click()
    expect(desk.get_by_text("Ana is certified for Legal support until")).to_be_visible()
    assert last_day(ana.id) > first_end + dt.timedelta(days=300)

    # Time goes on: it ends on the eve of the day on which the desk is asked for.
    grown_older(ana.id, until=monday + dt.timedelta(days=1))
    assert built_cover(monday) > 0, "once it has ended"
    desk.goto(f"{service.url}/horizon")
    expect(desk.locator("main")).to_contain_text("Ana")


def built_cover(monday: dt.date) -> int:
    """What is missing at the legal desk, in the roster that is built of this week for it alone."""
    with database.connection_context():
        problem = build_problem(PlanningGroup.get(), monday)
    asked = tuple(one for one in problem.requirements if "cert:legal" in one.needs)
    problem = replace(problem, requirements=asked)
    return check(problem, solve(problem, time_limit=3, workers=1)).parts["cover"]


def last_day(mediator_id: int) -> dt.date:
    with database.connection_context():
        rows = Certification.select().where(Certification.mediator == mediator_id)
        return max(row.valid_until for row in rows)


def grown_older(mediator_id: int, until: dt.date) -> dt.date:
    """Everything of this person's moved into the past, so that the last certification ends on
    `until`; that day."""
    gone = last_day(mediator_id) - until
    with database.connection_context():
        for row in Completion.select().where(Completion.mediator == mediator_id):
            Completion.update(completed_on=row.completed_on - gone).where(
                Completion.id == row.id
            ).execute()
        for row in Certification.select().where(Certification.mediator == mediator_id):
            Certification.update(
                valid_from=row.valid_from - gone, valid_until=row.valid_until - gone
            ).where(Certification.id == row.id).execute()
    return until
