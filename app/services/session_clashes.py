"""Time already given that a session falls on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from app.models import Absence, Assignment, Office, RequestStatus
from app.services.published import live_rosters
from app.services.training_busy import training_spans


class ClashKind(StrEnum):
    SHIFT = "shift"
    LEAVE = "leave"
    TRAINING = "training"
    HIDDEN = "hidden"
    """Not the reader's to know."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Time already given that a session falls on; hidden ones have no times."""

    kind: ClashKind
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    place: str = ""


def shifts_between(
    mediator_ids: list[int], since: dt.datetime, until: dt.datetime
) -> list[Assignment]:
    """Published shifts of these people that touch `[since, until)`, office joined."""
    return list(
        Assignment.select(Assignment, Office)
        .join(Office)
        .where(
            Assignment.mediator.in_(mediator_ids),
            Assignment.starts_at < until,
            Assignment.ends_at > since,
            Assignment.roster.in_(live_rosters()),
        )
        .order_by(Assignment.starts_at, Assignment.id)
    )


def leave_between(mediator_ids: list[int], since: dt.datetime, until: dt.datetime) -> list[Absence]:
    """Approved absences of these people that touch `[since, until)`."""
    return list(
        Absence.select().where(
            Absence.mediator.in_(mediator_ids),
            Absence.status == RequestStatus.APPROVED,
            Absence.starts_at < until,
            Absence.ends_at > since,
        )
    )


def clashes_of(
    session_id: int, mediator_ids: list[int], since: dt.datetime, until: dt.datetime
) -> dict[int, list[Clash]]:
    """Published shifts, approved leave and other sessions, had or given, at the time of this
    one."""
    found: dict[int, list[Clash]] = defaultdict(list)
    for row in shifts_between(mediator_ids, since, until):
        clash = Clash(ClashKind.SHIFT, row.starts_at, row.ends_at, row.office.name)
        found[row.mediator_id].append(clash)
    for absence in leave_between(mediator_ids, since, until):
        clash = Clash(ClashKind.LEAVE, absence.starts_at, absence.ends_at)
        found[absence.mediator_id].append(clash)
    for one in training_spans(since, until, mediator_ids):
        if one.session_id != session_id:
            clash = Clash(ClashKind.TRAINING, one.starts_at, one.ends_at, one.course_code)
            found[one.mediator_id].append(clash)
    return found
