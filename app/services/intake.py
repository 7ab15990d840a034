"""The reception's desk: what is pressed most, pressing once, taking back, how a visit ended.

A press may reach us twice (a lost answer, a page sent again); its id tells, and it counts once.
What was pressed last is remembered by the browser, not here: the tables hold counts only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from app.i18n import _
from app.models import (
    Arrival,
    IdempotencyKey,
    Office,
    Ticket,
    database,
)
from app.models.written import written
from app.services import arrivals, outcomes, press_memory, tickets
from app.services.checks import Faults
from app.services.desks import DeskAt, desks_at
from app.services.errors import Conflict, Forbidden
from app.services.languages import translators_only
from app.services.office_choice import OfficeChoice, active_offices, chosen_office
from app.services.outcomes import Ending, OutcomeCell, Tally
from app.services.ranking import LanguageRow, NeedColumn, language_rows, need_columns, rows_of
from app.services.rights import Actor

PRESS_KEY_DAYS = 2


@dataclass(frozen=True, slots=True)
class IntakePage:
    office_id: int
    office: OfficeChoice
    zone: str
    offices: tuple[OfficeChoice, ...]
    frequent: tuple[LanguageRow, ...]
    others: tuple[LanguageRow, ...]
    translated: tuple[LanguageRow, ...]
    """Those that external translators hold and nobody of the network speaks, by name."""
    needs: tuple[NeedColumn, ...]
    half_hour: dt.datetime
    today: int
    """Visitors the desk has counted since the local midnight."""
    gives_tickets: bool


@dataclass(frozen=True, slots=True)
class DeskCount:
    """What changes on the page with a press; found without ranking anything."""

    office: OfficeChoice
    zone: str
    today: int


@dataclass(frozen=True, slots=True)
class Press:
    """One visitor counted: what the browser remembers of it."""

    id: str
    starts_at: dt.datetime
    language: str
    need: str
    outcome: str = ""
    minutes: int | None = None
    """Of the wait."""
    service_minutes: int | None = None
    ticket: int | None = None
    """The number that was given for it, where the office gives numbers."""
    ticket_id: int | None = None


def receptions(actor: Actor, now: dt.datetime) -> list[Office]:
    """The offices at whose reception `actor` may count today. Raises Forbidden where none is."""
    logged = arrivals.offices_logged(actor, now)
    mine = [one for one in active_offices() if logged is None or one.id in logged]
    if not mine:
        raise Forbidden
    return mine


def has_reception(actor: Actor) -> bool:
    return actor.is_coordinator or actor.is_mediator


def office_of(
    actor: Actor, code: str | None, now: dt.datetime
) -> tuple[Office, tuple[OfficeChoice, ...]]:
    """The office of that code, by default the first of the actor's own."""
    return chosen_office(receptions(actor, now), code)


def intake_page(actor: Actor, office_code: str | None, now: dt.datetime) -> IntakePage:
    """The reception of an office: its languages and needs, the most frequent first."""
    office, choices = office_of(actor, office_code, now)
    apart = translators_only()
    frequent, others = language_rows(office, now, apart)
    shown = {one.code for one in (*frequent, *others)}
    return IntakePage(
        office_id=office.id,
        office=OfficeChoice(office.code, office.name),
        zone=office.zone,
        offices=choices,
        frequent=frequent,
        others=others,
        translated=rows_of(apart - shown),
        needs=need_columns(office, now),
        half_hour=arrivals.half_hour(now),
        today=_today(office, now),
        gives_tickets=office.gives_tickets,
    )


def desk_count(actor: Actor, office_code: str, now: dt.datetime) -> DeskCount:
    office, _choices = office_of(actor, office_code, now)
    return DeskCount(OfficeChoice(office.code, office.name), office.zone, _today(office, now))


def desks_of(office_code: str, needs: Iterable[str], now: dt.datetime) -> dict[str, DeskAt]:
    """Where visitors of the office are sent with their needs."""
    return desks_at(Office.get(Office.code == office_code), needs, now)


