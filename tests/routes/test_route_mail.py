"""The pages of mail: one's own choice, the log, the register of late changes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from drafts import draft
from flask import Flask
from flask.testing import FlaskClient
from small_world import MONDAY, SmallWorld

from app.models import (
    Assignment,
    AuditEntry,
    DeadAddress,
    LateChange,
    Mail,
    MailChoice,
    MailStatus,
    Roster,
    User,
)
from app.services import outbox, rosters
from app.services.late_changes import Why
from app.services.rights import actor_of
from app.services.telling import tell

SignIn = Callable[[str], FlaskClient]
FIRST = [("ana", "lisbon", 1, 9, 13)]
SECOND = [("ana", "lisbon", 1, 10, 14)]


def english(client: FlaskClient) -> FlaskClient:
    client.post("/language", data={"locale": "en"})
    return client


def test_the_choice_is_kept_and_shown(world: SmallWorld, sign_in: SignIn) -> None:
    client = english(sign_in(world.mediator))
    page = client.get("/messages/mail").text
    assert "No mail server is set up yet" in page
    assert world.mediator in page
    answer = client.post("/messages/mail", data={"choice": "daily", "digest_hour": "18"})
    assert answer.status_code == 302
    user = User.get(User.email == world.mediator)
    assert (user.mail_choice, user.digest_hour) == (MailChoice.DAILY, 18)
    assert "18:00" in client.get("/messages/mail").text


@pytest.mark.parametrize(
    "data",
    [{}, {"choice": "sometimes", "digest_hour": "7"}, {"choice": "daily", "digest_hour": "24"}],
)
def test_what_is_no_choice_is_refused_and_nothing_kept(
    world: SmallWorld, sign_in: SignIn, data: dict[str, str]
) -> None:
    assert sign_in(world.mediator).post("/messages/mail", data=data).status_code == 400
    assert User.get(User.email == world.mediator).mail_choice == MailChoice.AT_ONCE


def test_the_log_says_that_there_is_no_server_and_what_failed(
    world: SmallWorld, sign_in: SignIn, now: dt.datetime
) -> None:
    client = english(sign_in(world.coordinator))
    assert "No mail yet" in client.get("/mail").text
    ana = User.get(User.email == world.mediator)
    mail = outbox.queue_letter(ana.id, "test", {"secret": "hush"}, now)
    Mail.update(status=MailStatus.REFUSED, answer="550 5.1.1 no such user").execute()
    DeadAddress.create(address=ana.email, since=now, answer="550 5.1.1 no such user")
    page = client.get("/mail").text
    assert "No mail server is set up" in page
    assert "1 address that refuses mail" in page
    assert "550 5.1.1 no such user" in page
    shown = client.get(f"/mail/{mail}").text
    assert "hush" not in shown
    assert "refuses mail" in client.get(f"/mediators/{world.mediators[0].id}").text
    client.post(f"/mail/addresses/{ana.id}/works")
    assert "refuses mail" not in client.get(f"/mediators/{world.mediators[0].id}").text
    client.post(f"/mail/{mail}/again")
    assert Mail.get().status == MailStatus.WAITING
    assert client.post(f"/mail/{mail}/again").status_code == 409


def test_the_log_says_what_a_mail_told_to_its_reader_alone(
    world: SmallWorld, sign_in: SignIn, now: dt.datetime
) -> None:
    leave = {"status": "approved", "first": "2026-03-12", "last": "2026-03-13"}
    for email in (world.mediator, world.coordinator):
        tell([User.get(User.email == email).id], "leave_decided", email, leave, now)
    outbox.gather(now)
    client = english(sign_in(world.coordinator))
    of_ana, own = (client.get(f"/mail/{one.id}").text for one in Mail.select().order_by(Mail.id))
    assert "Leave decided" in of_ana
    assert "not seen yet" in of_ana
    assert "What this mail says is for the person alone." in of_ana
    assert "12" in own.partition("<h2")[2]
    assert "Your leave" in own
    assert "Your leave" not in of_ana
    assert "12" not in re.sub(r"<[^>]*>|/mail/\d+", "", of_ana.partition("<h2")[2])


def test_a_mail_in_doubt_is_noted_as_arrived_or_sent_again(
    world: SmallWorld, sign_in: SignIn, now: dt.datetime
) -> None:
    client = english(sign_in(world.coordinator))
    ana = User.get(User.email == world.mediator)
    first, second = (outbox.queue_letter(ana.id, "test", {}, now) for _number in range(2))
    assert "It has arrived" not in client.get(f"/mail/{first}").text
    Mail.update(status=MailStatus.IN_DOUBT).execute()
    for page in ("/mail?status=in_doubt", f"/mail/{first}"):
        shown = client.get(page).text
        assert f"/mail/{first}/arrived" in shown
        assert f"/mail/{first}/again" in shown
    assert sign_in(world.mediator).post(f"/mail/{first}/arrived").status_code == 403
    client = english(sign_in(world.coordinator))
    answer = client.post(f"/mail/{first}/arrived", data={"status": "in_doubt"})
    assert answer.location.endswith("/mail?status=in_doubt")
    page = client.get(answer.location).text
    assert "It is noted that the mail to Ana has arrived." in page
    assert f"/mail/{first}/arrived" not in page
    assert client.post(f"/mail/{first}/arrived").status_code == 409
    client.post(f"/mail/{second}/again")
    assert Mail.get_by_id(second).status == MailStatus.WAITING


def test_a_late_change_asks_for_its_reason_and_keeps_what_was_typed(
    app: Flask, world: SmallWorld, sign_in: SignIn
) -> None:
    """Past weeks are late whatever the day the test runs on."""
    long_ago = dt.datetime(2026, 2, 1, 9, tzinfo=dt.UTC)
    rosters.publish(world.system, draft(world, FIRST, long_ago).id, long_ago)
    second = draft(world, SECOND, long_ago)
    client = english(sign_in(world.coordinator))
    page = client.get(f"/rosters/{second.id}/publish").text
    assert "Why 1 change comes with less than seven days" in page
    meant = {"correct_passed": "y"}
    refused = client.post(f"/rosters/{second.id}/publish", data={"reason": " ", **meant})
    assert refused.status_code == 400
    assert "expected why hours change with so little notice" in refused.text
    done = client.post(f"/rosters/{second.id}/publish", data={"reason": "＝A group comes", **meant})
    assert done.status_code == 302
    assert Roster.get_by_id(second.id).status == "published"
    year = LateChange.get().date.year
    page = client.get(f"/late-changes?year={year}").text
    assert "＝A group comes" in page
    assert "09:00–13:00, Lisboa" in page
    assert "10:00–14:00, Lisboa" in page
    sheet = client.get(f"/late-changes/{year}.csv")
    assert sheet.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(sheet.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][:5] == [
        "Ana", "Lisboa", str(MONDAY + dt.timedelta(days=1)),
        "09:00–13:00, Lisboa", "10:00–14:00, Lisboa",
    ]  # fmt: skip
    assert rows[1][6] == "'＝A group comes", "no formula for a spreadsheet"
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (last.action, last.object_id, last.details) == (
        "late_changes.export", str(year), {"office": None},
    )  # fmt: skip


def test_a_break_that_alone_moves_is_told_as_what_changes(
    world: SmallWorld, sign_in: SignIn
) -> None:
    """Before it is published, in the register, and in the file of it."""
    long_ago = dt.datetime(2026, 2, 1, 9, tzinfo=dt.UTC)
    for pause in (12, 13):
        made = draft(world, [("ana", "lisbon", 1, 9, 18)], long_ago)
        edges = [
            dt.datetime.combine(MONDAY + dt.timedelta(days=1), dt.time(hour), dt.UTC).isoformat()
            for hour in (pause, pause + 1)
        ]
        Assignment.update(breaks=[edges]).where(Assignment.roster == made).execute()
        client = english(sign_in(world.coordinator))
        preview = client.get(f"/rosters/{made.id}/publish").text
        late = dt.datetime.combine(MONDAY, dt.time(8), dt.UTC)
        actor = actor_of(User.get(User.email == world.coordinator))
        rosters.publish(actor, made.id, late, why=Why(reason="A group comes"))
    for page in (preview, client.get("/late-changes?year=2026").text):
        told = re.sub(r"<[^>]*>", "", page)
        assert "09:00–18:00 break 12:00 to 13:00, Lisboa" in told
        assert "09:00–18:00 break 13:00 to 14:00, Lisboa" in told
    sheet = client.get("/late-changes/2026.csv").data.decode("utf-8-sig")
    assert "09:00–18:00, break 12:00 to 13:00, Lisboa" in sheet
    assert "09:00–18:00, break 13:00 to 14:00, Lisboa" in sheet


def test_a_year_without_late_changes_says_so(world: SmallWorld, sign_in: SignIn) -> None:
    client = english(sign_in(world.coordinator))
    assert "No late change in 2025" in client.get("/late-changes?year=2025").text
    assert client.get("/late-changes?year=99999").status_code == 404


def test_the_register_in_portuguese_names_the_cause(world: SmallWorld, sign_in: SignIn) -> None:
    early = dt.datetime(2026, 2, 1, 9, tzinfo=dt.UTC)
    late = dt.datetime.combine(MONDAY, dt.time(8), dt.UTC)
    rosters.publish(world.system, draft(world, FIRST, early).id, early)
    actor = actor_of(User.get(User.email == world.coordinator))
    why = Why(reason="Chega um grupo")
    rosters.publish(actor, draft(world, SECOND, late).id, late, why=why)
    page = sign_in(world.coordinator).get("/late-changes?year=2026").text
    assert "Registo de alterações tardias, 2026" in page
    assert "Chega um grupo" in page
