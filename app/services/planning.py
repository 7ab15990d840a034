"""From logged arrivals to a week's forecast and requirements: the chain before the solver."""

from __future__ import annotations

import datetime as dt
from calendar import isleap
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.i18n import _
from app.models import (
    DemandEvent,
    Office,
    PlanningGroup,
    database,
)
from app.services import likes, runs, week_rows
from app.services.arrival_history import histories, history
from app.services.errors import InputFault, Invalid, NotFound
from app.services.horizon import monday_of
from app.services.languages import centre_languages
from app.services.openings import OpeningCalendar, opening_calendars
from app.services.rights import Actor, require_coordinator
from app.services.week_rows import OnOffice
from forecast.calendar import Calendar, Holiday, HolidayKind
from forecast.holiday_dates import portuguese_holidays
from forecast.network import OfficeRequest, forecast_network, stands_alone
from forecast.office import OfficeForecast
from forecast.series import ArrivalSeries, Event

HISTORY_WEEKS = 110
"""Two years and some weeks: a wave of the year is told from one that was seen all round."""
WEEK_DAYS = 7


def group_of_code(code: str) -> PlanningGroup:
    group = PlanningGroup.get_or_none(PlanningGroup.code == code)
    if group is None:
        raise NotFound(code)
    return group


def ask_forecast(
    actor: Actor,
    group_id: int,
    week_starts_on: dt.date,
    now: dt.datetime,
    build_seconds: int | None = None,
) -> int:
    """Queue the forecast of a week and its requirements; the run's id.

    With `build_seconds` a build of so long is queued when it has ended.
    """
    require_coordinator(actor)
    if PlanningGroup.get_or_none(PlanningGroup.id == group_id) is None:
        raise NotFound
    if week_starts_on != monday_of(week_starts_on):
        raise Invalid([InputFault("week", week_starts_on.isoformat(), _("a Monday"))])
    with database.atomic():
        asked: dict[str, Any] = {"group": group_id, "week": week_starts_on.isoformat()}
        if build_seconds is not None:
            asked["build_seconds"] = build_seconds
        return runs.ask(actor, "forecast", asked, now)


@dataclass(frozen=True)
class PreparedForecast:
    """A week foreseen and not yet saved."""

    group: PlanningGroup
    week_starts_on: dt.date
    offices: tuple[Office, ...]
    forecasts: dict[str, OfficeForecast]


def prepare_forecast(
    group: PlanningGroup,
    week_starts_on: dt.date,
    now: dt.datetime,
    on_office: OnOffice | None = None,
) -> PreparedForecast:
    """Foresee the arrivals of every office of `group` in a week; writes nothing."""
    offices = tuple(
        Office.select().where(Office.group == group, Office.active).order_by(Office.position)
    )
    languages = language_codes()
    requests = office_requests(offices, week_starts_on, languages, now, on_office)
    events = known_events()
    requests = _with_likes(offices, requests, week_starts_on, languages, now, events)
    forecasts = forecast_network(requests, week_starts_on, WEEK_DAYS, events=events)
    return PreparedForecast(group, week_starts_on, offices, forecasts)


def _with_likes(
    offices: Iterable[Office],
    requests: Iterable[OfficeRequest],
    week_starts_on: dt.date,
    languages: list[str],
    now: dt.datetime,
    events: tuple[Event, ...],
) -> list[OfficeRequest]:
    """The requests, with the likes of offices that have hardly opened, asked about as well where
    they are planned elsewhere."""
    known = {request.history.office: request for request in requests}
    for office in offices:
        request = known[office.code]
        if stands_alone(request.history.before(week_starts_on), events):
            continue
        named = likes.likes_of(office, week_starts_on)
        for like in named:
            if like.office.code not in known:
                known[like.office.code] = office_request(
                    like.office, week_starts_on, languages, now
                )
        scales = {like.office.code: like.scale for like in named}
        known[office.code] = replace(request, likes=scales or None)
    return list(known.values())


def forecast_week(group: PlanningGroup, week_starts_on: dt.date, now: dt.datetime) -> int:
    """Foresee a week and keep it; how many forecasts."""
    rows = week_rows.forecast_rows(prepare_forecast(group, week_starts_on, now), now)
    with database.atomic():
        return week_rows.save_forecast(rows)


