"""Certifications held: whose, until when, withdrawn or about to end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from peewee import fn

from app.i18n import _
from app.models import (
    Certification,
    CertificationKind,
    CompletionResult,
    Mediator,
    database,
)
from app.services import audit
from app.services.checks import Faults
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.horizon import network_date
from app.services.mediators import get_mediator, visible_mediators
from app.services.rights import Actor
from app.services.session_rows import hold_mediator
from app.services.settling import settle_person
from app.services.telling import name_of
from app.services.training_records import kinds_run_by, rule_book
from app.services.training_telling import tell_certification
from app.services.withdrawals import (
    BrokenShift,
    broken_by_withdrawal,
    tell_of_changed,
    tell_of_withdrawal,
)


class CertificationState(StrEnum):
    """How a certification stands on a day."""

    VALID = "valid"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationView:
    id: int
    mediator_id: int
    mediator_name: str
    office_name: str
    kind: str
    kind_name_pt: str
    kind_name_en: str
    valid_from: dt.date
    valid_until: dt.date | None
    """The last day it counts."""
    number: str
    state: CertificationState
    withdrawn_at: dt.datetime | None
    withdrawal_reason: str
    groundless: bool
    """Withdrawn by reckoning: nothing stands behind it any more."""
    may_open: bool = False
    """The reader may open its page, and withdraw it there; told in `expiring` only."""


@dataclass(frozen=True, slots=True)
class CertificationPage:
    certification: CertificationView
    zone: str
    broken: tuple[BrokenShift, ...]
    """Published shifts that counted on it, where it was withdrawn."""
    may_repair: bool
    may_reinstate: bool
    """A person withdrew it, and the result that issued it still stands."""


def certifications_of(actor: Actor, mediator_id: int, now: dt.datetime) -> list[CertificationView]:
    """All that a mediator holds or held, by kind, the latest first; for who may see them."""
    get_mediator(actor, mediator_id)
    return _views(Certification.mediator == mediator_id, today=network_date(now))


def expiring(actor: Actor, within_days: int, now: dt.datetime) -> list[CertificationView]:
    """Valid today, ending within so many days and not renewed, of the people the actor may see;
    the first to end first. A trainer sees the kinds that their courses issue or renew."""
    faults = Faults()
    faults.whole("within_days", within_days, 0, 3660)
    faults.raise_any()
    today = network_date(now)
    last = today + dt.timedelta(days=within_days)
    later = Certification.alias()
    renewed = later.select(later.id).where(
        later.mediator == Certification.mediator,
        later.kind == Certification.kind,
        later.withdrawn_at.is_null(),
        later.valid_until.is_null() | (later.valid_until > Certification.valid_until),
    )
    scope: list[object] = []
    if actor.is_trainer and not actor.is_coordinator:
        scope.append(Certification.kind.in_(sorted(kinds_run_by(actor.user_id))))
    found = _views(
        Certification.mediator.in_(visible_mediators(actor).where(Mediator.active)),
        *scope,
        Certification.withdrawn_at.is_null(),
        Certification.valid_from <= today,
        Certification.valid_until >= today,
        Certification.valid_until <= last,
        ~fn.EXISTS(renewed),
        today=today,
    )
    open_to = _open_to(actor, [one.id for one in found])
    found = [replace(one, may_open=one.id in open_to) for one in found]
    return sorted(found, key=lambda one: (one.valid_until or last, one.mediator_name, one.kind))


def withdraw_certification(
    actor: Actor,
    certification_id: int,
    reason: str,
    now: dt.datetime,
    since: dt.date | None = None,
) -> None:
    """Make a certification count no more from `now` on, or from an earlier day, and tell the
    coordinators whose published shifts that breaks. Raises Invalid, Conflict.

    For the coordinators of the mediator's home office and trainers of a course that issues or
    renews it; the mediator is told.
    """
    row = _to_withdraw(actor, certification_id)
    today = network_date(now)
    faults = Faults()
    faults.text("reason", reason, 2000, lines=True)
    if since is not None and not row.valid_from <= since <= today:
        first, last = row.valid_from.isoformat(), today.isoformat()
        faults.add("since", since, _("a day from %(first)s to %(last)s", first=first, last=last))
    faults.raise_any()
    instant = now
    if since is not None and since < today:
        zone = ZoneInfo(row.mediator.home_office.zone)
        instant = dt.datetime.combine(since, dt.time(), zone).astimezone(dt.UTC)
    with database.atomic():
        hold_mediator(row.mediator_id)
        changed = (
            Certification.update(withdrawn_at=instant, withdrawal_reason=reason.strip())
            .where(Certification.id == certification_id, Certification.withdrawn_at.is_null())
            .execute()
        )
        if not changed:
            raise Conflict(_("This certification is withdrawn already."))
        audit.record(
            actor, "certification.withdraw", "certification", certification_id, now,
            mediator=row.mediator_id, kind=row.kind_id,
        )  # fmt: skip
        # What built on it, a renewal in its window, is reckoned without it.
        settle_person(row.mediator_id, row.kind_id, rule_book(), now)
        tell_of_withdrawal(certification_id, now)
        tell_certification(actor, row, "withdrawn", now)


def reinstate_certification(actor: Actor, certification_id: int, now: dt.datetime) -> None:
    """Take a withdrawal back: the certification counts as if it had never been withdrawn, as far
    as its result and the rules still carry it. Raises Conflict for one that no person withdrew,
    and for one that nothing carries: a renewal of what counts no more.

    For who may withdraw it.
    """
    row = _to_withdraw(actor, certification_id)
    if not _may_come_back(row):
        raise Conflict(_("There is no withdrawal to take back."))
    with database.atomic():
        hold_mediator(row.mediator_id)
        changed = (
            Certification.update(withdrawn_at=None, withdrawal_reason="")
            .where(
                Certification.id == certification_id,
                Certification.withdrawn_at.is_null(False),
                ~Certification.groundless,
            )
            .execute()
        )
        if not changed:
            raise Conflict(_("There is no withdrawal to take back."))
        audit.record(
            actor, "certification.reinstate", "certification", certification_id, now,
            mediator=row.mediator_id, kind=row.kind_id,
        )  # fmt: skip
        settle_person(row.mediator_id, row.kind_id, rule_book(), now)
        row = Certification.get_by_id(certification_id)
        if row.withdrawn_at is not None:
            # Undone with the transaction, so that nobody is told of it.
            raise Conflict(_("This certification still rests on nothing that counts."))
        tell_of_changed(row.mediator_id, row.kind_id, now)
        tell_certification(actor, row, "reinstated", now)


def certification_page(actor: Actor, certification_id: int, now: dt.datetime) -> CertificationPage:
    """One certification, for who may withdraw it; the shifts it breaks for coordinators."""
    row = _to_withdraw(actor, certification_id)
    view = next(iter(_views(Certification.id == certification_id, today=network_date(now))))
    broken = broken_by_withdrawal(row.id, now) if actor.is_coordinator else ()
    bound = actor.office_ids
    return CertificationPage(
        certification=view,
        zone=row.mediator.home_office.zone,
        broken=tuple(one for one in broken if bound is None or one.office_id in bound),
        may_repair=actor.is_coordinator and bound is None,
        may_reinstate=_may_come_back(row),
    )


def _may_come_back(row: Certification) -> bool:
    if row.withdrawn_at is None or row.groundless:
        return False
    completion = row.completion
    return completion is None or (
        completion.replaced_at is None and completion.result == CompletionResult.PASSED
    )


def _to_withdraw(actor: Actor, certification_id: int) -> Certification:
    row = Certification.get_or_none(Certification.id == certification_id)
    if row is None:
        raise NotFound
    if not _open_to(actor, [certification_id]):
        raise Forbidden
    return row


def _open_to(actor: Actor, certification_ids: list[int]) -> set[int]:
    """Of these, the ones the actor may withdraw, and whose page they may open."""
    if actor.is_coordinator and actor.office_ids is None:
        return set(certification_ids)
    rows = Certification.select(Certification.id).join(Mediator)
    theirs = Mediator.home_office.in_(list(actor.office_ids or ()) if actor.is_coordinator else [])
    if actor.is_trainer:
        theirs |= Certification.kind.in_(sorted(kinds_run_by(actor.user_id)))
    return {row.id for row in rows.where(Certification.id.in_(certification_ids), theirs)}


def _views(*conditions: object, today: dt.date) -> list[CertificationView]:
    query = Certification.select(Certification, Mediator, CertificationKind)
    query = query.join(Mediator).switch(Certification).join(CertificationKind)
    query = query.where(*conditions).order_by(
        Certification.kind, Certification.valid_from.desc(), Certification.id.desc()
    )
    return [_view(row, today) for row in query]


def _view(row: Certification, today: dt.date) -> CertificationView:
    return CertificationView(
        id=row.id,
        mediator_id=row.mediator_id,
        mediator_name=name_of(row.mediator),
        office_name=row.mediator.home_office.name,
        kind=row.kind_id,
        kind_name_pt=row.kind.name_pt,
        kind_name_en=row.kind.name_en,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        number=row.number,
        state=state_of(row, today),
        withdrawn_at=row.withdrawn_at,
        withdrawal_reason=row.withdrawal_reason,
        groundless=row.groundless,
    )


def state_of(row: Certification, today: dt.date) -> CertificationState:
    """How a certification stands on a day."""
    if row.withdrawn_at is not None:
        return CertificationState.WITHDRAWN
    if today < row.valid_from:
        return CertificationState.NOT_YET
    if row.valid_until is not None and row.valid_until < today:
        return CertificationState.EXPIRED
    return CertificationState.VALID
