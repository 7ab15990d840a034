"""What people are told of a publication: exactly what it changes for them, each thing once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from app.models import Roster, User
from app.services.roster_changes import PersonChange, ShiftTimes
from app.services.telling import Telling, tell_each


def tell_of_publication(
    roster: Roster,
    changes: Iterable[PersonChange],
    now: dt.datetime,
    *,
    swap_id: int | None = None,
) -> None:
    """One message to each person whose shifts a publication changes. Within its transaction.

    Where it publishes a swap, the message says so.
    """
    by_person: dict[int, list[PersonChange]] = defaultdict(list)
    for change in changes:
        by_person[change.mediator_id].append(change)
    users = {
        user.mediator_id: user.id
        for user in User.select().where(User.mediator.in_(list(by_person)), User.active)
    }
    tell_each(
        [
            Telling(
                users[mediator_id],
                "roster_published",
                publication_key(roster.id, users[mediator_id]),
                _details(roster, theirs, swap_id),
            )
            for mediator_id, theirs in by_person.items()
            if mediator_id in users
        ],
        now,
    )


def publication_key(roster_id: int, user_id: int) -> str:
    """The key of what a user is told of a publication."""
    return f"roster.{roster_id}.{user_id}"


def _details(
    roster: Roster, changes: Iterable[PersonChange], swap_id: int | None
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "week": roster.week_starts_on.isoformat(),
        "version": roster.version,
        "changes": [
            {
                "date": one.date.isoformat(),
                "before": shift_details(one.before),
                "after": shift_details(one.after),
            }
            for one in changes
        ],
    }
    return told if swap_id is None else {**told, "swap": swap_id}


def shift_details(times: ShiftTimes | None) -> dict[str, Any] | None:
    """A shift's times and place as they are kept with what was told."""
    if times is None:
        return None
    told = {
        "office": times.office,
        "zone": times.zone,
        "starts_at": times.starts_at.isoformat(),
        "ends_at": times.ends_at.isoformat(),
        "breaks": [[edge.isoformat() for edge in one] for one in times.breaks],
    }
    return told | {"route": times.route} if times.route else told
