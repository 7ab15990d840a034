"""Self check-in at the door: a code on the door's screen that changes, read by who comes.

The code is derived from the service's key, the session and the half minute, so that it can neither
be guessed nor be passed on to somebody at home for longer than a minute.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections import defaultdict
from dataclasses import dataclass

from app.i18n import _
from app.models import CheckIn, CourseSession, Enrolment, EnrolmentStatus, database
from app.services import audit
from app.services.errors import Forbidden, InputFault, Invalid
from app.services.rights import Actor
from app.services.session_pages import session_to_run
from app.services.session_parts import DOOR_OPENS_BEFORE, Part, parts_of
from app.services.session_rows import find_session
from app.services.sessions import SessionView

STEP_SECONDS = 30
STEPS_VALID = 2
"""The code shown and the one before it: who types slowly is still let in."""
CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Door:
    """What the screen at the door shows."""

    session: SessionView
    code: str
    """Empty while nobody can check in."""
    seconds_left: int
    present: int
    enrolled: int
    opens_at: dt.datetime
    over: bool


@dataclass(frozen=True, slots=True)
class Arrived:
    session_id: int
    at: dt.datetime


def door(actor: Actor, session_id: int, key: bytes, now: dt.datetime) -> Door:
    """The door's screen, for who runs the session."""
    session = session_to_run(actor, session_id)
    parts = parts_of(find_session(session_id))
    part = next((one for one in parts if one.ends_at > now), parts[-1])
    opens_at = part.starts_at - DOOR_OPENS_BEFORE
    is_open = opens_at <= now < session.ends_at
    return Door(
        session=session,
        code=shown_code(key, session_id, now) if is_open else "",
        seconds_left=STEP_SECONDS - int(now.timestamp()) % STEP_SECONDS,
        present=CheckIn.select()
        .where(CheckIn.session == session_id, CheckIn.part == part.uid)
        .count(),
        enrolled=session.enrolled,
        opens_at=opens_at,
        over=now >= session.ends_at,
    )


def check_in(actor: Actor, session_id: int, code: str, key: bytes, now: dt.datetime) -> Arrived:
    """Note that the mediator who asks is there; a second time changes nothing. The door opens for
    each date of the session, and who came is noted for that one.

    Raises Invalid with the reason: the door is not open yet or no more, the code is not the one
    shown, the mediator is not enrolled.
    """
    session = door_to_enter(actor, session_id)
    part = _open_for(session, now)
    expected = _reason(actor, session, part, code, key, now)
    if part is None or expected:
        raise Invalid([InputFault("code", code, expected)])
    own = (
        (CheckIn.session == session_id)
        & (CheckIn.mediator == actor.mediator_id)
        & (CheckIn.part == part.uid)
    )
    with database.atomic():
        if not CheckIn.select().where(own).exists():
            # Two presses at once come to one row.
            CheckIn.insert(
                session=session_id, mediator=actor.mediator_id, part=part.uid, at=now
            ).on_conflict_ignore().execute()
            audit.record(
                actor, "session.check_in", "session", session_id, now, mediator=actor.mediator_id
            )
        row = CheckIn.get(own)
    return Arrived(session_id, row.at)


def door_to_enter(actor: Actor, session_id: int) -> CourseSession:
    """The session a mediator is about to check in to. Raises Forbidden, NotFound."""
    if not actor.is_mediator:
        raise Forbidden
    return find_session(session_id)


def code_of(key: bytes, session_id: int, step: int) -> str:
    """The code of a session in a half minute: 40 bits in base 32."""
    digest = hmac.new(key, f"{session_id}.{step}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:CODE_LENGTH]


def shown_code(key: bytes, session_id: int, now: dt.datetime) -> str:
    """The code that the door shows now."""
    return code_of(key, session_id, _step(now))


def arrivals_of(session_id: int) -> dict[int, list[dt.datetime]]:
    """Mediators who checked in, and when, on each of the dates the session has now."""
    dates = [one.uid for one in parts_of(find_session(session_id))]
    rows = CheckIn.select().where(CheckIn.session == session_id, CheckIn.part.in_(dates))
    found: defaultdict[int, list[dt.datetime]] = defaultdict(list)
    for row in rows.order_by(CheckIn.at):
        found[row.mediator_id].append(row.at)
    return found


def _open_for(session: CourseSession, now: dt.datetime) -> Part | None:
    """The date that the door is open for."""
    return next(
        (
            one
            for one in parts_of(session)
            if one.starts_at - DOOR_OPENS_BEFORE <= now < one.ends_at
        ),
        None,
    )


def _reason(
    actor: Actor,
    session: CourseSession,
    part: Part | None,
    code: str,
    key: bytes,
    now: dt.datetime,
) -> str:
    """What was expected and is not so; empty where all is."""
    if now >= session.ends_at:
        return _("a session that is not over")
    if part is None:
        return _("a time from half an hour before the session on")
    enrolled = Enrolment.select().where(
        Enrolment.session == session,
        Enrolment.mediator == actor.mediator_id,
        Enrolment.status == EnrolmentStatus.ENROLLED,
    )
    if not enrolled.exists():
        return _("somebody enrolled in the session")
    typed = "".join(code.split()).replace("-", "").upper()
    shown = [code_of(key, session.id, _step(now) - back) for back in range(STEPS_VALID)]
    if not any(hmac.compare_digest(typed.encode(), one.encode()) for one in shown):
        return _("the code that the door shows now")
    return ""


def _step(now: dt.datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS
