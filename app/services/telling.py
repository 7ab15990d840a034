"""Telling people something, once, within the transaction it comes from.

A message stands in the application at once. It goes out by mail when the person wants it: the
message itself says when, so that what is queued and what caused it are written together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.models import MailChoice, Mediator, Message, Office, Role, User, UserRole
from app.services.horizon import NETWORK_ZONE
from app.services.mail_times import next_digest

_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Telling:
    """One message to one person; `key` names what is told, and to whom, for good."""

    user_id: int
    kind: str
    key: str
    details: dict[str, Any]
    by_mail: bool = True
    """False is in the application only, whatever the person chose."""


def tell(
    user_ids: Iterable[int], kind: str, key: str, details: dict[str, Any], now: dt.datetime
) -> None:
    """One message of `kind` to each user; who has been told of `key` is not told again."""
    ids = sorted(set(user_ids))
    tell_each([Telling(one, kind, f"{key}.{one}", details) for one in ids], now)


def tell_each(tellings: Iterable[Telling], now: dt.datetime) -> int:
    """Write these messages; those whose key is known are left out. How many were new."""
    wanted = list(tellings)
    due = mail_dues({one.user_id for one in wanted}, now)
    written = 0
    for start in range(0, len(wanted), _AT_ONCE):
        rows = [
            {
                "user": one.user_id,
                "kind": one.kind,
                "details": one.details,
                "key": one.key,
                "created_at": now,
                "mail_due_at": due.get(one.user_id) if one.by_mail else None,
            }
            for one in wanted[start : start + _AT_ONCE]
        ]
        written += Message.insert_many(rows).on_conflict_ignore().as_rowcount().execute()
    return written


def mail_dues(user_ids: Iterable[int], now: dt.datetime) -> dict[int, dt.datetime | None]:
    """When what each is told now goes out to them by mail; None where they want none."""
    ids = sorted(set(user_ids))
    rows = [
        row
        for start in range(0, len(ids), 500)
        for row in User.select().where(User.id.in_(ids[start : start + 500]))
    ]
    daily = [row.id for row in rows if row.mail_choice == MailChoice.DAILY]
    zones = zones_of(daily)
    return {row.id: _due(row, zones.get(row.id, NETWORK_ZONE), now) for row in rows}


def zones_of(user_ids: Iterable[int]) -> dict[int, str]:
    """The zone of each person's office: a mediator's home office, the one a coordinator is bound
    to, else the network's."""
    ids = list(user_ids)
    found = dict.fromkeys(ids, NETWORK_ZONE)
    bound: Any = (
        UserRole.select(UserRole.user, Office.zone).join(Office).where(UserRole.user.in_(ids))
    )
    found |= {row.user_id: row.office.zone for row in bound}
    own: Any = (
        User.select(User.id, Mediator.id, Office.zone)
        .join(Mediator)
        .join(Office)
        .where(User.id.in_(ids))
    )
    return found | {row.id: row.mediator.home_office.zone for row in own}


def users_of(mediator_ids: Iterable[int | None]) -> list[int]:
    """The accounts of these mediators."""
    wanted = [one for one in mediator_ids if one is not None]
    rows = User.select(User.id).where(User.mediator.in_(wanted), User.active)
    return [row.id for row in rows]


def with_account(mediator_ids: Iterable[int]) -> frozenset[int]:
    """Those of these mediators who have an account to be told at."""
    rows = User.select(User.mediator).where(User.mediator.in_(list(mediator_ids)), User.active)
    return frozenset(row.mediator_id for row in rows)


def coordinators_of(office_ids: Iterable[int]) -> list[int]:
    """The accounts that coordinate any of these offices, the network's coordinators included."""
    rows = (
        User.select(User.id)
        .join(UserRole)
        .where(
            User.active,
            UserRole.role == Role.COORDINATOR,
            UserRole.office.is_null() | UserRole.office.in_(list(office_ids)),
        )
        .distinct()
    )
    return [row.id for row in rows]


def contacts_of(association_id: int) -> list[int]:
    """The accounts that speak for an association."""
    rows = (
        User.select(User.id)
        .join(UserRole)
        .where(
            User.active,
            UserRole.role == Role.ASSOCIATION,
            UserRole.association == association_id,
        )
        .distinct()
    )
    return [row.id for row in rows]


def name_of(mediator: Mediator) -> str:
    """The name the person uses."""
    return str(mediator.called_name or mediator.name)


def _due(user: User, zone: str, now: dt.datetime) -> dt.datetime | None:
    if user.mail_choice == MailChoice.NEVER:
        return None
    if user.mail_choice == MailChoice.DAILY:
        return next_digest(now, user.digest_hour, zone)
    return now
