"""The page on which coordinators enter a mediator's times, and what the mediator reads of it."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import Absence, Availability, Wish

TODAY = dt.date.today()  # noqa: DTZ011 - a page reads the clock
LATER = TODAY + dt.timedelta(days=30)
DAY = dt.timedelta(days=1)


def typed(date: dt.date) -> str:
    return f"{date:%d/%m/%Y}"


@pytest.fixture
def people(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> tuple[FlaskClient, FlaskClient, str]:
    """A coordinator, the mediator and the address of her times."""
    both = [sign_in(email) for email in (world.coordinator, world.mediator)]
    for client in both:
        client.post("/language", data={"locale": "en"})
    return both[0], both[1], f"/mediators/{world.mediators[0].id}/times"


def test_an_absence_is_entered_ended_earlier_and_removed(
    people: tuple[FlaskClient, FlaskClient, str],
) -> None:
    coordinator, ana, address = people
    sent = {
        "absence-kind": "sickness",
        "absence-first": typed(LATER),
        "absence-last": typed(LATER + 2 * DAY),
    }
    assert coordinator.post(f"{address}/absences", data=sent).status_code == 302
    again = coordinator.post(f"{address}/absences", data=sent)
    assert again.status_code == 400
    assert 'href="#absence-first"' in again.text
    (row,) = Absence.select()
    field = f"end-{row.id}-last"
    for last in ("soon", typed(LATER + 2 * DAY)):
        answer = coordinator.post(f"{address}/absences/{row.id}/end", data={field: last})
        assert answer.status_code == 400
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
    answer = coordinator.post(f"{address}/absences/{row.id}/end", data={field: typed(LATER)})
    assert answer.status_code == 302
    assert Absence.get().ends_at - row.starts_at < 2 * DAY
    assert coordinator.post(f"{address}/absences/{row.id}/remove").status_code == 302
    assert Absence.select().count() == 0
    told = html.unescape(ana.get("/messages").text)
    assert "Your coordinators have entered that you are away" in told
    assert "Your coordinators have entered that you can come" in told
    assert "ickness" not in told


def test_weekly_hours_and_wishes_are_entered(
    people: tuple[FlaskClient, FlaskClient, str],
) -> None:
    coordinator, ana, address = people
    assert coordinator.post(address, data={"weekly-day1": "8-10"}).status_code == 302
    assert Availability.select().count() == 1
    assert coordinator.post(address, data={"weekly-day1": "10-8"}).status_code == 400
    sent = {"wish-date": typed(LATER), "wish-kind": "off"}
    assert coordinator.post(f"{address}/wishes", data=sent).status_code == 302
    assert coordinator.post(f"{address}/wishes", data=sent).status_code == 400
    page = html.unescape(coordinator.get(address).text)
    assert 'value="08:00–10:00"' in page
    wish = Wish.get()
    assert f"{address}/wishes/{wish.id}/remove" in page
    assert coordinator.post(f"{address}/wishes/{wish.id}/remove").status_code == 302
    told = html.unescape(ana.get("/messages").text)
    assert "changed the hours you cannot work every week" in told
    assert address in coordinator.get(address.removesuffix("/times")).text


def test_a_mediator_ends_their_own_sickness(
    people: tuple[FlaskClient, FlaskClient, str],
) -> None:
    coordinator, ana, _address = people
    sent = {
        "absence-kind": "sickness",
        "absence-first": typed(TODAY),
        "absence-last": typed(TODAY + 3 * DAY),
    }
    ana.post("/me/times/absences", data=sent)
    one = Absence.get().id
    end, field = f"/me/times/absences/{one}/end", f"end-{one}-last"
    assert end in ana.get("/me/times").text
    assert ana.post(end, data={field: "x"}).status_code == 400
    assert ana.post(end, data={field: typed(TODAY + DAY)}).status_code == 302
    assert ana.post(end).status_code == 302
    assert Absence.select().count() == 0
    assert "can come after all" in html.unescape(coordinator.get("/messages").text)
