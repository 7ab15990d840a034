"""The planning desk's pages: the week, building and watching it, publishing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from drafts import draft, require
from flask import g
from flask.testing import FlaskClient
from small_world import MONDAY, SmallWorld
from telephones import open_telephone

from app.models import (
    ForecastSlot,
    Office,
    PhoneTurn,
    PlanningGroup,
    Roster,
    RosterStatus,
    Run,
    RunStatus,
)
from app.routes.roster_words import quality
from app.services import pages, phone_giving, rosters

SignIn = Callable[[str], FlaskClient]
WEEK = f"/weeks/{MONDAY.isoformat()}"


@pytest.fixture
def desk(world: SmallWorld, sign_in: SignIn) -> FlaskClient:
    """A coordinator of the whole network, reading English."""
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:400]
    return answer.get_data(as_text=True)


def test_the_first_page_of_a_coordinator_is_the_week_to_plan(desk: FlaskClient) -> None:
    assert desk.get("/").headers["Location"] == "/weeks"
    location = desk.get("/weeks").headers["Location"]
    sunday_before_today = dt.datetime.now(dt.UTC).date()
    monday = sunday_before_today - dt.timedelta(days=sunday_before_today.weekday())
    assert location == f"/weeks/{monday + dt.timedelta(weeks=1)}"


def test_a_week_of_which_nothing_is_known_offers_to_foresee_it(desk: FlaskClient) -> None:
    text = text_of(desk, WEEK)
    assert f'action="{WEEK}/forecast"' in text
    assert "It is not known yet who will come" in text


def test_foreseeing_queues_a_run_and_watches_it(desk: FlaskClient, world: SmallWorld) -> None:
    answer = desk.post(f"{WEEK}/forecast", data={"group": world.group.id, "office": "lisbon"})
    run = Run.get()
    assert answer.headers["Location"] == f"/runs/{run.id}?office=lisbon"
    assert (run.kind, run.parameters["week"]) == ("forecast", MONDAY.isoformat())
    assert "Foreseeing the week" in text_of(desk, f"/runs/{run.id}")


def test_known_needs_offer_to_build(desk: FlaskClient, world: SmallWorld) -> None:
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    text = text_of(desk, f"{WEEK}?office=lisbon")
    assert "No roster yet" in text
    assert f'action="{WEEK}/build"' in text


def test_building_asks_for_what_was_ticked(desk: FlaskClient, world: SmallWorld) -> None:
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    form = text_of(desk, f"{WEEK}/build?office=lisbon")
    assert form.count("checked") == 2
    answer = desk.post(
        f"{WEEK}/build", data={"office": "lisbon", "even_evenings": "y", "keep_locks": "y"}
    )
    run = Run.get()
    assert answer.headers["Location"] == f"/runs/{run.id}?office=lisbon"
    assert run.parameters["options"] == {
        "keep_locks": True,
        "few_changes": False,
        "even_evenings": True,
        "other_offices": False,
    }


def test_building_without_needs_is_refused_with_the_reason(
    desk: FlaskClient, world: SmallWorld
) -> None:
    answer = desk.post(f"{WEEK}/build", data={"office": "lisbon"})
    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "It is not known yet who is needed" in text
    assert "week: " not in text, "the field's raw name"
    assert Run.select().count() == 0


def test_a_week_never_foreseen_offers_to_foresee_it_before_building(
    desk: FlaskClient, world: SmallWorld
) -> None:
    path = f"{WEEK}/build?office=lisbon"
    text = text_of(desk, path)
    assert f'action="{WEEK}/forecast"' in text
    assert 'name="keep_locks"' not in text
    require(world.azores, 0, 9, 12, ["lang:uk"])
    text = text_of(desk, path)
    assert f'action="{WEEK}/forecast"' not in text, "another office of the network is asked for"
    assert 'name="keep_locks"' in text


def test_a_week_posted_after_it_began_says_so(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    began = dt.datetime.combine(MONDAY, dt.time(12), dt.UTC)
    made = draft(world, [("bo", "lisbon", 0, 9, 13)], now)
    rosters.publish(world.system, made.id, now)
    for days, words in ((1, "Posted 1 day after the week began"), (4, "Posted 4 days after")):
        at = began + dt.timedelta(days=days)
        Roster.update(published_at=at).where(Roster.id == made.id).execute()
        text = text_of(desk, WEEK)
        assert words in text
        assert f"-{days} day" not in text


def build_run(world: SmallWorld, now: dt.datetime, **columns: object) -> Run:
    return Run.create(
        kind="build",
        parameters={"group": world.group.id, "week": MONDAY.isoformat()},
        asked_at=now,
        **columns,
    )


POINTS = [
    {"seconds": 1.0, "cost": None, "bound": 900, "step": "relaxation"},
    {"seconds": 4.0, "cost": 1000, "bound": 950, "step": "improvement"},
    {"seconds": 5.0, "cost": None, "bound": 970, "step": "improvement"},
]


def test_a_run_tells_how_far_it_is(desk: FlaskClient, world: SmallWorld, now: dt.datetime) -> None:
    run = build_run(world, now, status=RunStatus.RUNNING, progress=POINTS)
    told = desk.get(f"/runs/{run.id}.json").get_json()
    assert (told["cost"], told["bound"], told["ended"]) == (1000, 970, False)
    assert told["words"] == "No roster can be more than 3\u00a0% better."
    assert told["step"] == "Improving the roster."
    assert [one["seconds"] for one in told["points"]] == [1.0, 4.0, 5.0]
    assert told["result_url"] == ""
    text = text_of(desk, f"/runs/{run.id}")
    assert f'action="/runs/{run.id}/stop"' in text
    assert 'http-equiv="refresh"' in text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("stop_asked", "Stopping; the best so far is kept."),
        ("cancel_asked", "Calling it off; nothing is kept."),
    ],
)
def test_a_run_that_is_to_end_says_so(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime, asked: str, words: str
) -> None:
    run = build_run(world, now, status=RunStatus.RUNNING, progress=POINTS, **{asked: True})
    assert desk.get(f"/runs/{run.id}.json").get_json()["words"] == words
    text = text_of(desk, f"/runs/{run.id}")
    assert words in text
    assert "/stop" not in text
    assert "/cancel" not in text


def test_a_forecast_tells_how_many_offices_are_done(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    run = Run.create(
        kind="forecast",
        parameters={"group": world.group.id, "week": MONDAY.isoformat()},
        status=RunStatus.RUNNING,
        progress=[{"step": "forecast", "done": 3, "of": 17}],
        asked_at=now,
    )
    told = desk.get(f"/runs/{run.id}.json").get_json()
    assert (told["words"], told["done"], told["of"]) == ("Office 3 of 17.", 3, 17)
    assert 'value="3" max="17"' in text_of(desk, f"/runs/{run.id}")
    Run.update(progress=[*run.progress, {"step": "requirements"}]).execute()
    told = desk.get(f"/runs/{run.id}.json").get_json()
    assert told["words"] == "All offices are foreseen; working out who is needed."
    assert 'max="17"' not in text_of(desk, f"/runs/{run.id}"), "a full bar would say it is over"


def test_an_ended_run_leads_to_its_draft(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    roster = draft(world, [], now)
    run = build_run(
        world, now, status=RunStatus.DONE, progress=POINTS, result={"roster": roster.id}
    )
    told = desk.get(f"/runs/{run.id}.json?office=lisbon").get_json()
    assert told["ended"]
    assert told["result_url"] == f"{WEEK}?office=lisbon&version={roster.id}"
    text = text_of(desk, f"/runs/{run.id}?office=lisbon")
    assert "Look at the draft" in text
    assert "/stop" not in text
    assert 'http-equiv="refresh"' not in text
    assert text_of(desk, told["result_url"])


def test_a_failed_run_says_so(desk: FlaskClient, world: SmallWorld, now: dt.datetime) -> None:
    run = build_run(world, now, status=RunStatus.FAILED, error="ValueError: <boom>")
    text = text_of(desk, f"/runs/{run.id}")
    assert "It did not work out." in text
    assert "ValueError: &lt;boom&gt;" in text


def test_stopping_keeps_and_calling_off_does_not(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    first = build_run(world, now, status=RunStatus.RUNNING)
    second = build_run(world, now)
    assert desk.post(f"/runs/{first.id}/stop").status_code == 302
    assert desk.post(f"/runs/{second.id}/cancel").status_code == 302
    first, second = Run.get_by_id(first.id), Run.get_by_id(second.id)
    assert (first.stop_asked, first.cancel_asked) == (True, False)
    assert second.status == RunStatus.CANCELLED


def test_the_week_shows_what_is_missing_in_numbers(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 9, 12, ["lang:zh"], 2)
    draft(world, [("bo", "lisbon", 0, 9, 13)], now)
    text = text_of(desk, f"{WEEK}?office=lisbon")
    assert "3\u00a0h of 6\u00a0h missing here." in text
    assert "3\u00a0h missing, first at 09:00" in text
    assert "09:00 to 13:00" in text
    closely = text_of(desk, f"{WEEK}?office=lisbon&day=0")
    assert "09:00: 1 of 2 missing" in closely
    for page in (text, closely):
        assert "style=" not in page
        assert "<script>" not in page


def test_publishing_says_what_changes_and_does_just_that(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 9, 12, ["lang:zh"])
    first = draft(world, [("bo", "lisbon", 0, 9, 13), ("caio", "lisbon", 0, 9, 13)], now)
    assert "It is the first version of this week." in text_of(desk, f"/rosters/{first.id}/publish")
    answer = desk.post(f"/rosters/{first.id}/publish", data={"office": "lisbon"})
    assert answer.headers["Location"] == f"{WEEK}?office=lisbon"
    assert "Version 1 is published." in text_of(desk, answer.headers["Location"])

    second = draft(world, [("bo", "lisbon", 0, 10, 14), ("caio", "lisbon", 0, 9, 13)], now)
    preview = text_of(desk, f"/rosters/{second.id}/publish")
    assert "The hours of 1 person change." in preview
    assert "Version 1 is replaced and kept." in preview
    assert "09:00–13:00, Lisboa" in preview
    assert "10:00–14:00, Lisboa" in preview
    assert "Caio" not in preview
    assert "This person has an account and is told at once" in preview
    # By the clock that pages read, that Monday has long begun.
    told = {"reason": "A group comes", "correct_passed": "y"}
    desk.post(f"/rosters/{second.id}/publish", data=told)
    told = text_of(desk, WEEK)
    assert "Version 2 is published." in told
    assert "Version 1 is kept below, among the versions." in told
    assert Roster.get_by_id(first.id).status == RosterStatus.SUPERSEDED


def test_publishing_twice_does_nothing_twice(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    roster = draft(world, [("bo", "lisbon", 0, 9, 13)], now)
    desk.post(f"/rosters/{roster.id}/publish")
    at = Roster.get_by_id(roster.id).published_at
    assert desk.post(f"/rosters/{roster.id}/publish").status_code == 302
    assert Roster.get_by_id(roster.id).published_at == at
    assert "This version is published already." in text_of(desk, f"/rosters/{roster.id}/publish")


def test_a_broken_rule_keeps_a_draft_from_being_published(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    roster = draft(world, [("bo", "lisbon", 0, 9, 18), ("bo", "lisbon", 1, 8, 17)], now)
    asks_more = roster.problem_json.replace('"min_rest_slots":22', '"min_rest_slots":40')
    Roster.update(problem_json=asks_more).where(Roster.id == roster.id).execute()
    week = text_of(desk, f"{WEEK}?office=lisbon")
    assert "1 rule is broken; this cannot be published" in week
    assert "CT 214" in week
    assert f'href="/rosters/{roster.id}/publish' not in week
    answer = desk.post(f"/rosters/{roster.id}/publish")
    assert answer.status_code == 400
    assert "Bo has too little rest between two days." in answer.get_data(as_text=True)
    assert Roster.get_by_id(roster.id).status == RosterStatus.DRAFT


def test_the_list_of_weeks_says_what_is_late(desk: FlaskClient, world: SmallWorld) -> None:
    text = text_of(desk, "/weeks/all?office=lisbon")
    assert text.count('<th scope="row">') == 11
    assert "(this week)" in text
    assert "late" in text


PAGES = ["/weeks", "/weeks/all", WEEK, f"{WEEK}/build", "/runs/1", "/runs/1.json"]
POSTS = [f"{WEEK}/forecast", f"{WEEK}/build", "/runs/1/stop", "/runs/1/cancel"]


@pytest.mark.parametrize("who", ["mediator", "trainer", "association"])
def test_the_desk_is_for_coordinators(
    world: SmallWorld, sign_in: SignIn, now: dt.datetime, who: str
) -> None:
    roster = draft(world, [], now)
    build_run(world, now)
    client = sign_in(getattr(world, who))
    publish = f"/rosters/{roster.id}/publish"
    for path in [*PAGES, publish]:
        assert client.get(path).status_code == 403, path
    for path in [*POSTS, publish]:
        assert client.post(path, data={"group": world.group.id}).status_code == 403, path
    assert Run.select().count() == 1
    assert Roster.get_by_id(roster.id).status == RosterStatus.DRAFT


def test_nobody_signed_out_sees_the_desk(world: SmallWorld, desk: FlaskClient) -> None:
    desk.post("/sign-out")
    for path in PAGES:
        assert "/sign-in" in desk.get(path).headers["Location"], path


def test_an_offices_own_coordinator_reads_it_and_plans_nothing(
    world: SmallWorld, sign_in: SignIn, now: dt.datetime
) -> None:
    require(world.azores, 0, 9, 12, ["lang:en"])
    roster = draft(world, [], now)
    client = sign_in(world.azores_coordinator)
    text = text_of(client, WEEK)
    assert "Ponta Delgada" in text
    assert "Lisboa" not in text
    assert f"{WEEK}/build" not in text
    assert "/publish" not in text
    assert client.get(f"{WEEK}?office=lisbon").status_code == 403
    assert client.post(f"{WEEK}/build", data={"office": "azores"}).status_code == 403
    assert client.post(f"/rosters/{roster.id}/publish").status_code == 403


def test_the_network_tells_presence_beside_the_places(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    """Monday: the place is filled, nobody speaks Mandarin. Tuesday asks for presence alone, and
    lacks it; on Wednesday somebody is there."""
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    for day in (0, 1, 2):
        require(world.lisbon, day, 9, 12, ["lang:zh"], exclusive=False)
    assert "presence alone" in text_of(desk, f"{WEEK}/network")
    draft(world, [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 2, 9, 13)], now)
    line = text_of(desk, f"{WEEK}/network").partition(">Lisboa</a>")[2].partition("</tr>")[0]
    cells = [re.sub(r"<[^>]+>|\s+", " ", cell).split("  ") for cell in line.split("<td")[1:]]
    told = [" ".join(" ".join(cell).partition(">")[2].split()) for cell in cells]
    assert told[:4] == [
        "every place filled 3 h without a speaker 1 person", "3 h without a speaker 0 people",
        "covered 1 person", "–",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/weeks/2026-03-10",
        "/weeks/yesterday",
        "/weeks/2026-02-30/network",
        "/weeks/2026-02-30/scenarios",
        "/rosters/1/cells/1/2026-02-30",
        "/rosters/1/why/lisbon/2026-02-30",
        f"{WEEK}?office=nowhere",
        f"{WEEK}?version=999",
        "/runs/999",
        "/runs/999.json",
        "/rosters/999/publish",
    ],
)
def test_what_is_not_there_is_not_found(desk: FlaskClient, path: str) -> None:
    assert desk.get(path).status_code == 404


@pytest.mark.parametrize(
    ("cost", "bound", "words"),
    [
        (100, 100, "No better roster exists."),
        (0, 0, "No better roster exists."),
        (100, 97, "No roster can be more than 3\u00a0% better."),
        (1000, 999, "No roster can be more than 1\u00a0% better."),
        (100, None, "How good it could be at best is not known."),
    ],
)
def test_how_much_better_it_could_be_is_never_told_too_small(
    app: object, cost: int, bound: int | None, words: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):  # type: ignore[attr-defined]
        assert quality(cost, bound) == words


def test_every_planning_group_of_a_week_is_built_by_one_press(
    desk: FlaskClient, world: SmallWorld
) -> None:
    """A group without needs is left out; pressed twice, each is built once."""
    desk.post(f"{WEEK}/build-all")
    assert "expected a week with requirements" in text_of(desk, f"{WEEK}/network")
    other = PlanningGroup.create(code="north", name="Norte")
    PlanningGroup.create(code="south", name="Sul")
    Office.update(group=other).where(Office.id == world.azores.id).execute()
    require(world.lisbon, 0, 9, 12, ["lang:uk"])
    require(world.azores, 0, 9, 12, ["lang:uk"])
    for _press in range(2):
        assert desk.post(f"{WEEK}/build-all").status_code == 302
    assert {one.parameters["group"] for one in Run.select()} == {world.group.id, other.id}
    assert Run.select().count() == 2
    assert "Builds of 2 planning groups wait" in text_of(desk, f"{WEEK}/network")


def test_the_board_tells_the_wait_and_offers_to_try_it_out(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    roster = draft(world, [("ana", "lisbon", 0, 8, 17)], now)
    assert "Not tried out yet" in text_of(desk, f"{WEEK}?office=lisbon")
    ForecastSlot.create(
        office=world.lisbon, week_starts_on=MONDAY, starts_at=now, mean=1, q50=1, q80=1, q90=1,
        q95=1, made_at=now,
    )  # fmt: skip
    assert f'action="/demand/{MONDAY}/wait"' in text_of(desk, f"{WEEK}?office=lisbon")
    asked = {"office": "lisbon", "version": roster.id, "factor": 1}
    watched = desk.post(f"/demand/{MONDAY}/wait", data=asked).headers["Location"]
    assert watched.startswith("/runs/")
    assert "It is being tried out now" in text_of(desk, f"{WEEK}?office=lisbon")
    row = {"visitors": 60, "wait": [4.25, 4, 5], "within": [0.7, 0.6, 0.8], "phone": [0.1, 0, 1]}
    desk_row = row | {"need": "legal", "received": 0.9, "busy": None, "few": False}
    told = {
        "day": 0, "target_share": 0.8, "target_minutes": 15, "overall": row,
        "by_language": [row | {"language": "uk"}], "desks": [desk_row],
    }  # fmt: skip
    Run.update(status=RunStatus.DONE, ended_at=now, result={"days": [told]}).execute()
    text = text_of(desk, f"{WEEK}?office=lisbon")
    assert "The wait with this roster" in text
    assert "<strong>4.2&nbsp;min</strong>" in text
    assert "70\u00a0% are received within 15\u00a0min (80\u00a0% are to be)" in text
    assert "short of the target" in text
    assert "too few are received in time at 1 of 1" in text
    assert "nobody there on 1 day" in text
    assert "What if twice as many come?" in text
    desk.post("/language", data={"locale": "pt"})
    assert "A espera com esta escala" in text_of(desk, f"{WEEK}?office=lisbon")


@pytest.mark.parametrize("number", ["1", "2", "x"])
def test_a_further_page_of_a_board_is_shown_and_kept_from_day_to_day(
    desk: FlaskClient, number: str
) -> None:
    assert f"page={number}" in text_of(desk, f"{WEEK}?office=lisbon&page={number}")


def test_further_names_of_all_offices_keep_the_day(
    sign_in: SignIn, world: SmallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PEOPLE_A_PAGE", 3)
    page = sign_in(world.coordinator).get(f"/weeks/{MONDAY}/network?day=2").text
    assert f"/weeks/{MONDAY}/network?day=2&amp;page=2" in page
    assert "Caio" in page
    assert "Dina" not in page


def as_of(monkeypatch: pytest.MonkeyPatch, client: FlaskClient, moment: dt.datetime) -> None:
    """From here on pages take it to be `moment`."""

    def set_clock() -> None:
        g.now = moment

    asked = client.application.before_request_funcs
    monkeypatch.setitem(asked, None, [*asked[None], set_clock])


def test_the_telephone_s_week_says_which_version_hours_are_given_by(
    desk: FlaskClient, world: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_telephone(world)
    require(world.lisbon, 0, 9, 13, ["lang:zh"])
    require(office, 0, 9, 13, ["lang:uk"])
    picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)]
    first = draft(world, picks, now)
    page = f"{WEEK}?office=telephone"
    assert "a centre could have answered are over" in text_of(desk, page), "long ago"
    as_of(monkeypatch, desk, now)
    unpublished, elsewhere = "Once the week is published", "another version than the published"
    text = text_of(desk, page)
    assert (unpublished in text, elsewhere in text) == (True, False)
    rosters.publish(world.system, first.id, now)
    text = text_of(desk, page)
    assert (unpublished in text, elsewhere in text) == (False, False)
    assert "Press a name" in text
    starts_at = dt.datetime.combine(MONDAY, dt.time(9), dt.UTC)
    phone_giving.give(world.system, "telephone", world.mediators[0].id, starts_at, now)
    text = text_of(desk, page)
    assert ("Press a name" in text, "still to come is given" in text) == (False, True)
    PhoneTurn.delete().execute()
    draft(world, picks, now + dt.timedelta(hours=1))
    text = text_of(desk, page)
    assert (unpublished in text, elsewhere in text) == (False, True)
