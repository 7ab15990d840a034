"""Giving somebody of a centre the telephone for some quiet hours, and taking it back.

Whoever coordinates the telephone gives; that centre's coordinators are told and may take it back
as well, since it is their cover that it was read off.
"""

from __future__ import annotations

import datetime as dt
import secrets

from peewee import IntegrityError

from app.i18n import _
from app.models import Absence, Mediator, Office, PhoneTurn, RequestStatus, database
from app.services import audit
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.field_busy import field_spans
from app.services.horizon import Horizon, network_date
from app.services.judging import judge
from app.services.office_choice import office_of
from app.services.phone_falls import end
from app.services.phone_telling import tell_of
from app.services.phone_turns import Turn, standing_turns
from app.services.quiet import QuietHours, quiet_week
from app.services.rights import Actor, coordinates, require_any_coordinator, require_coordinator
from app.services.roster_rows import hold_week
from app.services.standing import current_roster
from app.services.training_busy import training_spans


def turns_of_week(actor: Actor, office_code: str, week: dt.date) -> tuple[Turn, ...]:
    """What stands in a week of a telephone service, or is answered from a centre."""
    office, _choices = office_of(actor, office_code)
    horizon = Horizon(week)
    found = standing_turns(horizon.starts_at, horizon.ends_at)
    return tuple(one for one in found if office.id in (one.office_id, one.centre_id))


def give(
    actor: Actor, office_code: str, mediator_id: int, starts_at: dt.datetime, now: dt.datetime
) -> None:
    """Give somebody the telephone for the quiet hours that begin then.

    Raises NotFound, Forbidden; Conflict where their centre no longer has these hours to spare, by
    the week as it is published, where they are over or the person is elsewhere by now, and where
    they answer a telephone in some of them already.
    """
    office = Office.get_or_none(Office.code == office_code)
    require_any_coordinator(actor)
    if office is None:
        raise NotFound
    require_coordinator(actor, office.id)
    week = _week_of(starts_at)
    roster = current_roster(office.group_id, week)
    told = quiet_week(office, Horizon(week), judge(roster) if roster else None)
    hours = next(
        (
            one
            for one in (told.hours if told else ())
            if one.starts_at == starts_at and any(who.id == mediator_id for who in one.people)
        ),
        None,
    )
    if roster is None or hours is None or hours.ends_at <= now:
        raise _no_longer()
    try:
        with database.atomic():
            hold_week(office.group_id)
            if current_roster(office.group_id, week) != roster:
                raise _no_longer()
            _refuse_taken(mediator_id, hours)
            row = _keep(office, mediator_id, hours, actor, now)
            turn = _standing(row)
            if turn is None:
                raise _no_longer()
            tell_of(turn, "given", actor.user_id, now)
            audit.record(actor, "phone.give", "phone_turn", row.id, now, mediator=mediator_id)
    except IntegrityError as error:  # the same hours, given at the same moment
        raise _already() from error


def take_back(actor: Actor, turn_id: int, now: dt.datetime) -> Turn:
    """Take hours back: for coordinators of the telephone or of the centre. Raises NotFound,
    Forbidden, Conflict where they are over."""
    require_any_coordinator(actor)
    row = PhoneTurn.get_or_none(PhoneTurn.id == turn_id, PhoneTurn.cancelled_at.is_null())
    if row is None:
        raise NotFound
    if not any(coordinates(actor, one) for one in (row.office_id, row.centre_id)):
        raise Forbidden
    turn = _standing(row)
    if turn is None:
        raise NotFound
    if row.ends_at <= now:
        raise Conflict(_("These hours are over."))
    with database.atomic():
        if not end(turn, now):
            raise NotFound
        tell_of(turn, "taken_back", actor.user_id, now)
        audit.record(actor, "phone.take_back", "phone_turn", row.id, now)
    return turn


def _week_of(instant: dt.datetime) -> dt.date:
    date = network_date(instant)
    return date - dt.timedelta(days=date.weekday())


def _refuse_taken(mediator_id: int, hours: QuietHours) -> None:
    """Conflict for who is away in some of these hours since the week was published, or answers a
    telephone in them."""
    since, until = hours.starts_at, hours.ends_at
    if standing_turns(since, until, [mediator_id]):
        raise _already()
    absent = Absence.select().where(
        Absence.mediator == mediator_id,
        Absence.status == RequestStatus.APPROVED,
        Absence.starts_at < until,
        Absence.ends_at > since,
    )
    if (
        absent.exists()
        or field_spans(since, until, [mediator_id])
        or training_spans(since, until, [mediator_id])
    ):
        raise _no_longer()


def _keep(
    office: Office, mediator_id: int, hours: QuietHours, actor: Actor, now: dt.datetime
) -> PhoneTurn:
    """A new row, or the one that was taken back before: a calendar knows it by its UID."""
    columns = {
        "office": office.id,
        "centre": Office.get(Office.code == hours.office_code).id,
        "given_at": now,
        "given_by": actor.user_id,
        "changed_at": now,
        "cancelled_at": None,
    }
    before: PhoneTurn | None = PhoneTurn.get_or_none(
        PhoneTurn.mediator == mediator_id,
        PhoneTurn.starts_at == hours.starts_at,
        PhoneTurn.ends_at == hours.ends_at,
    )
    if before is None:
        made: PhoneTurn = PhoneTurn.create(
            mediator=Mediator.get_by_id(mediator_id),
            date=network_date(hours.starts_at),
            starts_at=hours.starts_at,
            ends_at=hours.ends_at,
            uid=secrets.token_hex(16),
            **columns,
        )
        return made
    # Calendars counted one more for a row that no longer stands and was never taken back.
    columns["sequence"] = before.sequence + (2 if before.cancelled_at is None else 1)
    PhoneTurn.update(**columns).where(PhoneTurn.id == before.id).execute()
    found: PhoneTurn = PhoneTurn.get_by_id(before.id)
    return found


def _no_longer() -> Conflict:
    return Conflict(_("These hours are no longer to spare. Look at the week again."))


def _already() -> Conflict:
    return Conflict(_("They have these hours already."))


def _standing(row: PhoneTurn) -> Turn | None:
    """The row as it stands beside a published shift; None where there is none any more."""
    turns = standing_turns(row.starts_at, row.ends_at, [row.mediator_id])
    return next((one for one in turns if one.id == row.id), None)
