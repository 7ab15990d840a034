"""Mediators: who they are, where they work, what they speak, under which contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from peewee import ModelSelect, prefetch

from app.i18n import _
from app.models import (
    Association,
    Completion,
    ContractRegime,
    CourseSession,
    CourseTrainer,
    Enrolment,
    Mediator,
    MediatorLanguage,
    MediatorOffice,
    Office,
    database,
)
from app.services import audit, feed_words
from app.services.checks import Faults
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.horizon import network_date
from app.services.mediator_facts import MediatorFacts, OtherOffice, SpokenLanguage, check_mediator
from app.services.mediator_rows import rows_with
from app.services.rights import Actor, require_coordinator
from app.services.travel import journey


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorView(MediatorFacts):
    """A mediator as pages show them. `dataclasses.replace` makes of it the input of an edit."""

    id: int
    shown_name: str
    association_name: str
    regime_name_pt: str
    regime_name_en: str
    home_office_code: str
    home_office_name: str
    erased: bool
    """Who they are was taken out of the record."""


def create_mediator(actor: Actor, mediator: MediatorFacts, now: dt.datetime) -> int:
    """Add a mediator to an office the actor coordinates; the id. Raises Invalid."""
    require_coordinator(actor, mediator.home_office_id)
    check_mediator(mediator, None, network_date(now))
    with database.atomic():
        row = Mediator.create(**_columns(mediator))
        _replace_children(row.id, mediator)
        audit.record(actor, "mediator.create", "mediator", row.id, now)
    return int(row.id)


def edit_mediator(
    actor: Actor, mediator_id: int, mediator: MediatorFacts, now: dt.datetime
) -> None:
    """Put `mediator` in place of what they were. Raises Invalid.

    Moving someone to another home office needs the right to both.
    """
    row = _row(mediator_id)
    require_coordinator(actor, row.home_office_id)
    require_coordinator(actor, mediator.home_office_id)
    if row.erased_at is not None:
        raise Conflict(_("This record was erased already."))
    check_mediator(mediator, row, network_date(now))
    with database.atomic():
        before = _facts(row)
        if mediator.home_office_id != row.home_office_id:
            mediator = replace(mediator, other_offices=_costs_anew(mediator, before))
        Mediator.update(**_columns(mediator)).where(Mediator.id == mediator_id).execute()
        _replace_children(mediator_id, mediator)
        changed = [name for name in _FIELDS if before[name] != getattr(mediator, name)]
        if {"name", "called_name"} & set(changed):
            feed_words.person_renamed(mediator_id, now)
        if {"phone_from_home", "home_office_id"} & set(changed):
            feed_words.phone_moved(mediator_id, now)
        audit.record(actor, "mediator.edit", "mediator", mediator_id, now, changed=changed)


def set_own_details(
    actor: Actor, mediator_id: int, called_name: str, email: str, now: dt.datetime
) -> None:
    """What a mediator may change of their own record: the name they use and their address."""
    row = _row(mediator_id)
    if actor.mediator_id != mediator_id:
        require_coordinator(actor, row.home_office_id)
    faults = Faults()
    faults.length("called_name", called_name)
    faults.email("email", email)
    faults.raise_any()
    with database.atomic():
        changed = {"called_name": called_name.strip(), "email": email.strip()}
        Mediator.update(**changed).where(Mediator.id == mediator_id).execute()
        if row.called_name != changed["called_name"]:
            feed_words.person_renamed(mediator_id, now)
        audit.record(actor, "mediator.own_details", "mediator", mediator_id, now)


def get_mediator(actor: Actor, mediator_id: int) -> MediatorView:
    """One mediator. Raises NotFound, or Forbidden where they are not the actor's to see."""
    _row(mediator_id)
    found = _views(visible_mediators(actor).where(Mediator.id == mediator_id))
    if not found:
        raise Forbidden
    return found[0]


def list_mediators(
    actor: Actor, office_id: int | None = None, include_inactive: bool = False
) -> list[MediatorView]:
    """The mediators the actor may see, by name; with `office_id` those who may work there."""
    return _views(mediators_of(actor, office_id, include_inactive))


def mediators_of(
    actor: Actor, office_id: int | None = None, include_inactive: bool = False
) -> ModelSelect[Mediator]:
    """The rows of `list_mediators`, in no order."""
    query = visible_mediators(actor)
    if office_id is not None:
        visitors = MediatorOffice.select(MediatorOffice.mediator).where(
            MediatorOffice.office == office_id
        )
        query = query.where((Mediator.home_office == office_id) | Mediator.id.in_(visitors))
    if not include_inactive:
        query = query.where(Mediator.active)
    return query


def mediators_with(ids: Sequence[int]) -> list[MediatorView]:
    """The mediators of these ids, in their order; the actor may see them all."""
    place = {mediator_id: index for index, mediator_id in enumerate(ids)}
    return sorted(_told(rows_with(ids)), key=lambda one: place[one.id])


