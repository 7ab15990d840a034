"""The mail log and each person's choice: whose mail one sees, found, counted, sent again."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import PASSWORD, SmallWorld

from app.models import (
    AuditEntry,
    DeadAddress,
    Mail,
    MailChoice,
    MailStatus,
    Message,
    Role,
    User,
)
from app.services import daily, mail_choice, mail_log, outbox
from app.services.accounts import create_user
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.mail_log import MailFilter
from app.services.mail_log import mail_log as log
from app.services.rights import SYSTEM, Actor, actor_of
from app.services.telling import tell, zones_of

HOUR = dt.timedelta(hours=1)


def who(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def dina(world: SmallWorld, now: dt.datetime) -> Actor:
    create_user(
        SYSTEM, email="dina@example.org", name="Dina", password=PASSWORD, locale="pt",
        roles=[(Role.MEDIATOR, None, None)], mediator_id=world.mediators[3].id, now=now,
    )  # fmt: skip
    return who("dina@example.org")


@pytest.fixture
def mails(world: SmallWorld, dina: Actor, now: dt.datetime) -> None:
    """One to Ana, refused; one to Dina, waiting; one to the coordinator, sent."""
    for email in (world.mediator, "dina@example.org", world.coordinator):
        details = {"status": "approved", "first": "2026-03-09", "last": "2026-03-09"}
        tell([who(email).user_id or 0], "leave_decided", email, details, now)
        outbox.gather(now)
    rows = list(Mail.select().order_by(Mail.id))
    for row, status in zip(rows, (MailStatus.REFUSED, None, MailStatus.SENT), strict=True):
        if status:
            Mail.update(status=status, answer="said").where(Mail.id == row.id).execute()


def names(actor: Actor, **asked: object) -> list[str]:
    return [one.name for one in log(actor, MailFilter(**asked)).lines]  # type: ignore[arg-type]


def test_the_newest_first_and_found_by_state_and_name(mails: None, world: SmallWorld) -> None:
    coordinator = who(world.coordinator)
    assert names(coordinator) == ["Coordinator", "Dina", "Ana"]
    assert names(coordinator, status="waiting") == ["Dina"]
    assert names(coordinator, status="troubled") == ["Ana"]
    assert names(coordinator, status="sent") == ["Coordinator"]
    assert names(coordinator, text="DINA@") == ["Dina"]
    assert names(coordinator, text="nobody") == []
    page = log(coordinator, MailFilter())
    assert (page.waiting, page.troubled, page.more) == (1, 1, False)
    assert page.lines[0].kinds == ("leave_decided",)


def test_a_coordinator_of_an_office_sees_its_people_s_mail(mails: None, world: SmallWorld) -> None:
    azores = who(world.azores_coordinator)
    assert names(azores) == ["Dina"]
    of_ana = Mail.get(Mail.status == MailStatus.REFUSED)
    with pytest.raises(NotFound):
        mail_log.send_again(azores, of_ana.id, of_ana.created_at)
    with pytest.raises(NotFound):
        mail_log.mail_messages(azores, of_ana.id)


def test_a_mail_in_doubt_is_settled_by_somebody_who_knows(
    mails: None, world: SmallWorld, now: dt.datetime
) -> None:
    """Noted as there, or sent again knowingly; the message itself stays as unread as it was."""
    coordinator = who(world.coordinator)
    (mail, other) = Mail.select().where(Mail.status != MailStatus.SENT).order_by(Mail.id)
    with pytest.raises(Conflict):
        mail_log.note_arrived(coordinator, mail.id, now)
    doubt = Mail.update(status=MailStatus.IN_DOUBT, details={"link": "hush"}, answer="cut off")
    doubt.where(Mail.id.in_([mail.id, other.id])).execute()
    with pytest.raises(NotFound):
        mail_log.note_arrived(who(world.azores_coordinator), mail.id, now)
    with pytest.raises(Forbidden):
        mail_log.note_arrived(who(world.mediator), mail.id, now)

    assert mail_log.note_arrived(coordinator, mail.id, now) == "Ana"
    noted = Mail.get_by_id(mail.id)
    assert (noted.status, noted.details, noted.sent_at) == (MailStatus.SENT, {}, None)
    assert noted.answer == "cut off", "what the server said stays"
    message = Message.get(Message.mail == mail.id)
    assert (message.user_id, message.read_at) == (who(world.mediator).user_id, None)
    with pytest.raises(Conflict):
        mail_log.send_again(coordinator, mail.id, now)

    mail_log.send_again(coordinator, other.id, now)
    assert Mail.get_by_id(other.id).status == MailStatus.WAITING
    with pytest.raises(Conflict):
        mail_log.note_arrived(coordinator, other.id, now)
    audited = AuditEntry.select().where(AuditEntry.action.startswith("mail."))
    assert [(one.action, one.object_id) for one in audited.order_by(AuditEntry.id)] == [
        ("mail.note_arrived", str(mail.id)), ("mail.send_again", str(other.id)),
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["mediator", "trainer", "association"])
def test_nobody_else_sees_it(mails: None, world: SmallWorld, role: str) -> None:
    with pytest.raises(Forbidden):
        log(who(getattr(world, role)), MailFilter())


def test_a_long_log_continues_below(world: SmallWorld, now: dt.datetime) -> None:
    ana = who(world.mediator)
    for _number in range(mail_log.PAGE + 1):
        outbox.queue_letter(ana.user_id or 0, "test", {}, now)
    coordinator = who(world.coordinator)
    first = log(coordinator, MailFilter())
    assert (len(first.lines), first.more) == (mail_log.PAGE, True)
    rest = log(coordinator, MailFilter(before_id=first.lines[-1].id))
    assert (len(rest.lines), rest.more) == (1, False)


def test_an_address_that_is_dead_shows_at_its_person(
    mails: None, world: SmallWorld, now: dt.datetime
) -> None:
    DeadAddress.create(address=world.mediator, since=now, answer="550 no such user")
    ana = world.mediators[0].id
    shown = mail_log.dead_address_of(who(world.coordinator), ana)
    assert shown is not None
    assert shown.answer == "550 no such user"
    for email in (world.azores_coordinator, world.association, world.mediator):
        assert mail_log.dead_address_of(who(email), ana) is None
    with pytest.raises(NotFound):
        mail_log.address_works(who(world.azores_coordinator), shown.user_id, now)


def test_an_hour_is_one_of_the_day_s(world: SmallWorld, now: dt.datetime) -> None:
    ana = who(world.mediator)
    for hour in (0, 23):
        mail_choice.choose_mail(ana, MailChoice.DAILY, hour, now)
    for hour in (-1, 24, "7"):
        with pytest.raises(Invalid):
            mail_choice.choose_mail(ana, MailChoice.AT_ONCE, hour, now)
    assert mail_choice.mail_settings(ana, now).choice == MailChoice.DAILY


def test_the_hour_is_that_of_one_s_own_office(
    world: SmallWorld, dina: Actor, now: dt.datetime
) -> None:
    people = {email: who(email).user_id or 0 for email in (
        world.mediator, world.coordinator, world.azores_coordinator, world.trainer)}  # fmt: skip
    zones = zones_of([*people.values(), dina.user_id or 0])
    assert zones[dina.user_id or 0] == "Atlantic/Azores"
    assert zones[people[world.azores_coordinator]] == "Atlantic/Azores"
    assert {zones[people[one]] for one in (world.mediator, world.coordinator, world.trainer)} == {
        "Europe/Lisbon"
    }
    mail_choice.choose_mail(dina, MailChoice.DAILY, 7, now)
    tell([dina.user_id or 0], "test", "k", {}, now)
    assert Message.get(Message.user == dina.user_id).mail_due_at == dt.datetime(
        2026, 3, 5, 8, tzinfo=dt.UTC
    )


def test_reminders_are_written_once_a_day_from_six_on(
    world: SmallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(daily.reminding, "remind", lambda at: asked.append(at))
    start = dt.datetime(2026, 3, 28, tzinfo=dt.UTC)
    for quarter in range(3 * 24 * 4):
        daily.do_what_is_due(start + quarter * HOUR / 4)
    # The clock goes forward on the 29th: six in Lisbon is five in UTC from then on.
    assert asked == [start + 6 * HOUR, start + 29 * HOUR, start + 53 * HOUR]


def test_a_day_whose_reminders_failed_is_tried_again(
    world: SmallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_at: dt.datetime) -> int:
        raise RuntimeError

    at = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
    monkeypatch.setattr(daily, "_resting", {})
    with monkeypatch.context() as patch:
        patch.setattr(daily.reminding, "remind", broken)
        assert daily.do_what_is_due(at) == ["retention"]
    assert daily.do_what_is_due(at + daily.REST / 2) == []
    assert daily.do_what_is_due(at + HOUR) == ["remind"]
    assert daily.do_what_is_due(at + 2 * HOUR) == []
