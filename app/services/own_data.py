"""A person's data as a file (GDPR 15 and 20): a zip with JSON, made by the register."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from enum import Enum
from typing import Any

from peewee import Expression

from app.models import AuditEntry, BaseModel, Mediator, Translator, User, database
from app.services import audit
from app.services.api_keys import require_administrator
from app.services.errors import Forbidden, NotFound
from app.services.privacy_register import REGISTER
from app.services.privacy_rules import Kept
from app.services.rights import Actor, require_self_or_coordinator

FILE = "data.json"
_PEOPLE = ((Mediator, "mediator"), (User, "user"), (Translator, "translator"))
"""Who can be a person here → what the audit log calls them."""


def own_file(actor: Actor, now: dt.datetime) -> bytes:
    """Everything kept of the actor: of their account and, if they are one, of the mediator."""
    if actor.user_id is None:
        raise Forbidden
    return _file(actor, User.get_by_id(actor.user_id), actor.mediator_id, now)


def file_of_mediator(actor: Actor, mediator_id: int, now: dt.datetime) -> bytes:
    """The same of a mediator, for them and the coordinators of their home office."""
    row = Mediator.get_or_none(Mediator.id == mediator_id)
    if row is None:
        raise NotFound
    require_self_or_coordinator(actor, mediator_id, row.home_office_id)
    return _file(actor, User.get_or_none(User.mediator == row), mediator_id, now)


def file_of_account(actor: Actor, user_id: int, now: dt.datetime) -> bytes:
    """The same of an account, for administrators."""
    require_administrator(actor)
    user = User.get_or_none(User.id == user_id)
    if user is None:
        raise NotFound
    return _file(actor, user, user.mediator_id, now)


def file_of_translator(actor: Actor, translator_id: int, now: dt.datetime) -> bytes:
    """The same of an external translator, who has no account: for administrators to hand on."""
    require_administrator(actor)
    if Translator.get_or_none(Translator.id == translator_id) is None:
        raise NotFound
    return _packed(actor, {Mediator: None, User: None, Translator: translator_id}, now)


def _file(actor: Actor, user: User | None, mediator_id: int | None, now: dt.datetime) -> bytes:
    ids = {Mediator: mediator_id, User: user.id if user else None, Translator: None}
    return _packed(actor, ids, now)


def _packed(actor: Actor, ids: dict[Any, int | None], now: dt.datetime) -> bytes:
    content = {
        "made_at": now.isoformat(),
        "activities": [
            {
                "name": str(activity.name),
                "what": str(activity.what),
                "why": str(activity.why),
                "ground": str(activity.basis),
                "readers": str(activity.readers),
                "tables": tables,
            }
            for activity in REGISTER
            if (tables := _tables(activity.kept, ids))
        ],
        "done_with_your_record": _done_with(ids),
    }
    with database.atomic():
        kind, row_id = next((kind, ids[table]) for table, kind in _PEOPLE if ids[table] is not None)
        audit.record(actor, "personal_data.file", kind, row_id, now)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(content, ensure_ascii=False, indent=1, default=_plain)
        archive.writestr(FILE, text)
    return out.getvalue()


def _tables(kept: tuple[Kept, ...], ids: dict[Any, int | None]) -> dict[str, list[Any]]:
    found = {}
    for one in kept:
        rows = _rows(one, ids)
        if rows:
            found[one.table._meta.table_name] = rows  # type: ignore[attr-defined]
    return found


def _rows(kept: Kept, ids: dict[Any, int | None]) -> list[dict[str, Any]]:
    conditions = [
        one for way in kept.about if (one := _is_theirs(kept.table, way, ids)) is not None
    ]
    if not conditions:
        return []
    theirs = conditions[0]
    for one in conditions[1:]:
        theirs |= one
    names = kept.personal.split()
    return [
        {name: row.__data__.get(name) for name in names}
        for row in kept.table.select().where(theirs).order_by(kept.table._meta.primary_key)  # type: ignore[attr-defined]
    ]


def _is_theirs(table: type[BaseModel], way: str, ids: dict[Any, int | None]) -> Expression | None:
    """The condition that a row is about the person, by one way of the register's."""
    name, _dot, rest = way.partition(".")
    field = getattr(table, name)
    if name == "id":
        wanted = ids[table]
        return None if wanted is None else field == wanted
    other = field.rel_model
    if not rest:
        wanted = ids[other]
        return None if wanted is None else field == wanted
    inner = getattr(other, rest)
    wanted = ids[inner.rel_model]
    if wanted is None:
        return None
    return field.in_(other.select(other._meta.primary_key).where(inner == wanted))


def _done_with(ids: dict[Any, int | None]) -> list[dict[str, Any]]:
    """What was done with the person's record, and when it was read, by numbers of accounts."""
    found = []
    for table, kind in _PEOPLE:
        row_id = ids[table]
        if row_id is None:
            continue
        found += [
            {"at": row.at, "by_account": row.user_id, "action": row.action}
            for row in AuditEntry.select()
            .where(AuditEntry.object_kind == kind, _may_be_of(row_id))
            .order_by(AuditEntry.id)
            .iterator()
            if row.object_id or row_id in row.details.get("of", ())
        ]
    return found


def _may_be_of(row_id: int) -> Expression:
    """Entries of that one, and readings of several at once whose list holds its digits: which
    leaves few of the many to look into."""
    several = AuditEntry.details.cast("TEXT").contains(str(row_id))
    among: Expression = (AuditEntry.object_id == "") & AuditEntry.action.endswith(".read")
    found: Expression = (AuditEntry.object_id == str(row_id)) | (among & several)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes | memoryview):
        return f"{len(bytes(value))} bytes"
    return str(value)
