"""The demonstration whole: its command once, again without doing it twice, and its main pages.

With ESCALA_PICTURES set, pictures of the pages go into the folder it names: `docs/pictures.md` and
README show those kept in `docs/pictures`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, g
from playwright.sync_api import Browser, ViewportSize
from signing_in import sign_in
from werkzeug.serving import make_server

from app.models import (
    Absence,
    Arrival,
    Assignment,
    Certification,
    CourseSession,
    FieldRoute,
    Loan,
    LoanStatus,
    Mediator,
    Office,
    OfficeKind,
    Roster,
    RosterStatus,
    Run,
)
from app.services import judging, versions
from app.services.editing import CellEdit, change
from app.services.horizon import Horizon
from app.services.open_drafts import Said
from app.services.openings import opening_calendar, opening_calendars
from app.services.quiet import quiet_week
from app.services.rights import SYSTEM
from app.services.roster_figures import figures_of
from app.services.rosters import judge
from seeds import demo
from seeds.accounts import PASSWORD
from solver.check import check
from solver.formats.problem_file import load_problem
from solver.formats.roster_file import load_roster

TODAY = "2026-11-24"
COMING = dt.date(2026, 11, 30)
"""After it the third session falls on 8 December and a route on the 1st: holidays."""
MORNING = dt.datetime(2026, 11, 25, 10, 30, tzinfo=dt.UTC)
"""When the pages are looked at: a Wednesday of the week under way."""
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PICTURE_PX = 1300
"""How far down a picture shows a page."""
AT_THE_DESK = {
    "/now?office=lisbon": "now",
    f"/weeks/{COMING}?office=lisbon": "week",
    f"/weeks/{COMING}/network": "network",
    f"/weeks/{COMING}/build?office=lisbon": "build",
    f"/weeks/{COMING}/scenarios": "scenarios",
    "/rosters/{draft}/publish": "publish",
    f"/rosters/{{draft}}/cells/{{somebody}}/{COMING}": "day",
    f"/demand/{COMING}?office=lisbon": "demand",
    "/intake?office=lisbon": "reception",
    "/calls?office=telephone": "calls",
    "/mediators": "mediators",
    "/mediators/languages": "languages",
    "/coordination": "coordination",
    "/reports": "report",
    "/reports/feedback": "feedback",
    "/horizon": "horizon",
    "/swaps": "swaps",
}
ON_THE_PHONE = {
    "/me": "my-shifts",
    "/me/times": "my-times",
}
"""Main pages and the names of their pictures."""


def run_demo(app: Flask, *arguments: str):
    command = ["demo", "--no-serve", "--json", "--today", TODAY, *arguments]
    return app.test_cli_runner().invoke(args=command)


@pytest.fixture
def short_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight weeks of arrivals and eight seconds to solve: the same steps, sooner."""
    whole = demo.load
    monkeypatch.setattr(
        demo,
        "load",
        lambda today, actor, now, progress: whole(today, actor, now, progress, history_weeks=8),
    )


def test_from_nothing_to_a_published_week_and_its_pages(
    app: Flask,
    database_ready: None,
    short_history: None,
    chromium: Browser,
    tmp_path: Path,
) -> None:
    app.config["ESCALA"] = dataclasses.replace(app.config["ESCALA"], solve_seconds=20)
    answer = run_demo(app)
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout.splitlines()[-1])
    assert told["mediators"] >= 75
    assert told["offices"] >= 15
    assert told["languages"] >= 14
    assert told["associations"] >= 14
    assert told["violations"] == 0
    assert 0 < told["bound"] <= told["cost"]
    assert set(told["seconds"]) >= {"load", "forecast", "requirements", "solve", "publish"}
    problem = load_problem(told["files"]["problem"])
    judged = check(problem, load_roster(told["files"]["roster"]))
    assert (judged.cost, judged.violations) == (told["cost"], ())
    again = json.loads(run_demo(app).stdout.splitlines()[-1])
    assert again["reused"] == ["data", "forecast", "requirements", "roster", "publication"]
    assert again["cost"] == told["cost"]
    published = Roster.select().where(Roster.status == RosterStatus.PUBLISHED)
    weeks = sorted(one.week_starts_on.isoformat() for one in published)
    assert weeks == ["2026-11-23", "2026-11-30"], "the week under way and the coming one"
    now = Roster.get(Roster.week_starts_on == "2026-11-23")
    assert Assignment.select().where(Assignment.roster == now).count() > 200
    assert judge(now).violations == ()
    asked = {office for office, *_rest in figures_of(now).cover}
    assert {"lisbon", "porto", "faro"} <= asked, "the week under way has its cover too"
    assert [one.status for one in Loan.select()] == [LoanStatus.ASKED], "one waits for its answer"
    telephone = Office.get(Office.code == "telephone")
    coming = Roster.get(Roster.week_starts_on == "2026-11-30")
    quiet = quiet_week(telephone, Horizon(coming.week_starts_on), judging.judge(coming))
    assert quiet.minutes > 0, "centres could answer in quiet hours"
    queued = Run.select().where(Run.kind == "forecast")
    assert queued.count() == 5, "each region's local centres are foreseen, then built"
    _everything_has_moved_with_the_date()
    _nobody_is_trained_on_a_holiday()
    _look_at_main_pages(app, coming, chromium, Path(os.environ.get("ESCALA_PICTURES") or tmp_path))


