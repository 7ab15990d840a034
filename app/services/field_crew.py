"""Who goes along on a field route: free by the roster in hand, within the rules, by language.

A route is judged as training is: time that is taken, laid on the person's week and given to the
judge of rosters. What it breaks anew counts, and so does what no rule knows: another shift, an
absence or another appointment at the same time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import (
    Assignment,
    FieldRoute,
    FieldSeat,
    Mediator,
    MediatorLanguage,
    Office,
    PlanningGroup,
    Roster,
    database,
)
from app.services import audit, late_changes
from app.services.errors import Conflict, InputFault, Invalid, NotFound
from app.services.field_routes import RouteView, crew_ids, get_route, route_to_edit, tell_crew
from app.services.horizon import Horizon, monday_of
from app.services.judging import faults_of, problem_of_text
from app.services.late_changes import Why
from app.services.people_week import mediators_of_week
from app.services.rights import Actor, coordinates, require_coordinator
from app.services.roster_changes import PersonChange, ShiftTimes
from app.services.standing import current_roster, latest_roster
from app.services.telling import name_of
from solver import check
from solver import problem as sp
from solver.result import Violation
from solver.stand_in import has_new


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who goes along, or could."""

    mediator_id: int
    name: str
    home_office: str
    languages: tuple[str, ...]
    """Those of the route that they speak."""
    troubles: tuple[str, ...]
    """What stands against it, in words."""

    @property
    def free(self) -> bool:
        return not self.troubles


@dataclass(frozen=True, slots=True)
class CrewPage:
    route: RouteView
    crew: tuple[Person, ...]
    candidates: tuple[Person, ...]
    """Who is free first, then who speaks most of what is missing."""
    unspoken: tuple[tuple[str, tuple[str, ...]], ...]
    """Place → languages wanted there that nobody along speaks."""
    late: bool
    """The week is published, and the notice is shorter than seven days: a reason is asked for."""
    may_edit: bool


def crew_page(actor: Actor, route_id: int, now: dt.datetime) -> CrewPage:
    """A route with its people; candidates only for who may choose among them."""
    route = get_route(actor, route_id)
    if not coordinates(actor, route.office_id):
        crew = tuple(Person(one, name, "", (), ()) for one, name in route.crew)
        return CrewPage(route, crew, (), _unspoken(route), late=False, may_edit=False)
    week = RouteWeek(route)
    along = [one for one, _name in route.crew]
    spoken = _spoken(along)
    missing = route.languages - {code for one in along for code in spoken[one]}
    found = [week.person(row) for row in week.rows(actor) if row.id not in along]
    found.sort(key=lambda one: (not one.free, -len(missing & set(one.languages)), one.name))
    return CrewPage(
        route=route,
        crew=tuple(week.person(row, along=True) for row in week.rows_of(along)),
        candidates=tuple(found),
        unspoken=_unspoken(route),
        late=_late_in(route, now) is not None,
        may_edit=not route.cancelled,
    )


def assign(
    actor: Actor, route_id: int, mediator_id: int, now: dt.datetime, reason: str = ""
) -> None:
    """Put somebody on a route and tell them. Raises Invalid with all that stands against it.

    With less than seven days' notice in a published week it goes into the register of late
    changes, with the reason.
    """
    route = route_to_edit(actor, route_id)
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    require_coordinator(actor, mediator.home_office_id)
    with database.atomic():
        if mediator_id in crew_ids(route_id):
            raise Conflict(_("%(name)s goes along already.", name=name_of(mediator)))
        week = RouteWeek(route)
        rows = week.rows_of([mediator_id])
        troubles = week.person(rows[0]).troubles if rows else (_("Not planned in this week."),)
        if troubles:
            raise Invalid([InputFault("mediator", text, _("no broken rule")) for text in troubles])
        seat = FieldSeat.get_or_none(FieldSeat.route == route_id, FieldSeat.mediator == mediator_id)
        columns = {"assigned_at": now, "assigned_by": actor.user_id, "cancelled_at": None}
        if seat is None:
            FieldSeat.create(route=route_id, mediator=mediator_id, **columns)
        else:
            columns["sequence"] = seat.sequence + 1
            FieldSeat.update(**columns).where(FieldSeat.id == seat.id).execute()
        _note_if_late(actor, route, mediator, Why(reason=reason), now)
        tell_crew(FieldRoute.get_by_id(route_id), "given", [mediator_id], now)
        audit.record(actor, "route.assign", "route", route_id, now, mediator=mediator_id)


