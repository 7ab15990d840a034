"""What the register says of time, carried out: by a worker, once a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from peewee import DateField, Expression

from app.models import Mediator, Run, Translator, User, database
from app.services import audit, erasure, runs, translator_end
from app.services.privacy_register import all_kept
from app.services.privacy_rules import Emptied, Erased, Forgotten, Gone, Kept, Shortened
from app.services.rights import SYSTEM


def keep_to_register(now: dt.datetime) -> dict[str, int]:
    """Take away what has been kept long enough; how many rows of each table.

    Each rule in a transaction of its own, with its entry in the audit log, so that nobody waits
    for all of them and what was done stays done. A person's erasure is queued as a run: reading
    where they stand takes long. The audit log is shortened last.
    """
    found: dict[str, int] = {}
    rules = [(kept, rule) for kept in all_kept() for rule in kept.rules]
    for kept, rule in sorted(rules, key=lambda one: isinstance(one[1], Shortened)):
        name = kept.table._meta.table_name  # type: ignore[attr-defined]
        with database.atomic():
            count = _carry_out(kept, rule, now)
            if count:
                rows = {name: count}
                audit.record(SYSTEM, "retention", "register", "register", now, rows=rows)
        if count:
            found[name] = found.get(name, 0) + count
    audit.tell_end()
    return found


def _carry_out(kept: Kept, rule: Any, now: dt.datetime) -> int:
    match rule:
        case Gone():
            query = kept.table.delete().where(_is_over(kept, rule, now))
            if rule.only is not None:
                query = query.where(rule.only())
            return int(query.execute())
        case Emptied():
            field = getattr(kept.table, rule.field)
            full = field.is_null(False) if rule.to is None else field != rule.to
            emptied = kept.table.update({field: rule.to}).where(_is_over(kept, rule, now), full)
            return int(emptied.execute())
        case Forgotten():
            return _forget(kept, rule, now)
        case Erased():
            table: Any = kept.table
            over = table.select().where(_is_over(kept, rule, now), table.erased_at.is_null())
            if rule.only is not None:
                over = over.where(rule.only())
            return sum(_erase(row, now) for row in over)
        case Shortened():
            return audit.shorten(now - dt.timedelta(days=rule.days), now)
    return 0


def _forget(kept: Kept, rule: Forgotten, now: dt.datetime) -> int:
    """Take one key out of the JSON of the rows whose time is over; how many had it."""
    field = getattr(kept.table, rule.field)
    since = now - dt.timedelta(days=rule.past)
    over = kept.table.select(kept.table.id, field).where(
        _is_over(kept, rule, now),
        ~_is_over(kept, rule, since),
        field.cast("TEXT").contains(f'"{rule.key}"'),
    )
    count = 0
    for row in over:
        rest = dict(getattr(row, rule.field))
        if rest.pop(rule.key, None) is not None:
            kept.table.update({field: rest}).where(kept.table.id == row.id).execute()
            count += 1
    return count


def _erase(row: Mediator | Translator | User, now: dt.datetime) -> bool:
    """Erase a translator or an account, who stand in no roster, or queue a mediator's erasure;
    False where that was asked for already."""
    if isinstance(row, Translator):
        translator_end.erase_record(SYSTEM, row.id, now)
        return True
    if isinstance(row, User):
        erasure.erase_stopped_account(row, now)
        return True
    run_id = runs.ask(SYSTEM, erasure.KIND, {"mediator": row.id}, now)
    return bool(Run.get_by_id(run_id).asked_at == now)


def _is_over(kept: Kept, rule: Gone | Emptied | Forgotten | Erased, now: dt.datetime) -> Expression:
    field = getattr(kept.table, rule.column)
    limit: dt.datetime | dt.date = now - dt.timedelta(days=rule.days)
    if isinstance(field, DateField):
        limit = limit.date()  # type: ignore[union-attr]
    over: Expression = field < limit
    return over
