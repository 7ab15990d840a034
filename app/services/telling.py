"""Telling people something in the application, once, within the transaction it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from app.models import Mediator, Message, Role, User, UserRole


def tell(
    user_ids: Iterable[int], kind: str, key: str, details: dict[str, Any], now: dt.datetime
) -> None:
    """One message of `kind` to each user; who has been told of `key` is not told again."""
    for user_id in sorted(set(user_ids)):
        Message.insert(
            user=user_id, kind=kind, details=details, key=f"{key}.{user_id}", created_at=now
        ).on_conflict_ignore().execute()


def users_of(mediator_ids: Iterable[int | None]) -> list[int]:
    """The accounts of these mediators."""
    wanted = [one for one in mediator_ids if one is not None]
    rows = User.select(User.id).where(User.mediator.in_(wanted), User.active)
    return [row.id for row in rows]


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


def name_of(mediator: Mediator) -> str:
    """The name the person uses."""
    return str(mediator.called_name or mediator.name)
