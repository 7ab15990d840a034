"""Field routes through the pages: changed against a person's leave, called off late, restored."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from drafts import draft
from flask.testing import FlaskClient
from open_week import first_open_week
from small_world import SmallWorld

from app.models import Absence, AbsenceKind, FieldRoute, FieldSeat, LateChange, RequestStatus
from app.services import field_crew, field_routes, rosters
from app.services.field_checks import RouteFacts, StopFacts

NOW = dt.datetime.now(dt.UTC)  # pages read the clock
DAY = dt.timedelta(days=1)


@pytest.fixture
def client(sign_in: Callable[[str], FlaskClient], world: SmallWorld) -> FlaskClient:
    found = sign_in(world.coordinator)
    found.post("/language", data={"locale": "en"})
    return found


@pytest.fixture
def week(world: SmallWorld) -> dt.date:
    return first_open_week(world.lisbon, NOW.date())


def plan(world: SmallWorld, date: dt.date) -> int:
    """A route with Ana along."""
    stop = StopFacts(place="Mercado", from_minute=600, until_minute=720)
    route = RouteFacts(
        office_id=world.lisbon.id, date=date, name="Margem sul", leaves_minute=540,
        returns_minute=1020, stops=(stop,),
    )  # fmt: skip
    made = field_routes.create_route(world.system, route, NOW)
    field_crew.assign(world.system, made, world.mediators[0].id, NOW)
    return made


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert not re.search(r'\sstyle="|\son\w+="|<style', answer.text)
    return html.unescape(answer.text)


def test_a_change_against_somebody_s_leave_is_saved_when_it_is_meant(
    client: FlaskClient, world: SmallWorld, week: dt.date
) -> None:
    route = plan(world, week + DAY)
    starts_at = dt.datetime.combine(week + 2 * DAY, dt.time(), dt.UTC)
    Absence.create(
        mediator=world.mediators[0], starts_at=starts_at, ends_at=starts_at + DAY,
        kind=AbsenceKind.LEAVE, status=RequestStatus.APPROVED,
    )  # fmt: skip
    assert 'name="anyway"' not in page(client, f"/field/{route}/edit")
    data = {
        "name": "Margem sul", "office_id": world.lisbon.id, "date": f"{week + 2 * DAY:%d/%m/%Y}",
        "leaves_minute": "09:00", "returns_minute": "17:00", "stops-0-place": "Mercado",
        "stops-0-from_minute": "10:00", "stops-0-until_minute": "12:00",
    }  # fmt: skip
    answer = client.post(f"/field/{route}/edit", data=data)
    assert answer.status_code == 400
    assert "<strong>Ana</strong>: Is not available then." in answer.text
    assert 'name="anyway"' in answer.text
    assert client.post(f"/field/{route}/edit", data=data | {"anyway": "1"}).status_code == 302
    assert "Is not available then." in page(client, f"/field/{route}")
    assert FieldRoute.get_by_id(route).date == week + 2 * DAY


def test_a_route_called_off_late_asks_why_and_comes_back_by_a_press(
    client: FlaskClient, world: SmallWorld, week: dt.date
) -> None:
    day = NOW.date() + DAY
    route = plan(world, day)
    monday = day - day.weekday() * DAY
    roster = draft(world, [], NOW, week=monday)
    rosters.publish(world.system, roster.id, NOW)
    text = page(client, f"/field/{route}")
    assert 'name="reason"' in text
    ana = world.mediators[0].id
    for press in ("cancel", f"crew/{ana}/remove"):
        answer = client.post(f"/field/{route}/{press}", data={"reason": ""})
        assert answer.status_code == 400
        assert "Reason: expected" in html.unescape(answer.text)
    why = {"reason": "A carrinha avariou"}
    assert client.post(f"/field/{route}/cancel", data=why).status_code == 302
    listed = page(client, f"/field?week={day}")
    assert "1 route called off" in listed
    assert f'action="/field/{route}/restore"' in listed
    assert "Restore the route" in page(client, f"/field/{route}")
    assert client.post(f"/field/{route}/restore", data=why).status_code == 302
    assert client.post(f"/field/{route}/crew/{ana}/remove", data=why).status_code == 302
    assert not FieldSeat.select().where(FieldSeat.cancelled_at.is_null()).exists()
    assert LateChange.select().count() == 3
    told = f"09:00–17:00, {world.lisbon.name}, field route Margem sul"
    assert told in page(client, f"/late-changes?year={day.year}")
    assert told in client.get(f"/late-changes/{day.year}.csv").text