def visible_mediators(actor: Actor) -> ModelSelect[Mediator]:
    """The rows an actor may see: a coordinator's offices' people, oneself, an association's
    own, a trainer's course members (enrolled in or having completed a course they run)."""
    query = Mediator.select()
    if actor.is_coordinator and actor.office_ids is None:
        return query
    mine = (Mediator.id == actor.mediator_id) | Mediator.association.in_(actor.association_ids)
    if actor.is_coordinator:
        visitors = MediatorOffice.select(MediatorOffice.mediator).where(
            MediatorOffice.office.in_(actor.office_ids)
        )
        mine |= Mediator.home_office.in_(actor.office_ids) | Mediator.id.in_(visitors)
    if actor.is_trainer:
        courses = CourseTrainer.select(CourseTrainer.course).where(
            CourseTrainer.user == actor.user_id
        )
        enrolled = (
            Enrolment.select(Enrolment.mediator)
            .join(CourseSession)
            .where(CourseSession.course.in_(courses))
        )
        completed = Completion.select(Completion.mediator).where(Completion.course.in_(courses))
        mine |= Mediator.id.in_(enrolled) | Mediator.id.in_(completed)
    return query.where(mine)


_FIELDS = tuple(MediatorFacts.__dataclass_fields__)
_CHILDREN = ("languages", "other_offices")
_REFERENCES = {name: name.removesuffix("_id") for name in _FIELDS if name.endswith("_id")}


def _columns(mediator: MediatorFacts) -> dict[str, Any]:
    return {
        _REFERENCES.get(name, name): getattr(mediator, name)
        for name in _FIELDS
        if name not in _CHILDREN
    }


def _replace_children(mediator_id: int, mediator: MediatorFacts) -> None:
    MediatorLanguage.delete().where(MediatorLanguage.mediator == mediator_id).execute()
    MediatorOffice.delete().where(MediatorOffice.mediator == mediator_id).execute()
    for spoken in mediator.languages:
        MediatorLanguage.create(mediator=mediator_id, language=spoken.code, level=spoken.level)
    home = Office.get_by_id(mediator.home_office_id)
    for other in mediator.other_offices:
        cost = other.cost
        if cost is None:
            cost = journey(home, Office.get_by_id(other.office_id)).cost
        MediatorOffice.create(mediator=mediator_id, office=other.office_id, cost=cost)


def _costs_anew(mediator: MediatorFacts, before: dict[str, Any]) -> tuple[OtherOffice, ...]:
    """The other offices, without the costs that were those of the way from the former home."""
    return tuple(
        OtherOffice(one.office_id) if one in before["other_offices"] else one
        for one in mediator.other_offices
    )


def _row(mediator_id: int) -> Mediator:
    row = Mediator.get_or_none(Mediator.id == mediator_id)
    if row is None:
        raise NotFound
    return row


def _views(query: ModelSelect[Mediator]) -> list[MediatorView]:
    """The views of all rows in six queries, whatever their number."""
    rows = prefetch(
        query.order_by(Mediator.name, Mediator.id),
        MediatorLanguage.select(),
        MediatorOffice.select(),
    )
    return _told((row, row.languages, row.other_offices) for row in rows)


def _told(found: Iterable[tuple[Mediator, Iterable[Any], Iterable[Any]]]) -> list[MediatorView]:
    """Mediators with the rows of their languages and of their other offices."""
    associations = {row.id: row for row in Association.select()}
    regimes = {row.id: row for row in ContractRegime.select()}
    homes = {row.id: row for row in Office.select(Office.id, Office.code, Office.name)}
    return [
        MediatorView(
            id=row.id,
            shown_name=row.called_name or row.name,
            association_name=associations[row.association_id].name,
            regime_name_pt=regimes[row.regime_id].name_pt,
            regime_name_en=regimes[row.regime_id].name_en,
            home_office_code=homes[row.home_office_id].code,
            home_office_name=homes[row.home_office_id].name,
            erased=row.erased_at is not None,
            **_facts(row, spoken, others),
        )
        for row, spoken, others in found
    ]


def _facts(
    row: Mediator, languages: Iterable[Any] | None = None, offices: Iterable[Any] | None = None
) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS if name not in _CHILDREN}
    spoken = sorted(
        row.languages if languages is None else languages, key=lambda one: one.language_id
    )
    others = sorted(
        row.other_offices if offices is None else offices, key=lambda one: one.office_id
    )
    kept["languages"] = tuple(
        SpokenLanguage(one.language_id, one.level)
        for one in sorted(spoken, key=lambda one: one.language_id)
    )
    kept["other_offices"] = tuple(
        OtherOffice(one.office_id, one.cost)
        for one in sorted(others, key=lambda one: one.office_id)
    )
    return kept
