"""Offices with their hours and desks, languages, kinds of certification, planning groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from peewee import ModelSelect, prefetch

from app.models import (
    Admission,
    BaseModel,
    CertificationKind,
    Closure,
    Desk,
    ExtraHoliday,
    Language,
    Mediator,
    MediatorOffice,
    Office,
    OfficeKind,
    OpeningHours,
    PlanningGroup,
    database,
)
from app.services import audit, feed_words
from app.services.checks import Faults
from app.services.errors import Forbidden, NotFound
from app.services.journeys import reckon_anew
from app.services.openings import (
    OpeningCalendar,
    holiday_name,
    opening_calendar,
    opening_intervals,
)
from app.services.places_check import check_office
from app.services.rights import Actor, require_coordinator

__all__ = [
    "CertificationKindView",
    "ClosedOn",
    "DeskFacts",
    "Hours",
    "LanguageView",
    "OfficeFacts",
    "OfficeView",
    "OpeningCalendar",
    "YearlyHoliday",
    "create_office",
    "create_planning_group",
    "edit_office",
    "get_office",
    "holiday_name",
    "list_certification_kinds",
    "list_languages",
    "list_offices",
    "list_planning_groups",
    "opening_calendar",
    "opening_intervals",
]


@dataclass(frozen=True, slots=True)
class Hours:
    """One opening of a weekday (0 Monday), minutes of the wall clock, on the half hour."""

    weekday: int
    opens_minute: int
    closes_minute: int


@dataclass(frozen=True, slots=True)
class ClosedOn:
    date: dt.date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class YearlyHoliday:
    month: int
    day: int
    name: str


@dataclass(frozen=True, slots=True)
class DeskFacts:
    need: str
    name_pt: str
    name_en: str
    certification: str | None
    opens_minute: int
    closes_minute: int
    weekdays: str = "01234"
    least: int = 0
    wanted: int = 1
    admission: str = Admission.WALK_IN
    partner: str = ""
    """The agency whose own people sit there: no mediator is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFacts:
    """All that may be said of an office; the input of `create_office` and `edit_office`."""

    code: str
    name: str
    kind: OfficeKind
    group_id: int
    zone: str = "Europe/Lisbon"
    district: str = "11"
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    capacity: int | None = None
    target_share_percent: int = 80
    target_wait_minutes: int = 15
    unsocial_from_minute: int = 18 * 60
    auto_approve_swaps: bool = False
    """A swap that both agreed to is published by itself where no cover is lost."""
    gives_tickets: bool = False
    likes: tuple[int, ...] = ()
    """Ids of the offices it is foreseen like while it has hardly opened; none: found by itself."""
    active: bool = True
    position: int = 0
    hours: tuple[Hours, ...] = ()
    closures: tuple[ClosedOn, ...] = ()
    extra_holidays: tuple[YearlyHoliday, ...] = ()
    desks: tuple[DeskFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeView(OfficeFacts):
    """An office as pages show it. `dataclasses.replace` makes of it the input of an edit."""

    id: int
    group_name: str


@dataclass(frozen=True, slots=True)
class LanguageView:
    code: str
    name_pt: str
    name_en: str


@dataclass(frozen=True, slots=True)
class CertificationKindView:
    code: str
    name_pt: str
    name_en: str
    validity_months: int | None
    grace_days: int
    renewal_window_days: int


@dataclass(frozen=True, slots=True)
class PlanningGroupView:
    id: int
    code: str
    name: str


def create_office(actor: Actor, office: OfficeFacts, now: dt.datetime) -> int:
    """Open an office; its id. Needs a coordinator of the whole network. Raises Invalid."""
    require_coordinator(actor)
    check_office(office, office_id=None)
    with database.atomic():
        row = Office.create(**_columns(office))
        _replace_children(row, office)
        audit.record(actor, "office.create", "office", row.id, now, code=office.code)
    return int(row.id)


def edit_office(actor: Actor, office_id: int, office: OfficeFacts, now: dt.datetime) -> None:
    """Put `office` in place of what the office was, hours and desks included. Raises Invalid."""
    row = _row(office_id)
    require_coordinator(actor, office_id)
    before = _view(row)
    check_office(office, office_id=office_id, before=before, bound=actor.office_ids is not None)
    with database.atomic():
        Office.update(**_columns(office)).where(Office.id == office_id).execute()
        _replace_children(row, office)
        changed = [name for name in _COMPARED if getattr(before, name) != getattr(office, name)]
        if {"name", "address", "zone", "kind"} & set(changed):
            feed_words.office_renamed(office_id, now)
        if moved := [name for name in _WHERE if name in changed]:
            reckon_anew(office_id, moved[0])
        audit.record(actor, "office.edit", "office", office_id, now, changed=changed)


def get_office(actor: Actor, office_id: int) -> OfficeView:
    """One office. Raises NotFound, or Forbidden where the actor has nothing to do with it."""
    row = _row(office_id)
    if office_id not in {one.id for one in _visible(actor)}:
        raise Forbidden
    return _view(row)


def list_offices(actor: Actor, include_inactive: bool = False) -> list[OfficeView]:
    """The offices the actor plans, works at, trains in or has people in, in their order."""
    query = _visible(actor)
    if not include_inactive:
        query = query.where(Office.active)
    rows = prefetch(
        query.order_by(Office.position, Office.code),
        PlanningGroup.select(),
        *(table.select() for table in (OpeningHours, Closure, ExtraHoliday, Desk)),
    )
    return [_view(row) for row in rows]


def office_names(actor: Actor) -> list[Any]:
    """Id and name of the offices that `list_offices` lists: to choose from."""
    query = _visible(actor).where(Office.active).select(Office.id, Office.name)
    return list(query.order_by(Office.position, Office.code).namedtuples())


def create_planning_group(actor: Actor, code: str, name: str, now: dt.datetime) -> int:
    """Add a group of offices planned together; its id. Raises Invalid."""
    require_coordinator(actor)
    faults = Faults()
    faults.code("code", code, PlanningGroup.get_or_none(PlanningGroup.code == code) is not None)
    faults.text("name", name)
    faults.raise_any()
    with database.atomic():
        row = PlanningGroup.create(code=code, name=name)
        audit.record(actor, "planning_group.create", "planning_group", row.id, now, code=code)
    return int(row.id)


def list_languages() -> list[LanguageView]:
    """Every language, in order. Nothing personal: no actor needed."""
    rows = Language.select().order_by(Language.position, Language.code)
    return [LanguageView(row.code, row.name_pt, row.name_en) for row in rows]


def list_certification_kinds() -> list[CertificationKindView]:
    rows = CertificationKind.select().order_by(CertificationKind.code)
    names = CertificationKindView.__slots__
    return [CertificationKindView(*(getattr(row, name) for name in names)) for row in rows]


def list_planning_groups() -> list[PlanningGroupView]:
    rows = PlanningGroup.select().order_by(PlanningGroup.code)
    return [PlanningGroupView(row.id, row.code, row.name) for row in rows]


_CHILDREN = ("hours", "closures", "extra_holidays", "desks")
_COMPARED = tuple(OfficeFacts.__dataclass_fields__)
_WHERE = ("latitude", "longitude", "zone", "kind")
"""What the way to an office follows from."""


def _columns(office: OfficeFacts) -> dict[str, object]:
    kept = {name: getattr(office, name) for name in _COMPARED if name not in _CHILDREN}
    kept["group"] = kept.pop("group_id")
    kept["likes"] = list(office.likes)
    return kept


def _replace_children(row: Office, office: OfficeFacts) -> None:
    for table in (OpeningHours, Closure, ExtraHoliday, Desk):
        table.delete().where(table.office == row).execute()
    children: tuple[tuple[type[BaseModel], Iterable[Any]], ...] = (
        (OpeningHours, office.hours),
        (Closure, office.closures),
        (ExtraHoliday, office.extra_holidays),
        (Desk, office.desks),
    )
    for kind, facts in children:
        for one in facts:
            kind.create(office=row, **asdict(one))


def _row(office_id: int) -> Office:
    row = Office.get_or_none(Office.id == office_id)
    if row is None:
        raise NotFound
    return row


def _visible(actor: Actor) -> ModelSelect[Office]:
    query = Office.select()
    if (actor.is_coordinator and actor.office_ids is None) or actor.is_trainer:
        return query
    theirs = (Mediator.id == actor.mediator_id) | Mediator.association.in_(actor.association_ids)
    people = Mediator.select(Mediator.id).where(theirs)
    homes = Mediator.select(Mediator.home_office).where(theirs)
    visited = MediatorOffice.select(MediatorOffice.office).where(
        MediatorOffice.mediator.in_(people)
    )
    bound = actor.office_ids if actor.is_coordinator and actor.office_ids else ()
    return query.where(Office.id.in_(bound) | Office.id.in_(homes) | Office.id.in_(visited))


def _view(row: Office) -> OfficeView:
    columns = {
        name: getattr(row, name)
        for name in _COMPARED
        if name not in _CHILDREN and name not in ("group_id", "likes")
    }
    hours = sorted(row.opening_hours, key=lambda one: (one.weekday, one.opens_minute))
    return OfficeView(
        id=row.id,
        group_id=row.group_id,
        group_name=row.group.name,
        likes=tuple(row.likes),
        hours=tuple(Hours(h.weekday, h.opens_minute, h.closes_minute) for h in hours),
        closures=tuple(
            ClosedOn(one.date, one.reason) for one in sorted(row.closures, key=lambda one: one.date)
        ),
        extra_holidays=tuple(
            YearlyHoliday(one.month, one.day, one.name)
            for one in sorted(row.extra_holidays, key=lambda one: (one.month, one.day))
        ),
        desks=tuple(_desk_view(desk) for desk in sorted(row.desks, key=lambda one: one.need)),
        **columns,
    )


def _desk_view(desk: Desk) -> DeskFacts:
    return DeskFacts(
        need=desk.need,
        name_pt=desk.name_pt,
        name_en=desk.name_en,
        certification=desk.certification_id,
        opens_minute=desk.opens_minute,
        closes_minute=desk.closes_minute,
        weekdays=desk.weekdays,
        least=desk.least,
        wanted=desk.wanted,
        admission=desk.admission,
        partner=desk.partner,
    )
