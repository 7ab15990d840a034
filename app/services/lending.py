"""Lending: a mediator works at another office for a day, when both offices' coordinators agree.

Each step is judged anew as a swap is (`swap_rules`); agreed, it becomes a new published version of
the week in which that one day has changed, and stays locked there so that no build takes it back.
Between planning groups it is judged at home (`lending_home`), where the day becomes busy, and makes
a new version of both groups' weeks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Assignment, LateCause, Loan, LoanStatus, Mediator, Office, database
from app.services import audit, rosters
from app.services.checks import Faults
from app.services.errors import Conflict, Forbidden, InputFault, Invalid, NotFound
from app.services.late_changes import REASON_MOST, Why
from app.services.lending_home import HomeWeek
from app.services.lending_week import home_of, is_within_reach, narrowed, week_of
from app.services.new_versions import hold_published, new_version
from app.services.published import standing_row
from app.services.rights import Actor, coordinates
from app.services.roster_rows import hold_week
from app.services.swap_rules import PublishedWeek
from app.services.telling import coordinators_of, name_of, tell
from solver import Change


def ask(
    actor: Actor,
    mediator_id: int,
    date: dt.date,
    borrower_id: int,
    shift: str,
    reason: str,
    now: dt.datetime,
) -> int:
    """Ask that a mediator works `shift`, of the borrowing office, on that day; the loan's id.

    Either office's coordinator may ask; the other's are told. Raises Invalid with every rule it
    would break, Conflict where one is asked for already.
    """
    borrower, mediator = _office(borrower_id), _mediator(mediator_id)
    if not any(coordinates(actor, one.id) for one in (borrower, mediator.home_office)):
        raise Forbidden
    if date < now.astimezone(ZoneInfo(borrower.zone)).date():
        raise Conflict(_("The day has already begun."))
    week = week_of(mediator, borrower, date)
    home = home_of(mediator, borrower, date)
    given = _given(week, home, mediator, date)
    _require_to_come(week, given, shift, now)
    lender = given.office if given is not None else mediator.home_office
    side = _side_asking(actor, lender, borrower)
    faults = Faults()
    faults.text("reason", reason, REASON_MOST, lines=True)
    if lender.id == borrower.id:
        faults.add("office", borrower.name, _("an office other than where they are that day"))
    faults.raise_any()
    change = _change(week, mediator, date, shift)
    _require_legal(week, home, change, given, mediator, borrower)
    with database.atomic():
        there = Loan.select().where(
            Loan.mediator == mediator, Loan.date == date, Loan.status == LoanStatus.ASKED
        )
        if there.exists():
            raise Conflict(_("%(name)s is asked for on that day already.", name=name_of(mediator)))
        found = week.open.problem.shift_by_id[shift]
        loan = Loan.create(
            mediator=mediator,
            date=date,
            lender=lender,
            borrower=borrower,
            given=given,
            shift=shift,
            starts_at=week.open.horizon.instant(found.start),
            ends_at=week.open.horizon.instant(found.end),
            reason=reason.strip(),
            asks=side,
            asked_at=now,
            asked_by=actor.user_id,
        )
        other = lender.id if side == borrower.id else borrower.id
        deciders = set(coordinators_of([other])) - {actor.user_id}
        tell(deciders, "loan_asked", f"loan.{loan.id}.asked", told_of(loan), now)
        audit.record(actor, "loan.ask", "loan", loan.id, now)
    return int(loan.id)


def agree(actor: Actor, loan_id: int, now: dt.datetime) -> int:
    """Publish a version of the week with the loan made; its roster's id.

    For coordinators of the office that did not ask. Raises Invalid where it is no longer legal,
    Conflict where the roster has changed under it or the day has come.
    """
    loan = _find(actor, loan_id)
    if not may_answer(actor, loan):
        raise Forbidden
    with _lapsing(loan, now), database.atomic():
        _hold_groups(loan)
        week = week_of(loan.mediator, loan.borrower, loan.date)
        home = home_of(loan.mediator, loan.borrower, loan.date)
        _hold(week, home)
        given = _standing(loan, week, home, now)
        change = _change(week, loan.mediator, loan.date, loan.shift)
        _require_legal(week, home, change, given, loan.mediator, loan.borrower)
        shift = week.open.problem.shift_by_id[loan.shift]
        if home is not None:
            week = narrowed(week, loan, shift)
        after = week.open.judged.with_changes([change])
        roster = new_version(week, after, now, lock=(loan.mediator.code, loan.shift))
        _end(actor, loan, LoanStatus.AGREED, now, roster=roster.id)
        # Whoever may agree to this loan may publish its one change, and nothing else is in it.
        publisher = replace(actor, office_ids=None)
        if home is not None:
            home.let_go(publisher, loan, shift, now)
        rosters.publish(
            publisher,
            roster.id,
            now,
            why=Why(LateCause.LOAN, loan.reason),
            undo_swaps=True,
            only_new=True,
        )
    return int(roster.id)


def decline(actor: Actor, loan_id: int, now: dt.datetime) -> None:
    """Say no, for coordinators of the office that did not ask."""
    loan = _find(actor, loan_id)
    if not may_answer(actor, loan):
        raise Forbidden
    with database.atomic():
        _end(actor, loan, LoanStatus.DECLINED, now)


def withdraw(actor: Actor, loan_id: int, now: dt.datetime) -> None:
    """Take it back, for coordinators of the office that asked."""
    loan = _find(actor, loan_id)
    if not coordinates(actor, loan.asks_id):
        raise Forbidden
    with database.atomic():
        _end(actor, loan, LoanStatus.WITHDRAWN, now)


def may_answer(actor: Actor, loan: Loan) -> bool:
    """Whether the actor coordinates the office that was asked."""
    other = loan.lender_id if loan.asks_id == loan.borrower_id else loan.borrower_id
    return coordinates(actor, other)


def may_see(actor: Actor, loan: Loan) -> bool:
    return coordinates(actor, loan.lender_id) or coordinates(actor, loan.borrower_id)


def told_of(loan: Loan) -> dict[str, Any]:
    return {
        "name": name_of(loan.mediator),
        "lender": loan.lender.name,
        "borrower": loan.borrower.name,
        "office": loan.borrower.name,
        "zone": loan.borrower.zone,
        "starts_at": loan.starts_at.isoformat(),
        "ends_at": loan.ends_at.isoformat(),
        "reason": loan.reason,
    }


def _side_asking(actor: Actor, lender: Office, borrower: Office) -> int:
    """The office that the actor asks for: the borrower where they coordinate it."""
    for office in (borrower, lender):
        if coordinates(actor, office.id):
            return int(office.id)
    raise Forbidden


def _change(week: PublishedWeek, mediator: Mediator, date: dt.date, shift: str) -> Change:
    if date not in week.open.horizon.dates or mediator.code not in week.known:
        raise NotFound
    return Change(mediator.code, week.open.day(date), shift)


def _given(
    week: PublishedWeek, home: HomeWeek | None, mediator: Mediator, date: dt.date
) -> Assignment | None:
    """What they work that day, by what is published where they are at home."""
    if home is not None:
        return home.given(mediator.id)
    return week.open.row(mediator.id, date)


def _hold_groups(loan: Loan) -> None:
    """Nobody else publishes in either group meanwhile, not even a first version; in one order, so
    that no two wait for each other. What is published is read after this."""
    for group_id in sorted({int(loan.borrower.group_id), int(loan.mediator.home_office.group_id)}):
        hold_week(group_id)


def _hold(week: PublishedWeek, home: HomeWeek | None) -> None:
    """Both weeks stay the published ones meanwhile; call once the groups are held."""
    hold_published(week.roster)
    if home is not None and home.roster is not None:
        hold_published(home.roster)


def _require_legal(
    week: PublishedWeek,
    home: HomeWeek | None,
    change: Change,
    given: Assignment | None,
    mediator: Mediator,
    borrower: Office,
) -> None:
    found = week.open.problem.shift_by_id.get(change.shift or "")
    if found is None or found.office != borrower.code or found.day != change.day:
        raise Invalid([InputFault("shift", change.shift, _("a shift of that office on that day"))])
    if not is_within_reach(week, mediator, borrower, found):
        text = _(
            "%(office)s is too far for %(name)s to be back and rest before the next day.",
            office=borrower.name,
            name=name_of(mediator),
        )
        raise Invalid([InputFault("office", text, _("an office within reach"))])
    if given is not None and given.locked:
        raise Invalid([InputFault("shift", given.shift, _("a shift that is not locked"))])
    faults = week.faults([change])
    if home is not None:
        faults = (*home.faults(mediator.code, found), *faults)
    if faults:
        raise Invalid([InputFault("shift", one.text, _("no broken rule")) for one in faults])


def _require_to_come(
    week: PublishedWeek, given: Assignment | None, shift: str, now: dt.datetime
) -> None:
    """Raises Conflict where the shift, or the one given up for it, has begun."""
    asked = week.open.problem.shift_by_id.get(shift)
    starts = [given.starts_at] if given is not None else []
    starts += [week.open.horizon.instant(asked.start)] if asked is not None else []
    if any(one <= now for one in starts):
        raise Conflict(_("The day has already begun."))


class _Lapsed(Conflict):
    pass


def _standing(
    loan: Loan, week: PublishedWeek, home: HomeWeek | None, now: dt.datetime
) -> Assignment | None:
    """The shift that is given up, as it is published now; None for a day off. Raises _Lapsed."""
    row = _given(week, home, loan.mediator, loan.date)
    given = loan.given
    same = row is None if given is None else (row is not None and standing_row(given) is not None)
    if not same:
        raise _Lapsed(_("The roster has changed; this loan no longer fits it."))
    if min(loan.starts_at, row.starts_at if row else loan.starts_at) <= now:
        raise _Lapsed(_("The day has already begun."))
    return row


@contextmanager
def _lapsing(loan: Loan, now: dt.datetime) -> Iterator[None]:
    """What can go no further is closed, after all that it began is taken back."""
    try:
        yield
    except _Lapsed:
        Loan.update(status=LoanStatus.LAPSED, decided_at=now).where(
            Loan.id == loan.id, Loan.status == LoanStatus.ASKED
        ).execute()
        raise


def _end(actor: Actor, loan: Loan, status: LoanStatus, now: dt.datetime, **columns: object) -> None:
    moved = (
        Loan.update(status=status, decided_at=now, decided_by=actor.user_id, **columns)
        .where(Loan.id == loan.id, Loan.status == LoanStatus.ASKED)
        .execute()
    )
    if not moved:
        raise Conflict(_("This loan is no longer where you saw it."))
    people = {loan.asked_by_id} if loan.asked_by_id else set(coordinators_of([loan.asks_id]))
    told = told_of(loan) | {"status": str(status)}
    tell(people - {actor.user_id}, "loan_decided", f"loan.{loan.id}.{status}", told, now)
    audit.record(actor, f"loan.{status}", "loan", loan.id, now)


def _find(actor: Actor, loan_id: int) -> Loan:
    loan = Loan.get_or_none(Loan.id == loan_id)
    if loan is None:
        if not actor.is_coordinator:
            raise Forbidden
        raise NotFound
    if not may_see(actor, loan):
        raise Forbidden
    found: Loan = loan
    return found


def _office(office_id: int) -> Office:
    row = Office.get_or_none(Office.id == office_id)
    if row is None:
        raise NotFound
    return row


def _mediator(mediator_id: int) -> Mediator:
    row = Mediator.get_or_none(Mediator.id == mediator_id)
    if row is None:
        raise NotFound
    return row
