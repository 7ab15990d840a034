"""A week of all the offices that are planned together, on one page."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from app.models import Assignment, Mediator, Office, Requirement
from app.models.written import written
from app.services.cover import Demand, RowKey, SlotCover, demands_of, skill_names
from app.services.cover_labels import languages_in
from app.services.cover_totals import CoverTotals, totals_by_day
from app.services.cover_view import DEEPEST_LEVEL, DayCover, day_cover
from app.services.days_off import DaysOff, in_service
from app.services.errors import NoOffice, NotFound
from app.services.field_riders import aboard
from app.services.horizon import NETWORK_ZONE, Horizon
from app.services.judging import Judged, judge
from app.services.names import sorting_key
from app.services.office_choice import OfficeChoice, offices_of
from app.services.pages import page_of
from app.services.phone_place import place_of
from app.services.rights import Actor
from app.services.standing import versions_of
from app.services.timeline import Window
from app.services.week_todo import Notice, Todo, notice_of, todo_of
from app.services.week_view import RosterState, chosen_roster, state_of

EARLIEST, LATEST = 8 * 60, 20 * 60
MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class OfficeDay:
    totals: CoverTotals
    people: int
    """Who works there that day; at a mobile unit also who goes along on its route."""

    @property
    def needed_minutes(self) -> int:
        return self.totals.needed_minutes

    @property
    def missing_minutes(self) -> int:
        return self.totals.missing_minutes

    @property
    def level(self) -> int:
        """The shade: how much of what is needed is missing, from 0 to 5."""
        if not self.missing_minutes:
            return 0
        return min(DEEPEST_LEVEL, 1 + self.missing_minutes * 10 // self.needed_minutes)


@dataclass(frozen=True, slots=True)
class OfficeLine:
    office: OfficeChoice
    asked: bool
    """Whether the week has requirements there."""
    in_roster: bool
    """False where there is a roster, which was not built for the office."""
    days: tuple[OfficeDay, ...]

    @property
    def totals(self) -> CoverTotals:
        return sum((one.totals for one in self.days), CoverTotals())

    @property
    def needed_minutes(self) -> int:
        return self.totals.needed_minutes

    @property
    def missing_minutes(self) -> int:
        return self.totals.missing_minutes


@dataclass(frozen=True, slots=True)
class PlacedShift:
    starts_at: dt.datetime
    ends_at: dt.datetime
    elsewhere: str
    """The office's name where it is not the home one."""
    locked: bool
    zone: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    mediator_id: int
    name: str
    languages: tuple[str, ...]
    days: tuple[PlacedShift | None, ...]
    off: tuple[str, ...]
    """For each day, why they are off, as far as the reader may know."""


@dataclass(frozen=True, slots=True)
class NetworkView:
    group: str
    starts_on: dt.date
    dates: tuple[dt.date, ...]
    roster: RosterState | None
    offices: tuple[OfficeLine, ...]
    day: int
    day_cover: DayCover
    people: tuple[tuple[str, int, tuple[PersonLine, ...]], ...]
    """Home offices in their order: name, how many people, and those shown; of a large group one
    page."""
    page: int
    pages: int
    notice: Notice
    todo: tuple[Todo, ...]

    @property
    def totals(self) -> CoverTotals:
        return sum((one.totals for one in self.offices), CoverTotals())

    @property
    def needed_minutes(self) -> int:
        return self.totals.needed_minutes

    @property
    def missing_minutes(self) -> int:
        return self.totals.missing_minutes


def network_view(
    actor: Actor,
    week: dt.date,
    now: dt.datetime,
    *,
    office_code: str | None = None,
    roster_id: int | None = None,
    day: int | None = None,
    page: int = 1,
) -> NetworkView:
    """All offices of a group that the actor may read; the group of `office_code`, else the first.
    Of its people those of one page.

    Raises NoOffice, NotFound, and Forbidden where the actor does not coordinate.
    """
    mine = offices_of(actor)
    if not mine and office_code is None:
        raise NoOffice
    first = next((one for one in mine if office_code in (None, one.code)), None)
    if first is None or week.weekday() != 0:
        raise NotFound
    offices = [one for one in mine if one.group_id == first.group_id]
    roster = chosen_roster(versions_of(first.group_id, week), roster_id)
    judged = judge(roster) if roster else None
    horizon = Horizon(week)
    demands = demands_of(offices, horizon, judged)
    shifts = _shifts(roster.id) if roster else []
    lines = tuple(_lines(offices, demands, shifts, horizon))
    merged = _merged([one for one in demands.values() if one.in_roster], horizon)
    chosen = _day(day, lines)
    people = _at_home(offices, horizon)
    everyone = Counter(home.id for home, _person in people)
    shown, page, pages = page_of(people, page)
    return NetworkView(
        group=first.group.name,
        starts_on=week,
        dates=horizon.dates,
        roster=state_of(actor, roster, judged) if roster and judged else None,
        offices=lines,
        day=chosen,
        day_cover=day_cover(merged, _window(merged), chosen),
        people=tuple(
            (home.name, everyone[home.id], lines)
            for home, lines in _people(actor, shown, judged, shifts, horizon, now)
        ),
        page=page,
        pages=pages,
        notice=notice_of(first.group_id, week, now),
        todo=todo_of(actor, offices, week, now),
    )


@written
def _shifts(roster_id: Any) -> Any:
    """The roster's shifts as named tuples, with no more of them than a week of all offices shows:
    it is a thousand and more."""
    ids = Assignment.mediator.alias("mediator_id"), Assignment.office.alias("office_id")
    times = Assignment.date, Assignment.starts_at, Assignment.ends_at, Assignment.locked
    query = Assignment.select(*ids, *times).where(Assignment.roster == roster_id)
    return query.order_by(Assignment.id).namedtuples()


