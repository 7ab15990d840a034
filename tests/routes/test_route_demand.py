"""The pages of demand: what is foreseen and asked for, a coordinator's word, events."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from drafts import draft
from flask.testing import FlaskClient
from fresh_databases import Prepare
from small_world import MONDAY, SmallWorld, log_arrivals

from app.config import read_settings
from app.handlers import handlers_for
from app.models import (
    Arrival,
    DemandEvent,
    ForecastSlot,
    Office,
    OfficeKind,
    Requirement,
    RequirementOverride,
    Run,
    RunStatus,
)
from app.runs import claim, execute
from app.services import planning

WEEK = f"/demand/{MONDAY}"


@pytest.fixture
def desk(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


@pytest.fixture
def foreseen(world: SmallWorld, now: dt.datetime, prepared: Prepare) -> None:
    def lay_out() -> None:
        log_arrivals(world, now.date(), days=42)
        planning.forecast_week(world.group, MONDAY, now)
        planning.derive_requirements(world.group, MONDAY, now)

    prepared("foreseen", lay_out)


def typed(**changes: object) -> dict[str, object]:
    return {
        "office": "lisbon",
        "day": 0,
        "label": "uk",
        "from_minute": "10:00",
        "until_minute": "11:00",
        "count": "4",
        "note": "A group is coming",
    } | changes


def test_an_unforeseen_week_says_so_and_offers_to_foresee_it(desk: FlaskClient) -> None:
    page = desk.get(WEEK + "?office=lisbon").text
    assert "It is not known yet who will come" in page
    assert "Foresee the week" in page


def test_the_heat_map_holds_the_forecast_and_its_quantile(
    foreseen: None, desk: FlaskClient, world: SmallWorld
) -> None:
    page = desk.get(WEEK + "?office=lisbon&day=0").text
    slot = ForecastSlot.get(
        ForecastSlot.office == world.lisbon,
        ForecastSlot.language == "uk",
        ForecastSlot.starts_at == dt.datetime(2026, 3, 9, 10, 0, tzinfo=dt.UTC),
    )
    mean = f"{slot.mean:.1f}"
    high = str(round(slot.q80))
    words = re.search(r'title="10:00, Ukrainian: ([^"]+)"', page)
    assert words is not None
    assert words[1].startswith(f"{mean} visitors expected, at most {high}")
    assert f'<td class="number">{mean} <span class="quiet">({high})</span></td>' in page


def test_a_requirement_stands_beside_with_the_numbers_that_made_it(
    foreseen: None, desk: FlaskClient, world: SmallWorld
) -> None:
    page = desk.get(WEEK + "?office=lisbon&day=0").text
    row = Requirement.get(
        Requirement.office == world.lisbon,
        Requirement.label == "pt",
        Requirement.starts_at == dt.datetime(2026, 3, 9, 10, 0, tzinfo=dt.UTC),
    )
    assert f'title="10:00, Portuguese: {row.count}"' in page
    reason = row.reason
    assert f"{reason['pool_load']:.1f} → {reason['pool_heads']}" in page
    assert f"{reason['share_within'] * 100:.0f}\u00a0%" in page
    assert "The office keeps this desk: at least 1, wanted 1." in page


def test_an_override_is_shown_with_its_effect_and_removed(
    foreseen: None, desk: FlaskClient, world: SmallWorld
) -> None:
    answer = desk.post(WEEK + "/override", data=typed())
    assert answer.status_code == 302
    page = desk.get(answer.location).text
    assert "A group is coming" in page
    assert "within 15\u00a0min on a day as expected" in page
    override = RequirementOverride.get()
    answer = desk.post(f"/demand/overrides/{override.id}/remove")
    assert answer.status_code == 302
    assert "A group is coming" not in desk.get(answer.location).text


def test_every_fault_of_an_override_at_once_and_what_was_typed_stays(
    foreseen: None, desk: FlaskClient
) -> None:
    answer = desk.post(WEEK + "/override", data=typed(from_minute="ten", count="many", note=""))
    assert answer.status_code == 400
    for words in (
        "From: expected a time on the half hour",
        "Mediators: expected a whole number from 0 to 100",
        "Why: expected a text",
        'value="ten"',
        'value="many"',
    ):
        assert words in answer.text
    assert not RequirementOverride.select().exists()


def test_an_event_is_added_shown_in_its_week_changed_and_removed(
    foreseen: None, desk: FlaskClient, world: SmallWorld
) -> None:
    sent = {
        "name": "Consulate day",
        "starts_on": "11/03/2026",
        "ends_on": "12/03/2026",
        "factor_percent": "150",
        "languages": ["uk"],
    }
    assert desk.post("/demand/events/new", data=sent).status_code == 302
    event = DemandEvent.get()
    page = desk.get(WEEK + "?office=lisbon").text
    assert "Consulate day" in page
    assert "150\u00a0% of the usual" in page
    assert "Consulate day" not in desk.get("/demand/2026-03-16?office=lisbon").text
    desk.post(f"/demand/events/{event.id}/edit", data=sent | {"offices": ["azores"]})
    assert "Consulate day" not in desk.get(WEEK + "?office=lisbon").text
    assert 'value="azores" checked' in re.sub(
        r"checked (.*?)value=\"azores\"", r'\1value="azores" checked',
        desk.get(f"/demand/events/{event.id}/edit").text,
    )  # fmt: skip
    desk.post(f"/demand/events/{event.id}/remove")
    assert not DemandEvent.select().exists()


def test_every_fault_of_an_event_at_once(desk: FlaskClient) -> None:
    sent = {"name": "", "starts_on": "soon", "ends_on": "1/3/2026", "factor_percent": "1001"}
    answer = desk.post("/demand/events/new", data=sent)
    assert answer.status_code == 400
    for words in (
        "What happens: expected a text",
        "First day: expected a date such as 24/12/2026",
        "Visitors, in % of a usual day: expected a whole number from 0 to 1000",
        'value="soon"',
    ):
        assert words in answer.text
    assert not DemandEvent.select().exists()


def test_a_date_that_is_no_monday_is_not_found(desk: FlaskClient) -> None:
    assert desk.get("/demand/2026-03-10").status_code == 404
    assert desk.get("/demand/nonsense").status_code == 404


def test_the_wait_of_a_roster_is_asked_for_and_shown(
    foreseen: None, desk: FlaskClient, world: SmallWorld, now: dt.datetime
) -> None:
    page = desk.get(WEEK + "/wait?office=lisbon").text
    assert "With a roster of this week its days can be tried out" in page
    roster = draft(world, [("ana", "lisbon", 0, 8, 17), ("bo", "lisbon", 0, 9, 18)], now)
    assert "Not tried out yet" in desk.get(WEEK + "/wait?office=lisbon").text
    sent = {"office": "lisbon", "version": roster.id, "factor": "2", "away": "bo"}
    answer = desk.post(WEEK + "/wait", data=sent)
    run = carried_out()
    assert answer.location.startswith(f"/runs/{run.id}")
    told = desk.get(f"/runs/{run.id}.json").json
    assert told is not None
    page = desk.get(told["result_url"] + "&day=0").text
    assert "What if twice as many come." in page
    assert "What if Bo is away." in page
    shown = next(one for one in run.result["days"] if one["day"] == 0)
    assert f"{shown['overall']['wait'][0]:.1f}" in page
    assert f"{shown['overall']['within'][0] * 100:.0f}\u00a0%" in page
    assert 'role="img"' in page
    assert "Tried out " in page
    assert "Out of date" not in page
    planning.forecast_week(world.group, MONDAY, now + dt.timedelta(hours=1))
    again = desk.get(told["result_url"] + "&day=0").text
    assert "Out of date: since it was tried out, the week was foreseen again." in again
    table = page.partition("How busy each mediator")[2]
    assert ">Ana<" in table
    assert ">Bo<" not in table


def test_a_desk_without_visitors_is_told_no_minutes_of_theirs(
    foreseen: None, desk: FlaskClient, world: SmallWorld
) -> None:
    """Nobody with a legal question was counted: the desk is kept by the office's rule alone."""
    assert all(one.reason["arrivals"] == 0 for one in Requirement.select().where(
        Requirement.label == "legal"))  # fmt: skip
    page = desk.get(WEEK + "?office=lisbon").text
    assert "The office keeps this desk: at least 1, wanted 1." in page
    assert "A visitor is counted to take" not in page
    Arrival.update(need="legal").execute()
    planning.forecast_week(world.group, MONDAY, dt.datetime.now(dt.UTC))
    planning.derive_requirements(world.group, MONDAY, dt.datetime.now(dt.UTC))
    assert "A visitor is counted to take 10" in desk.get(WEEK + "?office=lisbon").text


