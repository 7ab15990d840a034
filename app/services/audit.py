"""The audit log: appended only, each entry bound to the one before by its hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from app.database import is_postgresql
from app.models import AuditEntry, database
from app.services.rights import SYSTEM, Actor

FIRST_HASH = "0" * 64
SHORTENED = "audit.shorten"
_ADVISORY_LOCK = 7_362_002


def record(
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: object,
    now: dt.datetime,
    **details: Any,
) -> None:
    """Append one entry, inside the transaction of the change that it tells of."""
    hold_log()
    last = AuditEntry.select(AuditEntry.hash).order_by(AuditEntry.id.desc()).first()
    entry = AuditEntry(
        at=now,
        user=actor.user_id,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        details=details,
        previous_hash=last.hash if last else FIRST_HASH,
    )
    entry.hash = _hash(entry)
    entry.save(force_insert=True)


def note_reading(actor: Actor, what: str, mediator_ids: Iterable[int], now: dt.datetime) -> None:
    """Write down that sensitive data of these people were shown to `actor`: who, whose, when.

    What people read of themselves, and what the product itself reads, is not written down.
    """
    read = sorted(one for one in set(mediator_ids) if one != actor.mediator_id)
    if not read or actor.user_id is None:
        return
    with database.atomic():
        record(actor, f"{what}.read", "mediator", read[0] if len(read) == 1 else "", now, of=read)


def shorten(limit: dt.datetime, now: dt.datetime) -> int:
    """Let go of the entries before `limit`; how many. In a transaction.

    An entry says so and names the hash of the last one let go, so that the chain still shows
    whether anything else is missing.
    """
    hold_log()
    first_kept = AuditEntry.select().where(AuditEntry.at >= limit).order_by(AuditEntry.id).first()
    old = AuditEntry.select().where(AuditEntry.at < limit)
    if first_kept is not None:
        old = old.where(AuditEntry.id < first_kept.id)
    last = old.order_by(AuditEntry.id.desc()).first()
    if last is None:
        return 0
    count = old.count()
    record(SYSTEM, SHORTENED, "audit_log", last.id, now, entries=count, last_hash=last.hash)
    AuditEntry.delete().where(AuditEntry.id <= last.id).execute()
    return int(count)


def verify() -> int | None:
    """The id of the first entry that does not follow from the one before; None when all do.

    The oldest may have been let go, where a later entry says so.
    """
    previous = None
    for entry in AuditEntry.select().order_by(AuditEntry.id).iterator():
        if previous is None:
            previous = entry.previous_hash if _is_said(entry.previous_hash) else FIRST_HASH
        if entry.previous_hash != previous or entry.hash != _hash(entry):
            return int(entry.id)
        previous = entry.hash
    return None


def _is_said(last_hash: str) -> bool:
    """Whether an entry says that the log was shortened up to this hash."""
    told = AuditEntry.select(AuditEntry.details).where(AuditEntry.action == SHORTENED)
    return any(entry.details.get("last_hash") == last_hash for entry in told)


def _hash(entry: AuditEntry) -> str:
    told = [
        entry.previous_hash,
        entry.at.astimezone(dt.UTC).isoformat(),
        entry.user_id,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.details,
    ]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hold_log() -> None:
    """Let no other transaction write an entry until this one ends.

    On PostgreSQL two transactions could chain to one entry; SQLite has one writer anyway.
    """
    if is_postgresql():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_ADVISORY_LOCK,))
