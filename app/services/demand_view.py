"""A day of an office as it is foreseen: who comes when speaking what, and who is asked for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Desk, ForecastSlot, Language, Office, Requirement
from app.services import overrides, reception
from app.services.checks import SLOT_MINUTES
from app.services.demand_asked import AskedRow, asked_rows
from app.services.demand_heat import HeatRow, clock_of, heat_rows
from app.services.errors import NotFound
from app.services.events import EventView, list_events
from app.services.names import in_readers_language
from app.services.needs import GENERAL, NEEDS
from app.services.office_choice import OfficeChoice, office_of
from app.services.openings import opening_calendar, why_shut
from app.services.overrides import OverrideView
from app.services.rights import Actor
from forecast.requirements import MEASURED_PRIOR

DAYS = 7


@dataclass(frozen=True, slots=True)
class DayTotal:
    date: dt.date
    visitors: float | None
    mediator_minutes: int
    closed: str
    """Why it is shut, else empty."""


@dataclass(frozen=True, slots=True)
class ReceptionTime:
    """Mean minutes a reception takes for a need: assumed, noted (None: never), counted on."""

    need: str
    assumed: float
    measured: float | None
    services: int
    used: float
    at_desk: int
    """How many were noted of numbers called for the need's own desk, which do not count here."""


@dataclass(frozen=True, slots=True)
class DemandView:
    office_id: int
    group_id: int
    office: OfficeChoice
    offices: tuple[OfficeChoice, ...]
    zone: str
    starts_on: dt.date
    days: tuple[DayTotal, ...]
    day: int
    clocks: tuple[str, ...]
    total: HeatRow | None
    languages: tuple[HeatRow, ...]
    """The most visitors first; those hardly foreseen (less than one in ten days) left out."""
    seldom: tuple[str, ...]
    asked: tuple[AskedRow, ...]
    times: tuple[ReceptionTime, ...]
    """Of the needs that were noted or are assumed to take longer, reception first."""
    assumed_worth: int
    events: tuple[EventView, ...]
    overrides: tuple[OverrideView, ...]
    names: dict[str, str]
    """Of labels, in the reader's language."""
    labels: tuple[str, ...]
    opens_minute: int
    closes_minute: int
    made_at: dt.datetime | None
    target_share_percent: int
    target_wait_minutes: int

    @property
    def date(self) -> dt.date:
        return self.days[self.day].date


def demand_view(
    actor: Actor, office_code: str | None, week_starts_on: dt.date, day: int | None = None
) -> DemandView:
    """An office's week as it is foreseen, one day of it in full, by default the busiest.

    Raises NotFound for a date that is no Monday, Forbidden where the actor does not coordinate.
    """
    office, choices = office_of(actor, office_code)
    if week_starts_on.weekday() != 0:
        raise NotFound
    zone = ZoneInfo(office.zone)
    mine = (
        (ForecastSlot.office == office) & (ForecastSlot.week_starts_on == week_starts_on)
    )  # fmt: skip
    slots = list(ForecastSlot.select().where(mine).order_by(ForecastSlot.starts_at))
    asked = list(
        Requirement.select()
        .where(Requirement.office == office, Requirement.week_starts_on == week_starts_on)
        .order_by(Requirement.starts_at)
    )
    days = _days(office, week_starts_on, slots, asked, zone)
    chosen = day if day is not None and 0 <= day < DAYS else _busiest(days)
    date = days[chosen].date
    today = [one for one in slots if one.starts_at.astimezone(zone).date() == date]
    asked_today = [one for one in asked if one.starts_at.astimezone(zone).date() == date]
    clocks = sorted({clock_of(one.starts_at, zone) for one in [*today, *asked_today]})
    names = label_names(office)
    rows = heat_rows(today, clocks, zone, names)
    spans = opening_calendar(office).hours.get(date.weekday(), ())
    spoken = [row for row in rows[1:] if row.mean >= 0.1]
    return DemandView(
        office_id=office.id,
        group_id=office.group_id,
        office=OfficeChoice(office.code, office.name),
        offices=choices,
        zone=office.zone,
        starts_on=week_starts_on,
        days=days,
        day=chosen,
        clocks=tuple(clocks),
        total=rows[0] if rows else None,
        languages=tuple(spoken),
        seldom=tuple(row.name for row in rows[1:] if row.mean < 0.1),
        asked=asked_rows(asked_today, clocks, zone, names),
        times=_reception_times(office, week_starts_on),
        assumed_worth=MEASURED_PRIOR,
        events=tuple(_touching(list_events(actor, week_starts_on), office, week_starts_on)),
        overrides=tuple(overrides.overrides_of(office, week_starts_on)),
        names=names,
        labels=tuple(_labels(office)),
        opens_minute=min((start for start, _end in spans), default=9 * 60),
        closes_minute=max((end for _start, end in spans), default=18 * 60),
        made_at=slots[0].made_at if slots else None,
        target_share_percent=office.target_share_percent,
        target_wait_minutes=office.target_wait_minutes,
    )


def label_names(office: Office) -> dict[str, str]:
    """A requirement's label → its name in the reader's language."""
    names = {one.code: in_readers_language(one.name_pt, one.name_en) for one in Language.select()}
    names |= {
        one.need: _("Desk: %(name)s", name=in_readers_language(one.name_pt, one.name_en))
        for one in Desk.select().where(Desk.office == office)
    }
    return names | {overrides.ANY: _("Any language")}


def _reception_times(office: Office, week_starts_on: dt.date) -> tuple[ReceptionTime, ...]:
    assumed = reception.assumed_times(office)
    used = reception.service_times(office, week_starts_on)
    desks = reception.measured_at_desks(office, week_starts_on)
    found = []
    for need in NEEDS:
        logged, apart = used.measured.get(need), desks.get(need)
        if need == GENERAL or need in assumed.minutes or logged or apart:
            services = logged.services if logged else 0
            mean = logged.minutes / services if logged else None
            found.append(
                ReceptionTime(
                    need,
                    assumed.of("", need),
                    mean,
                    services,
                    used.of("", need),
                    apart.services if apart else 0,
                )
            )
    return tuple(found)


def _labels(office: Office) -> list[str]:
    languages, desks = overrides.labels(office)
    return [*languages, overrides.ANY, *desks]


def _touching(
    events: Iterable[EventView], office: Office, week_starts_on: dt.date
) -> Iterable[EventView]:
    last = week_starts_on + dt.timedelta(days=DAYS - 1)
    for one in events:
        if one.starts_on <= last and (not one.offices or office.code in one.offices):
            yield one


def _days(
    office: Office,
    week_starts_on: dt.date,
    slots: Sequence[ForecastSlot],
    asked: Sequence[Requirement],
    zone: ZoneInfo,
) -> tuple[DayTotal, ...]:
    visitors: defaultdict[dt.date, float] = defaultdict(float)
    minutes: defaultdict[dt.date, int] = defaultdict(int)
    for one in slots:
        if one.language_id is None:
            visitors[one.starts_at.astimezone(zone).date()] += one.mean
    for row in asked:
        if row.exclusive:
            minutes[row.starts_at.astimezone(zone).date()] += row.count * SLOT_MINUTES
    openings = opening_calendar(office)
    found = []
    for index in range(DAYS):
        date = week_starts_on + dt.timedelta(days=index)
        found.append(DayTotal(date, visitors.get(date), minutes[date], why_shut(openings, date)))
    return tuple(found)


def _busiest(days: Sequence[DayTotal]) -> int:
    return max(range(DAYS), key=lambda index: (days[index].visitors or 0.0, -index))
