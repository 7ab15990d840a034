"""The mail log: what was sent to whom, what waits and what failed, and sending it again.

A coordinator bound to offices sees the mail of the mediators who are at home there, and their own.
What a message says is its reader's alone (dates of leave are among it); others are shown its kind,
when it was told and whether it was seen. Neither the text of a letter nor the link it holds is
shown to anyone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, fn

from app.i18n import _
from app.models import DeadAddress, Mail, MailStatus, Mediator, Message, User, database
from app.services import audit
from app.services.errors import Conflict, NotFound
from app.services.mail_times import GIVE_UP_AFTER
from app.services.message_view import MessageView, views_of
from app.services.rights import Actor, require_any_coordinator

PAGE = 100
TROUBLED = (MailStatus.REFUSED, MailStatus.GIVEN_UP, MailStatus.IN_DOUBT)
"""What somebody should look at; only these can be sent again."""
_UNFINISHED = {"waiting": (MailStatus.WAITING, MailStatus.CLAIMED, MailStatus.HANDED)}


@dataclass(frozen=True, slots=True)
class MailFilter:
    status: str = ""
    """`waiting`, `sent`, `refused`, `given_up`, `in_doubt`, `troubled`; empty is all."""
    text: str = ""
    """Part of a name or an address."""
    before_id: int | None = None
    """Continue below this one."""


@dataclass(frozen=True, slots=True)
class MailLine:
    id: int
    kind: str
    kinds: tuple[str, ...]
    """Of the messages it carries."""
    name: str
    mediator_id: int | None
    address: str
    status: MailStatus
    queued_at: dt.datetime
    due_at: dt.datetime
    sent_at: dt.datetime | None
    attempts: int
    answer: str

    @property
    def may_retry(self) -> bool:
        return self.status in TROUBLED

    @property
    def in_doubt(self) -> bool:
        return self.status == MailStatus.IN_DOUBT


@dataclass(frozen=True, slots=True)
class CarriedMessage:
    id: int
    kind: str
    created_at: dt.datetime
    read_at: dt.datetime | None
    told: MessageView | None
    """What it says, where it is the actor's own."""


@dataclass(frozen=True, slots=True)
class DeadLine:
    user_id: int
    name: str
    mediator_id: int | None
    address: str
    since: dt.datetime
    answer: str


@dataclass(frozen=True, slots=True)
class MailPage:
    lines: tuple[MailLine, ...]
    more: bool
    waiting: int
    troubled: int
    upcoming: int
    """Messages that no mail holds yet: they go with somebody's next daily one."""
    dead: tuple[DeadLine, ...]


def mail_log(actor: Actor, asked: MailFilter) -> MailPage:
    """The newest mails first. Coordinators only."""
    require_any_coordinator(actor)
    query = _seen_by(actor)
    if asked.status:
        wanted = TROUBLED if asked.status == "troubled" else _UNFINISHED.get(asked.status)
        query = query.where(Mail.status.in_(wanted or (asked.status,)))
    if asked.text:
        part = f"%{asked.text}%"
        query = query.where((User.name**part) | (User.email**part) | (Mail.address**part))
    if asked.before_id is not None:
        query = query.where(Mail.id < asked.before_id)
    rows = list(query.order_by(Mail.id.desc()).limit(PAGE + 1))
    kinds = _kinds(rows[:PAGE])
    counts = _counts(actor)
    return MailPage(
        lines=tuple(_line(row, kinds.get(row.id, ())) for row in rows[:PAGE]),
        more=len(rows) > PAGE,
        waiting=sum(counts[one] for one in _UNFINISHED["waiting"]),
        troubled=sum(counts[one] for one in TROUBLED),
        upcoming=_upcoming(actor),
        dead=dead_addresses(actor),
    )


def mail_messages(actor: Actor, mail_id: int) -> tuple[MailLine, list[CarriedMessage]]:
    """One mail and the messages it carries."""
    require_any_coordinator(actor)
    row = _find(actor, mail_id)
    rows = list(Message.select().where(Message.mail == mail_id).order_by(Message.id))
    own = {one.id: one for one in views_of(rows)} if row.user_id == actor.user_id else {}
    carried = [
        CarriedMessage(one.id, one.kind, one.created_at, one.read_at, own.get(one.id))
        for one in rows
    ]
    return _line(row, tuple(one.kind for one in rows)), carried


def send_again(actor: Actor, mail_id: int, now: dt.datetime) -> str:
    """Queue a mail that failed once more, with its Message-ID; to whom. Raises Conflict where it
    is under way or sent."""
    require_any_coordinator(actor)
    row = _find(actor, mail_id)
    with database.atomic():
        if not _requeue([row.id], now):
            raise Conflict(_("This mail is on its way, or has been sent."))
        audit.record(actor, "mail.send_again", "mail", row.id, now)
    return str(row.user.name)


