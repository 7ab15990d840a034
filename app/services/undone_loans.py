"""Loans that publishing a draft would undo: a draft made before two coordinators agreed knows
nothing of the loan, and would take the person back without a word."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace

from app.i18n import _
from app.models import Assignment, Loan, LoanStatus, Roster, RosterStatus, database
from app.services import editing
from app.services.errors import Conflict
from app.services.judging import problem_of_text
from app.services.open_drafts import CellEdit, find_roster
from app.services.rights import Actor, require_coordinator
from app.services.roster_rows import by_person_day
from app.services.standing import current_roster
from app.services.telling import name_of
from app.services.travel import journey


@dataclass(frozen=True, slots=True)
class UndoneLoan:
    """An agreed loan that stands in the published version and not in the draft."""

    loan_id: int
    name: str
    lender: str
    borrower: str
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str


def loans_undone_by(roster: Roster) -> tuple[UndoneLoan, ...]:
    """The loans that publishing this draft would undo, by date."""
    published = current_roster(roster.group_id, roster.week_starts_on)
    if published is None or published.id == roster.id:
        return ()
    loans = _agreed(roster)
    if not loans:
        return ()
    now_there, will_be = by_person_day(published), by_person_day(roster)
    found = [
        UndoneLoan(
            loan_id=loan.id,
            name=name_of(loan.mediator),
            lender=loan.lender.name,
            borrower=loan.borrower.name,
            date=loan.date,
            starts_at=loan.starts_at,
            ends_at=loan.ends_at,
            zone=loan.borrower.zone,
        )
        for loan in loans
        if _stands(loan, now_there) and not _stands(loan, will_be)
    ]
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.loan_id)))


def keep_loan(
    actor: Actor, roster_id: int, loan_id: int, revision: int, now: dt.datetime
) -> UndoneLoan | None:
    """Put an agreed loan into the draft, as one edit; None where it is not undone any more.

    Network coordinators only. Raises what `editing.change` does, and Conflict where the draft's
    offices do not offer that shift.
    """
    require_coordinator(actor)
    roster = find_roster(actor, roster_id)
    undone = next((one for one in loans_undone_by(roster) if one.loan_id == loan_id), None)
    if undone is None:
        return None
    loan = Loan.get_by_id(loan_id)
    with database.atomic():
        if roster.status == RosterStatus.DRAFT and roster.revision == revision:
            _allow(roster, loan)
        cell = CellEdit(loan.mediator_id, loan.date, loan.shift, locked=True)
        editing.change(actor, roster_id, revision, [cell], now)
    return undone


def _allow(roster: Roster, loan: Loan) -> None:
    """Let the one who is lent work there in the draft's problem, as the published one's does."""
    problem = problem_of_text(roster.problem_json)
    code, office = loan.mediator.code, loan.borrower.code
    if code not in problem.mediator_by_id or loan.shift not in problem.shift_by_id:
        raise Conflict(_("This draft knows neither the person nor the shift; build it anew."))
    cost = journey(loan.mediator.home_office, loan.borrower).cost
    wider = replace(
        problem,
        mediators=tuple(
            replace(one, offices={office: cost, **one.offices}) if one.id == code else one
            for one in problem.mediators
        ),
    )
    text = json.dumps(wider.to_json(), separators=(",", ":"))
    Roster.update(problem_json=text).where(Roster.id == roster.id).execute()


def _agreed(roster: Roster) -> list[Loan]:
    """Agreed loans of the week."""
    query = (
        Loan.select(Loan)
        .join(Roster)
        .where(
            Loan.status == LoanStatus.AGREED,
            Roster.group == roster.group_id,
            Roster.week_starts_on == roster.week_starts_on,
        )
    )
    return list(query)


def _stands(loan: Loan, rows: dict[tuple[int, dt.date], Assignment]) -> bool:
    """Whether they work at the borrowing office as agreed."""
    row = rows.get((loan.mediator_id, loan.date))
    return row is not None and (row.office_id, row.starts_at, row.ends_at) == (
        loan.borrower_id,
        loan.starts_at,
        loan.ends_at,
    )
