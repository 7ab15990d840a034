"""Who was offered a shift learns that it is gone: once, by mail only where the offer went by it."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft
from small_world import MONDAY, PASSWORD, SmallWorld

from app.models import Assignment, Mail, MailChoice, Mediator, Message, Office, Role, User
from app.services import outbox, rosters, standing, swap_ends, swaps
from app.services.accounts import create_user
from app.services.rights import SYSTEM, Actor, actor_of

MINUTE = dt.timedelta(minutes=1)
PICKS = [("ana", "lisbon", 0, 9, 13), ("dina", "azores", 0, 10, 14)]


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def uid(world: SmallWorld, now: dt.datetime) -> str:
    """Ana's Monday morning, which Bo and Caio may take; both have an account."""
    create_user(
        SYSTEM, email="caio@example.org", name="Caio", password=PASSWORD, locale="pt",
        roles=[(Role.MEDIATOR, None, None)], mediator_id=world.mediators[2].id, now=now,
    )  # fmt: skip
    rosters.publish(world.system, draft(world, PICKS, now).id, now)
    return uid_of(world)


def uid_of(world: SmallWorld) -> str:
    roster = standing.current_roster(world.group.id, MONDAY)
    assert roster is not None
    rows = Assignment.select().join(Mediator)
    return str(rows.where(Assignment.roster == roster, Mediator.code == "ana").get().uid)


def told(kind: str) -> dict[str, Message]:
    """The last message of a kind to each, by the beginning of the address."""
    rows = Message.select().where(Message.kind == kind).order_by(Message.id)
    return {row.user.email.partition("@")[0]: row for row in rows}


def gone() -> dict[str, str]:
    return {who: row.details["gone"] for who, row in told("swap_gone").items()}


def test_who_was_offered_a_shift_learns_that_another_takes_it(
    world: SmallWorld, uid: str, now: dt.datetime
) -> None:
    ana, bo = actor(world.mediator), actor(world.other_mediator)
    swap = swaps.offer(ana, uid, now)
    assert set(told("swap_open")) == {"bo", "caio"}
    assert bo.mediator_id is not None
    swaps.accept(bo, swap, bo.mediator_id, now)
    assert gone() == {"caio": "taken"}
    details = told("swap_gone")["caio"].details
    assert details["given"]["office"] == "Lisboa"
    assert not details["taker"], "who takes it is for those two and the coordinators"
    swaps.approve(world.system, swap, now)
    assert Message.select().where(Message.kind == "swap_gone").count() == 1


def test_an_approval_by_itself_tells_it_as_well(
    world: SmallWorld, uid: str, now: dt.datetime
) -> None:
    Office.update(auto_approve_swaps=True).execute()
    bo = world.mediators[1].id
    swap = swaps.offer(actor(world.mediator), uid, now)
    assert swaps.accept(actor(world.other_mediator), swap, bo, now)
    assert gone() == {"caio": "taken"}


def test_an_offer_that_is_taken_back_or_overtaken_is_told(
    world: SmallWorld, uid: str, now: dt.datetime
) -> None:
    ana = actor(world.mediator)
    swaps.withdraw(ana, swaps.offer(ana, uid, now), now)
    assert gone() == {"bo": "ended", "caio": "ended"}
    swaps.offer(ana, uid, now)
    later = [("ana", "lisbon", 0, 10, 14), PICKS[1]]
    rosters.publish(world.system, draft(world, later, now).id, now)
    assert swap_ends.close_overtaken(now) == 1
    assert gone() == {"bo": "changed", "caio": "changed"}
    count = Message.select().where(Message.kind == "swap_gone").count()
    swaps.offer(ana, uid_of(world), now)
    assert swap_ends.close_overtaken(now + dt.timedelta(days=30)) == 1
    assert Message.select().where(Message.kind == "swap_gone").count() == count, "no news by then"