def note_arrived(actor: Actor, mail_id: int, now: dt.datetime) -> str:
    """A mail in doubt has arrived, somebody knows: it is closed as sent; whose it is.

    When it was sent stays unknown. Raises Conflict where it is in doubt no more.
    """
    require_any_coordinator(actor)
    row = _find(actor, mail_id)
    with database.atomic():
        noted = Mail.update(status=MailStatus.SENT, details={}).where(
            Mail.id == row.id, Mail.status == MailStatus.IN_DOUBT
        )
        if not noted.execute():
            raise Conflict(_("This mail is no longer in doubt."))
        audit.record(actor, "mail.note_arrived", "mail", row.id, now)
    return str(row.user.name)


def send_all_again(actor: Actor, now: dt.datetime) -> int:
    """Queue all that were given up or refused, at addresses that are not dead; how many."""
    require_any_coordinator(actor)
    dead = [row.address for row in DeadAddress.select(DeadAddress.address)]
    query = _seen_by(actor).where(
        Mail.status.in_((MailStatus.GIVEN_UP, MailStatus.REFUSED)), User.email.not_in(dead)
    )
    ids = [row.id for row in query]
    with database.atomic():
        count = sum(_requeue(ids[start : start + 500], now) for start in range(0, len(ids), 500))
        if count:
            audit.record(actor, "mail.send_all_again", "mail", "", now, count=count)
    return count


def dead_addresses(actor: Actor) -> tuple[DeadLine, ...]:
    """The people whose address was refused for good, by name."""
    require_any_coordinator(actor)
    query = (
        User.select(User, DeadAddress)
        .join(DeadAddress, on=(DeadAddress.address == User.email), attr="dead")
        .switch(User)
        .join(Mediator, JOIN.LEFT_OUTER)
        .where(_visible(actor))
        .order_by(User.name)
    )
    return tuple(_dead(row) for row in query)


def dead_address_of(actor: Actor, mediator_id: int) -> DeadLine | None:
    """What the coordinator of a mediator is shown of their address; None where it works, or for
    anybody else."""
    if not actor.is_coordinator:
        return None
    return next((one for one in dead_addresses(actor) if one.mediator_id == mediator_id), None)


def address_works(actor: Actor, user_id: int, now: dt.datetime) -> str:
    """The address is right again: mail goes there from now on; whose it is."""
    require_any_coordinator(actor)
    found = next((one for one in dead_addresses(actor) if one.user_id == user_id), None)
    if found is None:
        raise NotFound
    with database.atomic():
        DeadAddress.delete().where(DeadAddress.address == found.address).execute()
        audit.record(actor, "mail.address_works", "user", user_id, now)
    return found.name


def _requeue(mail_ids: Iterable[int], now: dt.datetime) -> int:
    return int(
        Mail.update(
            status=MailStatus.WAITING, due_at=now, give_up_at=now + GIVE_UP_AFTER, lease_until=None
        )
        .where(Mail.id.in_(list(mail_ids)), Mail.status.in_(TROUBLED))
        .execute()
    )


def _seen_by(actor: Actor) -> Any:
    return Mail.select(Mail, User).join(User).join(Mediator, JOIN.LEFT_OUTER).where(_visible(actor))


def _visible(actor: Actor) -> Any:
    """Of a query that joins users and their mediators: whose mail the actor may see."""
    if actor.office_ids is None:
        return User.id.is_null(False)
    return Mediator.home_office.in_(list(actor.office_ids)) | (User.id == actor.user_id)


def _find(actor: Actor, mail_id: int) -> Mail:
    row = _seen_by(actor).where(Mail.id == mail_id).first()
    if row is None:
        raise NotFound
    found: Mail = row
    return found


def _counts(actor: Actor) -> Counter[MailStatus]:
    query = (
        Mail.select(Mail.status, fn.COUNT(Mail.id).alias("count"))
        .join(User)
        .join(Mediator, JOIN.LEFT_OUTER)
        .where(_visible(actor))
        .group_by(Mail.status)
    )
    return Counter({row.status: row.count for row in query})


def _upcoming(actor: Actor) -> int:
    query = (
        Message.select()
        .join(User)
        .join(Mediator, JOIN.LEFT_OUTER)
        .where(_visible(actor), Message.mail.is_null(), Message.mail_due_at.is_null(False))
    )
    return int(query.count())


def _kinds(rows: Iterable[Mail]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    query = Message.select(Message.mail, Message.kind).where(
        Message.mail.in_([row.id for row in rows])
    )
    for row in query.order_by(Message.id):
        found[row.mail_id] = (*found.get(row.mail_id, ()), row.kind)
    return found


def _line(row: Mail, kinds: tuple[str, ...]) -> MailLine:
    return MailLine(
        id=row.id,
        kind=row.kind,
        kinds=kinds,
        name=row.user.name,
        mediator_id=row.user.mediator_id,
        address=row.address or row.user.email,
        status=row.status,
        queued_at=row.created_at,
        due_at=row.due_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        answer=row.answer,
    )


def _dead(row: User) -> DeadLine:
    return DeadLine(row.id, row.name, row.mediator_id, row.email, row.dead.since, row.dead.answer)
