"""What the register says of time, carried out: by a worker, once a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from peewee import DateField, Expression

from app.models import Mediator, database
from app.services import audit, erasure
from app.services.privacy_register import all_kept
from app.services.privacy_rules import Emptied, Erased, Gone, Kept, Shortened
from app.services.rights import SYSTEM


def keep_to_register(now: dt.datetime) -> dict[str, int]:
    """Take away what has been kept long enough; how many rows of each table.

    In a transaction: all of it or nothing.
    """
    found: dict[str, int] = {}
    for kept in all_kept():
        for rule in kept.rules:
            count = _carry_out(kept, rule, now)
            if count:
                name = kept.table._meta.table_name  # type: ignore[attr-defined]
                found[name] = found.get(name, 0) + count
    if found:
        audit.record(SYSTEM, "retention", "register", "register", now, rows=found)
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
        case Erased():
            over = Mediator.select().where(_is_over(kept, rule, now), Mediator.erased_at.is_null())
            for row in over:
                erasure.erase_record(SYSTEM, row, now)
            return len(over)
        case Shortened():
            return audit.shorten(now - dt.timedelta(days=rule.days), now)
    return 0


def _is_over(kept: Kept, rule: Gone | Emptied | Erased, now: dt.datetime) -> Expression:
    field = getattr(kept.table, rule.column)
    limit: dt.datetime | dt.date = now - dt.timedelta(days=rule.days)
    if isinstance(field, DateField):
        limit = limit.date()  # type: ignore[union-attr]
    over: Expression = field < limit
    return over


def keep_to_register_at_once(now: dt.datetime) -> dict[str, int]:
    """The same in a transaction of its own, for the command."""
    with database.atomic():
        return keep_to_register(now)
