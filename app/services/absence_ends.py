"""Absences that end before they were to: sickness told by mistake, leave given up."""

from __future__ import annotations

import datetime as dt
import secrets

from app.models import AbsenceKind, Mediator, database
from app.services import own_times
from app.services.errors import Forbidden, NotFound
from app.services.home_days import date_of, last_date_of, span_of
from app.services.my_duties import own_mediator
from app.services.rights import Actor
from app.services.telling import coordinators_of, name_of, tell

REACH = dt.timedelta(days=2 * 366)
"""How far from now an absence is looked for."""


def end_sickness(
    actor: Actor, absence_id: int, now: dt.datetime, last: dt.date | None = None
) -> None:
    """Say that one's sickness ends on `last`, by default that it is over from today on.

    The days before today stay. The coordinators are told. Raises NotFound for another's,
    Forbidden for leave and for days gone by, Invalid for no earlier end.
    """
    mediator = own_mediator(actor)
    with database.atomic():
        found = absence_of(actor, mediator, absence_id, now)
        if found.kind is not AbsenceKind.SICKNESS:
            raise Forbidden
        last = last or max(
            date_of(mediator, now), date_of(mediator, found.starts_at)
        ) - dt.timedelta(days=1)
        first, until = end_absence(actor, mediator, found, last, now)
        tell_days(mediator, "absence_ended", first, until, now)


def end_absence(
    actor: Actor,
    mediator: Mediator,
    found: own_times.AbsenceView,
    last: dt.date,
    now: dt.datetime,
) -> tuple[dt.date, dt.date]:
    """Let an absence end after `last`, altogether where that is before it; the days given back."""
    until = last_date_of(mediator, found.ends_at)
    first = date_of(mediator, found.starts_at)
    if last < first:
        own_times.remove_absence(actor, found.id, now)
        return first, until
    own_times.shorten_absence(actor, found.id, span_of(mediator, first, last)[1], now)
    return last + dt.timedelta(days=1), until


def tell_days(
    mediator: Mediator, kind: str, first: dt.date, last: dt.date, now: dt.datetime
) -> None:
    """Tell the coordinators of the home office of these days, and nothing of why."""
    tell(
        coordinators_of([mediator.home_office_id]),
        kind,
        # Not by the row's number, which SQLite gives again once one is taken back.
        f"absence.{secrets.token_hex(8)}",
        {"mediator": name_of(mediator), "first": first.isoformat(), "last": last.isoformat()},
        now,
    )


def absence_of(
    actor: Actor, mediator: Mediator, absence_id: int, now: dt.datetime
) -> own_times.AbsenceView:
    """An absence of that mediator. Raises NotFound for another's."""
    found = own_times.absences_of(actor, mediator.id, now - REACH, now + REACH, now)
    for one in found:
        if one.id == absence_id:
            return one
    raise NotFound
