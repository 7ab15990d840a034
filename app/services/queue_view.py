"""The queue of an office: for those who call by number, and for those who wait to be called."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.models import Desk, Language, Office, Ticket, TicketState
from app.services import tickets
from app.services.desks import desk_at, desk_name
from app.services.errors import NotFound
from app.services.intake import office_of
from app.services.names import in_readers_language
from app.services.needs import GENERAL, NEEDS
from app.services.office_choice import OfficeChoice
from app.services.rights import Actor
from app.services.tickets import local_date, own_languages, wait_minutes

CALLED_SHOWN = 6
ENDED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class TicketView:
    id: int
    number: int
    language: str
    """By name."""
    desk: str
    """The desk that answers the need."""
    taken_at: dt.datetime
    wait_minutes: int
    state: TicketState
    counter: str
    mine: bool
    """In a language of the reader's."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    office_id: int
    office: OfficeChoice
    offices: tuple[OfficeChoice, ...]
    zone: str
    gives_tickets: bool
    desks: tuple[tuple[str, str], ...]
    """Need and name of what one may call for; the empty need for all."""
    languages: tuple[tuple[str, str], ...]
    """Code and name of those the reader may call in."""
    with_me: tuple[TicketView, ...]
    waiting: tuple[TicketView, ...]
    ended: tuple[TicketView, ...]
    """Those of the reader that ended last, to put back."""


@dataclass(frozen=True, slots=True)
class PaperTicket:
    """A ticket as it is printed."""

    number: int
    office: OfficeChoice
    zone: str
    desk: str
    by_appointment: bool
    opens_at: dt.datetime | None
    taken_at: dt.datetime


@dataclass(frozen=True, slots=True)
class WaitingBoard:
    """What the screen of the waiting room shows: numbers, nothing of languages or needs."""

    office_name: str
    zone: str
    now: dt.datetime
    called: tuple[tuple[int, str], ...]
    """Number and where to go, the last called first."""
    waiting: int


def queue_page(actor: Actor, office_code: str | None, now: dt.datetime) -> QueuePage:
    """The queue of an office at whose reception the actor works. Raises Forbidden, NotFound."""
    office, choices = office_of(actor, office_code, now)
    names = _language_names()
    own = own_languages(actor) if actor.mediator_id else set(names)
    desks = {row.need: desk_name(row) for row in Desk.select().where(Desk.office == office)}

    def views(rows: list[Ticket]) -> tuple[TicketView, ...]:
        return tuple(_view(row, names, desks, own, now) for row in rows)

    today = Ticket.select().where(Ticket.office == office, Ticket.date == local_date(office, now))
    waiting = today.where(Ticket.state == TicketState.WAITING).order_by(Ticket.number)
    ended = today.where(
        Ticket.state.in_([TicketState.SERVED, TicketState.LEFT]),
        Ticket.called_by == actor.user_id,
    ).order_by(Ticket.ended_at.desc())
    return QueuePage(
        office_id=office.id,
        office=OfficeChoice(office.code, office.name),
        offices=choices,
        zone=office.zone,
        gives_tickets=office.gives_tickets,
        desks=(
            ("", ""),
            *((need, _desk_words(need, desks)) for need in tickets.desk_needs(office)),
        ),
        languages=tuple((code, name) for code, name in names.items() if code in own),
        with_me=views(tickets.called_by(actor, office, now)),
        waiting=views(list(waiting)),
        ended=views(list(ended.limit(ENDED_SHOWN))),
    )


def paper_ticket(actor: Actor, ticket_id: int, now: dt.datetime) -> PaperTicket:
    """A ticket to print. Raises NotFound, Forbidden."""
    row = Ticket.get_or_none(Ticket.id == ticket_id)
    if row is None:
        raise NotFound
    office, _choices = office_of(actor, row.office.code, now)
    desk = desk_at(office, row.need, now)
    return PaperTicket(
        number=row.number,
        office=OfficeChoice(office.code, office.name),
        zone=office.zone,
        desk=desk.name,
        by_appointment=desk.admission == "appointment",
        opens_at=desk.opens_at,
        taken_at=row.taken_at,
    )


def waiting_board(office: Office, now: dt.datetime) -> WaitingBoard:
    """What a screen in the waiting room shows; whoever reads it needs no right."""
    today = Ticket.select().where(Ticket.office == office, Ticket.date == local_date(office, now))
    called = today.where(Ticket.state == TicketState.CALLED).order_by(Ticket.called_at.desc())
    return WaitingBoard(
        office_name=office.name,
        zone=office.zone,
        now=now,
        called=tuple((row.number, row.counter) for row in called.limit(CALLED_SHOWN)),
        waiting=today.where(Ticket.state == TicketState.WAITING).count(),
    )


def _view(
    row: Ticket, names: dict[str, str], desks: dict[str, str], own: set[str], now: dt.datetime
) -> TicketView:
    return TicketView(
        id=row.id,
        number=row.number,
        language=names.get(row.language_id, str(row.language_id)),
        desk=_desk_words(row.need, desks),
        taken_at=row.taken_at,
        wait_minutes=wait_minutes(row, now),
        state=row.state,
        counter=row.counter,
        mine=row.language_id in own,
    )


def _desk_words(need: str, desks: dict[str, str]) -> str:
    return desks.get(need) or str(NEEDS[GENERAL])


def _language_names() -> dict[str, str]:
    rows = Language.select().order_by(Language.position, Language.code)
    return {row.code: str(in_readers_language(row.name_pt, row.name_en)) for row in rows}
