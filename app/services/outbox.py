"""The mail queue: each mail claimed by a lease, handed over once, and what came of it.

What is told is queued by its message (see `telling`), or, where no page may show it, as a letter.
A worker gathers what is due into mails, claims one, and says *before the server can have it whole*
that it is about to hand it over (`hand_over`). A worker that dies earlier has sent nothing, and
the mail is claimed again. One that dies between that and `sent` leaves the one thing that SMTP
cannot tell: the server may have it. Such a mail is in doubt: it is not sent again by itself, for
it would nearly always arrive twice; the mail log shows it, and sending it again from there keeps
its Message-ID, by which mail stores know a copy.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from app.models import DeadAddress, Mail, MailChoice, MailStatus, Message, User, database
from app.services.mail_times import GIVE_UP_AFTER, wait_after
from app.services.telling import coordinators_of, tell

LEASE = dt.timedelta(seconds=30)
HAND_OVER_LEASE = dt.timedelta(seconds=120)
"""Longer than a worker waits for the server's last word."""
_AT_ONCE = 50


def queue_letter(user_id: int, kind: str, details: Mapping[str, Any], now: dt.datetime) -> int:
    """Queue a mail that is no message in the application, such as an invitation; its id.

    Call within the transaction of what causes it. `details` are dropped once it is sent.
    """
    return int(_new(user_id, kind, now, now, details).id)


def gather(now: dt.datetime) -> int:
    """Make mails of the messages that are due: one each, or one a person who chose a daily one.
    How many mails."""
    due = (
        Message.select(Message.id, Message.user, Message.mail_due_at)
        .where(Message.mail_due_at <= now, Message.mail.is_null())
        .order_by(Message.id)
        .limit(1000)
    )
    by_user: dict[int, list[Message]] = defaultdict(list)
    for row in due:
        by_user[row.user_id].append(row)
    return sum(_gather(user_id, rows, now) for user_id, rows in by_user.items())


def still_to_send(now: dt.datetime) -> tuple[int, int]:
    """How many mails workers will send by themselves, and how many messages are to become mails:
    those that are not too old by now."""
    open_states = (MailStatus.WAITING, MailStatus.CLAIMED)
    mails = Mail.select().where(Mail.status.in_(open_states), Mail.give_up_at > now)
    messages = Message.select().where(
        Message.mail.is_null(), Message.mail_due_at > now - GIVE_UP_AFTER
    )
    return int(mails.count()), int(messages.count())


def claim(owner: str, now: dt.datetime) -> Mail | None:
    """The mail that is due longest, now held by `owner`; None when none is.

    The update names the attempt it saw, so two workers never hold one attempt.
    """
    _doubt(now)
    free = (Mail.status == MailStatus.WAITING) & (Mail.due_at <= now)
    free |= (Mail.status == MailStatus.CLAIMED) & (Mail.lease_until < now)
    for mail in list(Mail.select().where(free).order_by(Mail.due_at, Mail.id).limit(5)):
        too_old = mail.give_up_at <= now
        taken = (
            Mail.update(
                status=MailStatus.GIVEN_UP if too_old else MailStatus.CLAIMED,
                owner=owner,
                attempts=mail.attempts if too_old else mail.attempts + 1,
                lease_until=None if too_old else now + LEASE,
            )
            .where(Mail.id == mail.id, Mail.attempts == mail.attempts, Mail.status == mail.status)
            .execute()
        )
        if taken and not too_old:
            found: Mail = Mail.get_by_id(mail.id)
            return found
    return None


def recipient(mail: Mail, now: dt.datetime) -> User | None:
    """Who gets a claimed mail; None where nobody may, and then the mail is closed."""
    user: User = mail.user
    dead = DeadAddress.get_or_none(DeadAddress.address == user.email)
    if user.active and dead is None:
        _update(mail, address=user.email)
        return user
    why = dead.answer if dead else "the account is closed"
    _end(mail, MailStatus.REFUSED, why, now, address=user.email)
    return None


def messages_in(mail: Mail) -> list[Message]:
    """The messages that a mail carries, in the order they were told."""
    return list(Message.select().where(Message.mail == mail.id).order_by(Message.id))


def hand_over(mail: Mail, now: dt.datetime) -> bool:
    """Say that the server is about to have the mail whole. False where it is another's by now:
    then it must not be ended."""
    return _update(mail, status=MailStatus.HANDED, lease_until=now + HAND_OVER_LEASE)


