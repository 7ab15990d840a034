"""What coordinators enter of a mediator's times; the person is told of each thing.

Messages name the days and never the kind of an absence, which may be health data.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from app.i18n import _
from app.models import AbsenceKind, Mediator, Office, WishKind, database
from app.services import absence_ends, my_times, own_times
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.home_days import date_of, last_date_of, span_of, with_weekend
from app.services.rights import Actor, require_any_coordinator, require_coordinator
from app.services.telling import name_of, tell, users_of

BEHIND = dt.timedelta(days=31)
"""How long past absences stay on the page, to be put right."""


def person(actor: Actor, mediator_id: int) -> Mediator:
    """A mediator whose home office the actor coordinates. Raises NotFound, Forbidden."""
    found: Mediator | None = (
        Mediator.select(Mediator, Office).join(Office).where(Mediator.id == mediator_id).first()
    )
    if found is None:
        require_any_coordinator(actor)
        raise NotFound
    require_coordinator(actor, found.home_office_id)
    return found


def times_of(actor: Actor, mediator_id: int, now: dt.datetime) -> tuple[str, my_times.MyTimes]:
    """The person's name and what stands of their times. Raises NotFound, Forbidden."""
    mediator = person(actor, mediator_id)
    return name_of(mediator), my_times.times_of(actor, mediator, now, BEHIND)


def enter_absence(
    actor: Actor,
    mediator_id: int,
    first: dt.date,
    last: dt.date,
    kind: AbsenceKind,
    now: dt.datetime,
    weekend_too: bool = False,
) -> int:
    """Enter time away from `first` to `last` inclusive, which counts at once; the id.

    With `weekend_too` what is no sickness and takes whole weeks to a Friday ends on the Sunday.
    Raises Invalid, also where it touches another absence.
    """
    mediator = person(actor, mediator_id)
    today = date_of(mediator, now)
    if weekend_too and kind is not AbsenceKind.SICKNESS:
        last = with_weekend(first, last)
    faults = Faults()
    if not abs(first - today) < my_times.AHEAD:
        faults.add("first", first, _("a day within a year of today"))
    if last < first:
        faults.add("last", last, _("not before the first day"))
    elif last - first >= own_times.LONGEST_ABSENCE:
        longest = own_times.LONGEST_ABSENCE.days
        faults.add("last", last, _("at most %(n)d days after the start", n=longest))
    faults.raise_any()
    with database.atomic():
        my_times.require_clear(actor, mediator, first, last, now)
        span = span_of(mediator, first, last)
        absence_id = own_times.add_absence(actor, mediator.id, *span, kind, now)
        _tell(mediator, "away", now, first, last)
    return absence_id


def end_absence(
    actor: Actor, mediator_id: int, absence_id: int, last: dt.date, now: dt.datetime
) -> None:
    """Let an absence end after `last`, a day of it but its last. Raises NotFound, Invalid."""
    mediator = person(actor, mediator_id)
    found = absence_ends.absence_of(actor, mediator, absence_id, now)
    if not date_of(mediator, found.starts_at) <= last < last_date_of(mediator, found.ends_at):
        faults = Faults()
        faults.add("last", last, _("a day of the absence before its last"))
        faults.raise_any()
    with database.atomic():
        freed = absence_ends.end_absence(actor, mediator, found, last, now)
        _tell(mediator, "not_away", now, *freed)


def remove_absence(actor: Actor, mediator_id: int, absence_id: int, now: dt.datetime) -> None:
    """Take an absence away altogether. Raises NotFound."""
    mediator = person(actor, mediator_id)
    found = absence_ends.absence_of(actor, mediator, absence_id, now)
    days = date_of(mediator, found.starts_at), last_date_of(mediator, found.ends_at)
    with database.atomic():
        own_times.remove_absence(actor, absence_id, now)
        _tell(mediator, "not_away", now, *days)


def set_weekly(
    actor: Actor, mediator_id: int, weekly: Sequence[my_times.Spans], now: dt.datetime
) -> None:
    """Put these hours of each weekday in place of the person's. Raises Invalid by weekday."""
    mediator = person(actor, mediator_id)
    times = my_times.weekly_times(weekly)
    with database.atomic():
        if times != own_times.availability_of(actor, mediator.id):
            own_times.set_availability(actor, mediator.id, times, now)
            _tell(mediator, "weekly", now)


def enter_wish(
    actor: Actor, mediator_id: int, date: dt.date, kind: WishKind, now: dt.datetime
) -> int:
    """Enter a wish of the person's, within their budget; the id. Raises Invalid."""
    mediator = person(actor, mediator_id)
    with database.atomic():
        wish_id = my_times.wish_for(actor, mediator, date, kind, now)
        _tell(mediator, f"wish_{kind}", now, date, date)
    return wish_id


def remove_wish(actor: Actor, mediator_id: int, wish_id: int, now: dt.datetime) -> None:
    """Take a wish of the person's back. Raises NotFound, Conflict once it was heard."""
    mediator = person(actor, mediator_id)
    with database.atomic():
        date = my_times.take_back_wish_of(actor, mediator, wish_id, now)
        _tell(mediator, "no_wish", now, date, date)


def _tell(mediator: Mediator, what: str, now: dt.datetime, *days: dt.date) -> None:
    told = {"what": what} | dict(
        zip(("first", "last"), (one.isoformat() for one in days), strict=False)
    )
    tell(users_of([mediator.id]), "times_entered", f"times.{secrets.token_hex(8)}", told, now)