def take_off(actor: Actor, route_id: int, mediator_id: int, now: dt.datetime) -> None:
    """Take somebody off a route and tell them. Raises NotFound for who does not go along."""
    route_to_edit(actor, route_id)
    with database.atomic():
        gone = (
            FieldSeat.update(cancelled_at=now, sequence=FieldSeat.sequence + 1)
            .where(
                FieldSeat.route == route_id,
                FieldSeat.mediator == mediator_id,
                FieldSeat.cancelled_at.is_null(),
            )
            .execute()
        )
        if not gone:
            raise NotFound
        tell_crew(FieldRoute.get_by_id(route_id), "taken_off", [mediator_id], now)
        audit.record(actor, "route.take_off", "route", route_id, now, mediator=mediator_id)


class RouteWeek:
    """The week of a route, with its people as they are known today and the roster in hand."""

    def __init__(self, route: RouteView) -> None:
        self.route = route
        self.group = PlanningGroup.get_by_id(route.group_id)
        self.horizon = Horizon(monday_of(route.date))
        self.roster: Roster | None = latest_roster(self.group.id, self.horizon.starts_on)

    def rows(self, actor: Actor) -> list[Mediator]:
        """People of the week whose home office the actor coordinates, by name."""
        wanted = [row for row in self._rows.values() if coordinates(actor, row.home_office_id)]
        return sorted(wanted, key=name_of)

    def rows_of(self, ids: Iterable[int]) -> list[Mediator]:
        return sorted((self._rows[one] for one in ids if one in self._rows), key=name_of)

    def person(self, row: Mediator, *, along: bool = False) -> Person:
        spoken = self._languages.get(row.id, set())
        return Person(
            mediator_id=row.id,
            name=name_of(row),
            home_office=self._offices.get(row.home_office_id, ""),
            languages=tuple(sorted(spoken & self.route.languages)),
            troubles=tuple(dict.fromkeys(self._troubles(row, along=along))),
        )

    def _troubles(self, row: Mediator, *, along: bool) -> Iterable[str]:
        person = self._people[row.code]
        span = self._span
        shift = next((one for one in self._shifts.get(row.code, ()) if one.overlaps(span)), None)
        if shift is not None:
            zone = ZoneInfo(self.route.zone)
            start, end = (
                self.horizon.instant(edge).astimezone(zone) for edge in (shift.start, shift.end)
            )
            yield _(
                "Has a shift then, %(start)s–%(end)s.", start=f"{start:%H:%M}", end=f"{end:%H:%M}"
            )
        if any(one.overlaps(span) for one in person.unavailable):
            yield _("Is not available then.")
        if not along and any(one.overlaps(span) for one in person.busy):
            yield _("Has training or another route then.")
        if shift is None:
            yield from (one.text for one in faults_of(self._broken(person)))

    def _broken(self, person: sp.Mediator) -> list[Violation]:
        """What the route breaks anew in the person's week, by the judge of rosters."""
        span = self._span
        rest = tuple(one for one in person.busy if not one.overlaps(span))
        added = tuple(
            sp.Interval(max(span.start, day.start), min(span.end, day.end))
            for day in self.horizon.days
            if day.start < span.end and span.start < day.end
        )
        before = self._judge(replace(person, busy=rest))
        after = self._judge(replace(person, busy=tuple(sorted((*rest, *added)))))
        return [one for one in after if has_new([one], before)]

    def _judge(self, person: sp.Mediator) -> tuple[Violation, ...]:
        shifts = tuple(self._given.get(person.id, ()))
        problem = replace(self._frame, mediators=(person,), shifts=shifts)
        given = tuple(sp.Assignment(person.id, one.id) for one in shifts)
        return check(problem, given).violations

    @cached_property
    def _span(self) -> sp.Interval:
        found = self.horizon.span(self.route.starts_at, self.route.ends_at)
        return sp.Interval(*found) if found else sp.Interval(0, 0)

    @cached_property
    def _frame(self) -> sp.Problem:
        """The week without people, requirements and wishes: what rules alone need."""
        return sp.Problem(
            name="route",
            slot_minutes=self.horizon.slot_minutes,
            days=self.horizon.days,
            weeks=(tuple(range(self.horizon.day_count)),),
            offices=tuple(sp.Office(row.code, None) for row in Office.select(Office.code)),
            shifts=(),
            mediators=(),
            requirements=(),
            locked=(),
            previous=None,
            costs=sp.Costs(under_slot=0, change=0),
        )

    @cached_property
    def _given(self) -> dict[str, list[sp.Shift]]:
        """Code → the shifts of the roster in hand."""
        found: dict[str, list[sp.Shift]] = {}
        if self.roster is None:
            return found
        known = problem_of_text(self.roster.problem_json).shift_by_id
        rows: Any = Assignment.select(Mediator.code, Assignment.shift).join(Mediator)
        for code, shift in rows.where(Assignment.roster == self.roster).tuples():
            if shift in known:
                found.setdefault(code, []).append(known[shift])
        return found

    @cached_property
    def _shifts(self) -> dict[str, list[sp.Interval]]:
        return {
            code: [sp.Interval(one.start, one.end) for one in shifts]
            for code, shifts in self._given.items()
        }

    @cached_property
    def _people(self) -> dict[str, sp.Mediator]:
        return {one.id: one for one in mediators_of_week(self.group, self.horizon)}

    @cached_property
    def _rows(self) -> dict[int, Mediator]:
        codes = list(self._people)
        return {row.id: row for row in Mediator.select().where(Mediator.code.in_(codes))}

    @cached_property
    def _languages(self) -> dict[int, set[str]]:
        return _spoken(self._rows)

    @cached_property
    def _offices(self) -> dict[int, str]:
        return {row.id: row.name for row in Office.select(Office.id, Office.name)}


