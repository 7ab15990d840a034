"""The desk's pages: now and its screen, files out and in, reports, feedback."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from drafts import draft
from flask.testing import FlaskClient
from openpyxl import load_workbook
from small_world import MONDAY, SmallWorld, open_around_the_clock

from app.models import Assignment, Feedback, Mediator, Roster, database
from app.services.rosters import publish


@pytest.fixture
def coordinator(sign_in: Callable[[str], FlaskClient], world: SmallWorld) -> FlaskClient:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


@pytest.fixture
def roster_id(world: SmallWorld, now: dt.datetime) -> int:
    return draft(world, [("ana", "lisbon", 0, 9, 13)], now).id


def test_a_screen_s_address_is_shown_once_and_opens_without_signing_in(
    coordinator: FlaskClient, world: SmallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.connection_context():
        open_around_the_clock(world.lisbon, monkeypatch)
    form = {"name": "Door", "office_id": world.lisbon.id, "locale": "en"}
    made = coordinator.post("/now/screens", data=form).text
    found = re.search(r'value="[^"]*(/now/screen/[^"]+)"', made)
    assert found
    assert found[1] not in coordinator.get("/now/screens").text
    stranger = coordinator.application.test_client()
    screen = stranger.get(found[1])
    assert screen.status_code == 200
    assert '<html lang="en">' in screen.text
    assert "Nobody here speaks" in screen.text
    assert screen.headers["Cache-Control"] == "private, no-store"
    part = stranger.get(found[1], headers={"X-Part": "now"}).text
    assert "<html" not in part
    coordinator.post("/now/screens/1/revoke")
    assert stranger.get(found[1]).status_code == 404


def test_the_week_leads_to_its_paper_and_files(
    coordinator: FlaskClient, world: SmallWorld, roster_id: int, now: dt.datetime
) -> None:
    page = coordinator.get(f"/weeks/{MONDAY}?office=lisbon").text
    assert f"/rosters/{roster_id}/import" in page
    assert "map.pdf" not in page, "a draft hangs on no wall"
    publish(world.system, roster_id, now)
    page = coordinator.get(f"/weeks/{MONDAY}?office=lisbon").text
    assert f"/rosters/{roster_id}/map.pdf?office=lisbon" in page
    pdf = coordinator.get(f"/rosters/{roster_id}/map.pdf?office=lisbon")
    assert pdf.content_type == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")


def test_a_board_goes_out_and_comes_in_through_the_pages(
    coordinator: FlaskClient, roster_id: int
) -> None:
    book = load_workbook(io.BytesIO(coordinator.get(f"/rosters/{roster_id}/board.xlsx").data))
    assert [cell.value for cell in book.active[1]][:6] == [
        "code", "name", "date", "office", "start", "end",
    ]  # fmt: skip
    text = coordinator.get(f"/rosters/{roster_id}/board.csv").data.decode("utf-8-sig")
    assert "ana;Ana;2026-03-09;lisbon;09:00;13:00" in text
    changed = text.replace("09:00;13:00", "10:00;14:00").encode()
    sent = coordinator.post(
        f"/rosters/{roster_id}/import", data={"file": (io.BytesIO(changed), "board.csv")}
    )
    preview = coordinator.get(sent.location).text
    assert "1 day of the draft would change" in preview
    columns = {f"column-{name}": str(place) for place, name in
               enumerate(("mediator", "", "date", "office", "start", "end")) if name}  # fmt: skip
    done = coordinator.post(sent.location, data={**columns, "do": "import"})
    assert done.status_code == 302
    with database.connection_context():
        (row,) = Assignment.select().where(Assignment.roster == roster_id)
        assert row.starts_at.hour == 10
        assert Roster.get_by_id(roster_id).revision == 1


def test_a_bad_board_says_why_and_keeps_the_draft(coordinator: FlaskClient, roster_id: int) -> None:
    bad = b"code;date;office;start;end\nana;2026-03-09;lisbon;03:00;07:00\n"
    sent = coordinator.post(
        f"/rosters/{roster_id}/import", data={"file": (io.BytesIO(bad), "b.csv")}
    )
    page = coordinator.get(sent.location).text
    assert "hours that the office offers on that day" in page
    assert 'value="import"' not in page
    nothing = coordinator.post(f"/rosters/{roster_id}/import")
    assert nothing.status_code == 400


def test_people_come_in_through_the_pages(coordinator: FlaskClient) -> None:
    text = (
        "code;name;association;regime;office;languages;first day\n"
        "fia;Fia Exemplo;aurora;private;lisbon;uk:native;2026-03-01\n"
    )
    sent = coordinator.post(
        "/mediators/import", data={"file": (io.BytesIO(text.encode()), "people.csv")}
    )
    assert "Save 1 person" in coordinator.get(sent.location).text
    fields = ("code", "name", "association", "regime", "home_office", "languages", "starts_on")
    columns = {f"column-{name}": str(place) for place, name in enumerate(fields)}
    done = coordinator.post(sent.location, data={**columns, "do": "import"})
    assert done.status_code == 302
    with database.connection_context():
        assert Mediator.get(Mediator.code == "fia").languages.count() == 1


def test_the_list_of_people_tells_hours_and_filters(
    coordinator: FlaskClient, world: SmallWorld
) -> None:
    page = coordinator.get("/mediators?language=uk&level=fluent").text
    assert "Hours this month" in page
    assert "Ana Exemplo" in page
    assert "Bo Exemplo" not in page
    assert "Nobody fits" in coordinator.get("/mediators?certification=legal").text


def test_satisfaction_is_drawn_by_year(coordinator: FlaskClient, world: SmallWorld) -> None:
    form = {
        "kind": "satisfaction", "office_id": world.lisbon.id, "received_on": "01/03/2026",
        "need": "general", "language": "", "topic": "", "level": "4", "count": "3",
    }  # fmt: skip
    assert "Satisfaction by year" not in coordinator.get("/reports/feedback?year=2026").text
    assert coordinator.post("/reports/feedback", data=form).status_code == 302
    assert coordinator.post("/reports/feedback", data={**form, "level": "1", "count": "1"})
    page = coordinator.get("/reports/feedback?year=2026").text
    chart = page.split("Satisfaction by year", 1)[1].split("</svg>", 1)[0]
    assert "75.0&nbsp;%" in chart
    assert 'height="71.2"' in chart, "to scale: three quarters of 95"


def test_feedback_is_counted_and_taken_back(coordinator: FlaskClient, world: SmallWorld) -> None:
    form = {
        "kind": "praise", "office_id": world.lisbon.id, "received_on": "01/03/2026",
        "need": "general", "language": "", "topic": "manner", "level": "", "count": "3",
    }  # fmt: skip
    assert coordinator.post("/reports/feedback", data=form).status_code == 302
    assert "March 2026" in coordinator.get("/reports/feedback?year=2026").text
    refused = coordinator.post("/reports/feedback", data={**form, "topic": "", "count": "x"})
    assert refused.status_code == 400
    assert 'value="01/03/2026"' in refused.text, "what was typed stays"
    coordinator.post("/reports/feedback/1/remove")
    with database.connection_context():
        assert Feedback.select().count() == 0
