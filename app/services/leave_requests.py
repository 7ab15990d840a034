"""Leave that waits for a coordinator's answer, and sickness told, with the published shifts they
hit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.models import Absence, AbsenceKind, Mediator, Office, RequestStatus, database
from app.services import own_times
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.open_drafts import coordinates_in
from app.services.published import live_assignments
from app.services.rights import Actor, require_any_coordinator
from app.services.telling import name_of, tell, users_of

REASON_MOST = 200
"""Characters of why leave is declined."""


@dataclass(frozen=True, slots=True)
class HitShift:
    """A published shift that falls into an absence; `zone` is its office's."""

    roster_id: int
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    office_name: str
    may_open: bool
    """Whether the reader may open the day: not in the roster of a group they have no office in."""


@dataclass(frozen=True, slots=True)
class LeaveRequest:
    absence_id: int
    mediator_id: int
    mediator_name: str
    home_office_name: str
    first: dt.date
    last: dt.date
    kind: AbsenceKind
    hits: tuple[HitShift, ...]
    """The mediator's published shifts that fall into it."""


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """Of the offices that somebody coordinates, the earliest first."""

    leave: tuple[LeaveRequest, ...]
    """Requests still open."""
    sickness: tuple[LeaveRequest, ...]
    """Sickness that is not over: it asks for no answer, but for somebody else."""


def to_answer(actor: Actor, now: dt.datetime) -> ToAnswer:
    """Raises Forbidden for who coordinates no office."""
    require_any_coordinator(actor)
    found = own_times.absences_to_answer(actor, now)
    return ToAnswer(_requests(actor, found.asked), _requests(actor, found.sickness))


def decide_leave(
    actor: Actor, absence_id: int, approved: bool, now: dt.datetime, reason: str = ""
) -> str:
    """Answer a request and tell who asked; their name. Raises Conflict once it is decided.

    `reason` is for them alone: it is kept in what they are told and nowhere else. Raises Invalid
    where it is longer than REASON_MOST or not of one line.
    """
    row = (
        Absence.select(Absence, Mediator, Office)
        .join(Mediator)
        .join(Office)
        .where(Absence.id == absence_id)
        .first()
    )
    if row is None:
        require_any_coordinator(actor)
        raise NotFound
    reason = reason.strip()
    faults = Faults()
    faults.length("reason", reason, REASON_MOST)
    mediator = row.mediator
    zone = mediator.home_office.zone
    with database.atomic():
        own_times.decide_absence(actor, absence_id, approved, now)
        faults.raise_any()
        tell(
            users_of([mediator.id]),
            "leave_decided",
            # The row's number alone would not do: SQLite gives it again once a row is gone.
            f"leave.{absence_id}.{now.isoformat()}",
            {
                "status": str(RequestStatus.APPROVED if approved else RequestStatus.DECLINED),
                "first": _date(row.starts_at, zone).isoformat(),
                "last": _last_date(row.ends_at, zone).isoformat(),
                **({"reason": reason} if reason else {}),
            },
            now,
        )
    return name_of(mediator)


def _requests(actor: Actor, waiting: tuple[own_times.AbsenceView, ...]) -> tuple[LeaveRequest, ...]:
    people = {
        row.id: row
        for row in Mediator.select(Mediator, Office)
        .join(Office)
        .where(Mediator.id.in_([one.mediator_id for one in waiting]))
    }
    return tuple(_request(actor, people[one.mediator_id], one) for one in waiting)


def _request(actor: Actor, mediator: Mediator, one: own_times.AbsenceView) -> LeaveRequest:
    zone = mediator.home_office.zone
    return LeaveRequest(
        absence_id=one.id,
        mediator_id=mediator.id,
        mediator_name=one.mediator_name,
        home_office_name=mediator.home_office.name,
        first=_date(one.starts_at, zone),
        last=_last_date(one.ends_at, zone),
        kind=one.kind,
        hits=tuple(
            HitShift(
                row.roster_id,
                row.date,
                row.starts_at,
                row.ends_at,
                row.office.zone,
                row.office.name,
                coordinates_in(actor, row.roster.group_id),
            )
            for row in live_assignments(mediator.id, one.starts_at, one.ends_at)
        ),
    )


def _date(instant: dt.datetime, zone: str) -> dt.date:
    return instant.astimezone(ZoneInfo(zone)).date()


def _last_date(ends_at: dt.datetime, zone: str) -> dt.date:
    # An absence until midnight does not touch the day that begins then.
    return _date(ends_at - dt.timedelta(microseconds=1), zone)
