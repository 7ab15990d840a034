"""How a person wants by mail what the application tells them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from app.models import DeadAddress, MailChoice, Message, User, database
from app.services import audit, outbox
from app.services.checks import Faults
from app.services.errors import Forbidden
from app.services.mail_times import next_digest
from app.services.rights import Actor
from app.services.telling import mail_dues, zones_of


@dataclass(frozen=True, slots=True)
class MailSettings:
    address: str
    choice: MailChoice
    digest_hour: int
    zone: str
    """Whose wall clock the hour is of."""
    next_digest_at: dt.datetime
    waiting: int
    """Messages that the next daily mail holds so far."""
    dead_since: dt.datetime | None
    """Since when the address is refused."""
    dead_answer: str


def mail_settings(actor: Actor, now: dt.datetime) -> MailSettings:
    """The actor's own choice."""
    user = _own(actor)
    zone = zones_of([user.id])[user.id]
    dead = DeadAddress.get_or_none(DeadAddress.address == user.email)
    return MailSettings(
        address=user.email,
        choice=user.mail_choice,
        digest_hour=user.digest_hour,
        zone=zone,
        next_digest_at=next_digest(now, user.digest_hour, zone),
        waiting=Message.select().where(_unmailed(user), Message.mail_due_at > now).count(),
        dead_since=dead.since if dead else None,
        dead_answer=dead.answer if dead else "",
    )


def choose_mail(actor: Actor, choice: MailChoice, digest_hour: Any, now: dt.datetime) -> None:
    """Keep the actor's choice; what still waits goes out by the new one. Raises Invalid."""
    user = _own(actor)
    faults = Faults()
    faults.whole("digest_hour", digest_hour, 0, 23)
    faults.raise_any()
    with database.atomic():
        User.update(mail_choice=choice, digest_hour=digest_hour).where(User.id == user.id).execute()
        due = mail_dues([user.id], now)[user.id]
        Message.update(mail_due_at=due).where(_unmailed(user)).execute()
        audit.record(actor, "mail.choose", "user", user.id, now, choice=str(choice))


def ask_test_mail(actor: Actor, now: dt.datetime) -> str:
    """Queue a mail that only shows whether mail arrives; the address it goes to."""
    user = _own(actor)
    with database.atomic():
        outbox.queue_letter(user.id, "test", {}, now)
    return str(user.email)


def _unmailed(user: User) -> Any:
    """Messages queued for mail that no mail holds yet."""
    return (Message.user == user.id) & Message.mail.is_null() & Message.mail_due_at.is_null(False)


def _own(actor: Actor) -> User:
    user = User.get_or_none(User.id == actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise Forbidden
    found: User = user
    return found
