"""The borrower's published week as a loan is judged on it: with who may come, and from where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app.i18n import _
from app.models import Loan, Mediator, Office
from app.services.errors import Conflict
from app.services.horizon import monday_of
from app.services.judging import problem_of_text
from app.services.lending_home import HomeWeek, guest_of
from app.services.lent_across import all_but, guest
from app.services.standing import current_roster
from app.services.swap_rules import Lent, PublishedWeek
from app.services.travel import journey
from solver.problem import Interval, Shift


def week_of(mediator: Mediator, borrower: Office, date: dt.date) -> PublishedWeek:
    """The published week, in which the mediator may work at the borrowing office too."""
    return lending_week(borrower, date, [mediator])


def lending_week(
    borrower: Office,
    date: dt.date,
    people: Iterable[Mediator],
    *,
    to_weigh: bool = False,
) -> PublishedWeek:
    """The borrower's published week, with these people allowed there; `to_weigh` as in
    `PublishedWeek`. Raises Conflict."""
    roster = current_roster(borrower.group_id, monday_of(date))
    if roster is None:
        raise Conflict(_("This week is not published yet; give the shift in its draft."))
    listed = list(people)
    costs = {one.code: journey(one.home_office, borrower).cost for one in listed}
    home = home_of(listed[0], borrower, date) if listed else None
    if home is None:
        return PublishedWeek(
            roster,
            lent={code: Lent(borrower.code, cost) for code, cost in costs.items()},
            to_weigh=to_weigh,
        )
    slots = home.horizon.slot_count
    there = problem_of_text(roster.problem_json).mediator_by_id
    guests = {}
    for code, cost in costs.items():
        person = home.person(code)
        if person is not None:
            # Somebody lent on another day as well keeps that office.
            offices = there[code].offices if code in there else {}
            guests[code] = guest_of(person, {**offices, borrower.code: cost}, slots)
    return PublishedWeek(roster, instead=guests, to_weigh=to_weigh)


def home_of(mediator: Mediator, borrower: Office, date: dt.date) -> HomeWeek | None:
    """The week in which somebody of another planning group is at home; None within one group."""
    group = mediator.home_office.group
    return None if group.id == borrower.group_id else HomeWeek(group, date)


def is_within_reach(week: PublishedWeek, person: Mediator, borrower: Office, shift: Shift) -> bool:
    """Whether the way there and back leaves the person's rest; across the sea nobody is lent."""
    minutes = (shift.end - shift.start) * week.open.horizon.slot_minutes
    return journey(person.home_office, borrower).fits(minutes, person.regime.rest_minutes)


def narrowed(week: PublishedWeek, loan: Loan, shift: Shift) -> PublishedWeek:
    """The week with the guest there for that shift alone, as a build would have them; a guest who
    is there on another day already keeps that."""
    code, slots = loan.mediator.code, week.open.horizon.slot_count
    there = [Interval(shift.start, shift.end)]
    there += [Interval(one.start, one.end) for one in week.open.judged.duty(code).shifts]
    offices = week.open.problem.mediator_by_id[code].offices
    bound = guest(code, week.instead[code].skills, offices, all_but(there, [], slots), slots)
    return PublishedWeek(week.roster, instead={code: bound})