def _everything_has_moved_with_the_date() -> None:
    """tests/seeds/test_demo_load.py looks at the demonstration of a day in March."""
    today = dt.date.fromisoformat(TODAY)
    ahead = CourseSession.select().where(CourseSession.starts_at >= today)
    session = ahead.order_by(CourseSession.starts_at).first()
    wednesday = COMING + dt.timedelta(days=2)
    assert session.starts_at.date() == wednesday
    absence = Absence.select().order_by(Absence.starts_at.desc()).first()
    assert absence.starts_at.date() >= COMING
    newest = Arrival.select().order_by(Arrival.starts_at.desc()).first().starts_at
    assert today - dt.timedelta(days=4) <= newest.date() < today
    assert Mediator.select().count() == 142
    assert Certification.select().where(Certification.valid_until == wednesday).exists()


def _nobody_is_trained_on_a_holiday() -> None:
    days = {one.starts_at.date() for one in CourseSession.select()}
    calendars = opening_calendars(Office.select().where(Office.kind == OfficeKind.CENTRE))
    assert dt.date(2026, 12, 9) in days
    assert all(one.intervals(day) for one in calendars.values() for day in days)
    unit = opening_calendar(Office.get(Office.code == "mobile"))
    assert all(unit.intervals(route.date) for route in FieldRoute.select())


def _look_at_main_pages(app: Flask, coming: Roster, chromium: Browser, folder: Path) -> None:
    draft, somebody = _changed_draft(coming)
    wrong: list[str] = []
    with _served(app) as address:
        for email, screen, pages in (
            ("coordenacao@example.org", DESK, AT_THE_DESK),
            ("mediador.lisboa@example.org", PHONE, ON_THE_PHONE),
        ):
            context = chromium.new_context(viewport=screen, locale="pt-PT")
            page = context.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            sign_in(page, address, email, PASSWORD)
            for path, name in pages.items():
                answer = page.goto(address + path.format(draft=draft, somebody=somebody))
                if answer is None or answer.status != 200:
                    wrong.append(f"{path}: {answer.status if answer else 'no answer'}")
                if page.evaluate("document.documentElement.scrollWidth") > screen["width"]:
                    wrong.append(f"{path}: wider than {screen['width']} px")
                tall = min(PICTURE_PX, page.evaluate("document.documentElement.scrollHeight"))
                shown = {"x": 0, "y": 0, "width": screen["width"], "height": tall}
                page.screenshot(path=str(folder / f"{name}.png"), full_page=True, clip=shown)
            context.close()
    assert wrong == []
    assert {one.stem for one in folder.glob("*.png")} >= {*AT_THE_DESK.values()}


def _changed_draft(published: Roster) -> tuple[int, int]:
    """A draft in which somebody of Lisbon is off on a day they were to work; its id and theirs."""
    draft = versions.draft_from(SYSTEM, published.id, MORNING, "Sem a primeira")
    shift = (
        Assignment.select()
        .join(Office)
        .where(Assignment.roster == draft, Assignment.date == COMING, Office.code == "lisbon")
        .order_by(Assignment.id)
        .first()
    )
    revision = Roster.get_by_id(draft).revision
    day_off = CellEdit(shift.mediator_id, COMING, None)
    change(SYSTEM, draft, revision, [day_off], MORNING, Said(allow_broken=True))
    return draft, shift.mediator_id


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    """The application on a port of its own, in this process, at `MORNING`."""

    def stop_the_clock() -> None:
        g.now = MORNING

    asked = app.before_request_funcs[None]
    at = next(n for n, one in enumerate(asked) if one.__name__ == "connect")
    asked.insert(at + 1, stop_the_clock)  # before anybody asks who is signed in
    app.config.update(TESTING=False)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        asked.remove(stop_the_clock)  # the application goes on to other tests
