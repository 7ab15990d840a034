"""A day of an office as it is foreseen: who comes when speaking what, and who is asked for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Desk, ForecastSlot, Language, Office, Requirement
from app.models.written import written
from app.services import overrides, reception
from app.services.checks import SLOT_MINUTES
from app.services.errors import Forbidden, NotFound
from app.services.events import EventView, list_events
from app.services.names import in_readers_language, sorting_key
from app.services.needs import GENERAL, NEEDS
from app.services.openings import opening_calendar, why_shut
from app.services.overrides import OverrideView
from app.services.rights import Actor, require_any_coordinator
from forecast.requirements import MEASURED_PRIOR

DAYS = 7
HEAT_LEVELS = 6


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Visitors foreseen in one half hour; None where nothing is foreseen."""

    clock: str
    mean: float | None
    q80: float
    level: int
    """0 to HEAT_LEVELS - 1, of the busiest cell of the day."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    name: str
    cells: tuple[HeatCell, ...]
    mean: float
    """Visitors of the day."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one half hour asks for under a label, and the numbers that made it."""

    clock: str
    count: int
    derived: int
    """Before any override."""
    minimum: int
    exclusive: bool
    note: str
    reason: dict[str, Any]

    @property
    def overridden(self) -> bool:
        return bool(self.note)


@dataclass(frozen=True, slots=True)
class AskedRow:
    label: str
    name: str
    cells: tuple[Asked | None, ...]
    minutes: int

    @property
    def asked(self) -> tuple[Asked, ...]:
        return tuple(one for one in self.cells if one is not None)


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


def offices_of(actor: Actor) -> list[Office]:
    """The offices the actor coordinates, in their order."""
    require_any_coordinator(actor)
    own = actor.office_ids
    return [one for one in active_offices() if own is None or one.id in own]


@written
def active_offices() -> Any:
    """All that are in use, in their order."""
    return Office.select().where(Office.active).order_by(Office.position, Office.name)


def office_of(actor: Actor, code: str | None) -> tuple[Office, tuple[OfficeChoice, ...]]:
    """The office of that code, by default the actor's first, and those to choose from."""
    return chosen_office(offices_of(actor), code)


def chosen_office(
    mine: Sequence[Office], code: str | None
) -> tuple[Office, tuple[OfficeChoice, ...]]:
    """The office of that code among the reader's own, by default the first, and all of them.
    Raises Forbidden, NotFound."""
    choices = tuple(OfficeChoice(one.code, one.name) for one in mine)
    if not code:
        if not mine:
            raise NotFound
        return mine[0], choices
    for one in mine:
        if one.code == code:
            return one, choices
    raise Forbidden if Office.get_or_none(Office.code == code) else NotFound


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
    clocks = sorted({_clock(one.starts_at, zone) for one in [*today, *asked_today]})
    names = label_names(office)
    rows = _heat(today, clocks, zone, names)
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
        asked=_asked(asked_today, clocks, zone, names),
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


def _clock(instant: dt.datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%H:%M}"


def _heat(
    slots: Sequence[ForecastSlot], clocks: Sequence[str], zone: ZoneInfo, names: dict[str, str]
) -> list[HeatRow]:
    """The total's row, then each language's, the most visitors first."""
    found: defaultdict[str | None, dict[str, ForecastSlot]] = defaultdict(dict)
    for one in slots:
        found[one.language_id][_clock(one.starts_at, zone)] = one
    if not found:
        return []
    total = _heat_row(_("All"), found.pop(None, {}), clocks, None)
    top = max((one.mean for row in found.values() for one in row.values()), default=0.0)
    rows = [_heat_row(names.get(str(code), str(code)), row, clocks, top)
            for code, row in found.items()]  # fmt: skip
    return [total, *sorted(rows, key=lambda row: -row.mean)]


def _heat_row(
    name: str, slots: dict[str, ForecastSlot], clocks: Sequence[str], top: float | None
) -> HeatRow:
    highest = max((one.mean for one in slots.values()), default=0.0) if top is None else top
    cells = []
    for clock in clocks:
        one = slots.get(clock)
        if one is None:
            cells.append(HeatCell(clock, None, 0.0, 0))
            continue
        # Square roots, so that rare languages still show a shape beside Portuguese.
        share = (one.mean / highest) ** 0.5 if highest else 0.0
        level = min(HEAT_LEVELS - 1, int(share * HEAT_LEVELS))
        cells.append(HeatCell(clock, one.mean, one.q80, level))
    return HeatRow(name, tuple(cells), sum(one.mean for one in slots.values()))


def _asked(
    rows: Sequence[Requirement], clocks: Sequence[str], zone: ZoneInfo, names: dict[str, str]
) -> tuple[AskedRow, ...]:
    found: defaultdict[str, dict[str, Requirement]] = defaultdict(dict)
    for one in rows:
        found[one.label][_clock(one.starts_at, zone)] = one
    shown = [
        AskedRow(
            label,
            names.get(label, label),
            tuple(_one_asked(clock, cells.get(clock)) for clock in clocks),
            sum(one.count for one in cells.values()) * SLOT_MINUTES,
        )
        for label, cells in found.items()
    ]
    return tuple(sorted(shown, key=lambda row: (-row.minutes, sorting_key(row.name))))


def _one_asked(clock: str, one: Requirement | None) -> Asked | None:
    if one is None:
        return None
    derived = one.reason.get("derived", {}).get("count", one.count)
    return Asked(clock, one.count, derived, one.minimum, one.exclusive, one.note, dict(one.reason))
