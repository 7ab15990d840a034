"""Messages and requests on their pages: old beside new, one press, the number in the navigation."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from published import Shift, write_roster
from small_world import SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    Message,
    Office,
    PlanningGroup,
    RequestStatus,
    Roster,
    User,
)
from app.services.messages import tell_of_publication
from app.services.roster_changes import changes_between

TODAY = dt.date.today()  # noqa: DTZ011 - a page reads the clock
NEXT_WEEK = TODAY - dt.timedelta(days=TODAY.weekday()) + dt.timedelta(weeks=1)


@pytest.fixture
def client(sign_in: Callable[[str], FlaskClient]) -> Callable[[str], FlaskClient]:
    def signed_in(email: str) -> FlaskClient:
        found = sign_in(email)
        found.post("/language", data={"locale": "en"})
        return found

    return signed_in


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    text = html.unescape(answer.text)
    assert not re.search(r'\sstyle="|\son\w+="|<style', text)
    return text


def publish_and_change(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    before: Roster | None = None
    for version, start in ((1, "08:00"), (2, "09:00")):
        shift = Shift(ana, world.lisbon, NEXT_WEEK, start, "17:00")
        roster = write_roster(world, NEXT_WEEK, [shift], version=version)
        tell_of_publication(roster, changes_between(before, roster), now)
        before = roster


def test_the_change_stands_old_beside_new_until_it_is_seen(
    client: Callable[[str], FlaskClient], world: SmallWorld, now: dt.datetime
) -> None:
    publish_and_change(world, now)
    ana = client(world.mediator)
    text = page(ana, "/messages")
    assert "Messages (2)" in text
    assert "are published." in text
    assert "have changed." in text
    newest = text.partition("have changed.")[2]
    assert "<del>08:00–17:00, Lisboa <" in newest
    assert "<dd>09:00–17:00, Lisboa <" in newest
    last = Message.select().order_by(Message.id.desc()).get()
    assert ana.post(f"/messages/{last.id}/seen").headers["Location"] == "/messages"
    text = page(ana, "/messages")
    assert "Messages (1)" in text
    assert text.count(">Seen</button>") == 1


def test_all_of_them_with_one_press(
    client: Callable[[str], FlaskClient], world: SmallWorld, now: dt.datetime
) -> None:
    publish_and_change(world, now)
    ana = client(world.mediator)
    newest = re.search(r'name="newest" value="(\d+)"', page(ana, "/messages"))
    assert newest
    ana.post("/messages/seen", data={"newest": newest[1]})
    text = page(ana, "/messages")
    assert "2 messages confirmed." in text
    assert "Messages (" not in text


def test_nothing_told_says_what_will_come(
    client: Callable[[str], FlaskClient], world: SmallWorld
) -> None:
    assert "Nothing has been told yet" in page(client(world.trainer), "/messages")


def test_a_kind_without_words_of_its_own_still_shows(
    client: Callable[[str], FlaskClient], world: SmallWorld, now: dt.datetime
) -> None:
    user = User.get(User.email == world.trainer)
    Message.create(user=user, kind="something_new", key="k", created_at=now)
    assert "There is news for you." in page(client(world.trainer), "/messages")


def test_a_shift_in_another_groups_roster_is_told_without_a_link_that_would_be_refused(
    client: Callable[[str], FlaskClient], world: SmallWorld
) -> None:
    """Dina of the Azores, planned for themselves, works in Lisbon."""
    dina = world.mediators[3]
    Absence.create(
        mediator=dina,
        starts_at=dt.datetime.combine(NEXT_WEEK, dt.time(), dt.UTC),
        ends_at=dt.datetime.combine(NEXT_WEEK, dt.time(23), dt.UTC),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.ASKED,
    )
    roster = write_roster(world, NEXT_WEEK, [Shift(dina, world.lisbon, NEXT_WEEK)])
    link = f"/rosters/{roster.id}/cells/{dina.id}/"
    reader = client(world.azores_coordinator)
    assert link in page(reader, "/requests")
    group = PlanningGroup.create(code="azores", name="Açores")
    Office.update(group=group).where(Office.id == world.azores.id).execute()
    assert reader.get(f"{link}{NEXT_WEEK}").status_code == 403
    text = page(reader, "/requests")
    assert "It hits 1 published shift," in text
    assert link not in text


def test_leave_is_asked_answered_and_told(
    client: Callable[[str], FlaskClient], world: SmallWorld
) -> None:
    ana, coordinator = client(world.mediator), client(world.coordinator)
    write_roster(world, NEXT_WEEK, [Shift(world.mediators[0], world.lisbon, NEXT_WEEK)])
    day = f"{NEXT_WEEK:%d/%m/%Y}"
    sent = {"absence-first": day, "absence-last": day, "absence-kind": "leave"}
    ana.post("/me/times/absences", data=sent)
    assert "Ana is away or asks to be away" in page(coordinator, "/messages")
    text = page(coordinator, "/requests")
    assert "It hits 1 published shift," in text
    assert "08:00–17:00, Lisboa" in text
    absence = Absence.get()
    coordinator.post(f"/requests/{absence.id}/approve")
    text = page(coordinator, "/requests")
    assert "Approved; Ana is told." in text
    assert "No leave to decide" in text
    assert Absence.get().status == RequestStatus.APPROVED
    assert "Your leave is approved" in page(ana, "/messages")
    assert coordinator.post(f"/requests/{absence.id}/decline").status_code == 409


def test_leave_is_declined_with_a_reason_or_without(
    client: Callable[[str], FlaskClient], world: SmallWorld
) -> None:
    ana, coordinator = client(world.mediator), client(world.coordinator)
    day = f"{NEXT_WEEK:%d/%m/%Y}"
    sent = {"absence-first": day, "absence-last": day, "absence-kind": "leave"}
    ana.post("/me/times/absences", data=sent)
    path = f"/requests/{Absence.get().id}/decline"
    coordinator.post(path, data={"reason": "x" * 201})
    assert "Reason: expected at most 200 characters" in page(coordinator, "/requests")
    assert Absence.get().status == RequestStatus.ASKED
    coordinator.post(path, data={"reason": " Half the desk is away. "})
    assert "Declined; Ana is told." in page(coordinator, "/requests")
    assert "Reason: Half the desk is away." in page(ana, "/messages")
    Absence.delete().execute()
    ana.post("/me/times/absences", data=sent)
    coordinator.post(f"/requests/{Absence.get().id}/decline")
    newest = page(ana, "/messages").partition("Your leave is declined")[2]
    assert "Reason" not in newest.partition("Your leave is declined")[0]
