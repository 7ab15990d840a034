"""The audit log: appended only, each entry bound to the one before by its hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from app.models import AuditEntry, database
from app.services.rights import Actor

FIRST_HASH = "0" * 64
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


def verify() -> int | None:
    """The id of the first entry that does not follow from the one before; None when all do."""
    previous = FIRST_HASH
    for entry in AuditEntry.select().order_by(AuditEntry.id):
        if entry.previous_hash != previous or entry.hash != _hash(entry):
            return int(entry.id)
        previous = entry.hash
    return None


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
    from app.database import is_postgresql

    if is_postgresql():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_ADVISORY_LOCK,))
