"""What has become of a roster's people since its problem was made: absences told, people gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from peewee import JOIN

from app.models import Absence, Assignment, Mediator, RequestStatus, Roster
from solver.result import Violation
from solver.rules import unavailable


def broken_since(
    roster: Roster, judged: Iterable[Violation], now: dt.datetime
) -> tuple[Violation, ...]:
    """Shifts to come whose mediator cannot work them any more, each once, beside the broken rules
    that the judge has found. What has begun can be undone by nobody and is left out.
    """
    told = {
        (one.details["mediator"], one.details["shift"])
        for one in judged
        if one.rule == unavailable.NAME
    }
    away = (
        (Absence.mediator == Assignment.mediator)
        & (Absence.status == RequestStatus.APPROVED)
        & (Absence.starts_at < Assignment.ends_at)
        & (Absence.ends_at > Assignment.starts_at)
    )
    gone = (
        ~Mediator.active
        | (Mediator.starts_on > Assignment.date)
        | (Mediator.ends_on < Assignment.date)
    )
    rows = (
        Assignment.select(Assignment, Mediator)
        .join(Mediator)
        .switch(Assignment)
        .join(Absence, JOIN.LEFT_OUTER, on=away)
        .where(
            Assignment.roster == roster,
            Assignment.starts_at > now,
            Absence.id.is_null(False) | gone,
        )
        .order_by(Mediator.code, Assignment.date)
    )
    found = {
        (row.mediator.code, row.shift): (row.date - roster.week_starts_on).days for row in rows
    }
    return tuple(
        Violation(unavailable.NAME, {"mediator": code, "shift": shift, "day": day})
        for (code, shift), day in found.items()
        if (code, shift) not in told
    )
