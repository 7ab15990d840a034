"""Whom a field route suits: by the week as it is published and in hand, by the rules, by language.

A route is judged as training is: time that is taken, laid on the person's week and given to the
judge of rosters. What it breaks anew counts, in its week and in the published week after, and so
does what no rule knows: a shift elsewhere, an absence or another appointment at the same time.
A shift at the route's own office is no obstacle: that day the route is its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Mediator, MediatorLanguage, Office, PlanningGroup
from app.services.errors import InputFault, Invalid
from app.services.field_routes import RouteView
from app.services.horizon import Horizon, monday_of
from app.services.judging import RuleWords
from app.services.people_week import mediators_of_week
from app.services.person_rules import Frame, Given, NextWeek, given_in, history_after
from app.services.rights import Actor, coordinates
from app.services.standing import current_roster, latest_roster
from app.services.telling import name_of
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


class TroubledCrew(Invalid):
    """Something stands against people who go along; nothing was saved."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = tuple(people)
        expected = _("no broken rule")
        super().__init__(
            [InputFault("crew", f"{one.name}: {text}", expected)
             for one in self.people for text in one.troubles]
        )  # fmt: skip


class RouteWeek:
    """The week of a route, with its people as they are known today, and its rosters: the one
    that is published and the one in hand, since either may be what holds that day."""

    def __init__(self, route: RouteView) -> None:
        self.route = route
        self.group = PlanningGroup.get_by_id(route.group_id)
        self.horizon = Horizon(monday_of(route.date))
        self._judged: dict[str, list[Violation]] = {}

    def candidates(self, actor: Actor) -> list[Person]:
        """People of the week who do not go along and whose home office the actor coordinates."""
        along = {one for one, _name in self.route.crew}
        rows = [
            row
            for row in self._rows.values()
            if row.id not in along and coordinates(actor, row.home_office_id)
        ]
        self._judge([self._people[row.code] for row in rows])
        return [self.person(row) for row in rows]

    def crew(self) -> tuple[Person, ...]:
        """Who goes along, by name; also who is no longer of this week, which is said of them."""
        return tuple(self.person(Mediator.get_by_id(one)) for one, _name in self.route.crew)

    def require_untroubled(self) -> None:
        """Raises TroubledCrew with everyone along whom something stands against."""
        troubled = [one for one in self.crew() if one.troubles]
        if troubled:
            raise TroubledCrew(troubled)

    def person(self, row: Mediator) -> Person:
        spoken = self._languages.get(row.id) or spoken_by([row.id])[row.id]
        return Person(
            mediator_id=row.id,
            name=name_of(row),
            home_office=self._offices[row.home_office_id].name,
            languages=tuple(sorted(spoken & self.route.languages)),
            troubles=tuple(dict.fromkeys(self._troubles(row))),
        )

    def _troubles(self, row: Mediator) -> Iterable[str]:
        person = self._people.get(row.code)
        if person is None:
            yield _("Not planned in this week.")
            return
        elsewhere = self._elsewhere(person.id)
        yield from map(self._told, elsewhere)
        if any(one.overlaps(self._span) for one in person.unavailable):
            yield _("Is not available then.")
        if any(one.overlaps(self._span) for one in person.busy):
            yield _("Has training or another route then.")
        if not elsewhere:
            yield from (self._words.fault(one).text for one in self._broken(person))

    def _elsewhere(self, code: str) -> list[sp.Shift]:
        """Shifts at other offices during the route."""
        own = self._offices[self.route.office_id].code
        return [
            shift
            for given in self._versions
            for shift in given.get(code, ())
            if shift.office != own and sp.Interval(shift.start, shift.end).overlaps(self._span)
        ]

    def _told(self, shift: sp.Shift) -> str:
        zone = ZoneInfo(self.route.zone)
        start, end = (
            self.horizon.instant(edge).astimezone(zone) for edge in (shift.start, shift.end)
        )
        return _("Has a shift then, %(start)s–%(end)s.", start=f"{start:%H:%M}", end=f"{end:%H:%M}")

    def _broken(self, person: sp.Mediator) -> list[Violation]:
        """What the route breaks anew in the person's week and the next, by the judge of rosters."""
        if person.id not in self._judged:
            self._judge([person])
        return self._judged[person.id]

    def _judge(self, people: Iterable[sp.Mediator]) -> None:
        """Judge all of them at once: what each would break is kept for `_broken`."""
        weeks = {one.id: self._without_and_with(one) for one in people}
        found: dict[str, list[Violation]] = {code: [] for code in weeks}
        for given in self._versions:
            known, then = (
                self._frame.broken_by_each((week[which] for week in weeks.values()), given)
                for which in (0, 1)
            )
            for code, week in weeks.items():
                found[code] += [one for one in then[code] if has_new([one], known[code])]
                before, after = (
                    {code: history_after(self.horizon, one, given.get(code, ()))} for one in week
                )
                found[code] += self._next.broken(before, after)
        self._judged |= found

    def _without_and_with(self, person: sp.Mediator) -> tuple[sp.Mediator, sp.Mediator]:
        """The person with the hours of the route free, and taken."""
        span = self._span
        rest = tuple(one for one in person.busy if not one.overlaps(span))
        added = tuple(
            sp.Interval(max(span.start, day.start), min(span.end, day.end))
            for day in self.horizon.days
            if day.start < span.end and span.start < day.end
        )
        return replace(person, busy=rest), replace(person, busy=tuple(sorted((*rest, *added))))

    @cached_property
    def _span(self) -> sp.Interval:
        found = self.horizon.span(self.route.starts_at, self.route.ends_at)
        return sp.Interval(*found) if found else sp.Interval(0, 0)

    @cached_property
    def _words(self) -> RuleWords:
        return RuleWords()

    @cached_property
    def _frame(self) -> Frame:
        return Frame(self.horizon)

    @cached_property
    def _next(self) -> NextWeek:
        return NextWeek(self.group, self.horizon.starts_on)

    @cached_property
    def _versions(self) -> list[Given]:
        """What each may have that week: by the published roster, by the one in hand."""
        week = self.group.id, self.horizon.starts_on
        rosters = [one for one in (current_roster(*week), latest_roster(*week)) if one is not None]
        return [given_in(one) for one in dict.fromkeys(rosters)] or [{}]

    @cached_property
    def _people(self) -> dict[str, sp.Mediator]:
        people = mediators_of_week(self.group, self.horizon, without_route=self.route.id)
        return {one.id: one for one in people}

    @cached_property
    def _rows(self) -> dict[int, Mediator]:
        codes = list(self._people)
        return {row.id: row for row in Mediator.select().where(Mediator.code.in_(codes))}

    @cached_property
    def _languages(self) -> dict[int, set[str]]:
        return spoken_by(self._rows)

    @cached_property
    def _offices(self) -> dict[int, Office]:
        return {row.id: row for row in Office.select(Office.id, Office.code, Office.name)}


def spoken_by(ids: Iterable[int]) -> dict[int, set[str]]:
    """The languages of each of these mediators."""
    wanted = list(ids)
    found: dict[int, set[str]] = {one: set() for one in wanted}
    for row in MediatorLanguage.select().where(MediatorLanguage.mediator.in_(wanted)):
        found[row.mediator_id].add(row.language_id)
    return found
