"""The page of one's times: what was said stands there, faults at their fields, typed text stays."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import Absence, Availability, Wish

TODAY = dt.date.today()  # noqa: DTZ011 - a page reads the clock
LATER = TODAY + dt.timedelta(days=30)
SHORTER = dt.timedelta(hours=1)
"""What summer time takes from a week as it begins, and gives back as it ends."""


@pytest.fixture
def ana(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.mediator)
    client.post("/language", data={"locale": "en"})
    return client


def page(client: FlaskClient) -> str:
    answer = client.get("/me/times")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_weekly_hours_are_typed_and_come_back(ana: FlaskClient) -> None:
    sent = {"weekly-day1": "8:00-10:00, 17h00–20h00", "weekly-day6": "00:00–24:00"}
    assert ana.post("/me/times", data=sent).status_code == 302
    text = page(ana)
    assert 'value="08:00–10:00, 17:00–20:00"' in text
    assert 'value="00:00–24:00"' in text
    rows = Availability.select(Availability.weekday, Availability.from_minute).tuples()
    assert sorted(rows) == [(1, 480), (1, 1020), (6, 0)]


def test_every_faulty_day_is_named_and_what_was_typed_stays(ana: FlaskClient) -> None:
    answer = ana.post("/me/times", data={"weekly-day0": "mornings", "weekly-day3": "12:00–11:00"})
    text = html.unescape(answer.text)
    assert answer.status_code == 400
    assert 'href="#weekly-day0"' in text
    assert 'value="mornings"' in text
    assert Availability.select().count() == 0
    answer = ana.post("/me/times", data={"weekly-day3": "12:00–11:00"})
    assert 'href="#weekly-day3"' in answer.text


def test_hours_of_one_day_are_kept_and_taken_back(ana: FlaskClient) -> None:
    date = f"{LATER:%d/%m/%Y}"
    sent = {"day-date": date, "day-hours": "9-10:30"}
    assert ana.post("/me/times/days", data=sent).status_code == 302
    assert "09:00–10:30" in page(ana)
    for hours, field in (("", "day-hours"), ("noon", "day-hours"), ("11-10", "day-hours")):
        answer = ana.post("/me/times/days", data={"day-date": date, "day-hours": hours})
        assert answer.status_code == 400
        assert f'href="#{field}"' in answer.text
    assert "09:00–10:30" in page(ana)
    ana.post("/me/times/days", data={"day-date": date, "remove": "yes"})
    assert Availability.select().count() == 0


def test_a_wish_and_its_budget(ana: FlaskClient) -> None:
    month = (TODAY.replace(day=1) + dt.timedelta(days=63)).replace(day=1)
    for day in range(1, 4):
        sent = {"wish-date": f"{day:02d}/{month:%m/%Y}", "wish-kind": "off"}
        assert ana.post("/me/times/wishes", data=sent).status_code == 302
    sent = {"wish-date": f"05/{month:%m/%Y}", "wish-kind": "on"}
    answer = ana.post("/me/times/wishes", data=sent)
    assert answer.status_code == 400
    assert "fewer than 3 wishes" in answer.text
    assert f'value="05/{month:%m/%Y}"' in answer.text
    assert page(ana).count("A day off") == 4, "three wishes and the choice"
    (first, *_others) = [row.id for row in Wish.select().order_by(Wish.starts_at)]
    ana.post(f"/me/times/wishes/{first}/remove")
    assert ana.post("/me/times/wishes", data=sent).status_code == 302


def test_leave_waits_and_can_be_taken_back(ana: FlaskClient) -> None:
    day = f"{LATER:%d/%m/%Y}"
    sent = {"absence-first": day, "absence-last": day, "absence-kind": "leave"}
    assert ana.post("/me/times/absences", data=sent).status_code == 302
    text = page(ana)
    assert re.search(r"Leave\s+<span class=\"tag\">asked", text)
    ana.post(f"/me/times/absences/{Absence.get().id}/remove")
    assert "Nothing from today on." in page(ana)


def test_a_week_of_leave_takes_the_weekend_unless_it_is_said_otherwise(ana: FlaskClient) -> None:
    box = r'<input[^>]*checked[^>]*name="absence-weekend"'
    assert re.search(box, page(ana)), "offered from the first"
    day = dt.timedelta(days=1)
    monday = LATER + (7 - LATER.weekday()) * day
    sent = {
        "absence-first": f"{monday:%d/%m/%Y}",
        "absence-last": f"{monday + 4 * day:%d/%m/%Y}",
        "absence-kind": "leave",
    }
    for ticked, last in (({"absence-weekend": "y"}, 7), ({}, 5)):
        assert ana.post("/me/times/absences", data=sent | ticked).status_code == 302
        (row,) = Absence.select()
        assert row.ends_at - row.starts_at in (
            last * day,
            last * day + SHORTER,
            last * day - SHORTER,
        )
        ana.post(f"/me/times/absences/{row.id}/remove")


def test_an_absence_with_nothing_in_it_shows_every_fault(ana: FlaskClient) -> None:
    answer = ana.post("/me/times/absences", data={"absence-first": "tomorrow"})
    assert answer.status_code == 400
    for anchor in ("absence-first", "absence-last", "absence-kind-0"):
        assert f'href="#{anchor}"' in answer.text
    assert 'value="tomorrow"' in answer.text


def test_nothing_breaks_the_content_security_policy(ana: FlaskClient) -> None:
    text = ana.get("/me/times").text
    assert not re.search(r'\sstyle="|\son\w+="|<style', text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
