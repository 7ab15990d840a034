"""Giving somebody of a centre the telephone for some quiet hours, and taking it back.

Whoever coordinates the telephone gives; that centre's coordinators are told and may take it back
as well, since it is their cover that it was read off.
"""

from __future__ import annotations

import datetime as dt
import secrets

from app.i18n import _
from app.models import Mediator, Office, PhoneTurn, database
from app.services import audit
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.horizon import Horizon, network_date
from app.services.judging import judge
from app.services.office_choice import office_of
from app.services.phone_turns import Turn, standing_turns
from app.services.quiet import quiet_week
from app.services.rights import Actor, coordinates, require_any_coordinator, require_coordinator
from app.services.standing import current_roster
from app.services.telling import coordinators_of, tell, users_of


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
    the week as it is published, or they are over.
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
    if hours is None or hours.ends_at <= now:
        raise Conflict(_("These hours are no longer to spare. Look at the week again."))
    with database.atomic():
        row = _keep(office, mediator_id, (hours.starts_at, hours.ends_at), actor, now)
        _tell(actor, row, "given", now)
        audit.record(actor, "phone.give", "phone_turn", row.id, now, mediator=mediator_id)


def take_back(actor: Actor, turn_id: int, now: dt.datetime) -> Turn:
    """Take hours back: for coordinators of the telephone or of the centre. Raises NotFound,
    Forbidden, Conflict where they are over."""
    require_any_coordinator(actor)
    row = PhoneTurn.get_or_none(PhoneTurn.id == turn_id, PhoneTurn.cancelled_at.is_null())
    if row is None:
        raise NotFound
    turn = _standing(row)
    places = {row.office_id, turn.centre_id if turn else row.office_id}
    if not any(coordinates(actor, one) for one in places):
        raise Forbidden
    if turn is None:
        raise NotFound
    if row.ends_at <= now:
        raise Conflict(_("These hours are over."))
    with database.atomic():
        _tell(actor, row, "taken_back", now)
        PhoneTurn.update(cancelled_at=now, changed_at=now, sequence=PhoneTurn.sequence + 1).where(
            PhoneTurn.id == row.id
        ).execute()
        audit.record(actor, "phone.take_back", "phone_turn", row.id, now)
    return turn


def _week_of(instant: dt.datetime) -> dt.date:
    date = network_date(instant)
    return date - dt.timedelta(days=date.weekday())


def _keep(
    office: Office,
    mediator_id: int,
    times: tuple[dt.datetime, dt.datetime],
    actor: Actor,
    now: dt.datetime,
) -> PhoneTurn:
    """A new row, or the one that was taken back before: a calendar knows it by its UID."""
    columns = {
        "office": office.id,
        "given_at": now,
        "given_by": actor.user_id,
        "changed_at": now,
        "cancelled_at": None,
    }
    before: PhoneTurn | None = PhoneTurn.get_or_none(
        PhoneTurn.mediator == mediator_id,
        PhoneTurn.starts_at == times[0],
        PhoneTurn.ends_at == times[1],
    )
    if before is None:
        made: PhoneTurn = PhoneTurn.create(
            mediator=Mediator.get_by_id(mediator_id),
            date=network_date(times[0]),
            starts_at=times[0],
            ends_at=times[1],
            uid=secrets.token_hex(16),
            **columns,
        )
        return made
    if before.cancelled_at is None:
        raise Conflict(_("They have these hours already."))
    columns["sequence"] = before.sequence + 1
    PhoneTurn.update(**columns).where(PhoneTurn.id == before.id).execute()
    found: PhoneTurn = PhoneTurn.get_by_id(before.id)
    return found


def _tell(actor: Actor, row: PhoneTurn, what: str, now: dt.datetime) -> None:
    """Tell the person, and the coordinators of where they sit and of the telephone."""
    turn = _standing(row)
    if turn is None:
        raise Conflict(_("These hours are no longer to spare. Look at the week again."))
    told = {
        "what": what,
        "name": turn.name,
        "office": turn.office,
        "centre": turn.centre,
        "zone": turn.zone,
        "starts_at": turn.starts_at.isoformat(),
        "ends_at": turn.ends_at.isoformat(),
    }
    key = f"phone.{row.id}.{what}.{now.isoformat()}"
    mine = set(users_of([row.mediator_id]))
    tell(mine, "phone_told", key, told | {"yours": True}, now)
    others = set(coordinators_of([turn.centre_id])) - mine - {actor.user_id}
    tell(others, "phone_told", key, told | {"yours": False}, now)


def _standing(row: PhoneTurn) -> Turn | None:
    """The row as it stands beside a published shift; None where there is none any more."""
    turns = standing_turns(row.starts_at, row.ends_at, [row.mediator_id])
    return next((one for one in turns if one.id == row.id), None)
