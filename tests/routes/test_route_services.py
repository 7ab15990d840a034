"""Pages of the further services: calls, translators, numbers and the queue, an office's desks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_world import SmallWorld, open_around_the_clock
from telephones import call_facts, open_telephone, translator_facts

from app.models import Arrival, Call, Desk, Office, Ticket, TicketState, Translator, database
from app.services import calls, translators


@pytest.fixture
def coordinator(sign_in: Callable[[str], FlaskClient], world: SmallWorld) -> FlaskClient:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


@pytest.fixture
def telephone(world: SmallWorld) -> Office:
    return open_telephone(world)


def call(**other: str) -> dict[str, str]:
    form = {
        "office": "telephone", "press": "a" * 8, "language": "uk", "need": "legal", "typed": "",
        "minutes": "15", "three_way": "y", "helped": "mediator",
    }  # fmt: skip
    return form | other


def test_a_call_is_logged_by_button_or_typed_minutes_and_taken_back(
    coordinator: FlaskClient, telephone: Office
) -> None:
    part = coordinator.post("/calls", data=call(), headers={"X-Part": "last"}).text
    assert "15\u00a0min, three-way, a mediator here" in part
    coordinator.post("/calls", data=call(press="b" * 8, minutes="", typed="7", three_way=""))
    page = coordinator.get("/calls").text
    assert "7\u00a0min, a mediator here" in page
    with database.connection_context():
        newest = Call.select().order_by(Call.id.desc()).first().id
    gone = coordinator.post(f"/calls/{newest}/undo", headers={"X-Part": "last"}).text
    assert "7\u00a0min" not in gone
    summary = coordinator.get("/calls/summary").text
    assert "Ukrainian" in summary
    assert coordinator.get("/calls/summary?month=rubbish").status_code == 200


def test_a_call_taken_back_twice_is_said_and_the_next_is_logged(
    coordinator: FlaskClient, telephone: Office
) -> None:
    """Two quick presses, or a colleague's a moment before: an answer, not an error to retry."""
    coordinator.post("/calls", data=call(), headers={"X-Part": "last"})
    with database.connection_context():
        made = Call.get().id
    part = {"X-Part": "last"}
    assert "notice-bad" not in coordinator.post(f"/calls/{made}/undo", headers=part).text
    again = coordinator.post(f"/calls/{made}/undo", data={"office": "telephone"}, headers=part)
    assert again.status_code == 200
    assert "That call was taken back already." in again.text
    following = coordinator.post("/calls", data=call(press="b" * 8, ago="1800"), headers=part)
    assert "15\u00a0min, three-way, a mediator here" in following.text


def test_a_call_that_cannot_be_says_why_and_is_not_kept(
    coordinator: FlaskClient, telephone: Office
) -> None:
    wrong = call(language="", minutes="", typed="ten", helped="translator:999")
    part = coordinator.post("/calls", data=wrong, headers={"X-Part": "last"}).text
    for words in ("Choose a language.", "Minutes: expected", "Who helped: expected"):
        assert words in part
    with database.connection_context():
        assert not Call.select().exists()
        assert not Arrival.select().exists()


def test_a_translator_is_kept_with_price_languages_and_hours(
    coordinator: FlaskClient, telephone: Office
) -> None:
    form = {
        "name": "Zofia", "office_id": telephone.id, "phone": "210", "price_cents": "0,85",
        "languages": ["ru", "zh"], "monday": "09:00–13:00, 14:00–18:00", "active": "y",
    }  # fmt: skip
    assert coordinator.post("/calls/translators/new", data=form).status_code == 302
    page = coordinator.get("/calls/translators").text
    assert "€0.85" in page
    assert 'href="tel:210"' in page
    assert "Mon 09:00–13:00 14:00–18:00" in re.sub(r"\s+", " ", page)
    with database.connection_context():
        made = Translator.get().id
    form["price_cents"], form["monday"] = "dear", "14:00–18:00, 09:00–15:00"
    refused = coordinator.post(f"/calls/translators/{made}/edit", data=form)
    assert refused.status_code == 400
    assert "expected a price such as 0,85" in refused.text
    assert 'value="dear"' in refused.text, "what was typed stays"
    form["price_cents"] = "1.2"
    refused = coordinator.post(f"/calls/translators/{made}/edit", data=form).text
    assert "a time after the opening before it" in refused