def sent(mail: Mail, answer: str, now: dt.datetime) -> None:
    """The server has taken it over."""
    with database.atomic():
        _end(mail, MailStatus.SENT, answer, now, sent_at=now, details={})


def refused(mail: Mail, address: str, answer: str, now: dt.datetime, *, dead: bool) -> None:
    """The server will never take it; `dead` where it is the address that does not work."""
    with database.atomic():
        _end(mail, MailStatus.REFUSED, answer, now)
        if dead and not DeadAddress.select().where(DeadAddress.address == address).exists():
            DeadAddress.insert(
                address=address, since=now, answer=answer
            ).on_conflict_ignore().execute()
            _tell_of_dead(mail.user, now)


def later(mail: Mail, answer: str, now: dt.datetime) -> None:
    """It could not be sent now; it waits, longer after each attempt."""
    _end(mail, MailStatus.WAITING, answer, now, due_at=now + wait_after(mail.attempts))


def in_doubt(mail: Mail, answer: str, now: dt.datetime) -> None:
    """The connection broke after the server may have had it whole."""
    _end(mail, MailStatus.IN_DOUBT, answer, now)


def _tell_of_dead(user: User, now: dt.datetime) -> None:
    """Whoever coordinates the person's office learns that no mail reaches them."""
    mediator: Any = user.mediator
    offices = [mediator.home_office_id] if mediator is not None else []
    others = [one for one in coordinators_of(offices) if one != user.id]
    key = f"address_refused.{user.id}.{now.isoformat()}"
    tell(others, "address_refused", key, {"name": user.name}, now)


def _gather(user_id: int, rows: list[Message], now: dt.datetime) -> int:
    user = User.get_by_id(user_id)
    if user.mail_choice == MailChoice.DAILY:
        with database.atomic() as transaction:
            mail = _new(user_id, "digest", now, rows[0].mail_due_at, {})
            if not _put_in(mail, rows):
                transaction.rollback()
                return 0
        return 1
    made = 0
    for start in range(0, len(rows), _AT_ONCE):
        with database.atomic():
            for row in rows[start : start + _AT_ONCE]:
                mail = _new(user_id, "message", now, row.mail_due_at, {})
                if _put_in(mail, [row]):
                    made += 1
                else:
                    mail.delete_instance()
    return made


def _put_in(mail: Mail, rows: list[Message]) -> bool:
    """Whether all of them are in this mail; another worker may have been quicker, or one is to go
    out by no mail after all."""
    changed = 0
    for start in range(0, len(rows), 500):
        ids = [row.id for row in rows[start : start + 500]]
        changed += (
            Message.update(mail=mail.id)
            .where(Message.id.in_(ids), Message.mail.is_null(), Message.mail_due_at.is_null(False))
            .execute()
        )
    return changed == len(rows)


def _new(
    user_id: int, kind: str, now: dt.datetime, due_at: dt.datetime, details: Mapping[str, Any]
) -> Mail:
    made: Mail = Mail.create(
        user=user_id,
        kind=kind,
        details=dict(details),
        uid=secrets.token_hex(16),
        due_at=due_at,
        created_at=now,
        give_up_at=due_at + GIVE_UP_AFTER,
    )
    return made


def _doubt(now: dt.datetime) -> None:
    """Mails whose worker died while it handed them over."""
    Mail.update(
        status=MailStatus.IN_DOUBT,
        lease_until=None,
        answer="the worker ended before the server's last word was read",
    ).where(Mail.status == MailStatus.HANDED, Mail.lease_until < now).execute()


def _end(mail: Mail, status: MailStatus, answer: str, now: dt.datetime, **columns: Any) -> None:
    if status == MailStatus.WAITING and mail.give_up_at <= now:
        status = MailStatus.GIVEN_UP
    _update(mail, status=status, answer=answer[:500], lease_until=None, **columns)


def _update(mail: Mail, **columns: Any) -> bool:
    """Update the mail only while this attempt is its last; whether it was.

    One that was thought in doubt meanwhile and came to its end all the same is so no more.
    """
    open_states = (MailStatus.CLAIMED, MailStatus.HANDED, MailStatus.IN_DOUBT)
    return bool(
        Mail.update(**columns)
        .where(
            Mail.id == mail.id,
            Mail.owner == mail.owner,
            Mail.attempts == mail.attempts,
            Mail.status.in_(open_states),
        )
        .execute()
    )