def derive_requirements(group: PlanningGroup, week_starts_on: dt.date, now: dt.datetime) -> int:
    """Derive a week's requirements anew from what its forecast says; how many."""
    rows = week_rows.derive(prepare_forecast(group, week_starts_on, now))
    with database.atomic():
        return week_rows.save_requirements(rows)


def forecast_of(office: Office, week_starts_on: dt.date, now: dt.datetime) -> OfficeForecast:
    """Foresee one office's week, as `prepare_forecast` does; writes nothing.

    Of an office that has hardly opened all its group is read, since it starts from its likes.
    """
    request = office_request(office, week_starts_on, language_codes(), now)
    events = known_events()
    if not stands_alone(request.history.before(week_starts_on), events):
        return prepare_forecast(office.group, week_starts_on, now).forecasts[office.code]
    return forecast_network([request], week_starts_on, WEEK_DAYS, events=events)[office.code]


def language_codes() -> list[str]:
    """Those that are foreseen: spoken by the network's people, or asked for."""
    return centre_languages()


def office_request(
    office: Office, week_starts_on: dt.date, languages: list[str], now: dt.datetime
) -> OfficeRequest:
    """The same of one office."""
    (request,) = office_requests([office], week_starts_on, languages, now)
    return request


def office_requests(
    offices: Sequence[Office],
    week_starts_on: dt.date,
    languages: list[str],
    now: dt.datetime,
    on_office: OnOffice | None = None,
) -> list[OfficeRequest]:
    """What the forecast is asked with: what was counted before the week, when each is open.

    The day under way is left out: its half hours to come would be learned as empty ones. Offices
    of one time zone are read together.
    """
    calendars = opening_calendars(offices)
    together: defaultdict[tuple[dt.datetime, dt.datetime], list[int]] = defaultdict(list)
    for office in offices:
        together[_learned_from(calendars[office.id], week_starts_on, now)].append(office.id)
    requests = {}
    for (since, until), ids in together.items():
        for office_id, past in histories(ids, since, until).items():
            last = week_starts_on + dt.timedelta(days=35)
            requests[office_id] = (
                forecast_calendar(calendars[office_id], since.date(), last),
                past,
            )
    found = []
    for done, office in enumerate(offices, start=1):
        calendar, past = requests[office.id]
        series = ArrivalSeries.from_stamps(office.code, *past, calendar, languages=languages)
        found.append(OfficeRequest(series, calendar))
        if on_office:
            on_office(done, len(offices))
    return found


def _learned_from(
    openings: OpeningCalendar, week_starts_on: dt.date, now: dt.datetime
) -> tuple[dt.datetime, dt.datetime]:
    """The past that a week's forecast learns from, `[since, until)`."""
    today = now.astimezone(openings.zone).date()
    until = openings.instant(min(week_starts_on, today), 0)
    return until - dt.timedelta(weeks=HISTORY_WEEKS), until


def logged(
    office: Office,
    since: dt.datetime,
    until: dt.datetime,
    calendar: Calendar,
    languages: list[str],
) -> ArrivalSeries:
    """What was counted at an office in `[since, until)`, as the forecast wants it."""
    past = history(office.id, since, until)
    return ArrivalSeries.from_stamps(office.code, *past, calendar, languages=languages)


def forecast_calendar(openings: OpeningCalendar, first: dt.date, last: dt.date) -> Calendar:
    """An office's openings as the forecast wants them, with every holiday from `first` to `last`.

    The public and municipal ones, the office's own, and those that a community keeps while the
    office is open.
    """
    years = range(first.year, last.year + 1)
    own = [
        Holiday(dt.date(year, month, day), HolidayKind.MUNICIPAL, name)
        for (month, day), name in openings.extra_holidays.items()
        for year in years
        if (month, day) != (2, 29) or isleap(year)
    ]
    return Calendar(
        zone=openings.zone,
        opening=openings.hours,
        holidays=tuple(
            one
            for one in portuguese_holidays(years, openings.listed_district, extra=own)
            if first <= one.day <= last
        ),
        closed=frozenset(openings.closures),
    )


def known_events() -> tuple[Event, ...]:
    """Every event, as the forecast wants them."""
    return tuple(
        Event(
            name=row.name,
            first=row.starts_on,
            last=row.ends_on,
            factor=row.factor_percent / 100,
            offices=frozenset(row.offices),
            languages=frozenset(row.languages),
            needs=frozenset(row.needs),
        )
        for row in DemandEvent.select().order_by(DemandEvent.id)
    )
