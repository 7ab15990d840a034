"""Somebody asked for from another office in the demonstration's coming week."""

from __future__ import annotations

import datetime as dt

from app.models import Loan, Office, User
from app.services import lending, lending_view
from app.services.rights import actor_of

LENDER, BORROWER = "lisbon", "setubal"
ASKER = "coordenacao@example.org"
REASON = "Sessão de esclarecimento sobre contratos de trabalho: faltam línguas em Setúbal."


def ask_for_somebody(week: dt.date, now: dt.datetime) -> int | None:
    """A loan for the Wednesday of a published week that waits for its answer; the id, or None
    where nobody could go."""
    if Loan.select().exists():
        return None
    actor = actor_of(User.get(User.email == ASKER))
    lender, borrower = (Office.get(Office.code == code) for code in (LENDER, BORROWER))
    day = week + dt.timedelta(days=2)
    found = lending_view.lending_day(actor, lender.id, borrower.id, day, now)
    if not found.offers:
        return None
    best = found.offers[0]
    return lending.ask(actor, best.mediator_id, day, borrower.id, best.shift, REASON, now)