def _lines(
    offices: Iterable[Office],
    demands: Mapping[int, Demand],
    shifts: Iterable[Any],
    horizon: Horizon,
) -> Iterable[OfficeLine]:
    at_work: defaultdict[tuple[int, dt.date], set[int]] = defaultdict(set)
    for row in shifts:
        at_work[row.office_id, row.date].add(row.mediator_id)
    for rider in aboard(horizon.starts_at, horizon.ends_at):
        at_work[rider.office_id, rider.date].add(rider.mediator_id)
    asked = Requirement.select(Requirement.office).distinct()
    asked = asked.where(Requirement.week_starts_on == horizon.starts_on)
    ids = {row.office_id for row in asked}
    for office in offices:
        days = tuple(
            OfficeDay(
                totals,
                len(at_work[office.id, date]),
            )
            for date, totals in zip(horizon.dates, totals_by_day(demands[office.id]), strict=True)
        )
        yield OfficeLine(
            OfficeChoice(office.code, office.name),
            office.id in ids,
            demands[office.id].in_roster,
            days,
        )


def _merged(demands: Iterable[Demand], horizon: Horizon) -> Demand:
    """What all offices need and lack together, instant by instant."""
    table: defaultdict[RowKey, dict[int, SlotCover]] = defaultdict(dict)
    for demand in demands:
        for key, slots in demand.table.items():
            row = table[key]
            for slot, cover in slots.items():
                had = row.get(slot)
                row[slot] = _sum(had, cover) if had else cover
    return Demand(horizon, table, skill_names())


def _sum(one: SlotCover, other: SlotCover) -> SlotCover:
    unknown = one.missing is None and other.missing is None
    return SlotCover(
        one.needed + other.needed,
        None if unknown else (one.missing or 0) + (other.missing or 0),
        one.spare + other.spare,
    )


def _window(demand: Demand) -> Window:
    """From the first to the last hour in which any office needs anybody, on Lisbon's clock."""
    zone = ZoneInfo(NETWORK_ZONE)
    first, last = MINUTES_A_DAY, 0
    for starts_at, ends_at in demand.spans():
        start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
        first = min(first, start.hour * 60 + start.minute)
        last = max(last, end.hour * 60 + end.minute or MINUTES_A_DAY)
    if first >= last:
        first, last = EARLIEST, LATEST
    return Window(zone, first // 60 * 60, -(-last // 60) * 60, demand.horizon.slot_minutes)


def _day(day: int | None, lines: Iterable[OfficeLine]) -> int:
    """The day asked for, else the one that lacks most."""
    if day is not None and 0 <= day <= 6:
        return day
    lacks = [
        (sum(one.missing_minutes for one in days), sum(one.totals.absent_minutes for one in days))
        for days in zip(*(line.days for line in lines), strict=True)
    ]
    return lacks.index(max(lacks))


def _at_home(offices: list[Office], horizon: Horizon) -> list[tuple[Office, Mediator]]:
    """The people of the week with their home office, in the offices' order and by name."""
    places = {one.id: place for place, one in enumerate(offices)}
    found = _mediators(list(places), horizon.starts_on, horizon.dates[-1])
    in_order = sorted(found, key=lambda one: (places[one.home_office_id], _name_order(one)))
    return [(offices[places[one.home_office_id]], one) for one in in_order]


@written
def _mediators(office_ids: Any, first: Any, last: Any) -> Any:
    told = (Mediator.id, Mediator.code, Mediator.name, Mediator.called_name)
    query = Mediator.select(*told, Mediator.home_office, Mediator.phone_from_home)
    return query.where(Mediator.home_office.in_(office_ids), in_service(first, last))


@written
def _places() -> Any:
    return Office.select(Office.id, Office.name, Office.zone, Office.kind)


def _people(
    actor: Actor,
    shown: Sequence[tuple[Office, Mediator]],
    judged: Judged | None,
    shifts: Iterable[Any],
    horizon: Horizon,
    now: dt.datetime,
) -> Iterable[tuple[Office, tuple[PersonLine, ...]]]:
    places = {one.id: one for one in _places()}
    by_day = {(row.mediator_id, row.date): row for row in shifts}
    days_off = DaysOff(actor, [person for _home, person in shown], horizon)
    known = judged.problem.mediator_by_id if judged else {}
    for home, theirs in groupby(shown, key=lambda one: one[0]):
        lines = []
        for _home, person in theirs:
            skills = known[person.code].skills if person.code in known else ()
            lines.append(
                PersonLine(
                    mediator_id=person.id,
                    name=person.called_name or person.name,
                    languages=languages_in(skills),
                    days=tuple(
                        _placed(by_day.get((person.id, date)), person, places)
                        for date in horizon.dates
                    ),
                    off=tuple(days_off.why(person.id, index) for index in range(horizon.day_count)),
                )
            )
        yield home, tuple(lines)
    days_off.note_reading(now)


def _placed(
    row: Assignment | None, person: Mediator, places: dict[int, Office]
) -> PlacedShift | None:
    if row is None:
        return None
    place = places[row.office_id]
    home = places[person.home_office_id]
    elsewhere = "" if row.office_id == person.home_office_id else place.name
    elsewhere = " ".join(filter(None, (elsewhere, place_of(person, place, home))))
    return PlacedShift(row.starts_at, row.ends_at, elsewhere, row.locked, place.zone)


def _name_order(person: Mediator) -> str:
    return sorting_key(person.called_name or person.name)
