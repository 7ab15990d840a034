"""Offices: their week, desks and closed days; every fault at its field, nothing half saved."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import (
    AuditEntry,
    Closure,
    Desk,
    ExtraHoliday,
    Office,
    OpeningHours,
    PlanningGroup,
)

TODAY = dt.date.today()  # noqa: DTZ011 - a page reads the clock


@pytest.fixture
def desk(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


def filled(world: SmallWorld, **changes: Any) -> dict[str, Any]:
    """The form of an office, as a browser sends it: open on Monday and, twice, on Tuesday."""
    empty_desks = {
        f"desks-{n}-{name}": value
        for n in range(8)
        for name, value in (("hours", ""), ("certification", ""), ("least", "0"), ("wanted", "1"))
    }
    return (
        {
            "name": "Porto",
            "code": "porto",
            "kind": "centre",
            "group_id": world.group.id,
            "address": "Rua Um\r\nPorto",
            "latitude": "41,15",
            "longitude": "-8.61",
            "zone": "Europe/Lisbon",
            "district": "13",
            "monday": "9h-17h",
            "tuesday": "09:00–13:00, 14:00 - 18:30",
            "extra_holidays": "24/06 São João\n",
            "closures": "24/12/2026 Véspera\n\n2026-12-31",
            "capacity": "",
            "target_wait_minutes": "15",
            "target_share_percent": "80",
            "unsocial_from_minute": "18:00",
            "active": "y",
        }
        | empty_desks
        | {
            "desks-0-hours": "10:00-12:30",
            "desks-0-certification": "legal",
            "desks-0-weekdays": ["4", "0"],
            "desks-0-least": "1",
            "desks-0-wanted": "2",
        }
        | changes
    )


def test_adding_an_office(desk: FlaskClient, world: SmallWorld) -> None:
    answer = desk.post("/offices/new", data=filled(world))
    office = Office.get(Office.code == "porto")
    assert answer.headers["Location"] == f"/offices/{office.id}"
    assert (office.capacity, office.latitude, office.address) == (None, 41.15, "Rua Um\nPorto")
    hours = OpeningHours.select().where(OpeningHours.office == office)
    assert [(one.weekday, one.opens_minute, one.closes_minute) for one in hours] == [
        (0, 540, 1020),
        (1, 540, 780),
        (1, 840, 1110),
    ]
    (one,) = Desk.select().where(Desk.office == office)
    assert (one.need, one.certification_id, one.weekdays) == ("legal", "legal", "04")
    assert (one.opens_minute, one.closes_minute, one.least, one.wanted) == (600, 750, 1, 2)
    closed = Closure.select().where(Closure.office == office)
    assert [(one.date, one.reason) for one in closed] == [
        (dt.date(2026, 12, 24), "Véspera"),
        (dt.date(2026, 12, 31), ""),
    ]
    (holiday,) = ExtraHoliday.select().where(ExtraHoliday.office == office)
    assert (holiday.month, holiday.day, holiday.name) == (6, 24, "São João")


def test_offices_to_be_foreseen_like_are_chosen_by_hand_or_found(
    desk: FlaskClient, world: SmallWorld
) -> None:
    desk.post("/offices/new", data=filled(world))
    porto = Office.get(Office.code == "porto")
    assert porto.likes == []
    assert "offices of its kind, as they are found" in desk.get(f"/offices/{porto.id}").text
    edit, unsaid = f"/offices/{porto.id}/edit", {f"likes-{n}": "" for n in range(3)}
    chosen = unsaid | {"likes-1": str(world.azores.id)}
    assert desk.post(edit, data=filled(world, **chosen)).status_code == 302
    assert Office.get_by_id(porto.id).likes == [world.azores.id]
    assert f"<dd>{world.azores.name}</dd>" in desk.get(f"/offices/{porto.id}").text
    page = desk.get(edit).text
    assert f'<option selected value="{world.azores.id}">' in page
    assert desk.post(edit, data=as_sent(page)).status_code == 302
    assert Office.get_by_id(porto.id).likes == [world.azores.id]
    Office.update(active=False).where(Office.id == world.azores.id).execute()
    assert desk.post(edit, data=as_sent(desk.get(edit).text)).status_code == 302
    assert Office.get_by_id(porto.id).likes == [world.azores.id], "named before it was shut"
    Office.update(active=True).execute()
    for wrong in (
        {"likes-0": str(porto.id)},
        {"likes-0": "999"},
        {"likes-0": str(world.azores.id), "likes-2": str(world.azores.id)},
    ):
        answer = desk.post(edit, data=filled(world, **(unsaid | wrong)))
        assert answer.status_code == 400
        assert 'href="#likes-' in answer.text
    assert Office.get_by_id(porto.id).likes == [world.azores.id]


def test_the_form_sent_back_as_it_came_changes_nothing(
    desk: FlaskClient, world: SmallWorld
) -> None:
    desk.post("/offices/new", data=filled(world))
    office = Office.get(Office.code == "porto")
    text = desk.get(f"/offices/{office.id}/edit").text
    assert desk.post(f"/offices/{office.id}/edit", data=as_sent(text)).status_code == 302
    entry = AuditEntry.select().where(AuditEntry.action == "office.edit").get()
    assert entry.details == {"changed": []}


def test_an_office_begins_a_planning_group_of_its_own(
    desk: FlaskClient, world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    own = {"group_id": "0", "group_name": " Centros do Alto Minho e de Trás-os-Montes "}
    assert desk.post("/offices/new", data=filled(world, **own)).status_code == 302
    porto = Office.get(Office.code == "porto")
    assert porto.group.name == "Centros do Alto Minho e de Trás-os-Montes"
    assert porto.group.code == "centros-do-alto-minho-e-de-t"
    edit = f"/offices/{porto.id}/edit"
    alike = own | {"group_name": "Centros do Alto Minho e de Tui"}
    assert desk.post(edit, data=filled(world, **alike)).status_code == 302
    assert Office.get_by_id(porto.id).group.code == "centros-do-alto-minho-e-de-t-2"
    assert porto.group.name in desk.get("/offices/new").text, "to be chosen from now on"
    kept = PlanningGroup.select().count()

    unnamed = desk.post(edit, data=filled(world, group_id="0", group_name=" "))
    assert 'href="#group_name"' in unnamed.text
    faulty = desk.post("/offices/new", data=filled(world, name="", **own))
    assert (unnamed.status_code, faulty.status_code) == (400, 400)
    # Chosen from those that are there, a name left below makes nothing.
    desk.post(edit, data=filled(world, **own | {"group_id": world.group.id}))
    assert Office.get_by_id(porto.id).group == world.group
    one_office_s = sign_in(world.azores_coordinator)
    data = filled(world, **own | {"code": world.azores.code, "name": world.azores.name})
    assert one_office_s.post(f"/offices/{world.azores.id}/edit", data=data).status_code == 403
    assert PlanningGroup.select().count() == kept


def test_a_second_office_is_given_no_second_group_of_one_name(
    desk: FlaskClient, world: SmallWorld
) -> None:
    """Its other faults are told at the same time."""
    kept = PlanningGroup.select().count()
    known = {"group_id": "0", "group_name": f" {world.group.name.upper()} ", "name": ""}
    answer = desk.post("/offices/new", data=filled(world, **known))
    assert answer.status_code == 400
    assert "expected a name that no planning group has" in answer.text
    assert "expected a planning group" not in answer.text, "said once"
    assert 'href="#group_name"' in answer.text
    assert 'href="#name"' in answer.text
    assert PlanningGroup.select().count() == kept
    assert Office.get_or_none(Office.code == "porto") is None


def test_every_fault_at_once_at_its_field_and_nothing_saved(
    desk: FlaskClient, world: SmallWorld
) -> None:
    data = filled(
        world,
        name="",
        latitude="north",
        monday="9:15-17:00",
        tuesday="14:00-18:00, 09:00-15:00",
        wednesday="18:00-09:00",
        extra_holidays="24/06 São João\n31/02 Never\nsoon",
        closures="24/12/2026 a\n24/12/2026 b",
        capacity="many",
        target_share_percent="100",
        unsocial_from_minute="25:00",
        **{
            "desks-0-wanted": "0",
            "desks-0-weekdays": [],
            "desks-1-hours": "10:00-12:00, 13:00-14:00",
        },
    )
    answer = desk.post("/offices/new", data=data)
    text = html.unescape(answer.text)
    assert answer.status_code == 400
    summary = text.split('class="error-summary"')[1].split("</div>")[0]
    assert set(re.findall(r'href="#([\w-]+)"', summary)) == {
        "name",
        "latitude",
        "monday",
        "tuesday",
        "wednesday",
        "extra_holidays",
        "closures",
        "capacity",
        "target_share_percent",
        "unsocial_from_minute",
        "desks-0-wanted",
        "desks-0-weekdays-0",
        "desks-1-hours",
    }
    assert "line 2, 3: expected 13/06 and a name" in summary
    assert 'value="9:15-17:00"' in text
    assert 'value="many"' in text
    assert Office.get_or_none(Office.code == "porto") is None
    assert OpeningHours.select().count() == 10


def test_the_page_says_when_it_is_shut(desk: FlaskClient, world: SmallWorld) -> None:
    past, to_come = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=40)
    Closure.create(office=world.lisbon, date=past, reason="Was shut")
    Closure.create(office=world.lisbon, date=to_come, reason="Will be shut")
    text = html.unescape(desk.get(f"/offices/{world.lisbon.id}").text)
    assert "Will be shut" in text
    assert "Was shut" not in text
    assert "Ana Exemplo" in text
    assert "Dina Exemplo" not in text
    assert re.search(r"Santo António|Saint Anthony", text), "Lisbon's own day"
    assert 'x="480" width="600"' in text, "08:00 to 18:00, drawn to scale"


def as_sent(text: str) -> dict[str, Any]:
    """What a browser would send of the form of office, untouched."""
    form = text.split('<form method="post" novalidate>')[1].split("</form>")[0]
    data: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if found.get("type") == "checkbox" and "checked" not in tag:
            continue
        data.setdefault(found["name"], []).append(html.unescape(found.get("value", "")))
    areas = r'<textarea[^>]*name="([^"]+)"[^>]*>\s?(.*?)</textarea>'
    for name, value in re.findall(areas, form, re.S):
        data[name] = html.unescape(value).replace("\n", "\r\n")
    for name, choices in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', choices)
        first = re.search(r'<option value="([^"]*)"', choices)
        data[name] = html.unescape((chosen or first)[1])  # type: ignore[index]
    return data
