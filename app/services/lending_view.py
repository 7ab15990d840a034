"""What the pages of lending show: who could be lent and what it costs and wins, and what waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from app.models import (
    Assignment,
    ContractRegime,
    Loan,
    LoanStatus,
    Mediator,
    Office,
    PlanningGroup,
)
from app.services.effects import CoverEffect, Effects
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.lending import may_answer, may_see
from app.services.lending_home import HomeWeek
from app.services.lending_week import home_of, is_within_reach, lending_week
from app.services.rights import Actor, coordinates, require_any_coordinator
from app.services.swap_rules import PublishedWeek
from app.services.telling import name_of
from solver import Change
from solver import problem as sp

SHOWN = 40
SHAPES = 3
"""Of the borrower's shifts, how many are weighed for one person: those nearest to their hours."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody who could be lent, and with what effect."""

    mediator_id: int
    name: str
    shift: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    instead: tuple[dt.datetime, dt.datetime] | None
    """Their hours of that day as published; None for a day off."""
    lost: tuple[CoverEffect, ...]
    won: tuple[CoverEffect, ...]
    cost: int
    """Of the whole roster, the change; below 0 is better."""


@dataclass(frozen=True, slots=True)
class LendingDay:
    date: dt.date
    lender: tuple[int, str]
    borrower: tuple[int, str]
    zone: str
    published: bool
    offers: tuple[Offer, ...]
    """The best for the roster first."""


@dataclass(frozen=True, slots=True)
class LoanView:
    id: int
    name: str
    mediator_id: int
    lender: str
    borrower: str
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    reason: str
    status: LoanStatus
    asked_by: str
    asks: str
    """The office whose coordinator asked."""
    may_answer: bool
    may_withdraw: bool
    lost: tuple[CoverEffect, ...] = ()
    won: tuple[CoverEffect, ...] = ()
    fits: bool = True


@dataclass(frozen=True, slots=True)
class GroupOffices:
    """Offices that are planned together."""

    name: str
    offices: tuple[tuple[int, str], ...]


def lending_offices(actor: Actor) -> list[GroupOffices]:
    """All offices, by the group that they are planned in: those in which the actor coordinates an
    office first."""
    require_any_coordinator(actor)
    rows = (
        Office.select(Office, PlanningGroup)
        .join(PlanningGroup)
        .where(Office.active)
        .order_by(PlanningGroup.name, PlanningGroup.code, Office.position, Office.code)
    )
    listed = [(group, list(theirs)) for group, theirs in groupby(rows, key=lambda row: row.group)]
    listed.sort(key=lambda one: not any(coordinates(actor, row.id) for row in one[1]))
    return [
        GroupOffices(group.name, tuple((row.id, row.name) for row in theirs))
        for group, theirs in listed
    ]


def lending_day(
    actor: Actor, lender_id: int, borrower_id: int, date: dt.date, now: dt.datetime
) -> LendingDay:
    """Who of one office could work at another on a day, with the cover lost and won.

    For coordinators of either. Raises NotFound, Forbidden.
    """
    lender, borrower = (Office.get_or_none(Office.id == one) for one in (lender_id, borrower_id))
    require_any_coordinator(actor)
    if lender is None or borrower is None:
        raise NotFound
    if actor.office_ids is not None and not {lender_id, borrower_id} & actor.office_ids:
        raise Forbidden
    told = LendingDay(
        date, (lender.id, lender.name), (borrower.id, borrower.name), borrower.zone, False, ()
    )
    people = list(
        Mediator.select(Mediator, Office, ContractRegime)
        .join(Office)
        .switch(Mediator)
        .join(ContractRegime)
        .where(Mediator.home_office == lender, Mediator.active)
    )
    try:
        week = lending_week(borrower, date, people, to_weigh=True)
    except Conflict:
        return told
    across = lender.group_id != borrower.group_id
    home = HomeWeek(lender.group, date) if across else None
    effects = Effects(week.open)
    found = [
        offer
        for person in people
        if (offer := _offer(week, home, effects, person, lender, borrower, date, now)) is not None
    ]
    found.sort(key=lambda one: (one.cost, one.name))
    return LendingDay(date, told.lender, told.borrower, borrower.zone, True, tuple(found[:SHOWN]))


