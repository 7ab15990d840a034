"""Queue tickets: a number at the door, called by a desk, ended; waits and endings count themselves.

A number is given once for each press, and called once: the row that is raised or changed first
decides, on SQLite as on PostgreSQL. Nobody's name is kept, and after a week no ticket.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from zoneinfo import ZoneInfo

from peewee import IntegrityError

from app.i18n import _
from app.models import (
    Desk,
    MediatorLanguage,
    Office,
    Ticket,
    TicketRoll,
    TicketState,
    database,
)
from app.services import arrivals, outcomes
from app.services.checks import Faults
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.needs import GENERAL
from app.services.outcomes import (
    SERVICE_MINUTES_MOST,
    WAIT_MINUTES_MOST,
    Ending,
    OutcomeCell,
    Tally,
)
from app.services.rights import Actor

KEPT = dt.timedelta(days=7)
COUNTER_MOST = 32
ENDINGS = {"served": TicketState.SERVED, "left": TicketState.LEFT}


def local_date(office: Office, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(office.zone)).date()


def issue(office: Office, press: str, language: str, need: str, now: dt.datetime) -> Ticket:
    """Give the next number of the office's day. Call within a transaction, of which the press has
    been checked."""
    date = local_date(office, now)
    _end_former_days(office, date, now)
    (roll,) = (
        TicketRoll.insert(office=office, date=date, last=1)
        .on_conflict(
            conflict_target=[TicketRoll.office, TicketRoll.date],
            update={TicketRoll.last: TicketRoll.last + 1},
        )
        .returning(TicketRoll.last)
        .execute()
    )
    return Ticket.create(
        office=office,
        date=date,
        number=roll.last,
        press=press,
        language=language,
        need=need,
        taken_at=now,
    )


def of_press(office_id: int, press: str) -> Ticket | None:
    """The ticket that a press of the reception gave."""
    found: Ticket | None = Ticket.get_or_none(Ticket.office == office_id, Ticket.press == press)
    return found


def withdraw(ticket: Ticket) -> None:
    """Undo the giving of a ticket, and what came of it. Call within a transaction."""
    _tally(ticket, -1)
    ticket.delete_instance()


def call_next(
    actor: Actor,
    office_id: int,
    *,
    press: str,
    need: str,
    languages: Collection[str],
    counter: str,
    now: dt.datetime,
) -> Ticket | None:
    """Call the longest waiting whom the desk of `need` answers, in one of the languages, to a
    counter; None where nobody waits for it. Whom the actor called before is counted as served.

    A mediator calls in their own languages only. Once for each `press`.
    Raises Invalid, Forbidden, NotFound.
    """
    office = _office(actor, office_id, now)
    spoken = set(languages) & own_languages(actor) if actor.mediator_id else set(languages)
    faults = Faults()
    faults.press("press", press)
    faults.text("counter", counter, COUNTER_MOST)
    faults.one_of("need", need, ("", *desk_needs(office)))
    faults.raise_any()
    try:
        with database.atomic():
            known = Ticket.get_or_none(Ticket.office == office, Ticket.call_press == press)
            if known is not None:
                return known  # type: ignore[no-any-return]
            for row in called_by(actor, office, now):
                _end(row, TicketState.SERVED, now)
            return _take(actor, office, press, need, spoken, counter.strip(), now)
    except IntegrityError:  # the same press, sent twice, arrived at the same moment
        return Ticket.get_or_none(  # type: ignore[no-any-return]
            Ticket.office == office, Ticket.call_press == press
        )


def end(actor: Actor, ticket_id: int, ending: str, now: dt.datetime) -> Ticket:
    """Say that whoever was called has been served, or that who waits or was called has left.

    Raises NotFound, Forbidden, Invalid, and Conflict where it is no longer so.
    """
    row = _row(actor, ticket_id, now)
    faults = Faults()
    faults.one_of("ending", ending, ENDINGS)
    faults.raise_any()
    with database.atomic():
        _end(row, ENDINGS[ending], now)
    return row


def put_back(actor: Actor, ticket_id: int, now: dt.datetime) -> Ticket:
    """Undo the last step: an ended ticket is called again, a called one waits again at its place.

    Raises NotFound, Forbidden, and Conflict where it has changed meanwhile.
    """
    row = _row(actor, ticket_id, now)
    with database.atomic():
        if row.state in (TicketState.SERVED, TicketState.LEFT):
            _tally(row, -1)
            before = TicketState.CALLED if row.called_at else TicketState.WAITING
            _change(row, before, ended_at=None)
        elif row.state == TicketState.CALLED:
            _change(
                row, TicketState.WAITING,
                call_press=None, called_at=None, called_by=None, counter="",
            )  # fmt: skip
    return row


def called_by(actor: Actor, office: Office, now: dt.datetime) -> list[Ticket]:
    """Whom the actor has called today and who is still with them; the product itself has nobody."""
    if actor.user_id is None:
        return []
    query = Ticket.select().where(
        Ticket.office == office,
        Ticket.date == local_date(office, now),
        Ticket.state == TicketState.CALLED,
        Ticket.called_by == actor.user_id,
    )
    return list(query.order_by(Ticket.called_at))


def own_languages(actor: Actor) -> set[str]:
    """The languages of the mediator who asks."""
    rows = MediatorLanguage.select().where(MediatorLanguage.mediator == actor.mediator_id)
    return {row.language_id for row in rows}


def desk_needs(office: Office) -> list[str]:
    """The reception, and the needs for which the office has a desk."""
    rows = Desk.select(Desk.need).where(Desk.office == office).order_by(Desk.id)
    return [GENERAL, *(row.need for row in rows)]


def wait_minutes(row: Ticket, now: dt.datetime) -> int:
    """Minutes from the door until called, left, or now."""
    until = row.called_at or row.ended_at or now
    return min(WAIT_MINUTES_MOST, max(0, int((until - row.taken_at).total_seconds() // 60)))


def _take(
    actor: Actor,
    office: Office,
    press: str,
    need: str,
    spoken: Collection[str],
    counter: str,
    now: dt.datetime,
) -> Ticket | None:
    """The first who waits and whom nobody else takes at the same moment."""
    waiting = Ticket.select().where(
        Ticket.office == office,
        Ticket.date == local_date(office, now),
        Ticket.state == TicketState.WAITING,
        Ticket.language.in_(list(spoken)),
    )
    if need == GENERAL:
        others = [one for one in desk_needs(office) if one != GENERAL]
        waiting = waiting.where(Ticket.need.not_in(others))
    elif need:
        waiting = waiting.where(Ticket.need == need)
    while (row := waiting.order_by(Ticket.number).first()) is not None:
        taken = (
            Ticket.update(
                state=TicketState.CALLED,
                call_press=press,
                counter=counter,
                called_by=actor.user_id,
                called_at=now,
            )
            .where(Ticket.id == row.id, Ticket.state == TicketState.WAITING)
            .execute()
        )
        if taken:
            called: Ticket = Ticket.get_by_id(row.id)
            return called
    return None


def _end(row: Ticket, state: TicketState, now: dt.datetime) -> None:
    may_end = (TicketState.CALLED, TicketState.WAITING)
    if row.state not in may_end or (state, row.state) == (TicketState.SERVED, TicketState.WAITING):
        raise Conflict(_("It has changed in the meantime: look at the queue again."))
    _change(row, state, ended_at=now)
    _tally(row, +1)


def _change(row: Ticket, state: TicketState, **columns: object) -> None:
    """Put a ticket into another state, unless somebody else was quicker."""
    changed = (
        Ticket.update(state=state, **columns)
        .where(Ticket.id == row.id, Ticket.state == row.state)
        .execute()
    )
    if not changed:
        raise Conflict(_("It has changed in the meantime: look at the queue again."))
    row.state = state
    for name, value in columns.items():
        setattr(row, name, value)


def _tally(row: Ticket, times: int) -> None:
    """Count how a ticket ended among the outcomes of the half hour in which it was taken."""
    if row.state not in (TicketState.SERVED, TicketState.LEFT):
        return
    cell = OutcomeCell(row.office_id, arrivals.half_hour(row.taken_at), row.language_id, row.need)
    tally = Tally()
    tally.add(_ending(row), times)
    outcomes.add_tally(cell, tally, arrivals.DESK_SOURCE)


def _ending(row: Ticket) -> Ending:
    """Whoever was never called on their day left after a wait that nobody knows."""
    if row.state == TicketState.LEFT:
        return Ending("left", wait_minutes(row, row.ended_at) if row.ended_at else None)
    if row.ended_at == row.called_at:
        return Ending("served", wait_minutes(row, row.called_at))
    served = int((row.ended_at - row.called_at).total_seconds() // 60)
    minutes = min(SERVICE_MINUTES_MOST, max(1, served))
    return Ending("served", wait_minutes(row, row.called_at), minutes)


def _end_former_days(office: Office, today: dt.date, now: dt.datetime) -> None:
    """Who still waits on the next day has left; who was called has been served, for how long nobody
    knows. Old tickets are let go."""
    former = Ticket.select().where(
        Ticket.office == office,
        Ticket.date < today,
        Ticket.state.in_([TicketState.WAITING, TicketState.CALLED]),
    )
    for row in former:
        with suppress(Conflict):  # another reception ends them at the same moment
            if row.state == TicketState.CALLED:
                _end(row, TicketState.SERVED, row.called_at)
            else:
                _change(row, TicketState.LEFT)
                _tally(row, +1)
    Ticket.delete().where(Ticket.office == office, Ticket.taken_at < now - KEPT).execute()


def _office(actor: Actor, office_id: int, now: dt.datetime) -> Office:
    office = Office.get_or_none(Office.id == office_id, Office.active)
    if office is None:
        raise NotFound
    if not arrivals.may_log(actor, office_id, now):
        raise Forbidden
    found: Office = office
    return found


def _row(actor: Actor, ticket_id: int, now: dt.datetime) -> Ticket:
    row = Ticket.get_or_none(Ticket.id == ticket_id)
    if row is None:
        raise NotFound
    _office(actor, row.office_id, now)
    found: Ticket = row
    return found
