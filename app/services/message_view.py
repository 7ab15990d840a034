"""What a person has been told, newest first, and that they have seen it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from peewee import fn

from app.models import Message, Office, database
from app.models.written import written
from app.services.errors import Forbidden, NotFound
from app.services.horizon import NETWORK_ZONE
from app.services.rights import Actor

SHOWN = 100


@dataclass(frozen=True, slots=True)
class ToldTimes:
    """A shift as it was told; `zone` is its office's."""

    office: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...] = ()
    route: str = ""
    """The name of the field route that it is; empty for a shift."""


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A day's shift before and after; None is none."""

    date: dt.date
    before: ToldTimes | None
    after: ToldTimes | None


@dataclass(frozen=True, slots=True)
class MessageView:
    id: int
    kind: str
    created_at: dt.datetime
    read_at: dt.datetime | None
    changes: tuple[ToldChange, ...]
    details: Mapping[str, Any]


def messages_of(actor: Actor) -> list[MessageView]:
    """The actor's last messages, newest first."""
    rows = (
        Message.select()
        .where(Message.user == _user(actor))
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(SHOWN)
    )
    return views_of(rows)


def views_of(rows: Iterable[Message]) -> list[MessageView]:
    """Messages with their changes read, in the order given."""
    zones = {row.name: row.zone for row in Office.select(Office.name, Office.zone)}
    return [
        MessageView(
            id=row.id,
            kind=row.kind,
            created_at=row.created_at,
            read_at=row.read_at,
            changes=tuple(_change(one, zones) for one in row.details.get("changes", ())),
            details=row.details,
        )
        for row in rows
    ]


def unread_count(actor: Actor) -> int:
    if actor.user_id is None:
        return 0
    return int(_unread_of(actor.user_id)[0][0])


@written
def _unread_of(user_id: Any) -> Any:
    return Message.select(fn.COUNT(Message.id)).where(_unread(user_id)).tuples()


def mark_seen(actor: Actor, message_id: int, now: dt.datetime) -> None:
    """Confirm one message; the first time counts. Raises NotFound for another's."""
    user_id = _user(actor)
    if not Message.select().where(Message.id == message_id, Message.user == user_id).exists():
        raise NotFound
    with database.atomic():
        Message.update(read_at=now).where(Message.id == message_id, _unread(user_id)).execute()


def mark_all_seen(actor: Actor, newest_id: int, now: dt.datetime) -> int:
    """Confirm all up to `newest_id`, the newest that the page showed; how many."""
    user_id = _user(actor)
    with database.atomic():
        return int(
            Message.update(read_at=now).where(Message.id <= newest_id, _unread(user_id)).execute()
        )


def _unread(user_id: int) -> Any:
    return (Message.user == user_id) & Message.read_at.is_null()


def _user(actor: Actor) -> int:
    if actor.user_id is None:
        raise Forbidden
    return actor.user_id


def told_times(
    told: Mapping[str, Any] | None, zones: Mapping[str, str] = MappingProxyType({})
) -> ToldTimes | None:
    """A shift as it was kept with what was told; `zones`, by the office's name, are for those
    that were kept without."""
    if told is None:
        return None
    return ToldTimes(
        office=told["office"],
        starts_at=dt.datetime.fromisoformat(told["starts_at"]),
        ends_at=dt.datetime.fromisoformat(told["ends_at"]),
        zone=told.get("zone") or zones.get(told["office"], NETWORK_ZONE),
        breaks=tuple(
            (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end))
            for start, end in told.get("breaks", ())
        ),
        route=told.get("route", ""),
    )


def _change(told: Mapping[str, Any], zones: Mapping[str, str]) -> ToldChange:
    return ToldChange(
        date=dt.date.fromisoformat(told["date"]),
        before=told_times(told["before"], zones),
        after=told_times(told["after"], zones),
    )