def test_past_weeks_foreseen_again_are_shown_with_what_came(
    desk: FlaskClient, world: SmallWorld
) -> None:
    today = dt.datetime.now(dt.UTC).date()  # pages read the clock
    log_arrivals(world, today, days=84)
    assert "Nothing to compare yet" in desk.get("/demand/accuracy?office=lisbon").text
    monday = today - dt.timedelta(days=today.weekday())
    planning.forecast_week(world.group, monday, dt.datetime.now(dt.UTC))
    page = desk.get("/demand/accuracy?office=lisbon").text
    assert "Foreseen when they had begun" in page
    assert "Nothing to compare yet" in page
    desk.post("/demand/accuracy/backtest", data={"office": "lisbon"})
    run = carried_out()
    page = desk.get("/demand/accuracy?office=lisbon").text
    assert "Past weeks foreseen again" in page
    for week in run.result["weeks"]:
        assert f"{week['actual']:,}" in page
    last = run.result["weeks"][-2]["monday"]
    shown = desk.get(f"/demand/accuracy?office=lisbon&week={last}").text
    assert shown.count('class="band-day"') == 5
    assert f'<option value="{last}" selected>' in shown
    assert "19 in 20 at most" in shown
    assert desk.get("/demand/accuracy?office=lisbon&week=never").status_code == 404


