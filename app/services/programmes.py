"""The rules of certification, and what each desk or service asks of who serves there."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from peewee import IntegrityError

from app.i18n import _
from app.models import (
    Certification,
    CertificationKind,
    Course,
    Desk,
    Office,
    OfficeKind,
    Requirement,
    Roster,
    database,
)
from app.services import audit
from app.services.checks import Faults
from app.services.errors import Forbidden, NotFound
from app.services.requirements import REFERRALS
from app.services.rights import Actor, require_coordinator
from app.services.settling import settle_kind
from app.services.traces import holds
from app.services.training_records import rule_of


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFacts:
    """The rule of a kind: how long it counts, and how it is renewed."""

    name_pt: str
    name_en: str
    validity_months: int | None
    """None: no end."""
    grace_days: int = 0
    renewal_window_days: int = 90
    renewal_course: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindView(KindFacts):
    code: str
    courses: tuple[str, ...]
    """Codes of the courses that issue it."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a desk asks for; `desk_pt` is empty for a whole service."""

    office: str
    desk_pt: str
    desk_en: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    kinds: tuple[KindView, ...]
    needs: tuple[Need, ...]
    may_edit: bool


def programme_page(actor: Actor) -> ProgrammePage:
    """For coordinators and trainers; network coordinators may edit."""
    if not actor.is_coordinator and not actor.is_trainer:
        raise Forbidden
    return ProgrammePage(
        kinds=tuple(
            _view(row) for row in CertificationKind.select().order_by(CertificationKind.code)
        ),
        needs=tuple(needs_of_services()),
        may_edit=actor.is_coordinator and actor.office_ids is None,
    )


def needs_of_services() -> list[Need]:
    """Every desk that asks for a certification; on the telephone everyone holds the referrals."""
    found = [
        Need(row.name, "", "", tuple(one.removeprefix("cert:") for one in REFERRALS))
        for row in Office.select().where(Office.kind == OfficeKind.TELEPHONE, Office.active)
    ]
    desks = Desk.select(Desk, Office).join(Office)
    desks = desks.where(Desk.certification.is_null(False), Office.active)
    found += [
        Need(row.office.name, row.name_pt, row.name_en, (row.certification_id,))
        for row in desks.order_by(Office.position, Desk.id)
    ]
    return found


def kind_to_edit(actor: Actor, code: str) -> KindView:
    require_coordinator(actor)
    return _view(_row(code))


def create_kind(actor: Actor, code: str, kind: KindFacts, now: dt.datetime) -> str:
    """Add a kind of certification with its rule; its code. Network coordinators only. Raises
    Invalid."""
    require_coordinator(actor)
    faults = Faults()
    faults.code("code", code, _is_known(code))
    _check_rule(faults, kind)
    faults.raise_any()
    try:
        with database.atomic():
            CertificationKind.create(code=code, **asdict(kind))
            audit.record(actor, "certification_kind.create", "certification_kind", code, now)
    except IntegrityError:  # somebody else took it at the same moment
        faults.code("code", code, taken=True)
        faults.raise_any()
    return code


def rename_kind(actor: Actor, before: str, code: str, now: dt.datetime) -> None:
    """Give a kind another code, while nothing has used the one it has. Raises Invalid."""
    require_coordinator(actor)
    _row(before)
    if code == before:
        return
    faults = Faults()
    faults.code("code", code, _is_known(code))
    if is_used(before):
        faults.add("code", code, _("%(code)s as before: it is in use", code=before))
    faults.raise_any()
    with database.atomic():
        CertificationKind.update(code=code).where(CertificationKind.code == before).execute()
        audit.record(
            actor, "certification_kind.rename", "certification_kind", code, now, before=before
        )


def is_used(code: str) -> bool:
    """Whether a course issues it, somebody holds or held it, a desk or the telephone asks for it,
    or a week's demand or a kept roster has it among its skills."""
    skill = f"cert:{code}"
    if skill in REFERRALS:
        return True
    rows = (
        Certification.select().where(Certification.kind == code),
        Course.select().where(Course.certification == code),
        Desk.select().where(Desk.certification == code),
        Roster.select().where(holds(Roster.problem_json, [skill])),
    )
    if any(one.exists() for one in rows):
        return True
    return any(skill in one.needs for one in Requirement.select(Requirement.needs).iterator())


def edit_kind(actor: Actor, code: str, kind: KindFacts, now: dt.datetime) -> int:
    """Change the rule of a kind; every certification of it is reckoned anew, and who loses shifts
    by it is told of. How many people hold or held it. Raises Invalid."""
    require_coordinator(actor)
    row = _row(code)
    faults = Faults()
    _check_rule(faults, kind)
    course = kind.renewal_course
    if course and course in rule_of(row).courses and not _others(row, course):
        faults.add("renewal_course", course, _("a course besides those that issue it"))
    faults.raise_any()
    with database.atomic():
        CertificationKind.update(**asdict(kind)).where(CertificationKind.code == code).execute()
        people = settle_kind(code, now)
        audit.record(actor, "certification_kind.edit", "certification_kind", code, now)
    return people


def _check_rule(faults: Faults, kind: KindFacts) -> None:
    faults.text("name_pt", kind.name_pt)
    faults.text("name_en", kind.name_en)
    if kind.validity_months is not None:
        faults.whole("validity_months", kind.validity_months, 1, 240)
    faults.whole("grace_days", kind.grace_days, 0, 365)
    faults.whole("renewal_window_days", kind.renewal_window_days, 0, 730)
    if kind.renewal_course:
        known = {one.code for one in Course.select(Course.code)}
        faults.one_of("renewal_course", kind.renewal_course, known)


def _is_known(code: str) -> bool:
    return bool(CertificationKind.select().where(CertificationKind.code == code).exists())


def _others(row: CertificationKind, course: str) -> bool:
    """Whether another course still issues the kind."""
    return any(one != course for one in rule_of(row).courses)


def _row(code: str) -> CertificationKind:
    row = CertificationKind.get_or_none(CertificationKind.code == code)
    if row is None:
        raise NotFound
    return row


def _view(row: CertificationKind) -> KindView:
    return KindView(
        code=row.code,
        name_pt=row.name_pt,
        name_en=row.name_en,
        validity_months=row.validity_months,
        grace_days=row.grace_days,
        renewal_window_days=row.renewal_window_days,
        renewal_course=row.renewal_course,
        courses=rule_of(row).courses,
    )
