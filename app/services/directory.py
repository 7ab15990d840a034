"""Who is who and what is where: the lists and pages of people, offices and associations.

Coordinators look up everyone of their offices; an association's contact its own people, without
absences; nobody else looks people up here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.i18n import _
from app.models import Certification, CertificationKind, LanguageLevel, Mediator, Office
from app.services import audit
from app.services.associations import (
    AssociationView,
    ProtocolFacts,
    get_association,
    list_associations,
    own_associations,
)
from app.services.certificates import (
    CertificationState,
    CertificationView,
    certifications_of,
)
from app.services.errors import Forbidden, NotFound
from app.services.horizon import network_date
from app.services.mediators import MediatorView, get_mediator, list_mediators
from app.services.names import in_readers_language, sorting_key
from app.services.nomination_view import NominationView, list_nominations
from app.services.openings import opening_calendar
from app.services.own_times import AbsenceView, Unavailable, absences_of, availability_of
from app.services.places import ClosedOn, OfficeView, get_office, list_offices
from app.services.rights import Actor, require_any_coordinator, require_coordinator
from app.services.travel import journey
from calendars.words import zone_words

HOLIDAYS_AHEAD = dt.timedelta(days=365)
ABSENCES_BEHIND = dt.timedelta(days=30)
ABSENCES_AHEAD = dt.timedelta(days=365)
SOON = dt.timedelta(days=60)
"""A certification that ends within this time is said to end soon."""


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A mediator's certification of one kind, as it stands on the day asked."""

    kind: str
    name: str
    valid_from: dt.date
    valid_until: dt.date | None
    state: str
    """`valid`, `soon` (ends within 60 days), `expired`, `not_yet` or `withdrawn`."""
    number: str
    """Of its certificate."""


PEOPLE_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class MediatorFilter:
    """What narrows the list of mediators; all of it has to fit."""

    text: str = ""
    language: str = ""
    level: str = ""
    """The least level of that language: `working`, `fluent`, `native`."""
    certification: str = ""
    """A kind that counts today."""
    office_id: int | None = None
    association_id: int | None = None
    include_inactive: bool = False


@dataclass(frozen=True, slots=True)
class MediatorPage:
    mediator: MediatorView
    zone: str
    other_offices: tuple[str, ...]
    certificates: tuple[CertificateView, ...]
    nominations: tuple[NominationView, ...]
    absences: tuple[AbsenceView, ...] | None
    """None where the actor may not know of them."""
    unavailable: tuple[Unavailable, ...] | None
    may_edit: bool


@dataclass(frozen=True, slots=True)
class OfficePage:
    office: OfficeView
    clock: str
    """Whose wall clock its hours are told by, in words: Lisbon time."""
    people: tuple[MediatorView, ...]
    holidays: tuple[ClosedOn, ...]
    """Holidays that shut it in the coming year."""
    closures: tuple[ClosedOn, ...]
    """Closures to come."""
    likes: tuple[str, ...]
    """Names of the offices that were chosen for it to be foreseen like."""
    may_edit: bool


@dataclass(frozen=True, slots=True)
class AssociationPage:
    association: AssociationView
    current: ProtocolFacts | None
    """The protocol in force."""
    people: tuple[MediatorView, ...]
    nominations: tuple[NominationView, ...]
    may_edit: bool
    may_propose: bool


@dataclass(frozen=True, slots=True)
class AssociationLine:
    association: AssociationView
    current: ProtocolFacts | None


def look_up_mediators(
    actor: Actor, wanted: MediatorFilter, today: dt.date | None = None
) -> list[MediatorView]:
    """The mediators the actor looks up, by name, narrowed by what is wanted.

    `today` is the day on which a certification has to count.
    """
    _require_reader(actor)
    words = sorting_key(wanted.text).split()
    certified = _certified(wanted.certification, today) if wanted.certification else None
    found = [
        one
        for one in list_mediators(actor, wanted.office_id, wanted.include_inactive)
        if (actor.is_coordinator or one.association_id in actor.association_ids)
        and _speaks(one, wanted.language, wanted.level)
        and (certified is None or one.id in certified)
        and wanted.association_id in (None, one.association_id)
        and all(word in sorting_key(f"{one.name} {one.called_name} {one.code}") for word in words)
    ]
    return sorted(found, key=lambda one: sorting_key(one.name))