def test_the_screen_of_a_reception_names_the_translator_and_keeps_the_number(
    coordinator: FlaskClient,
    world: SmallWorld,
    telephone: Office,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody on call around the clock: the price stands on the screen, the telephone does not."""
    from app.services.places import Hours

    hours = tuple(Hours(weekday, 0, 1440) for weekday in range(7))
    facts = translator_facts(telephone, hours=hours, languages=("zh",), phone="+351 210 777 777")
    with database.connection_context():
        open_around_the_clock(world.lisbon, monkeypatch)
        translators.create_translator(world.system, facts, dt.datetime.now(dt.UTC))
        Arrival.create(
            office=world.lisbon, starts_at=dt.datetime.now(dt.UTC).replace(second=0, microsecond=0),
            language="zh", need="general", count=1,
        )  # fmt: skip
    page = coordinator.get("/now?office=lisbon").text
    assert "€0.85 a minute" in page
    parts = re.findall(r'<section class="now-block"[^>]*>\s*<h2[^>]*>', page)
    assert len(parts) > 2
    # Whoever was at something that is gone is led to the part of the page that it was in.
    assert all(re.search(r'id="([\w-]+)" aria-labelledby="\1-title">', one) for one in parts)
    assert '<a class="nowrap" href="tel:+351210777777">+351 210 777 777</a>' in page
    made = coordinator.post(
        "/now/screens",
        data={"name": "Door", "office_id": world.lisbon.id, "locale": "en", "shows": "now"},
    ).text
    found = re.search(r'value="[^"]*(/now/screen/[^"]+)"', made)
    assert found
    screen = coordinator.application.test_client().get(found[1]).text
    assert "€0.85 a minute" in screen
    assert "777" not in screen


def test_a_number_goes_from_the_door_to_the_screen_and_the_desk(
    coordinator: FlaskClient, world: SmallWorld
) -> None:
    with database.connection_context():
        Office.update(gives_tickets=True).where(Office.id == world.lisbon.id).execute()
    made = coordinator.post(
        "/now/screens",
        data={"name": "W", "office_id": world.lisbon.id, "locale": "en", "shows": "waiting"},
    ).text
    found = re.search(r'value="[^"]*(/now/screen/[^"]+)"', made)
    assert found
    form = {"office": "lisbon", "press": "p" * 8, "who": "uk:legal"}
    part = coordinator.post("/intake", data=form, headers={"X-Part": "last"}).text
    assert "<strong>1</strong> <span>Legal" in part
    assert "How it ended" not in part
    with database.connection_context():
        ticket = Ticket.get().id
    assert ">1<" in coordinator.get(f"/intake/tickets/{ticket}").text
    wanted = {"office": "lisbon", "press": "c" * 8, "counter": "Room 2", "need": "legal"}
    coordinator.post("/queue", data={**wanted, "languages": ["pt"]})
    assert "Nobody waits for this desk in these languages." in coordinator.get("/queue").text
    coordinator.post("/queue", data={**wanted, "languages": ["uk", "pt"]})
    page = coordinator.get("/queue").text
    assert "Finished: call the next" in page
    assert 'value="Room 2"' in page, "it is remembered"
    screen = coordinator.application.test_client().get(found[1]).text
    assert "Room 2" in screen
    assert "Ukrainian" not in screen
    coordinator.post(f"/queue/{ticket}/end", data={"ending": "served", "office": "lisbon"})
    again = coordinator.post(f"/queue/{ticket}/end", data={"ending": "served"})
    assert "It has changed in the meantime" in coordinator.get(again.location).text
    coordinator.post(f"/queue/{ticket}/back", data={"office": "lisbon"})
    with database.connection_context():
        assert Ticket.get().state == TicketState.CALLED
    coordinator.post("/intake/undo", data={"office": "lisbon"})
    with database.connection_context():
        assert not Ticket.select().exists()


def test_an_office_s_desks_are_changed_in_its_form_and_told_on_their_page(
    coordinator: FlaskClient, world: SmallWorld
) -> None:
    office = world.lisbon.id
    page = coordinator.get(f"/offices/{office}/desks").text
    assert "Legal support" in page
    assert "walk-in" in page
    with database.connection_context():
        Desk.update(admission="appointment", partner="AIMA").execute()
    page = coordinator.get(f"/offices/{office}/desks").text
    assert "by appointment" in page
    assert "own people" in page
    form = coordinator.get(f"/offices/{office}/edit").text
    assert 'value="AIMA"' in form
    calls_page = coordinator.get("/calls")
    assert calls_page.status_code == 403, "no telephone service here"


def test_the_telephone_s_desks_page_names_the_compulsory_certifications(
    coordinator: FlaskClient, world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    with database.connection_context():
        calls.log_call(world.system, call_facts(telephone), now)
    page = coordinator.get(f"/offices/{telephone.id}/desks").text
    assert "Compulsory for everyone who answers here" in page


def test_a_language_is_added_renamed_and_offered_for_translators(
    coordinator: FlaskClient, telephone: Office
) -> None:
    form = {"code": "ka", "name_pt": "georgiano", "name_en": "Georgian"}
    assert coordinator.post("/languages", data=form).status_code == 302
    again = coordinator.post("/languages", data=form)
    assert again.status_code == 400
    assert 'value="georgiano"' in again.text, "what was typed stays"
    named = {"name_pt": "georgiano", "name_en": "Kartuli"}
    assert coordinator.post("/languages/ka", data=named).status_code == 302
    assert coordinator.post("/languages/ka", data=named | {"name_en": ""}).status_code == 400
    assert 'value="Kartuli"' in coordinator.get("/languages").text
    assert "Kartuli" in coordinator.get("/calls/translators/new").text


def test_a_page_grown_old_says_so_to_the_script_that_keeps_presses(
    app: Flask, telephone: Office
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/calls", data=call(), headers={"X-Part": "last"})
    assert (answer.status_code, answer.headers["X-Stale-Form"]) == (400, "yes")
