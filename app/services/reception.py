"""An office's reception: how long it takes, who serves there, how long visitors are ready to wait.

Times are assumed, and moved towards what was noted there; of patience nothing is noted yet.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from peewee import fn

from app.models import ArrivalOutcome, Desk, Mediator, MediatorLanguage, Office, OfficeKind
from app.services.arrivals import DESK_SOURCE
from app.services.openings import opening_calendar
from forecast.erlang import Target
from forecast.requirements import LANGUAGE_PREFIX, Measured, ServiceTimes
from forecast.waiting import Manners

RECEPTION_MINUTES = 10.0
"""Mean minutes at the reception of a visitor who goes on to a desk, or came for advice."""
LONGER_RECEPTION_MINUTES = {"social": 12.0, "health": 12.0, "family_reunification": 12.0}
CALL_MINUTES = 10.0
MEASURED_WEEKS = 26
"""How far back what was noted of receptions still tells how long they take."""
PATIENCE_MINUTES = 60.0
PHONE_AFTER_MINUTES = 30.0


def target(office: Office) -> Target:
    """What share of visitors is to wait how long at most."""
    return Target(office.target_share_percent / 100, float(office.target_wait_minutes))


def manners(office: Office) -> Manners:
    """How visitors behave; who has waited too long is sent to the telephone, except from there."""
    telephone = office.kind == OfficeKind.TELEPHONE
    return Manners(
        target=target(office),
        patience_minutes=PATIENCE_MINUTES,
        phone_after_minutes=None if telephone else PHONE_AFTER_MINUTES,
    )


def service_times(office: Office, week_starts_on: dt.date) -> ServiceTimes:
    """How long the reception of an office takes, by need: as assumed, moved towards what was
    noted there in the MEASURED_WEEKS before the week."""
    return assumed_times(office).learned(measured(office, week_starts_on))


def desk_times(office: Office, week_starts_on: dt.date) -> ServiceTimes:
    """How long a visitor is served at the desk of a need: assumed to be as long as at the
    reception, moved towards what numbers called there took."""
    return assumed_times(office).learned(measured_at_desks(office, week_starts_on))


def assumed_times(office: Office) -> ServiceTimes:
    """How long a reception takes where nothing was noted."""
    if office.kind == OfficeKind.TELEPHONE:
        return ServiceTimes(default_minutes=CALL_MINUTES)
    return ServiceTimes(minutes=LONGER_RECEPTION_MINUTES, default_minutes=RECEPTION_MINUTES)


def repertoires(office: Office) -> tuple[frozenset[str], ...]:
    """The languages, as skills, of each active mediator who is at home at an office."""
    spoken: defaultdict[int, set[str]] = defaultdict(set)
    query = (
        MediatorLanguage.select(MediatorLanguage.mediator, MediatorLanguage.language)
        .join(Mediator)
        .where(Mediator.home_office == office, Mediator.active)
        .order_by(Mediator.code)
    )
    for row in query:
        spoken[row.mediator_id].add(LANGUAGE_PREFIX + row.language_id)
    return tuple(frozenset(skills) for skills in spoken.values())


def measured(office: Office, week_starts_on: dt.date) -> dict[str, Measured]:
    """What was noted of receptions, by need; not what numbers took that were called for a desk."""
    return _noted(office, week_starts_on, ~_called_for_a_desk(office))


def measured_at_desks(office: Office, week_starts_on: dt.date) -> dict[str, Measured]:
    """What numbers called for a desk of their own took there, by need."""
    return _noted(office, week_starts_on, _called_for_a_desk(office))


def _called_for_a_desk(office: Office) -> Any:
    """The outcomes of numbers whose need has a desk: that desk calls them, not the reception."""
    desks = [one.need for one in Desk.select(Desk.need).where(Desk.office == office)]
    called = desks if office.gives_tickets else []
    return (ArrivalOutcome.source == DESK_SOURCE) & ArrivalOutcome.need.in_(called)


def _noted(office: Office, week_starts_on: dt.date, condition: Any) -> dict[str, Measured]:
    until = opening_calendar(office).instant(week_starts_on, 0)
    query = (
        ArrivalOutcome.select(
            ArrivalOutcome.need,
            fn.SUM(ArrivalOutcome.services),
            fn.SUM(ArrivalOutcome.service_minutes),
        )
        .where(
            ArrivalOutcome.office == office,
            ArrivalOutcome.starts_at >= until - dt.timedelta(weeks=MEASURED_WEEKS),
            ArrivalOutcome.starts_at < until,
            ArrivalOutcome.services > 0,
            condition,
        )
        .group_by(ArrivalOutcome.need)
    )
    rows: Any = query.tuples()
    return {need: Measured(int(services), float(minutes)) for need, services, minutes in rows}
