"""The editor's pages and forms, as they work without a script and as a script asks for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from drafts import draft, require, shift_id, week_problem
from flask.testing import FlaskClient
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    Office,
    PlanningGroup,
    RequestStatus,
    Roster,
    RosterStatus,
    User,
)

SignIn = Callable[[str], FlaskClient]
PART = {"X-Part": "panel"}


@pytest.fixture
def desk(world: SmallWorld, sign_in: SignIn) -> FlaskClient:
    """A coordinator of the whole network, reading English."""
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


@pytest.fixture
def roster(world: SmallWorld, now: dt.datetime) -> Roster:
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    return draft(world, [("bo", "lisbon", 0, 9, 13), ("ana", "lisbon", 1, 9, 13)], now)


def form(world: SmallWorld, kind: str, **more: object) -> dict[str, object]:
    bo = world.mediators[1]
    told = {"kind": kind, "revision": 0, "mediator": bo.id, "date": MONDAY, "office": "lisbon"}
    return {**told, **more}


def holders(roster: Roster) -> set[tuple[str, int]]:
    return {
        (row.mediator.code, (row.date - MONDAY).days)
        for row in Assignment.select().where(Assignment.roster == roster)
    }


def test_the_board_leads_to_every_day(desk: FlaskClient, world: SmallWorld, roster: Roster) -> None:
    page = desk.get(f"/weeks/{MONDAY}?office=lisbon").text
    bo = world.mediators[1].id
    assert f'href="/rosters/{roster.id}/cells/{bo}/{MONDAY}?office=lisbon"' in page
    assert page.count('class="cell has-shift"') == 2
    assert "style=" not in page


def test_a_day_opened_shows_its_hours_and_what_others_would_do(
    desk: FlaskClient, world: SmallWorld, roster: Roster
) -> None:
    path = f"/rosters/{roster.id}/cells/{world.mediators[1].id}/{MONDAY}?office=lisbon"
    page = desk.get(path).text
    assert "<html" in page
    assert "09:00–13:00" in page
    assert "Give to another" in page
    part = desk.get(path, headers=PART).text
    assert "<html" not in part
    assert "Give to another" in part
    who = desk.get(path.replace("?", "/who?")).text
    assert "Ukrainian: 3\u00a0h less missing" in who
    assert "Dina may not work at that office" not in who, "who is of no office there is not named"


def test_a_shift_is_given_to_another(desk: FlaskClient, world: SmallWorld, roster: Roster) -> None:
    ana = world.mediators[0].id
    answer = desk.post(f"/rosters/{roster.id}/change", data=form(world, "hand", to_mediator=ana))
    assert answer.status_code == 302
    assert answer.location == f"/weeks/{MONDAY}?office=lisbon&version={roster.id}"
    assert holders(roster) == {("ana", 0), ("ana", 1)}
    page = desk.get(answer.location).text
    assert "Last: Bo, Mon 9 Mar: 09:00–13:00, Lisboa → off" in page


def test_two_shifts_change_places_when_one_is_dropped_on_the_other(
    desk: FlaskClient, world: SmallWorld, roster: Roster
) -> None:
    ana = world.mediators[0].id
    data = form(world, "hand", to_mediator=ana, to_date=MONDAY + dt.timedelta(days=1))
    assert desk.post(f"/rosters/{roster.id}/change", data=data, headers=PART).status_code == 204
    assert holders(roster) == {("bo", 0), ("ana", 1)}, "the same hours: nothing to see"
    evening = shift_id(week_problem(world), "lisbon", 0, 14, 18)
    given = form(world, "give", shift=evening)
    desk.post(f"/rosters/{roster.id}/change", data=given, headers=PART)
    data["revision"] = Roster.get_by_id(roster.id).revision
    assert desk.post(f"/rosters/{roster.id}/change", data=data, headers=PART).status_code == 204
    rows = Assignment.select().where(Assignment.roster == roster)
    assert {(row.mediator.code, row.date.day, row.starts_at.hour) for row in rows} == {
        ("bo", 9, 9),
        ("ana", 10, 14),
    }


def test_a_broken_rule_is_refused_with_its_reason_and_may_be_insisted_on(
    desk: FlaskClient, world: SmallWorld, roster: Roster
) -> None:
    data = form(world, "hand", to_mediator=world.mediators[3].id)
    answer = desk.post(f"/rosters/{roster.id}/change", data=data)
    assert answer.status_code == 400
    assert "Dina may not work at that office." in answer.text
    assert holders(roster) == {("bo", 0), ("ana", 1)}
    data["anyway"] = "1"
    assert desk.post(f"/rosters/{roster.id}/change", data=data).status_code == 302
    page = desk.get(f"/weeks/{MONDAY}?office=lisbon").text
    assert "fault-mark" in page
    assert "this cannot be published" in page
    assert f"/rosters/{roster.id}/publish" not in page


def test_a_stale_page_is_told_what_has_changed(
    desk: FlaskClient, world: SmallWorld, roster: Roster
) -> None:
    desk.post(f"/rosters/{roster.id}/change", data=form(world, "take"))
    late = desk.post(f"/rosters/{roster.id}/change", data=form(world, "lock"), headers=PART)
    assert late.status_code == 409
    assert "Somebody else has changed this draft" in late.text
    assert "Bo, Mon 9 Mar: 09:00–13:00, Lisboa → off" in late.text
    assert holders(roster) == {("ana", 1)}


def test_undo_and_redo(desk: FlaskClient, world: SmallWorld, roster: Roster) -> None:
    path = f"/rosters/{roster.id}"
    desk.post(f"{path}/change", data=form(world, "take"))
    desk.post(f"{path}/undo", data={"revision": 1, "office": "lisbon"})
    assert holders(roster) == {("bo", 0), ("ana", 1)}
    desk.post(f"{path}/redo", data={"revision": 2, "office": "lisbon"})
    assert holders(roster) == {("ana", 1)}
    assert desk.post(f"{path}/redo", data={"revision": 3}).status_code == 409
    told = desk.get(f"{path}/revision.json?since=0").json
    assert told["revision"] == 3
    assert len(told["changes"]) == 1


def test_a_locked_shift_says_so(desk: FlaskClient, world: SmallWorld, roster: Roster) -> None:
    path = f"/rosters/{roster.id}/change"
    desk.post(path, data=form(world, "lock"))
    answer = desk.post(path, data=form(world, "take", revision=1))
    assert answer.status_code == 409
    assert "The shift of Bo is locked" in answer.text
    desk.post(path, data=form(world, "unlock", revision=1))
    desk.post(path, data=form(world, "take", revision=2))
    assert holders(roster) == {("ana", 1)}


def test_what_follows_an_edit_comes_as_a_part(
    desk: FlaskClient, world: SmallWorld, roster: Roster
) -> None:
    part = desk.get(f"/weeks/{MONDAY}?office=lisbon", headers={"X-Part": "week"}).text
    assert "<html" not in part
    assert 'class="board' in part
    assert 'data-number="0"' in part


def test_a_published_day_offers_no_edit(
    desk: FlaskClient, world: SmallWorld, roster: Roster
) -> None:
    Roster.update(status=RosterStatus.PUBLISHED).execute()
    page = desk.get(f"/rosters/{roster.id}/cells/{world.mediators[1].id}/{MONDAY}").text
    assert "data-edit" not in page
    assert "Called in sick" in page
    assert desk.post(f"/rosters/{roster.id}/change", data=form(world, "take")).status_code == 409


@pytest.mark.parametrize("wrong", [{"kind": "x"}, {"date": "x"}, {"mediator": ""}])
def test_a_request_that_says_nothing_is_not_found(
    desk: FlaskClient, world: SmallWorld, roster: Roster, wrong: dict[str, str]
) -> None:
    data = {**form(world, "take"), **wrong}
    assert desk.post(f"/rosters/{roster.id}/change", data=data).status_code == 404


def test_a_published_week_is_changed_in_a_new_draft_and_compared(
    desk: FlaskClient, world: SmallWorld, roster: Roster
) -> None:
    Roster.update(status=RosterStatus.PUBLISHED).execute()
    assert "Change this week" in desk.get(f"/weeks/{MONDAY}?office=lisbon").text
    answer = desk.post(f"/rosters/{roster.id}/draft", data={"office": "lisbon"})
    made = Roster.get(Roster.version == 2)
    assert answer.location == f"/weeks/{MONDAY}?office=lisbon&version={made.id}"
    desk.post(f"/rosters/{made.id}/change", data=form(world, "take", corrects="1"))
    page = desk.get(answer.location).text
    assert f"/rosters/{roster.id}/compare?with={made.id}" in page
    compared = desk.get(f"/rosters/{roster.id}/compare?with={made.id}").text
    assert "The hours of 1 person differ." in compared
    assert "09:00–13:00, Lisboa" in compared


def coming_week() -> dt.date:
    """A Monday that is still to come by the clock that pages read."""
    today = dt.datetime.now(dt.UTC).date()
    return today + dt.timedelta(days=14 - today.weekday())


def test_a_sick_call_takes_three_presses_and_is_undone(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    monday = coming_week()
    require(world.lisbon, 0, 9, 12, ["lang:uk"], week=monday)
    roster = draft(world, [("bo", "lisbon", 0, 9, 13)], now, week=monday)
    Roster.update(status=RosterStatus.PUBLISHED).execute()
    path = f"/rosters/{roster.id}/cells/{world.mediators[1].id}/{monday}"
    assert f'href="{path}/sick"' in desk.get(path).text
    page = desk.get(f"{path}/sick").text
    assert "Bo called in sick" in page
    key = page.partition('name="repair" value="')[2].partition('"')[0].replace("&gt;", ">")
    answer = desk.post(f"{path}/sick", data={"repair": key, "office": "lisbon"})
    made = Roster.get(Roster.version == 2)
    assert answer.location.endswith(f"version={made.id}")
    assert made.status is RosterStatus.PUBLISHED
    rows = Assignment.select().where(Assignment.roster == made)
    assert world.mediators[1].id not in {row.mediator_id for row in rows}
    again = desk.post(f"{path}/sick", data={"repair": key})
    assert again.status_code == 409
    assert "Undo the repair" in desk.get(answer.location).text
    back = desk.post(f"/rosters/{made.id}/sick-call/undo", data={"office": "lisbon"})
    assert "Undo the repair" not in desk.get(back.location).text
    (row,) = Assignment.select().where(Assignment.roster == Roster.get(Roster.version == 3))
    assert row.mediator_id == world.mediators[1].id


def test_a_sick_call_says_whom_to_telephone(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    """Ana, who stands in for Bo, has no account any more."""
    User.update(active=False).where(User.email == world.mediator).execute()
    monday = coming_week()
    require(world.lisbon, 0, 9, 12, ["lang:uk"], week=monday)
    roster = draft(world, [("bo", "lisbon", 0, 9, 13)], now, week=monday)
    Roster.update(status=RosterStatus.PUBLISHED, published_at=now).execute()
    path = f"/rosters/{roster.id}/cells/{world.mediators[1].id}/{monday}/sick"
    page = desk.get(path).text
    first = page.partition('<li class="choice">')[2].partition("<form")[0]
    assert 'Ana</strong> <span class="tag tag-warn">no account: telephone them</span>' in first
    assert "Bo</strong>," in first
    key = page.partition('name="repair" value="')[2].partition('"')[0].replace("&gt;", ">")
    answer = desk.post(path, data={"repair": key, "office": "lisbon"})
    told = "1 person whose hours change is told. To be telephoned, having no account: Ana."
    assert f"The repair is published. {told}" in desk.get(answer.location).text
    made = Roster.get(Roster.version == 2)
    back = desk.post(f"/rosters/{made.id}/sick-call/undo", data={"office": "lisbon"})
    assert f"The repair is taken back. {told}" in desk.get(back.location).text


def test_sickness_told_leads_to_the_day_and_to_who_could_come(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    """From the requests and from what the week asks for; a draft names the day it breaks on."""
    monday, bo = coming_week(), world.mediators[1]
    require(world.lisbon, 0, 9, 12, ["lang:uk"], week=monday)
    roster = draft(world, [("bo", "lisbon", 0, 9, 13)], now, week=monday)
    path = f"/rosters/{roster.id}/cells/{bo.id}/{monday}"
    starts_at = dt.datetime.combine(monday, dt.time(), dt.UTC) - dt.timedelta(hours=2)
    Absence.create(
        mediator=bo,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(days=2),
        kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )
    preview = desk.get(f"/rosters/{roster.id}/publish?office=lisbon").text
    assert f'<a href="{path}?office=lisbon">' in preview.partition("is away or not")[0]
    Roster.update(status=RosterStatus.PUBLISHED, published_at=now).execute()
    assert f'<a href="{path}">' in desk.get("/requests").text
    week = desk.get(f"/weeks/{monday}?office=lisbon").text
    assert f'<a href="{path}/sick">Bo is away on' in week
    day = desk.get(path).text
    assert "Find cover" in day
    assert "Called in sick" not in day
    panel = desk.get(f"{path}/sick").text
    assert "Cover for Bo" in panel
    assert "records the sickness" not in panel


def test_a_sick_call_taken_from_all_offices_leads_to_one_of_the_roster_s(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    """The reader's first office is planned by another group."""
    monday = coming_week()
    other = PlanningGroup.create(code="north", name="Norte")
    Office.update(group=other, position=-1).where(Office.id == world.azores.id).execute()
    require(world.lisbon, 0, 9, 12, ["lang:uk"], week=monday)
    roster = draft(world, [("bo", "lisbon", 0, 9, 13)], now, week=monday)
    Roster.update(status=RosterStatus.PUBLISHED).execute()
    path = f"/rosters/{roster.id}/cells/{world.mediators[1].id}/{monday}/sick"
    key = desk.get(path).text.partition('name="repair" value="')[2].partition('"')[0]
    answer = desk.post(path, data={"repair": key.replace("&gt;", ">"), "office": ""})
    assert "office=lisbon" in answer.location
    assert desk.get(answer.location).status_code == 200