def _spoken(ids: Iterable[int]) -> dict[int, set[str]]:
    wanted = list(ids)
    found: dict[int, set[str]] = {one: set() for one in wanted}
    for row in MediatorLanguage.select().where(MediatorLanguage.mediator.in_(wanted)):
        found[row.mediator_id].add(row.language_id)
    return found


def _unspoken(route: RouteView) -> tuple[tuple[str, tuple[str, ...]], ...]:
    spoken = _spoken(one for one, _name in route.crew)
    known = {code for codes in spoken.values() for code in codes}
    lacking = [
        (stop.place, tuple(code for code in stop.languages if code not in known))
        for stop in route.stops
    ]
    return tuple((place, codes) for place, codes in lacking if codes)


def _late_in(route: RouteView, now: dt.datetime) -> tuple[Roster, int] | None:
    """The published week whose posted hours change with less than seven days' notice (CT 217),
    and the notice in days."""
    roster = current_roster(route.group_id, monday_of(route.date))
    notice = (route.date - now.astimezone(ZoneInfo(route.zone)).date()).days
    return (roster, notice) if roster is not None and notice < late_changes.POSTING_DAYS else None


def _note_if_late(
    actor: Actor, route: RouteView, mediator: Mediator, why: Why, now: dt.datetime
) -> None:
    late = _late_in(route, now)
    if late is None:
        return
    roster, notice = late
    times = ShiftTimes(route.office_name, route.starts_at, route.ends_at, route.zone)
    change = PersonChange(mediator.id, name_of(mediator), route.date, None, times)
    late_changes.record(actor, roster, [(change, notice)], why, now)
