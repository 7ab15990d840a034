"""When a mediator cannot or would rather not work: weekly availability, absences, wishes.

Absences may be health data (GDPR 9): the person and the coordinators of their home office see
them, trainers and associations never.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from peewee import Expression, ModelSelect

from app.i18n import _
from app.models import (
    Absence,
    AbsenceKind,
    Availability,
    Mediator,
    RequestStatus,
    Wish,
    WishKind,
    database,
)
from app.services import audit
from app.services.checks import DAY_MINUTES, SLOT_MINUTES, Faults
from app.services.errors import Conflict, NotFound
from app.services.home_days import date_of, midnight
from app.services.rights import (
    Actor,
    coordinates,
    require_coordinator,
    require_self_or_coordinator,
)

LONGEST_ABSENCE = dt.timedelta(days=366)
LONGEST_WISH = dt.timedelta(days=7)
WISH_COST = 4
WISH_COST_MOST = 20


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Hours of a weekday (0 Monday) without work, minutes of the home office's wall clock."""

    weekday: int
    from_minute: int
    until_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceView:
    id: int
    mediator_id: int
    mediator_name: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    kind: AbsenceKind
    status: RequestStatus


@dataclass(frozen=True, slots=True)
class AbsencesToAnswer:
    """The earliest first."""

    asked: tuple[AbsenceView, ...]
    """Leave asked for and not yet decided."""
    sickness: tuple[AbsenceView, ...]
    """Told, and standing without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishView:
    id: int
    mediator_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    kind: WishKind
    cost: int


def set_availability(
    actor: Actor, mediator_id: int, times: Sequence[Unavailable], now: dt.datetime
) -> None:
    """Put `times` in place of a mediator's weekly unavailability. Raises Invalid."""
    _require(actor, mediator_id)
    faults = Faults()
    for index, one in enumerate(times):
        faults.whole(f"{index}.weekday", one.weekday, 0, 6)
        begins = faults.whole(f"{index}.from_minute", one.from_minute, 0, DAY_MINUTES, SLOT_MINUTES)
        ends = faults.whole(f"{index}.until_minute", one.until_minute, 0, DAY_MINUTES, SLOT_MINUTES)
        if begins and ends and one.until_minute <= one.from_minute:
            faults.add(f"{index}.until_minute", one.until_minute, _("a time after the start"))
    faults.raise_any()
    with database.atomic():
        Availability.delete().where(
            Availability.mediator == mediator_id, Availability.date.is_null()
        ).execute()
        for one in times:
            Availability.create(
                mediator=mediator_id,
                weekday=one.weekday,
                from_minute=one.from_minute,
                until_minute=one.until_minute,
            )
        audit.record(actor, "availability.set", "mediator", mediator_id, now, times=len(times))


def availability_of(actor: Actor, mediator_id: int) -> list[Unavailable]:
    _require(actor, mediator_id)
    rows = Availability.select().where(
        Availability.mediator == mediator_id, Availability.date.is_null()
    )
    return [
        Unavailable(row.weekday, row.from_minute, row.until_minute)
        for row in rows.order_by(Availability.weekday, Availability.from_minute)
    ]


def add_absence(
    actor: Actor,
    mediator_id: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    kind: AbsenceKind,
    now: dt.datetime,
) -> int:
    """Record time away; the id. Raises Invalid, also where it overlaps another absence.

    Leave that a mediator asks for waits for a coordinator; sickness is a fact and counts at
    once, as does what a coordinator enters.
    """
    mediator = _require(actor, mediator_id)
    status = RequestStatus.ASKED
    if coordinates(actor, mediator.home_office_id) or kind is AbsenceKind.SICKNESS:
        status = RequestStatus.APPROVED
    with database.atomic():
        faults = Faults()
        faults.one_of("kind", kind, tuple(AbsenceKind))
        faults.instants(starts_at, ends_at, LONGEST_ABSENCE)
        if not faults.found:
            _check_overlap(faults, mediator_id, starts_at, ends_at)
        faults.raise_any()
        row = Absence.create(
            mediator=mediator_id, starts_at=starts_at, ends_at=ends_at, kind=kind, status=status
        )
        # The kind stays out of the log: it may be health data, and the log is kept for long.
        audit.record(actor, "absence.add", "absence", row.id, now, mediator=mediator_id)
    return int(row.id)


