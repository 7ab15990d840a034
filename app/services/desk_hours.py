"""The half hours that the desks of an office keep, and the visitors who go straight to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from app.models import Desk, Office
from app.services.checks import SLOT_MINUTES
from app.services.needs import GENERAL
from app.services.openings import OpeningCalendar, opening_calendar
from forecast.office import OfficeForecast
from forecast.past_events import BoolArray


def desk_starts(
    desk: Desk, openings: OpeningCalendar, week_starts_on: dt.date
) -> Iterator[dt.datetime]:
    """The half hours of the week in which both office and desk are open."""
    step = dt.timedelta(minutes=SLOT_MINUTES)
    for day in range(7):
        date = week_starts_on + dt.timedelta(days=day)
        if str(date.weekday()) not in desk.weekdays:
            continue
        opens = openings.instant(date, desk.opens_minute)
        closes = openings.instant(date, desk.closes_minute)
        for office_opens, office_closes in openings.intervals(date):
            start = max(opens, office_opens)
            while start + step <= min(closes, office_closes):
                yield start
                start += step


def straight_to_desks(
    office: Office, week_starts_on: dt.date, forecast: OfficeForecast
) -> BoolArray | None:
    """Whose number a desk calls and not the reception, by half hour and need of the forecast.

    None in an office that gives no numbers: there the reception receives everyone first. While a
    desk is shut, and where nobody sits at it, the reception receives its visitors as well.
    """
    if not office.gives_tickets:
        return None
    openings = opening_calendar(office)
    straight = np.zeros((len(forecast.starts), len(forecast.needs)), dtype=np.bool_)
    for desk in Desk.select().where(Desk.office == office, Desk.need.in_(list(forecast.needs))):
        if desk.need == GENERAL or not (desk.partner or desk.wanted):
            continue
        kept = set(desk_starts(desk, openings, week_starts_on))
        straight[:, forecast.needs.index(desk.need)] = [one in kept for one in forecast.starts]
    return straight
