"""A planning group's mediators as the roster problem wants them: all that bounds their week."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from app.models import (
    Absence,
    Availability,
    Certification,
    Loan,
    LoanStatus,
    Mediator,
    MediatorLanguage,
    MediatorOffice,
    Office,
    PlanningGroup,
    RequestStatus,
    Wish,
)
from app.models.people import ContractRegime
from app.services.field_busy import field_spans
from app.services.horizon import Horizon
from app.services.own_calendars import busy_times
from app.services.problem_history import PersonHistories, by_mediator
from app.services.shapes import ShapeRule
from app.services.training_busy import training_spans
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


class People:
    """The group's mediators with all that bounds their week, read in a few queries."""

    def __init__(
        self, group: PlanningGroup, offices: list[Office], horizon: Horizon, options: BuildOptions
    ) -> None:
        self.group = group
        self.horizon = horizon
        self.options = options
        self.offices = {office.id: office for office in offices}
        self.rows = list(
            Mediator.select(Mediator, ContractRegime)
            .join(ContractRegime)
            .where(
                Mediator.home_office.in_(list(self.offices)),
                Mediator.active,
                Mediator.starts_on <= horizon.date(horizon.day_count - 1),
                Mediator.ends_on.is_null() | (Mediator.ends_on >= horizon.starts_on),
            )
            .order_by(Mediator.code)
        )
        ids = [row.id for row in self.rows]
        self.languages = by_mediator(
            MediatorLanguage.select().where(MediatorLanguage.mediator.in_(ids))
        )
        self.other_offices = by_mediator(
            MediatorOffice.select().where(MediatorOffice.office.in_(list(self.offices)))
        )
        self.certifications = by_mediator(
            Certification.select()
            .where(Certification.mediator.in_(ids))
            .order_by(Certification.valid_from)
        )
        self.patterns = by_mediator(Availability.select().where(Availability.mediator.in_(ids)))
        self.absences = by_mediator(
            Absence.select().where(
                Absence.status == RequestStatus.APPROVED,
                Absence.starts_at < horizon.ends_at,
                Absence.ends_at > horizon.starts_at,
            )
        )
        self.own_busy: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
        for mediator_id, start, end in busy_times(ids, horizon.starts_at, horizon.ends_at):
            self.own_busy[mediator_id].append((start, end))
        self.wishes = by_mediator(
            Wish.select().where(Wish.starts_at < horizon.ends_at, Wish.ends_at > horizon.starts_at)
        )
        self.training: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
        for one in training_spans(horizon.starts_at, horizon.ends_at, ids):
            self.training[one.mediator_id].append((one.starts_at, one.ends_at))
        self.loans = by_mediator(
            Loan.select().where(
                Loan.status == LoanStatus.AGREED, Loan.date.in_(list(horizon.dates))
            )
        )
        self.outings: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
        for mediator_id, start, end in field_spans(horizon.starts_at, horizon.ends_at, ids):
            self.outings[mediator_id].append((start, end))

    @cached_property
    def history(self) -> PersonHistories:
        """Read when a problem is made; what holds today is asked for far more often."""
        return PersonHistories(self.group, self.rows, self.horizon)

    def codes(self) -> set[str]:
        return {row.code for row in self.rows}

    def shape_rules(self, office: Office) -> set[ShapeRule]:
        """The ways of working of everyone who may work at `office`."""
        rules: set[ShapeRule] = set()
        for row in self.rows:
            if office.id not in self._offices_of(row):
                continue
            step = 60
            lengths = range(row.shift_least_minutes, row.shift_most_minutes + 1, step)
            rules |= {
                ShapeRule(
                    worked_slots=_slots(minutes, self.horizon),
                    longest_stretch_slots=_slots(row.regime.longest_stretch_minutes, self.horizon),
                    break_slots=_slots_up(row.regime.break_minutes, self.horizon),
                )
                for minutes in {*lengths, row.shift_most_minutes}
            }
        return rules

    def facts(self, row: Mediator) -> PersonFacts:
        """What of a person's week changes from day to day: skills, time away, training."""
        return PersonFacts(self._skills(row), self._unavailable(row), self._busy(row))

    def mediators(
        self, openings: dict[tuple[int, dt.date], list[tuple[int, int]]]
    ) -> Iterable[sp.Mediator]:
        for row in self.rows:
            yield self._mediator(row, openings)

    def _mediator(
        self,
        row: Mediator,
        openings: dict[tuple[int, dt.date], list[tuple[int, int]]],
    ) -> sp.Mediator:
        horizon, regime = self.horizon, row.regime
        return sp.Mediator(
            id=row.code,
            skills=self._skills(row),
            offices=self._office_costs(row),
            unavailable=self._unavailable(row),
            busy=self._busy(row),
            shift_slots=(
                _slots(row.shift_least_minutes, horizon),
                _slots(row.shift_most_minutes, horizon),
            ),
            max_day_slots=_slots(regime.longest_day_minutes, horizon),
            weeks=(self._week(row, openings),),
            min_rest_slots=_slots_up(regime.rest_minutes, horizon),
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

    def _skills(self, row: Mediator) -> dict[str, sp.Interval | None]:
        skills: dict[str, sp.Interval | None] = {
            f"lang:{one.language_id}": None for one in self.languages[row.id]
        }
        zone = self.offices[row.home_office_id].zone
        for kind, spans in self._certified(row, zone).items():
            span = max(spans, key=lambda one: one[1] - one[0])
            whole = span == (0, self.horizon.slot_count)
            skills[f"cert:{kind}"] = None if whole else sp.Interval(*span)
        return skills

    def _certified(self, row: Mediator, zone: str) -> dict[str, list[tuple[int, int]]]:
        """Slots in which each certification counts; ones that follow on are joined."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for one in self.certifications[row.id]:
            starts = self.horizon.wall(one.valid_from, 0, zone)
            ends = (
                self.horizon.wall(one.valid_until, 1440, zone)
                if one.valid_until
                else self.horizon.ends_at
            )
            if one.withdrawn_at:
                ends = min(ends, one.withdrawn_at)
            start = max(0, self.horizon.slot_ceiling(starts))
            end = min(self.horizon.slot_count, self.horizon.slot(ends))
            if start >= end:
                continue
            spans = found[one.kind_id]
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
        return found

    def _unavailable(self, row: Mediator) -> tuple[sp.Interval, ...]:
        horizon = self.horizon
        zone = self.offices[row.home_office_id].zone
        spans = self._let_off(row, zone)
        spans += [horizon.span(*one) for one in self.own_busy[row.id]]
        for date in horizon.dates:
            spans += [
                horizon.span(
                    horizon.wall(date, one.from_minute, zone),
                    horizon.wall(date, one.until_minute, zone),
                )
                for one in self.patterns[row.id]
                if date == one.date or (one.date is None and one.weekday == date.weekday())
            ]
        return _intervals(spans)

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

    def _busy(self, row: Mediator) -> tuple[sp.Interval, ...]:
        """Training, had or given, and field routes, in slots; each piece within one day, none
        twice."""
        slots: set[int] = set()
        for times in (*self.training[row.id], *self.outings[row.id]):
            span = self.horizon.span(*times)
            slots |= set(range(*span)) if span else set()
        return tuple(
            sp.Interval(start, end)
            for day in self.horizon.days
            for start, end in _runs(sorted(slots & set(range(day.start, day.end))))
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
        most = _slots(row.week_minutes, horizon)
        let_off = _intervals(self._let_off(row, zone))
        possible = 0
        for date in horizon.dates:
            if date.weekday() >= 5:
                continue
            away = _covers(let_off, horizon.span(*self._local_day(date, zone)))
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


def _intervals(spans: Iterable[tuple[int, int] | None]) -> tuple[sp.Interval, ...]:
    return tuple(sp.Interval(*span) for span in sorted(span for span in spans if span))


def _slots(minutes: int, horizon: Horizon) -> int:
    return minutes // horizon.slot_minutes


def _slots_up(minutes: int, horizon: Horizon) -> int:
    return -(-minutes // horizon.slot_minutes)


def _covers(spans: Iterable[sp.Interval], day: tuple[int, int] | None) -> bool:
    """Whether one of the spans holds the whole day, or what of it lies in the horizon."""
    return day is not None and any(one.start <= day[0] and one.end >= day[1] for one in spans)


def _runs(slots: list[int]) -> Iterable[tuple[int, int]]:
    """Runs of consecutive numbers, half-open."""
    start: int | None = None
    for index, slot in enumerate(slots):
        if start is None:
            start = slot
        if index + 1 == len(slots) or slots[index + 1] != slot + 1:
            yield start, slot + 1
            start = None