def press(
    actor: Actor,
    office_id: int,
    press_id: str,
    language: str,
    need: str,
    now: dt.datetime,
    *,
    seconds_ago: int = 0,
) -> Press | None:
    """Count one visitor, once for each `press_id`; None for one that was taken back since.

    The visitor came when the button was pressed, as `arrivals.pressed_at` believes it. Where the
    office gives numbers, they have one from now on.

    Raises Invalid, Forbidden, NotFound, and Conflict for an id that was used for something else.
    """
    faults = Faults()
    faults.press("press", press_id)
    faults.raise_any()
    asked = hashlib.sha256(f"{office_id}.{language}.{need}".encode()).hexdigest()
    scope = _scope(actor)
    came_at = arrivals.pressed_at(now, seconds_ago)
    pressed = Press(press_id, arrivals.half_hour(came_at), language, need)
    with database.atomic():
        known = next(iter(_known(scope, press_id)), None)
        if known is not None:
            if known.request_hash != asked:
                raise Conflict(_("That press was for somebody else."))
            if known.answer.get("taken_back"):
                return None
            first_at = dt.datetime.fromisoformat(known.answer["starts_at"])
            pressed = replace(pressed, starts_at=first_at)
            return _with_ticket(pressed, tickets.of_press(office_id, press_id))
        arrivals.add_arrival(actor, office_id, language, need, now, came_at)
        if _gives_tickets(office_id)[0][0]:
            given = tickets.issue(Office.get_by_id(office_id), press_id, language, need, now)
            pressed = _with_ticket(pressed, given)
        IdempotencyKey.create(
            scope=scope,
            key=press_id,
            request_hash=asked,
            status=200,
            answer={"starts_at": pressed.starts_at.isoformat()},
            created_at=now,
        )
        IdempotencyKey.delete().where(
            IdempotencyKey.created_at < now - dt.timedelta(days=PRESS_KEY_DAYS)
        ).execute()
    return pressed


@written
def _known(scope: Any, key: Any) -> Any:
    return IdempotencyKey.select().where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)


@written
def _gives_tickets(office_id: Any) -> Any:
    return Office.select(Office.gives_tickets).where(Office.id == office_id).tuples()


def take_back(actor: Actor, office_id: int, pressed: Press, now: dt.datetime) -> None:
    """Undo a press and what was noted of it, once however often it is asked.

    Raises Conflict where nothing is left of it.
    """
    with database.atomic():
        known = press_memory.hold(_scope(actor), pressed.id)
        if press_memory.was_taken_back(known):
            return
        arrivals.undo_arrival(
            actor, office_id, pressed.starts_at, pressed.language, pressed.need, now
        )
        noted = _as_last_noted(known, pressed)
        if noted.outcome:
            _add_outcome(office_id, noted, -1)
        press_memory.mark_taken_back(known)
        if pressed.ticket and (given := tickets.of_press(office_id, pressed.id)):
            tickets.withdraw(given)


def note_outcome(
    actor: Actor,
    office_id: int,
    pressed: Press,
    outcome: str,
    minutes: int | None,
    service_minutes: int | None = None,
    *,
    now: dt.datetime,
) -> Press:
    """Say how a visit ended and, where known, how long the wait was and how long it was received.

    It replaces what was said before. Somebody who left was not received for any time.
    Raises Invalid, Forbidden, and Conflict of one who has a number, since the desk that calls it
    says so, and of one that was taken back.
    """
    if pressed.ticket:
        raise Conflict(_("Who has a number is said to be received, or gone, where it is called."))
    faults = Faults()
    ending = Ending(outcome, minutes, service_minutes)
    outcomes.check(faults, ending, "outcome", "minutes", "service_minutes")
    faults.raise_any()
    if not arrivals.may_log(actor, office_id, now):
        raise Forbidden
    noted = replace(pressed, outcome=outcome, minutes=minutes, service_minutes=service_minutes)
    with database.atomic():
        known = press_memory.hold(_scope(actor), pressed.id)
        if press_memory.was_taken_back(known):
            raise Conflict(_("That visitor was taken back."))
        before = _as_last_noted(known, pressed)
        if before.outcome:
            _add_outcome(office_id, before, -1)
        _add_outcome(office_id, noted, +1)
        press_memory.note(known, outcome=outcome, minutes=minutes, service_minutes=service_minutes)
    return noted


def _with_ticket(pressed: Press, ticket: Ticket | None) -> Press:
    if ticket is None:
        return pressed
    return replace(pressed, ticket=ticket.number, ticket_id=ticket.id)


def _as_last_noted(known: IdempotencyKey | None, pressed: Press) -> Press:
    """The press with the ending that was last noted of it, whatever the browser was told."""
    noted = press_memory.noted(known)
    return pressed if noted is None else replace(pressed, **noted)


def _scope(actor: Actor) -> str:
    return f"desk.{actor.user_id}"


def _add_outcome(office_id: int, pressed: Press, times: int) -> None:
    tally = Tally()
    tally.add(Ending(pressed.outcome, pressed.minutes, pressed.service_minutes), times)
    cell = OutcomeCell(office_id, pressed.starts_at, pressed.language, pressed.need)
    outcomes.add_tally(cell, tally, arrivals.DESK_SOURCE)


def _today(office: Office, now: dt.datetime) -> int:
    """What the desk has counted since the local midnight."""
    local = now.astimezone(ZoneInfo(office.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return _desk_total(office.id, midnight.astimezone(dt.UTC))


def _desk_total(office_id: int, since: dt.datetime) -> int:
    return int(_total(office_id, since)[0][0] or 0)


@written
def _total(office_id: Any, since: Any) -> Any:
    query = Arrival.select(fn.SUM(Arrival.count)).where(
        Arrival.office == office_id,
        Arrival.starts_at >= since,
        Arrival.source == arrivals.DESK_SOURCE,
    )
    return query.tuples()