def page_of(found: list[MediatorView], page: int) -> tuple[list[MediatorView], int, int]:
    """Those of one page, its number, and how many pages there are; the last where `page` is past
    it."""
    pages = max(1, -(-len(found) // PEOPLE_A_PAGE))
    page = min(max(1, page), pages)
    return found[(page - 1) * PEOPLE_A_PAGE : page * PEOPLE_A_PAGE], page, pages


def mediator_page(actor: Actor, mediator_id: int, now: dt.datetime) -> MediatorPage:
    """One mediator. Raises NotFound, or Forbidden where they are not the actor's to look up."""
    row = Mediator.get_or_none(Mediator.id == mediator_id)
    if row is None:
        raise NotFound
    _require_reader(actor)
    view = get_mediator(actor, mediator_id)
    if not actor.is_coordinator and view.association_id not in actor.association_ids:
        raise Forbidden
    coordinates = _coordinates(actor, view.home_office_id)
    since, until = now - ABSENCES_BEHIND, now + ABSENCES_AHEAD
    offices = {one.id: one for one in Office.select()}
    return MediatorPage(
        mediator=view,
        zone=row.home_office.zone,
        other_offices=tuple(
            _with_way(row.home_office, offices[one.office_id]) for one in view.other_offices
        ),
        certificates=certificates_of(actor, mediator_id, now),
        nominations=tuple(list_nominations(actor, mediator_id)),
        absences=tuple(absences_of(actor, mediator_id, since, until, now)) if coordinates else None,
        unavailable=tuple(availability_of(actor, mediator_id)) if coordinates else None,
        may_edit=coordinates,
    )


def _with_way(home: Office, other: Office) -> str:
    """An office's name, with how long it takes to get there where that is known."""
    minutes = journey(home, other).minutes
    if minutes is None:
        return str(other.name)
    return _("%(name)s (%(minutes)d min away)", name=other.name, minutes=minutes)


def mediator_to_edit(actor: Actor, mediator_id: int, now: dt.datetime) -> MediatorView:
    """One mediator whose home office the actor coordinates, else Forbidden.

    The form shows the gender they gave, so the reading is written down.
    """
    row = Mediator.get_or_none(Mediator.id == mediator_id)
    if row is None:
        raise NotFound
    require_coordinator(actor, row.home_office_id)
    if row.gender:
        audit.note_reading(actor, "gender", [mediator_id], now)
    return get_mediator(actor, mediator_id)


def certificates_of(
    actor: Actor, mediator_id: int, now: dt.datetime
) -> tuple[CertificateView, ...]:
    """One certification of each kind, those that end first at the top.

    Of several, the one that counts today, else the latest.
    """
    today = network_date(now)
    newest: dict[str, CertificationView] = {}
    for one in certifications_of(actor, mediator_id, now):
        known = newest.get(one.kind)
        counts = one.state is CertificationState.VALID
        if known is None or (counts and known.state is not CertificationState.VALID):
            newest[one.kind] = one
    found = [
        CertificateView(
            kind=one.kind,
            name=in_readers_language(one.kind_name_pt, one.kind_name_en),
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            state=shown_state(one, today),
            number=one.number,
        )
        for one in newest.values()
    ]
    return tuple(sorted(found, key=lambda one: (one.valid_until or dt.date.max, one.name)))


def shown_state(one: CertificationView, today: dt.date) -> str:
    """The certification's state, or `soon` when it counts but ends within 60 days."""
    ends_soon = one.valid_until is not None and one.valid_until <= today + SOON
    return "soon" if ends_soon and one.state is CertificationState.VALID else str(one.state)


def look_up_offices(actor: Actor) -> list[OfficeView]:
    """The offices the actor coordinates, shut ones last. Raises Forbidden for anyone else."""
    require_any_coordinator(actor)
    coordinated = [
        one for one in list_offices(actor, include_inactive=True) if _coordinates(actor, one.id)
    ]
    return sorted(coordinated, key=lambda one: not one.active)


def office_page(actor: Actor, office_id: int, now: dt.datetime) -> OfficePage:
    """One office the actor coordinates, with its people and the days it is shut."""
    view = office_to_edit(actor, office_id)
    calendar = opening_calendar(Office.get_by_id(office_id))
    today = now.astimezone(calendar.zone).date()
    days = (today + dt.timedelta(days=n) for n in range(HOLIDAYS_AHEAD.days))
    named = ((day, calendar.holiday_name(day, in_readers_language("pt", "en"))) for day in days)
    return OfficePage(
        office=view,
        clock=zone_words(view.zone, in_readers_language("pt", "en")),
        people=tuple(list_mediators(actor, office_id)),
        holidays=tuple(ClosedOn(day, name) for day, name in named if name),
        closures=tuple(one for one in view.closures if one.date >= today),
        likes=_names_of(view.likes),
        may_edit=True,
    )


def _names_of(office_ids: Sequence[int]) -> tuple[str, ...]:
    names = {row.id: row.name for row in Office.select().where(Office.id.in_(office_ids))}
    return tuple(names[one] for one in office_ids if one in names)


def offices_to_be_like(office_id: int | None) -> list[tuple[int, str]]:
    """The offices in use that another may be foreseen like: their ids and names, in order."""
    rows = Office.select(Office.id, Office.name).where(Office.active, Office.id != (office_id or 0))
    return [(row.id, row.name) for row in rows.order_by(Office.position, Office.name)]


def office_to_edit(actor: Actor, office_id: int) -> OfficeView:
    """One office the actor coordinates, else Forbidden; NotFound when there is none."""
    if Office.get_or_none(Office.id == office_id) is None:
        raise NotFound
    require_coordinator(actor, office_id)
    return get_office(actor, office_id)


def offices_of(actor: Actor) -> list[OfficeView]:
    """Offices in use that the actor may put a mediator to."""
    return [one for one in list_offices(actor) if _coordinates(actor, one.id)]


def look_up_associations(actor: Actor, today: dt.date) -> list[AssociationLine]:
    """Every association for coordinators, a contact's own; Forbidden for anyone else."""
    _require_reader(actor)
    return [AssociationLine(one, _in_force(one, today)) for one in list_associations(actor)]


def association_page(actor: Actor, association_id: int, today: dt.date) -> AssociationPage:
    view = get_association(actor, association_id)
    return AssociationPage(
        association=view,
        current=_in_force(view, today),
        people=tuple(look_up_mediators(actor, MediatorFilter(association_id=association_id))),
        nominations=tuple(
            one for one in list_nominations(actor) if one.association_id == association_id
        ),
        may_edit=_coordinates_all(actor),
        may_propose=_coordinates_all(actor) or association_id in own_associations(actor),
    )


def association_to_edit(actor: Actor, association_id: int) -> AssociationView:
    """One association for a coordinator of the whole network, else Forbidden."""
    view = get_association(actor, association_id)
    require_coordinator(actor)
    return view


def may_add_people(actor: Actor) -> bool:
    return actor.is_coordinator


def may_add_places(actor: Actor) -> bool:
    """Offices and associations are added by coordinators of the whole network."""
    return _coordinates_all(actor)


LEVELS = (LanguageLevel.WORKING, LanguageLevel.FLUENT, LanguageLevel.NATIVE)
"""From the least to the most."""


def _speaks(one: MediatorView, language: str, level: str) -> bool:
    """The language at that level or above; with a level and no language, any at that level."""
    if not language and not level:
        return True
    least = LEVELS.index(LanguageLevel(level)) if level in tuple(LEVELS) else 0
    return any(
        (not language or each.code == language) and LEVELS.index(each.level) >= least
        for each in one.languages
    )


def _certified(kind: str, today: dt.date | None) -> set[int]:
    """Who holds a certification of that kind that counts on the day; on any, without a day."""
    query = Certification.select(Certification.mediator).where(
        Certification.kind == kind, Certification.withdrawn_at.is_null()
    )
    if today is not None:
        query = query.where(
            Certification.valid_from <= today,
            Certification.valid_until.is_null() | (Certification.valid_until >= today),
        )
    return {row.mediator_id for row in query}


def certification_kinds() -> list[tuple[str, str]]:
    """Code and name of every kind, by name."""
    found = [
        (one.code, in_readers_language(one.name_pt, one.name_en))
        for one in CertificationKind.select()
    ]
    return sorted(found, key=lambda one: sorting_key(one[1]))


def _require_reader(actor: Actor) -> None:
    if not actor.is_coordinator and not actor.association_ids:
        raise Forbidden


def _coordinates(actor: Actor, office_id: int) -> bool:
    return actor.is_coordinator and (actor.office_ids is None or office_id in actor.office_ids)


def _coordinates_all(actor: Actor) -> bool:
    return actor.is_coordinator and actor.office_ids is None


def _in_force(association: AssociationView, today: dt.date) -> ProtocolFacts | None:
    found = [one for one in association.protocols if one.starts_on <= today <= one.ends_on]
    return found[-1] if found else None