def test_a_past_day_has_no_sick_call(desk: FlaskClient, world: SmallWorld, roster: Roster) -> None:
    Roster.update(status=RosterStatus.PUBLISHED).execute()
    path = f"/rosters/{roster.id}/cells/{world.mediators[1].id}/{MONDAY}"
    assert desk.get(f"{path}/sick").status_code == 409


def test_hours_in_the_azores_are_told_on_their_own_clock(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    """Nine to one by Lisbon's clock is eight to twelve in Ponta Delgada."""
    monday = coming_week()
    require(world.azores, 0, 8, 12, ["lang:pt"], week=monday)
    roster = draft(world, [("dina", "azores", 0, 9, 13)], now, week=monday)
    told = "08:00–12:00, Ponta Delgada"
    assert told in desk.get(f"/rosters/{roster.id}/publish").text
    network = desk.get(f"/weeks/{monday}/network?version={roster.id}").text
    assert "08:00–12:00" in network
    Roster.update(status=RosterStatus.PUBLISHED).execute()
    dina = world.mediators[3].id
    assert told in desk.get(f"/rosters/{roster.id}/cells/{dina}/{monday}/sick").text
    desk.post(f"/rosters/{roster.id}/draft")
    made = Roster.get(Roster.version == 2).id
    take = {"kind": "take", "revision": 0, "mediator": dina, "date": monday}
    desk.post(f"/rosters/{made}/change", data=take)
    assert told in desk.get(f"/rosters/{roster.id}/compare?with={made}").text
    changes = desk.get(f"/rosters/{made}/revision.json?since=0").json["changes"]
    assert told in changes[0]


def test_what_is_published_is_what_the_page_showed(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    monday = coming_week()
    require(world.lisbon, 0, 9, 12, ["lang:uk"], week=monday)
    roster = draft(world, [("bo", "lisbon", 0, 9, 13)], now, week=monday)
    path = f"/rosters/{roster.id}/publish"
    page = desk.get(path).text
    assert 'name="revision" value="0"' in page
    assert 'name="replaces" value=""' in page
    take = {"kind": "lock", "revision": 0, "mediator": world.mediators[1].id, "date": monday}
    assert desk.post(f"/rosters/{roster.id}/change", data=take).status_code == 302
    answer = desk.post(path, data={"revision": 0, "replaces": ""})
    assert answer.status_code == 409
    assert "This draft has been edited since you looked" in answer.text
    assert 'name="revision" value="1"' in answer.text
    assert desk.post(path, data={"revision": 1, "replaces": ""}).status_code == 302


def test_what_has_begun_is_corrected_only_where_that_is_confirmed(
    desk: FlaskClient, world: SmallWorld, roster: Roster, now: dt.datetime
) -> None:
    Roster.update(status=RosterStatus.PUBLISHED).execute()
    desk.post(f"/rosters/{roster.id}/draft")
    made = Roster.get(Roster.version == 2).id
    refused = desk.post(f"/rosters/{made}/change", data=form(world, "take"))
    assert refused.status_code == 409
    assert "That has begun." in refused.text
    assert "Bo, Mon 9 March: 09:00–13:00, Lisboa → off" in refused.text
    assert 'name="corrects"' in refused.text
    desk.post(f"/rosters/{made}/change", data=form(world, "take", corrects="1"))
    path, why = f"/rosters/{made}/publish", {"reason": "asked for"}
    page = desk.get(path).text
    assert "Publishing this would change a shift that has begun" in page
    assert 'name="correct_passed"' in page
    assert desk.post(path, data=why).status_code == 409
    assert desk.post(path, data={**why, "correct_passed": "y"}).status_code == 302


def test_hours_of_ones_own_that_break_a_rule_can_be_given_all_the_same(
    desk: FlaskClient, world: SmallWorld, roster: Roster
) -> None:
    """The way to insist leads where the hours were sent."""
    told = {"mediator": world.mediators[1].id, "date": MONDAY + dt.timedelta(days=1),
            "at": "lisbon", "start": "08:00", "end": "18:00", "breaks": "12:00-13:00",
            "revision": 0, "office": "lisbon"}  # fmt: skip
    path = f"/rosters/{roster.id}/hours"
    refused = desk.post(path, data=told)
    assert refused.status_code == 400
    assert 'name="anyway"' in refused.text
    assert f'action="{path}"' in refused.text
    assert desk.post(path, data={**told, "anyway": "1"}).status_code == 302


def test_an_azores_shift_tells_the_clock_of_the_azores(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    """Dina, at home in Lisbon here, receives in the Azores from ten to two of Lisbon."""
    dina = world.mediators[3]
    made = draft(world, [("dina", "azores", 0, 10, 14)], now)
    type(dina).update(home_office=world.lisbon).where(type(dina).id == dina.id).execute()
    board = desk.get(f"/weeks/{MONDAY}?office=lisbon&version={made.id}").text
    assert "09:00–13:00" in board
    assert "Ponta Delgada (Azores time)" in board
    day = desk.get(f"/rosters/{made.id}/cells/{dina.id}/{MONDAY}?office=lisbon").text
    assert "<strong>09:00–13:00</strong>" in day
    assert "(Azores time)" in day
    assert 'value="09:00"' in day, "one's own hours begin by the same clock"
