"""Who is who: the list and the pages of people.

Coordinators look up everyone of their offices; an association's contact its own people, without
absences; nobody else looks people up here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.models import (
    Certification,
    CertificationKind,
    LanguageLevel,
    Mediator,
    MediatorLanguage,
    Office,
)
from app.services import audit
from app.services.certificates import (
    CertificationState,
    CertificationView,
    certifications_of,
)
from app.services.errors import Forbidden, NotFound
from app.services.horizon import network_date
from app.services.mediators import MediatorView, get_mediator, mediators_of, mediators_with
from app.services.names import in_readers_language, sorting_key
from app.services.nomination_view import NominationView, list_nominations
from app.services.own_times import AbsenceView, Unavailable, absences_of, availability_of
from app.services.pages import page_of
from app.services.rights import Actor, coordinates, require_coordinator
from app.services.travel import journey

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


def look_up_mediators(
    actor: Actor, wanted: MediatorFilter, today: dt.date | None = None
) -> list[MediatorView]:
    """The mediators the actor looks up, by name, narrowed by what is wanted.

    `today` is the day on which a certification has to count.
    """
    return mediators_with(_wanted(actor, wanted, today))


def page_of_mediators(
    actor: Actor, wanted: MediatorFilter, page: int, today: dt.date
) -> tuple[list[MediatorView], int, int, int]:
    """Those of `look_up_mediators` on one page, the page's number, how many pages there are and
    how many people on all of them."""
    found = _wanted(actor, wanted, today)
    shown, page, pages = page_of(found, page)
    return mediators_with(shown), page, pages, len(found)


def _wanted(actor: Actor, wanted: MediatorFilter, today: dt.date | None) -> list[int]:
    """The ids of those looked up, by name: a list of a country reads no more of each."""
    require_reader(actor)
    words = sorting_key(wanted.text).split()
    certified = _certified(wanted.certification, today) if wanted.certification else None
    speaking = _speaking(wanted.language, wanted.level)
    rows: Any = mediators_of(actor, wanted.office_id, wanted.include_inactive).select(
        Mediator.id, Mediator.name, Mediator.called_name, Mediator.code, Mediator.association
    )
    found = [
        (sorting_key(name), name, mediator_id)
        for mediator_id, name, called, code, association in rows.tuples()
        if (actor.is_coordinator or association in actor.association_ids)
        and (speaking is None or mediator_id in speaking)
        and (certified is None or mediator_id in certified)
        and wanted.association_id in (None, association)
        and (not words or all(word in sorting_key(f"{name} {called} {code}") for word in words))
    ]
    return [mediator_id for _key, _name, mediator_id in sorted(found)]


def mediator_page(actor: Actor, mediator_id: int, now: dt.datetime) -> MediatorPage:
    """One mediator. Raises NotFound, or Forbidden where they are not the actor's to look up."""
    row = Mediator.get_or_none(Mediator.id == mediator_id)
    if row is None:
        raise NotFound
    require_reader(actor)
    view = get_mediator(actor, mediator_id)
    if not actor.is_coordinator and view.association_id not in actor.association_ids:
        raise Forbidden
    may_edit = coordinates(actor, view.home_office_id)
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
        absences=tuple(absences_of(actor, mediator_id, since, until, now)) if may_edit else None,
        unavailable=tuple(availability_of(actor, mediator_id)) if may_edit else None,
        may_edit=may_edit,
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
    """What is held of each kind, those that end first at the top.

    Of several of a kind the one that counts today and its renewals to come, each with a paper of
    its own; else the latest. What is renewed without a gap does not end soon.
    """
    today = network_date(now)
    kinds: dict[str, list[CertificationView]] = {}
    for one in certifications_of(actor, mediator_id, now):
        kinds.setdefault(one.kind, []).append(one)
    found = [
        CertificateView(
            kind=one.kind,
            name=in_readers_language(one.kind_name_pt, one.kind_name_en),
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            state=str(one.state) if _renewed(one, held) else shown_state(one, today),
            number=one.number,
        )
        for held in map(_held_now, kinds.values())
        for one in held
    ]
    return tuple(sorted(found, key=lambda one: (one.valid_until or dt.date.max, one.name)))


def _held_now(of_a_kind: list[CertificationView]) -> list[CertificationView]:
    """The one that counts and those to come after it, else the latest; the latest come first."""
    valid = [one for one in of_a_kind if one.state is CertificationState.VALID][:1]
    to_come = [one for one in of_a_kind if one.state is CertificationState.NOT_YET]
    return [*to_come, *valid] if valid else of_a_kind[:1]


def _renewed(one: CertificationView, held: list[CertificationView]) -> bool:
    """Whether another of the same kind follows on with no day between."""
    ends = one.valid_until
    return ends is not None and any(
        later.valid_from <= ends + dt.timedelta(days=1)
        and (later.valid_until is None or later.valid_until > ends)
        for later in held
    )


def shown_state(one: CertificationView, today: dt.date) -> str:
    """The certification's state, or `soon` when it counts but ends within 60 days."""
    ends_soon = one.valid_until is not None and one.valid_until <= today + SOON
    return "soon" if ends_soon and one.state is CertificationState.VALID else str(one.state)


LEVELS = (LanguageLevel.WORKING, LanguageLevel.FLUENT, LanguageLevel.NATIVE)
"""From the least to the most."""


def _speaking(language: str, level: str) -> set[int] | None:
    """Who speaks the language at that level or above; with a level and no language, any at that
    level. None where neither is asked."""
    if not language and not level:
        return None
    least = LEVELS.index(LanguageLevel(level)) if level in tuple(LEVELS) else 0
    query: Any = MediatorLanguage.select(MediatorLanguage.mediator)
    query = query.where(MediatorLanguage.level.in_(LEVELS[least:]))
    if language:
        query = query.where(MediatorLanguage.language == language)
    return {mediator_id for (mediator_id,) in query.tuples()}


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


def require_reader(actor: Actor) -> None:
    if not actor.is_coordinator and not actor.association_ids:
        raise Forbidden
