"""Hours of single days in which a mediator cannot work, beside those of every week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Availability, Mediator, database
from app.services import audit
from app.services.checks import Faults
from app.services.my_duties import own_mediator
from app.services.rights import Actor

AHEAD_DAYS = 366
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class DayHours:
    """Minutes of the home office's wall clock in which the mediator cannot work on a date."""

    date: dt.date
    spans: Spans


def hours_of_days(actor: Actor, now: dt.datetime) -> tuple[DayHours, ...]:
    """The actor's, from today on. Raises Forbidden for who is no mediator."""
    mediator = own_mediator(actor)
    found: dict[dt.date, list[tuple[int, int]]] = {}
    rows: Any = (
        Availability.select(Availability.date, Availability.from_minute, Availability.until_minute)
        .where(Availability.mediator == mediator, Availability.date >= _today(mediator, now))
        .order_by(Availability.date, Availability.from_minute)
    )
    for date, start, end in rows.tuples():
        found.setdefault(date, []).append((start, end))
    return tuple(DayHours(date, tuple(spans)) for date, spans in found.items())


def set_day(actor: Actor, date: dt.date, spans: Spans, now: dt.datetime) -> None:
    """Put these hours of `date` in place of what was said of it; none takes it back.

    They count wherever people's times are read from now on: in builds, in repairs, in swaps.
    Raises Invalid with every fault.
    """
    mediator = own_mediator(actor)
    today = _today(mediator, now)
    faults = Faults()
    if not today <= date < today + dt.timedelta(days=AHEAD_DAYS):
        expected = _("a day from %(date)s on, within a year", date=f"{today:%d/%m/%Y}")
        faults.add("date", date, expected)
    ordered = sorted(spans)
    if any(end <= start for start, end in ordered):
        faults.add("hours", spans, _("times that end after they start"))
    if any(first[1] > then[0] for first, then in pairwise(ordered)):
        faults.add("hours", spans, _("times clear of each other"))
    faults.raise_any()
    with database.atomic():
        Availability.delete().where(
            Availability.mediator == mediator, Availability.date == date
        ).execute()
        for start, end in ordered:
            Availability.create(
                mediator=mediator,
                weekday=date.weekday(),
                date=date,
                from_minute=start,
                until_minute=end,
            )
        audit.record(actor, "availability.set_day", "mediator", mediator.id, now, times=len(spans))


def _today(mediator: Mediator, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(mediator.home_office.zone)).date()
