"""What has become of a roster's people since its problem was made: absences told, people gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from peewee import JOIN

from app.models import Absence, Assignment, Mediator, RequestStatus, Roster
from app.services.horizon import Horizon
from app.services.lent_across import standing
from solver.result import Violation
from solver.rules import unavailable


def _lent_away(roster: Roster, now: dt.datetime) -> list[Assignment]:
    """Shifts to come on days for which another group's published week has their mediator."""
    days = {
        (one.mediator_id, one.date)
        for one in standing(Horizon(roster.week_starts_on))
        if one.group_id != roster.group_id
    }
    rows = (
        Assignment.select(Assignment, Mediator)
        .join(Mediator)
        .where(
            Assignment.roster == roster,
            Assignment.starts_at > now,
            Assignment.mediator.in_(sorted({mediator for mediator, _date in days})),
        )
        .order_by(Mediator.code, Assignment.date)
    )
    return [row for row in rows if (row.mediator_id, row.date) in days]


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
        (row.mediator.code, row.shift): (row.date - roster.week_starts_on).days
        for row in (*rows, *_lent_away(roster, now))
    }
    return tuple(
        Violation(unavailable.NAME, {"mediator": code, "shift": shift, "day": day})
        for (code, shift), day in found.items()
        if (code, shift) not in told
    )
