"""The audit log: appended only, each entry bound to the one before (`audit_seals`).

A log that was cut off at its end is sound in itself: so where it ends is told outside the
database, every night in the service's log and in each backup (`end_of_log`).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from app.database import is_postgresql
from app.models import AuditEntry, database
from app.services.audit_seals import End, Verdict, bind, is_sound, kind_of
from app.services.privacy_rules import FIVE_YEARS
from app.services.rights import SYSTEM, Actor

FIRST_HASH = "0" * 64
SHORTENED = "audit.shorten"
_ADVISORY_LOCK = 7_362_002
_ORDER = ("plain", "foreign", "sealed")
log = logging.getLogger("escala.audit")


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
    entry.hash = bind(entry)
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

    An entry says so and names the hash of the last one let go and when that was made, so that
    the chain still shows whether anything else is missing.
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
    record(
        SYSTEM, SHORTENED, "audit_log", last.id, now,
        entries=count, last_hash=last.hash, last_at=last.at.isoformat(),
    )  # fmt: skip
    AuditEntry.delete().where(AuditEntry.id <= last.id).execute()
    return int(count)


def verify() -> int | None:
    """The id of the first entry that does not follow from the one before; None when all do."""
    return examine().broken


def examine() -> Verdict:
    """Look through the whole log.

    The oldest may have been let go, where an entry says so and they were old enough. Plain
    entries come first, then those of another key, then those of this one: one that comes after
    its time was put in.
    """
    counts = dict.fromkeys(_ORDER, 0)
    previous, latest = None, 0
    for entry in AuditEntry.select().order_by(AuditEntry.id).iterator():
        if previous is None:
            previous = entry.previous_hash if _was_let_go(entry) else FIRST_HASH
        kind = kind_of(entry)
        sound = entry.previous_hash == previous and is_sound(entry)
        if not sound or _ORDER.index(kind) < latest:
            return _verdict(int(entry.id), counts)
        previous, latest = entry.hash, _ORDER.index(kind)
        counts[kind] += 1
    return _verdict(None, counts)


def end_of_log() -> End:
    """The newest entry and how many there are, to be kept outside the database."""
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    if last is None:
        return End(0, FIRST_HASH, 0)
    return End(int(last.id), last.hash, AuditEntry.select().count())


def tell_end() -> None:
    """Write into the service's log where the audit log ends, for `flask audit --since`."""
    end = end_of_log()
    log.info("audit log ends at %s, %d entries", end, end.count)


def is_there(entry_id: int, entry_hash: str) -> bool:
    """Whether the entry that the log once ended at is in it, or was let go since by its age."""
    row = AuditEntry.get_or_none(AuditEntry.id == entry_id)
    if row is not None:
        return bool(row.hash == entry_hash)
    if entry_id == 0:
        return entry_hash == FIRST_HASH
    told = AuditEntry.select().where(AuditEntry.action == SHORTENED)
    return any(entry_id <= int(one.object_id) for one in told)


def _was_let_go(first: AuditEntry) -> bool:
    """Whether an entry says that the log was shortened up to the one before `first`, which was
    old enough for it. Entries from before there were seals do not name the date."""
    told = AuditEntry.select().where(AuditEntry.action == SHORTENED).order_by(AuditEntry.id)
    for entry in told:
        if entry.details.get("last_hash") != first.previous_hash:
            continue
        last_at = entry.details.get("last_at")
        if last_at is None:
            return kind_of(entry) == "plain"
        age = entry.at - dt.datetime.fromisoformat(last_at)
        return age >= dt.timedelta(days=FIVE_YEARS) and int(entry.object_id) < first.id
    return False


def _verdict(broken: int | None, counts: dict[str, int]) -> Verdict:
    return Verdict(broken, counts["sealed"], counts["plain"], counts["foreign"])


def hold_log() -> None:
    """Let no other transaction write an entry until this one ends.

    On PostgreSQL two transactions could chain to one entry; SQLite has one writer anyway.
    """
    if is_postgresql():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_ADVISORY_LOCK,))