def decide_absence(actor: Actor, absence_id: int, approved: bool, now: dt.datetime) -> None:
    """Approve or decline leave that was asked for. Raises Conflict when it is decided."""
    row = _absence(absence_id)
    require_coordinator(actor, row.mediator.home_office_id)
    status = RequestStatus.APPROVED if approved else RequestStatus.DECLINED
    with database.atomic():
        decided = (
            Absence.update(status=status)
            .where(Absence.id == absence_id, Absence.status == RequestStatus.ASKED)
            .execute()
        )
        if not decided:
            raise Conflict(_("This request is already decided."))
        audit.record(actor, "absence.decide", "absence", absence_id, now, status=str(status))


def remove_absence(actor: Actor, absence_id: int, now: dt.datetime) -> None:
    """Take an absence back: a mediator one still open, or sickness that begins today or later, a
    coordinator any. Raises Conflict where it was decided or changed meanwhile."""
    row = _absence(absence_id)
    mediator = _require(actor, row.mediator_id)
    if row.status != RequestStatus.ASKED:
        _require_may_undo(actor, mediator, row, row.starts_at, now)
    with database.atomic():
        if not Absence.delete().where(*_as_read(row)).execute():
            raise Conflict(_("This absence was decided or changed meanwhile."))
        audit.record(actor, "absence.remove", "absence", absence_id, now, mediator=row.mediator_id)


def shorten_absence(actor: Actor, absence_id: int, ends_at: dt.datetime, now: dt.datetime) -> None:
    """Let an absence end earlier: a mediator their own sickness, today at the earliest, a
    coordinator any. Raises Invalid, and Conflict where it was decided or changed meanwhile."""
    row = _absence(absence_id)
    mediator = _require(actor, row.mediator_id)
    _require_may_undo(actor, mediator, row, ends_at, now)
    if not row.starts_at < ends_at < row.ends_at:
        faults = Faults()
        faults.add("last", ends_at, _("a day before the end of the absence, and not before it"))
        faults.raise_any()
    with database.atomic():
        if not Absence.update(ends_at=ends_at).where(*_as_read(row)).execute():
            raise Conflict(_("This absence was decided or changed meanwhile."))
        audit.record(actor, "absence.shorten", "absence", absence_id, now, mediator=mediator.id)


def absences_of(
    actor: Actor, mediator_id: int, since: dt.datetime, until: dt.datetime, now: dt.datetime
) -> list[AbsenceView]:
    """A person's absences that touch `[since, until)`, for them and their coordinators.

    Others' reading of them is written to the audit log.
    """
    _require(actor, mediator_id)
    query = Absence.select(Absence, Mediator).join(Mediator)
    query = query.where(
        Absence.mediator == mediator_id, Absence.starts_at < until, Absence.ends_at > since
    )
    return _read(actor, query, now)


def absences_to_answer(actor: Actor, now: dt.datetime) -> AbsencesToAnswer:
    """What is not over, of people whose home office the actor coordinates.

    Written to the audit log as one reading of all: of each list its own entry would tell for
    years who was sick.
    """
    if not actor.is_coordinator:
        return AbsencesToAnswer((), ())
    asked = Absence.status == RequestStatus.ASKED
    sick = (Absence.status == RequestStatus.APPROVED) & (Absence.kind == AbsenceKind.SICKNESS)
    query = Absence.select(Absence, Mediator).join(Mediator)
    query = query.where(asked | sick, Absence.ends_at > now)
    if actor.office_ids is not None:
        query = query.where(Mediator.home_office.in_(actor.office_ids))
    found = _read(actor, query, now)
    return AbsencesToAnswer(
        tuple(one for one in found if one.status == RequestStatus.ASKED),
        tuple(one for one in found if one.status == RequestStatus.APPROVED),
    )


