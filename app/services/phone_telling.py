"""Telling whom it concerns that hours at the telephone are given, or no longer stand."""

from __future__ import annotations

import datetime as dt

from app.services.phone_turns import Turn
from app.services.telling import coordinators_of, tell, users_of


def tell_of(turn: Turn, what: str, user_id: int | None, now: dt.datetime) -> None:
    """Tell the person, and the coordinators of where they sit and of the telephone, but for the
    user who does it. `what` is "given" or "taken_back"."""
    told = {
        "what": what,
        "name": turn.name,
        "office": turn.office,
        "centre": turn.centre,
        "zone": turn.zone,
        "starts_at": turn.starts_at.isoformat(),
        "ends_at": turn.ends_at.isoformat(),
    }
    key = f"phone.{turn.id}.{what}.{now.isoformat()}"
    mine = set(users_of([turn.mediator_id]))
    tell(mine, "phone_told", key, told | {"yours": True}, now)
    others = set(coordinators_of([turn.centre_id, turn.office_id])) - mine - {user_id}
    tell(others, "phone_told", key, told | {"yours": False}, now)