def carried_out() -> Run:
    """The run that waits, done as the worker does it."""
    run = claim("test", dt.datetime.now(dt.UTC))
    assert run is not None
    settings = read_settings({"ESCALA_SECRET_KEY": "k" * 40})
    execute(run, handlers_for(settings), "test")
    done = Run.get_by_id(run.id)
    assert done.status == RunStatus.DONE, done.error
    return done


def test_an_office_that_has_hardly_opened_says_whom_it_is_foreseen_like(
    desk: FlaskClient, world: SmallWorld
) -> None:
    """Lisbon stands on its own; an office as new as it is of its kind has nobody counted."""
    today = dt.datetime.now(dt.UTC).date()  # pages read the clock
    week = f"/demand/{today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=1)}"
    log_arrivals(world, today, days=42)
    assert 'id="likes"' not in desk.get(week + "?office=lisbon").text
    Office.update(kind=OfficeKind.CENTRE).where(Office.id == world.azores.id).execute()
    Arrival.delete().where(Arrival.office == world.azores).execute()
    page = desk.get(week + "?office=azores").text
    assert "Here 0 days have been counted so far" in page
    assert "corrected by what was counted here: Lisboa." in page
    Office.update(likes=[world.lisbon.id]).where(Office.id == world.azores.id).execute()
    chosen = (
        "starts from the offices chosen for it, and is corrected by what was counted here: Lisboa."
    )
    assert chosen in desk.get(week + "?office=azores").text
    Office.update(kind=OfficeKind.MOBILE_UNIT, likes=[]).where(
        Office.id == world.azores.id
    ).execute()
    assert (
        "No office of its kind has counted enough either" in desk.get(week + "?office=azores").text
    )
