"""Telling mediators of the sessions they are placed in, moved with or taken out of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from app.models import Certification, CourseSession, Enrolment, EnrolmentStatus, Mediator
from app.services.rights import Actor
from app.services.session_clashes import shifts_between
from app.services.session_parts import parts_of
from app.services.session_rows import zone_of
from app.services.telling import coordinators_of, name_of, tell, users_of
from app.services.time_away import leave_between

CERTIFICATION_KIND = "certification_changed"
ON_SHIFT = "training_on_shift"
ON_LEAVE = "training_on_leave"


def session_details(row: CourseSession) -> dict[str, Any]:
    """When and where a session is, as it is told; `parts` where it has several dates."""
    parts = [[edge.isoformat() for edge in one.span] for one in parts_of(row)]
    several = {"parts": parts} if len(parts) > 1 else {}
    return several | {
        "id": row.id,
        "title_pt": row.course.title_pt,
        "title_en": row.course.title_en,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "office": row.office.name if row.office else "",
        "zone": zone_of(row),
    }


def enrolled_in(session_id: int) -> list[int]:
    """The mediators who have a seat."""
    return _with_status(session_id, EnrolmentStatus.ENROLLED)


def waiting_for(session_id: int) -> list[int]:
    """The mediators who wait for a seat."""
    return _with_status(session_id, EnrolmentStatus.WAITING)


def _with_status(session_id: int, status: EnrolmentStatus) -> list[int]:
    rows = Enrolment.select(Enrolment.mediator).where(
        Enrolment.session == session_id, Enrolment.status == status
    )
    return [row.mediator_id for row in rows]


def tell_placed(
    actor: Actor, row: CourseSession, mediator_ids: Iterable[int], now: dt.datetime
) -> None:
    """They have a seat, by somebody else's doing or because one became free; who coordinates an
    office whose published shift it falls on learns of it, whoever gave the seat."""
    placed = list(mediator_ids)
    _tell(actor, "training_placed", row, placed, {}, now)
    tell_clashes(actor, row, placed, now)


def tell_clashes(
    actor: Actor, row: CourseSession, mediator_ids: Iterable[int], now: dt.datetime
) -> None:
    """Coordinators learn, once a seat and date, of a published shift that somebody will be missing
    from, and of leave it falls on, which who gave the seat may not know of."""
    ids = list(mediator_ids)
    parts = [one for one in parts_of(row) if one.ends_at > now]
    if not parts or not ids:
        return
    seats = {
        seat.mediator_id: seat
        for seat in Enrolment.select(Enrolment, Mediator)
        .join(Mediator)
        .where(Enrolment.session == row.id, Enrolment.mediator.in_(ids))
    }
    found = [
        (one, ON_SHIFT, shift.mediator_id, shift.office_id, {"office": shift.office.name})
        for one in parts
        for shift in shifts_between(ids, *one.span)
    ]
    found += [
        (one, ON_LEAVE, leave.mediator_id, seats[leave.mediator_id].mediator.home_office_id, {})
        for one in parts
        for leave in leave_between(ids, *one.span)
    ]
    for part, kind, mediator_id, office_id, more in found:
        seat = seats[mediator_id]
        details = {
            "session": session_details(row),
            "mediator_id": mediator_id,
            "mediator": name_of(seat.mediator),
            **more,
        }
        to = [one for one in coordinators_of([office_id]) if one != actor.user_id]
        # The seat given back and had again is another: its sequence has gone up. So is the date
        # that was moved, which keeps its UID.
        date = f"{part.uid}.{part.starts_at.isoformat()}"
        tell(to, kind, f"{kind}.{seat.id}.{seat.sequence}.{date}", details, now)


def tell_moved(actor: Actor, before: dict[str, Any], row: CourseSession, now: dt.datetime) -> None:
    """Everyone with a seat learns of new times or another place; of nothing else."""
    after = session_details(row)
    told = ("starts_at", "ends_at", "parts", "office")
    if any(before.get(name) != after.get(name) for name in told):
        _tell(actor, "training_moved", row, enrolled_in(row.id), {"before": before}, now)
        tell_clashes(actor, row, enrolled_in(row.id), now)


def tell_cancelled(
    actor: Actor, row: CourseSession, mediator_ids: Iterable[int], now: dt.datetime
) -> None:
    """Their seat is gone: they were taken out, or the session is called off."""
    _tell(actor, "training_cancelled", row, mediator_ids, {}, now)


def tell_called_off(
    actor: Actor, row: CourseSession, mediator_ids: Iterable[int], now: dt.datetime
) -> None:
    """What they wait for a seat in is called off."""
    _tell(actor, "training_cancelled", row, mediator_ids, {"waiting": True}, now)


def tell_certification(
    actor: Actor | None, row: Certification, what: str, now: dt.datetime
) -> None:
    """The mediator learns that a certification of theirs is `withdrawn` or `reinstated`."""
    if actor is not None and row.mediator_id == actor.mediator_id:
        return
    details = {"what": what, "name_pt": row.kind.name_pt, "name_en": row.kind.name_en}
    key = f"{CERTIFICATION_KIND}.{row.id}.{what}.{now.isoformat()}"
    tell(users_of([row.mediator_id]), CERTIFICATION_KIND, key, details, now)


def _tell(
    actor: Actor,
    kind: str,
    row: CourseSession,
    mediator_ids: Iterable[int],
    more: dict[str, Any],
    now: dt.datetime,
) -> None:
    """What somebody does for themselves they need not be told, nor what is over; what would go on
    but for this is not."""
    before = more.get("before", {}).get("ends_at")
    if row.ends_at <= now and (before is None or dt.datetime.fromisoformat(before) <= now):
        return
    others = [one for one in mediator_ids if one != actor.mediator_id]
    details = {"session": session_details(row), **more}
    tell(users_of(others), kind, f"{kind}.{row.id}.{now.isoformat()}", details, now)
