"""The post: what is told goes out as each chose, once, and what fails is tried or shown."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from small_world import SmallWorld
from smtp_sink import Sink, plain

from app import settings_of
from app.mailing.postman import PAUSE_SECONDS, TROUBLE_SECONDS, Postman
from app.mailing.server import MailServer
from app.models import DeadAddress, Mail, MailChoice, MailStatus, Message, User, database
from app.services import mail_choice, mail_log, outbox
from app.services.errors import Conflict
from app.services.mail_times import GIVE_UP_AFTER
from app.services.rights import Actor, actor_of
from app.services.telling import tell

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
Round = Callable[[dt.datetime], float]


@pytest.fixture
def ana(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.mediator))


@pytest.fixture
def bo(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.other_mediator))


@pytest.fixture
def coordinator(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.coordinator))


@pytest.fixture
def post(app: Flask, database_ready: None, mail_server: MailServer) -> Round:
    """One round of the post at a moment; how long it then rests."""
    settings = replace(settings_of(app), mail_server=mail_server)

    def go(at: dt.datetime) -> float:
        return Postman(app, settings, lambda: at).round()

    return go


def say(to: Actor, key: str, at: dt.datetime) -> None:
    assert to.user_id is not None
    details = {"status": "approved", "first": "2026-03-09", "last": "2026-03-10"}
    tell([to.user_id], "leave_decided", key, details, at)


def states() -> list[MailStatus]:
    return [row.status for row in Mail.select().order_by(Mail.id)]


def test_at_once_is_a_mail_each_and_only_once(
    ana: Actor, bo: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    say(ana, "a", now)
    say(ana, "b", now)
    say(bo, "c", now)
    assert post(now) == PAUSE_SECONDS
    post(now + HOUR)
    assert [address for address, _content in sink.got] == [
        "ana@example.org", "ana@example.org", "bo@example.org",
    ]  # fmt: skip
    assert set(sink.ids().values()) == {1}
    assert states() == [MailStatus.SENT] * 3
    assert Mail.get().answer == "250 2.0.0 taken"


def test_a_day_comes_in_one_mail_at_its_hour_and_not_before(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    mail_choice.choose_mail(ana, MailChoice.DAILY, 18, now)
    say(ana, "a", now)
    say(ana, "b", now + HOUR)
    due = now.replace(hour=18)
    post(due - dt.timedelta(seconds=1))
    assert sink.got == []
    post(due)
    (mail,) = sink.mails
    assert plain(mail).count("9 de março –") == 2
    assert "2 mensagens" in mail["Subject"]
    say(ana, "c", due + HOUR)
    post(due + DAY - dt.timedelta(seconds=1))
    assert len(sink.got) == 1
    post(due + DAY)
    assert len(sink.got) == 2
    post(due + 2 * DAY)
    assert len(sink.got) == 2, "a day without messages has no mail"


def test_who_wants_no_mail_gets_none_and_still_the_message(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    mail_choice.choose_mail(ana, MailChoice.NEVER, 7, now)
    say(ana, "a", now)
    post(now + 2 * DAY)
    assert sink.got == []
    assert Message.select().count() == 1


def test_a_new_choice_holds_for_what_still_waits(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    mail_choice.choose_mail(ana, MailChoice.DAILY, 18, now)
    say(ana, "a", now)
    assert mail_choice.mail_settings(ana, now).waiting == 1
    mail_choice.choose_mail(ana, MailChoice.AT_ONCE, 18, now + HOUR)
    post(now + HOUR)
    assert len(sink.got) == 1


def test_without_a_server_mails_wait_and_messages_are_there(
    app: Flask, ana: Actor, now: dt.datetime
) -> None:
    say(ana, "a", now)
    assert Postman(app, settings_of(app), lambda: now).round() == PAUSE_SECONDS
    assert states() == [MailStatus.WAITING]
    assert Message.select().count() == 1


def test_a_failure_that_may_pass_is_tried_again_ever_later(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    sink.rcpt[""] = "451 4.3.0 greylisted"
    say(ana, "a", now)
    at, waits = now, []
    for attempt in range(1, 12):
        post(at)
        mail = Mail.get()
        assert (mail.status, mail.attempts) == (MailStatus.WAITING, attempt)
        waits.append((mail.due_at - at) / dt.timedelta(minutes=1))
        post(mail.due_at - dt.timedelta(seconds=1))
        assert Mail.get().attempts == attempt, "not before it is due"
        at = mail.due_at
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
    sink.rcpt.clear()
    post(at)
    assert states() == [MailStatus.SENT]
    assert len(sink.got) == 1


def test_it_is_given_up_at_last_and_can_be_sent_again(
    ana: Actor, coordinator: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    sink.rcpt[""] = "451 4.3.0 greylisted"
    say(ana, "a", now)
    post(now)
    post(now + GIVE_UP_AFTER - dt.timedelta(seconds=1))
    assert states() == [MailStatus.WAITING]
    post(now + GIVE_UP_AFTER + DAY)
    mail = Mail.get()
    assert (mail.status, mail.answer) == (MailStatus.GIVEN_UP, "451 4.3.0 greylisted")
    sink.rcpt.clear()
    late = now + GIVE_UP_AFTER + 2 * DAY
    mail_log.send_again(coordinator, mail.id, late)
    post(late)
    assert sink.ids() == {f"<{mail.uid}@example.org>": 1}
    with pytest.raises(Conflict):
        mail_log.send_again(coordinator, mail.id, late)


def test_a_dead_address_is_marked_shown_and_left_alone(
    ana: Actor, bo: Actor, coordinator: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    sink.rcpt["ana@example.org"] = "550 5.1.1 no such user"
    say(ana, "a", now)
    say(bo, "b", now)
    post(now)
    dead = DeadAddress.get()
    assert (dead.address, dead.answer) == ("ana@example.org", "550 5.1.1 no such user")
    assert [address for address, _content in sink.got][:1] == ["bo@example.org"]
    (shown,) = mail_log.dead_addresses(coordinator)
    assert shown.name == "Ana"
    told = Message.get(Message.kind == "address_refused")
    assert told.user_id == coordinator.user_id
    sink.rcpt.clear()
    say(ana, "again", now)
    post(now + HOUR)
    assert "ana@example.org" not in [address for address, _content in sink.got]
    assert mail_log.address_works(coordinator, shown.user_id, now) == "Ana"
    assert mail_log.send_all_again(coordinator, now + HOUR) == 2
    post(now + HOUR)
    assert [address for address, _content in sink.got].count("ana@example.org") == 2
    assert set(sink.ids().values()) == {1}


def test_a_server_that_is_away_costs_one_attempt_and_a_rest(
    ana: Actor, bo: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    sink.sender = "451 4.3.2 shutting down"
    for number in range(5):
        say(bo if number % 2 else ana, str(number), now)
    assert post(now) == TROUBLE_SECONDS
    assert sum(row.attempts for row in Mail.select()) == 1
    sink.sender = "250 OK"
    post(now + dt.timedelta(minutes=2))
    assert len(sink.got) == 5
    assert DeadAddress.select().count() == 0


def test_the_log_repeats_no_address_that_the_server_said(
    ana: Actor,
    post: Round,
    sink: Sink,
    now: dt.datetime,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("escala.mail"), "propagate", True)
    sink.sender = "451 4.3.2 too much for <ana@example.org> today"
    say(ana, "a", now)
    with caplog.at_level(logging.WARNING):
        post(now)
    assert "too much for <…> today" in caplog.text
    assert "ana@" not in caplog.text
    assert "ana@example.org" in Mail.get().answer, "the mail log shows it to who may see it"


def test_a_last_word_that_was_missed_is_in_doubt_and_not_sent_again_by_itself(
    ana: Actor, coordinator: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    sink.hang_up = True
    say(ana, "a", now)
    post(now)
    sink.hang_up = False
    post(now + 3 * DAY)
    assert states() == [MailStatus.IN_DOUBT]
    assert len(sink.got) == 1
    assert mail_log.send_all_again(coordinator, now) == 0
    mail_log.send_again(coordinator, Mail.get().id, now)
    post(now)
    assert states() == [MailStatus.SENT]
    assert len(sink.ids()) == 1, "its number is the same"


def test_a_worker_that_dies_before_the_end_has_sent_nothing_and_the_mail_goes_on(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    say(ana, "a", now)
    outbox.gather(now)
    assert outbox.claim("dead", now)
    post(now + outbox.LEASE)
    assert sink.got == []
    post(now + outbox.LEASE + dt.timedelta(seconds=1))
    assert len(sink.got) == 1
    assert Mail.get().attempts == 2


def test_a_worker_that_dies_at_the_end_leaves_a_doubt(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    say(ana, "a", now)
    outbox.gather(now)
    mail = outbox.claim("dead", now)
    assert mail is not None
    assert outbox.hand_over(mail, now)
    post(now + outbox.HAND_OVER_LEASE + dt.timedelta(seconds=1))
    assert states() == [MailStatus.IN_DOUBT]
    assert sink.got == []
    outbox.sent(mail, "250 late", now)
    assert states() == [MailStatus.SENT], "the worker was only slow"


def test_a_slow_worker_whose_mail_was_taken_over_does_not_end_it(
    ana: Actor, now: dt.datetime
) -> None:
    say(ana, "a", now)
    outbox.gather(now)
    slow = outbox.claim("slow", now)
    later = now + outbox.LEASE + dt.timedelta(seconds=1)
    heir = outbox.claim("heir", later)
    assert slow is not None
    assert heir is not None
    assert not outbox.hand_over(slow, later)
    assert outbox.hand_over(heir, later)


def test_what_rolls_back_is_never_mailed(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    with database.atomic() as transaction:
        say(ana, "a", now)
        transaction.rollback()
    post(now)
    assert sink.got == []


def test_a_letter_drops_what_it_said_once_it_is_sent(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    mail_choice.ask_test_mail(ana, now)
    Mail.update(details={"secret": "x"}).execute()
    post(now)
    assert len(sink.got) == 1
    assert Mail.get().details == {}


def test_whoever_left_gets_no_more_mail(
    ana: Actor, post: Round, sink: Sink, now: dt.datetime
) -> None:
    say(ana, "a", now)
    User.update(active=False).where(User.id == ana.user_id).execute()
    post(now)
    assert sink.got == []
    assert states() == [MailStatus.REFUSED]