def add_wish(
    actor: Actor,
    mediator_id: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    kind: WishKind,
    now: dt.datetime,
    cost: int = WISH_COST,
) -> int:
    """Record a wish to be off or on duty in `[starts_at, ends_at)`; the id. Raises Invalid."""
    _require(actor, mediator_id)
    faults = Faults()
    faults.one_of("kind", kind, tuple(WishKind))
    faults.whole("cost", cost, 1, WISH_COST_MOST)
    faults.instants(starts_at, ends_at, LONGEST_WISH)
    faults.raise_any()
    with database.atomic():
        row = Wish.create(
            mediator=mediator_id, starts_at=starts_at, ends_at=ends_at, kind=kind, cost=cost
        )
        audit.record(actor, "wish.add", "wish", row.id, now, mediator=mediator_id)
    return int(row.id)


def remove_wish(actor: Actor, wish_id: int, now: dt.datetime) -> None:
    row = Wish.get_or_none(Wish.id == wish_id)
    if row is None:
        raise NotFound
    _require(actor, row.mediator_id)
    with database.atomic():
        row.delete_instance()
        audit.record(actor, "wish.remove", "wish", wish_id, now, mediator=row.mediator_id)


def wishes_of(
    actor: Actor, mediator_id: int, since: dt.datetime, until: dt.datetime
) -> list[WishView]:
    """A person's wishes that touch `[since, until)`, for them and their coordinators."""
    _require(actor, mediator_id)
    rows = Wish.select().where(
        Wish.mediator == mediator_id, Wish.starts_at < until, Wish.ends_at > since
    )
    return [
        WishView(
            id=row.id,
            mediator_id=row.mediator_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            kind=row.kind,
            cost=row.cost,
        )
        for row in rows.order_by(Wish.starts_at)
    ]


def _require(actor: Actor, mediator_id: int) -> Mediator:
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    require_self_or_coordinator(actor, mediator_id, mediator.home_office_id)
    return mediator


def _require_may_undo(
    actor: Actor, mediator: Mediator, row: Absence, since: dt.datetime, now: dt.datetime
) -> None:
    """Whether the actor may say that the absence does not hold from `since` on, else Forbidden."""
    own = actor.mediator_id == mediator.id and row.kind == AbsenceKind.SICKNESS
    if not (own and since >= midnight(mediator, date_of(mediator, now))):
        require_coordinator(actor, mediator.home_office_id)


def _as_read(row: Absence) -> tuple[Expression, ...]:
    """That the row is still as it was read."""
    return (
        Absence.id == row.id,
        Absence.status == row.status,
        Absence.starts_at == row.starts_at,
        Absence.ends_at == row.ends_at,
    )


def _absence(absence_id: int) -> Absence:
    row = Absence.get_or_none(Absence.id == absence_id)
    if row is None:
        raise NotFound
    return row


def _check_overlap(
    faults: Faults, mediator_id: int, starts_at: dt.datetime, ends_at: dt.datetime
) -> None:
    other = Absence.get_or_none(
        Absence.mediator == mediator_id,
        Absence.status != RequestStatus.DECLINED,
        Absence.starts_at < ends_at,
        Absence.ends_at > starts_at,
    )
    if other is not None:
        expected = _(
            "a time clear of the absence from %(start)s", start=other.starts_at.isoformat()
        )
        faults.add("starts_at", starts_at, expected)


def _read(actor: Actor, query: ModelSelect[Absence], now: dt.datetime) -> list[AbsenceView]:
    rows = list(query.order_by(Absence.starts_at))
    audit.note_reading(actor, "absence", (row.mediator_id for row in rows), now)
    return [_absence_view(row) for row in rows]


def _absence_view(row: Absence) -> AbsenceView:
    return AbsenceView(
        id=row.id,
        mediator_id=row.mediator_id,
        mediator_name=row.mediator.called_name or row.mediator.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        kind=row.kind,
        status=row.status,
    )
