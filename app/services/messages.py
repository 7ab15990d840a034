"""What people are told in the application; each thing once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.models import Message, Roster, User

if TYPE_CHECKING:
    from app.services.rosters import PersonChange, ShiftTimes


def tell_of_publication(roster: Roster, changes: Iterable[PersonChange], now: dt.datetime) -> None:
    """One message to each person whose shifts a publication changes. Within its transaction."""
    by_person: dict[int, list[PersonChange]] = defaultdict(list)
    for change in changes:
        by_person[change.mediator_id].append(change)
    users = {
        user.mediator_id: user.id
        for user in User.select().where(User.mediator.in_(list(by_person)), User.active)
    }
    rows = [
        {
            "user": users[mediator_id],
            "kind": "roster_published",
            "details": {
                "week": roster.week_starts_on.isoformat(),
                "version": roster.version,
                "changes": [
                    {
                        "date": one.date.isoformat(),
                        "before": _told(one.before),
                        "after": _told(one.after),
                    }
                    for one in theirs
                ],
            },
            "key": f"roster.{roster.id}.{users[mediator_id]}",
            "created_at": now,
        }
        for mediator_id, theirs in by_person.items()
        if mediator_id in users
    ]
    for start in range(0, len(rows), 50):
        Message.insert_many(rows[start : start + 50]).on_conflict_ignore().execute()


def _told(times: ShiftTimes | None) -> dict[str, str] | None:
    if times is None:
        return None
    return {
        "office": times.office,
        "starts_at": times.starts_at.isoformat(),
        "ends_at": times.ends_at.isoformat(),
    }
