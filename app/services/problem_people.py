"""A planning group's mediators as the roster problem wants them: all that bounds their week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from app.models import (
    Mediator,
    Office,
    PlanningGroup,
)
from app.services import lent_across
from app.services.horizon import Horizon
from app.services.people_rows import PeopleRows
from app.services.problem_history import PersonHistories
from app.services.shapes import ShapeRule
from app.services.skills_held import held_slots
from app.services.slot_spans import covers, intervals, runs, slots_up, whole_slots
from app.services.travel import journey
from solver import problem as sp


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a coordinator may ask of a build, in plain words on the page."""

    keep_locks: bool = True
    few_changes: bool = False
    """Stay close to the roster already published."""
    even_evenings: bool = False
    other_offices: bool = True
    """Let people work away from their home office."""


AS_USUAL = BuildOptions()


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What bounds a person's week and may have changed since a roster was built."""

    skills: dict[str, sp.Interval | None]
    unavailable: tuple[sp.Interval, ...]
    busy: tuple[sp.Interval, ...]


class People(PeopleRows):
    """The group's mediators with all that bounds their week, read in a few queries; and who is
    lent to it by another group, bound to that shift."""

    def __init__(
        self,
        group: PlanningGroup,
        offices: list[Office],
        horizon: Horizon,
        options: BuildOptions,
        only: Collection[str] | None = None,
    ) -> None:
        """`only` are codes: of the group's own people, no others are read."""
        super().__init__(group, offices, horizon, only)
        self.options = options

    @cached_property
    def history(self) -> PersonHistories:
        """Read when a problem is made; what holds today is asked for far more often."""
        return PersonHistories(self.own, self.horizon)

    def codes(self) -> set[str]:
        """Of those at home in the group."""
        return {row.code for row in self.own}

    def guest_locks(self) -> tuple[tuple[str, lent_across.Abroad], ...]:
        """Code and shift of each loan to the group: two coordinators agreed, so it is locked, but
        for one from which an absence told since has let them off."""
        return tuple(
            (row.code, one)
            for row in self.rows
            if row.id in self.guests
            for one in self.guests[row.id]
            if not self._let_off_from(row, one)
        )

    def shape_rules(self, office: Office) -> set[ShapeRule]:
        """The ways of working of everyone who may work at `office`."""
        rules: set[ShapeRule] = set()
        for row in self.own:
            if office.id not in self._offices_of(row):
                continue
            step = 60
            lengths = range(row.shift_least_minutes, row.shift_most_minutes + 1, step)
            rules |= {
                ShapeRule(
                    worked_slots=whole_slots(minutes, self.horizon),
                    longest_stretch_slots=whole_slots(
                        row.regime.longest_stretch_minutes, self.horizon
                    ),
                    break_slots=slots_up(row.regime.break_minutes, self.horizon),
                )
                for minutes in {*lengths, row.shift_most_minutes}
            }
        return rules

    def facts(self, row: Mediator) -> PersonFacts:
        """What of a person's week changes from day to day: skills, time away, training."""
        if row.id in self.guests:
            guest = self._guest(row)
            return PersonFacts(dict(guest.skills), guest.unavailable, ())
        return PersonFacts(self.skills(row), self._unavailable(row), self._busy(row))

    def mediators(
        self, openings: dict[tuple[int, dt.date], list[tuple[int, int]]]
    ) -> Iterable[sp.Mediator]:
        for row in self.rows:
            if row.id in self.guests:
                yield self._guest(row)
            else:
                yield self._mediator(row, openings)

    def _guest(self, row: Mediator) -> sp.Mediator:
        """Somebody lent by another group: there for that shift, judged at home."""
        horizon, theirs = self.horizon, self.guests[row.id]
        zone = self.homes[row.home_office_id].zone
        spans = (horizon.span(one.starts_at, one.ends_at) for one in theirs)
        there = [sp.Interval(*span) for span in spans if span is not None]
        away = [sp.Interval(*span) for span in self._let_off(row, zone) if span is not None]
        return lent_across.guest(
            row.code,
            self.skills(row),
            {
                self.offices[one.office_id].code: journey(
                    self.homes[row.home_office_id], self.offices[one.office_id]
                ).cost
                for one in theirs
                if one.office_id in self.offices
            },
            lent_across.all_but(there, away, horizon.slot_count),
            horizon.slot_count,
        )

    def _mediator(
        self,
        row: Mediator,
        openings: dict[tuple[int, dt.date], list[tuple[int, int]]],
    ) -> sp.Mediator:
        horizon, regime = self.horizon, row.regime
        return sp.Mediator(
            id=row.code,
            skills=self.skills(row),
            offices=self._office_costs(row),
            unavailable=self._unavailable(row),
            busy=self._busy(row),
            shift_slots=(
                whole_slots(row.shift_least_minutes, horizon),
                whole_slots(row.shift_most_minutes, horizon),
            ),
            max_day_slots=whole_slots(regime.longest_day_minutes, horizon),
            weeks=(self._week(row, openings),),
            min_rest_slots=slots_up(regime.rest_minutes, horizon),
            max_consecutive_days=regime.consecutive_days,
            history=self.history.of(row),
            wishes=self._wishes(row),
            unsocial=self.history.unsocial(row, even_evenings=self.options.even_evenings),
        )

    def _offices_of(self, row: Mediator) -> set[int]:
        others = {one.office_id for one in self.other_offices[row.id]}
        return {row.home_office_id} | (others if self.options.other_offices else set())

    def _office_costs(self, row: Mediator) -> dict[str, int]:
        costs = {self.offices[row.home_office_id].code: 0}
        if self.options.other_offices:
            for one in self.other_offices[row.id]:
                costs.setdefault(self.offices[one.office_id].code, one.cost)
        for loan in self.loans[row.id]:
            if loan.borrower_id in self.offices:
                # Agreed by two coordinators: their shift there is locked, and may stand.
                borrower = self.offices[loan.borrower_id]
                way = journey(self.offices[row.home_office_id], borrower)
                costs.setdefault(borrower.code, way.cost)
        return costs

    def skills(self, row: Mediator) -> dict[str, sp.Interval | None]:
        """What they hold in the week, and when in it; None for all of it."""
        skills: dict[str, sp.Interval | None] = {
            f"lang:{code}": None for code in self.languages[row.id]
        }
        zone = self.homes[row.home_office_id].zone
        for kind, spans in held_slots(self.certifications[row.id], self.horizon, zone).items():
            span = max(spans, key=lambda one: one[1] - one[0])
            whole = span == (0, self.horizon.slot_count)
            skills[f"cert:{kind}"] = None if whole else sp.Interval(*span)
        return skills

    def _unavailable(self, row: Mediator) -> tuple[sp.Interval, ...]:
        horizon = self.horizon
        zone = self.offices[row.home_office_id].zone
        spans = self._let_off(row, zone)
        spans += [horizon.span(*one) for one in self.own_busy[row.id]]
        # Who works elsewhere that day has no shift here besides.
        elsewhere = {one.date for one in self.away[row.id]}
        spans += [horizon.span(*self._local_day(one, horizon.zone)) for one in sorted(elsewhere)]
        for date in horizon.dates:
            spans += [
                horizon.span(
                    horizon.wall(date, one.from_minute, zone),
                    horizon.wall(date, one.until_minute, zone),
                )
                for one in self.patterns[row.id]
                if date == one.date or (one.date is None and one.weekday == date.weekday())
            ]
        return intervals(spans)

    def _let_off(self, row: Mediator, zone: str) -> list[tuple[int, int] | None]:
        """Approved absences, and days outside the contract."""
        horizon = self.horizon
        outside = [
            date
            for date in horizon.dates
            if date < row.starts_on or (row.ends_on and date > row.ends_on)
        ]
        return [
            *(horizon.span(one.starts_at, one.ends_at) for one in self.absences[row.id]),
            *(horizon.span(*self._local_day(date, zone)) for date in outside),
        ]

    def _let_off_from(self, row: Mediator, one: lent_across.Abroad) -> bool:
        off = intervals(self._let_off(row, self.homes[row.home_office_id].zone))
        span = self.horizon.span(one.starts_at, one.ends_at)
        return span is not None and any(start < span[1] and span[0] < end for start, end in off)

    def _busy(self, row: Mediator) -> tuple[sp.Interval, ...]:
        """Training, had or given, field routes and work for another group, in slots; each piece
        within one day, none twice."""
        slots: set[int] = set()
        lent = [times for one in self.away[row.id] for times in lent_across.worked(one)]
        for times in (*self.training[row.id], *self.outings[row.id], *lent):
            span = self.horizon.span(*times)
            slots |= set(range(*span)) if span else set()
        return tuple(
            sp.Interval(start, end)
            for day in self.horizon.days
            for start, end in runs(sorted(slots & set(range(day.start, day.end))))
        )

    def _week(
        self,
        row: Mediator,
        openings: dict[tuple[int, dt.date], list[tuple[int, int]]],
    ) -> sp.WeekLimits:
        """Hours owed: the contract's, less a fifth for each weekday off, shut or on leave.

        Times of one's own choosing (availability, an own calendar) are kept free but still owed:
        hours that no coordinator has let off are not lost unseen.
        """
        horizon = self.horizon
        zone = self.offices[row.home_office_id].zone
        most = whole_slots(row.week_minutes, horizon)
        let_off = intervals(self._let_off(row, zone))
        possible = 0
        for date in horizon.dates:
            if date.weekday() >= 5:
                continue
            away = covers(let_off, horizon.span(*self._local_day(date, zone)))
            if openings.get((row.home_office_id, date)) and not away:
                possible += 1
        days = min(5, row.regime.days_a_week)
        owed = most * min(possible, days) // days
        return sp.WeekLimits(min_slots=owed, max_slots=most, max_days=row.regime.days_a_week)

    def _local_day(self, date: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
        return self.horizon.wall(date, 0, zone), self.horizon.wall(date, 1440, zone)

    def _wishes(self, row: Mediator) -> tuple[sp.Wish, ...]:
        wishes = []
        for one in self.wishes[row.id]:
            span = self.horizon.span(one.starts_at, one.ends_at)
            if span:
                wishes.append(sp.Wish(*span, kind=sp.WishKind(one.kind), cost=one.cost))
        return tuple(wishes)