def test_a_word_taken_back_offers_it_anew_and_it_goes_anew(
    world: SmallWorld, uid: str, now: dt.datetime
) -> None:
    """Caio, who was told that it is gone, is offered it again; Bo, who cannot, is not."""
    ana, bo, caio = map(actor, (world.mediator, world.other_mediator, "caio@example.org"))
    assert bo.mediator_id is not None
    assert caio.mediator_id is not None
    swap = swaps.offer(ana, uid, now)
    swaps.accept(bo, swap, bo.mediator_id, now)
    swaps.take_back_word(bo, swap, now + MINUTE)
    offers = Message.select().where(Message.kind == "swap_open").order_by(Message.id)
    assert [one.user.email for one in offers][2:] == ["caio@example.org"]
    swaps.accept(caio, swap, caio.mediator_id, now + 2 * MINUTE)
    swaps.take_back_word(caio, swap, now + 3 * MINUTE)
    assert [one.user.email for one in offers.clone()][3:] == [world.other_mediator]
    swaps.withdraw(ana, swap, now + 4 * MINUTE)
    assert gone() == {"caio": "taken", "bo": "ended"}


def test_nobody_is_told_of_what_one_person_was_asked(
    world: SmallWorld, uid: str, now: dt.datetime
) -> None:
    ana = actor(world.mediator)
    swaps.withdraw(ana, swaps.offer(ana, uid, now, asked_id=world.mediators[1].id), now)
    assert gone() == {}


@pytest.mark.parametrize(
    ("choice", "gathered", "mails"),
    [
        (MailChoice.AT_ONCE, True, ["swap_open", "swap_gone"]),
        (MailChoice.AT_ONCE, False, []),
        (MailChoice.DAILY, False, []),
        (MailChoice.DAILY, True, ["swap_open"]),
        (MailChoice.NEVER, True, []),
    ],
)
def test_it_goes_by_mail_where_the_offer_did_and_each_is_wanted_at_once(
    world: SmallWorld,
    uid: str,
    now: dt.datetime,
    choice: MailChoice,
    gathered: bool,
    mails: list[str],
) -> None:
    caio = User.get(User.email == "caio@example.org")
    User.update(mail_choice=choice).where(User.id == caio.id).execute()
    ana = actor(world.mediator)
    swap = swaps.offer(ana, uid, now)
    tomorrow = now + dt.timedelta(days=1)
    if gathered:
        outbox.gather(tomorrow)
    swaps.withdraw(ana, swap, tomorrow)
    outbox.gather(tomorrow + dt.timedelta(days=1))
    rows = Message.select().where(Message.user == caio.id, Message.kind.startswith("swap_"))
    assert [row.kind for row in rows.order_by(Message.id)] == ["swap_open", "swap_gone"]
    assert [row.kind for row in rows.order_by(Message.id) if row.mail_id] == mails


def test_an_offer_held_back_while_mails_are_gathered_goes_out_by_none(
    world: SmallWorld, uid: str, now: dt.datetime
) -> None:
    """A worker has read it as due; before its mail is made the offer is taken back."""
    ana = actor(world.mediator)
    swap = swaps.offer(ana, uid, now)
    due = [told("swap_open")["caio"]]
    swaps.withdraw(ana, swap, now + MINUTE)
    outbox._gather(due[0].user_id, due, now + MINUTE)
    assert told("swap_open")["caio"].mail_id is None
    assert not Mail.select().where(Mail.user == due[0].user_id).exists()


def test_who_did_not_do_it_themselves_is_told_that_it_was_done_for_them(
    world: SmallWorld, uid: str, now: dt.datetime
) -> None:
    coordinator, caio = actor(world.coordinator), actor("caio@example.org")
    assert caio.mediator_id is not None
    swap = swaps.offer(coordinator, uid, now)
    assert told("swap_for_you")["ana"].details["what"] == "offered"
    swaps.accept(coordinator, swap, caio.mediator_id, now)
    assert told("swap_for_you")["caio"].details["what"] == "agreed"
    swaps.take_back_word(coordinator, swap, now + MINUTE)
    assert told("swap_for_you")["caio"].details["what"] == "word_back"
    swaps.accept(caio, swap, caio.mediator_id, now + 2 * MINUTE)
    swaps.withdraw(actor(world.mediator), swap, now + 3 * MINUTE)
    assert Message.select().where(Message.kind == "swap_for_you").count() == 3