def _offer(
    week: PublishedWeek,
    home: HomeWeek | None,
    effects: Effects,
    person: Mediator,
    lender: Office,
    borrower: Office,
    date: dt.date,
    now: dt.datetime,
) -> Offer | None:
    """The person's best way to be lent, None where none is within the rules."""
    if person.code not in week.known:
        return None
    row = home.given(person.id) if home is not None else week.open.row(person.id, date)
    if row is not None and (row.office_id != lender.id or row.locked or row.starts_at <= now):
        return None
    best: Offer | None = None
    for shift in _nearest(week, borrower.code, date, row):
        change = Change(person.code, week.open.day(date), shift.id)
        if week.open.horizon.instant(shift.start) <= now:
            continue
        if not is_within_reach(week, person, borrower, shift) or week.faults([change]):
            continue
        if home is not None and home.faults(person.code, shift):
            continue
        effect = effects.of([change])
        cost = effect.cost + (home.cost(person.code) if home is not None else 0)
        if not effect.allowed or (best is not None and best.cost <= cost):
            continue
        cover = (*(home.lost(person.code) if home is not None else ()), *effect.cover)
        best = Offer(
            mediator_id=person.id,
            name=name_of(person),
            shift=shift.id,
            starts_at=week.open.horizon.instant(shift.start),
            ends_at=week.open.horizon.instant(shift.end),
            zone=borrower.zone,
            instead=(row.starts_at, row.ends_at) if row is not None else None,
            lost=_lost(cover),
            won=_won(cover),
            cost=cost,
        )
    return best


def _nearest(
    week: PublishedWeek, office: str, date: dt.date, row: Assignment | None
) -> list[sp.Shift]:
    """Shifts of the office on that day, those nearest to the hours the person has first."""
    day = week.open.day(date)
    shifts = [one for one in week.open.problem.shifts if (one.office, one.day) == (office, day)]
    if row is not None:
        horizon = week.open.horizon
        start, end = horizon.slot(row.starts_at), horizon.slot(row.ends_at)
        shifts.sort(key=lambda one: (abs(one.start - start) + abs(one.end - end), one.id))
    else:
        shifts.sort(key=lambda one: (-len(one.worked), one.start, one.id))
    return shifts[:SHAPES]


def loans_for(actor: Actor, now: dt.datetime) -> tuple[list[LoanView], list[LoanView]]:
    """What waits, with its effect, and the last ones decided; of the actor's offices."""
    require_any_coordinator(actor)
    newest = Loan.select().order_by(Loan.id.desc())
    asked = newest.where(Loan.status == LoanStatus.ASKED)
    answered = newest.where(Loan.status != LoanStatus.ASKED).limit(200)
    waiting = [_view(actor, one, now) for one in asked if may_see(actor, one)]
    past = [one for one in answered if may_see(actor, one)][:20]
    return waiting, [_view(actor, one, now) for one in past]


def _view(actor: Actor, loan: Loan, now: dt.datetime) -> LoanView:
    cover, fits = _effect(loan, now) if loan.status == LoanStatus.ASKED else ((), True)
    asked = loan.status == LoanStatus.ASKED
    return LoanView(
        id=loan.id,
        name=name_of(loan.mediator),
        mediator_id=loan.mediator_id,
        lender=loan.lender.name,
        borrower=loan.borrower.name,
        date=loan.date,
        starts_at=loan.starts_at,
        ends_at=loan.ends_at,
        zone=loan.borrower.zone,
        reason=loan.reason,
        status=loan.status,
        asked_by=loan.asked_by.name if loan.asked_by else "",
        asks=loan.asks.name,
        may_answer=asked and may_answer(actor, loan),
        may_withdraw=asked and coordinates(actor, loan.asks_id),
        lost=_lost(cover),
        won=_won(cover),
        fits=fits,
    )


def _effect(loan: Loan, now: dt.datetime) -> tuple[tuple[CoverEffect, ...], bool]:
    """What it does to cover as the week is published now, and whether it still fits."""
    try:
        week = lending_week(loan.borrower, loan.date, [loan.mediator], to_weigh=True)
    except Conflict:
        return (), False
    known = loan.mediator.code in week.known and loan.shift in week.open.problem.shift_by_id
    if not known or loan.starts_at <= now:
        return (), False
    shift = week.open.problem.shift_by_id[loan.shift]
    if not is_within_reach(week, loan.mediator, loan.borrower, shift):
        return (), False
    code = loan.mediator.code
    change = Change(code, week.open.day(loan.date), loan.shift)
    effect = Effects(week.open).of([change])
    fits = effect.allowed and not week.faults([change])
    home = home_of(loan.mediator, loan.borrower, loan.date)
    if home is None:
        return effect.cover, fits
    cover = (*home.lost(code), *effect.cover)
    return cover, fits and home.person(code) is not None and not home.faults(code, shift)


def _lost(cover: Iterable[CoverEffect]) -> tuple[CoverEffect, ...]:
    return tuple(one for one in cover if one.minutes > 0)


def _won(cover: Iterable[CoverEffect]) -> tuple[CoverEffect, ...]:
    return tuple(one for one in cover if one.minutes < 0)
