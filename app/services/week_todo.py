"""What a coordinator has to see to in a week: the posting date, and what waits to be decided."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.models import (
    Absence,
    Assignment,
    Association,
    Certification,
    LateChange,
    Mediator,
    MediatorLanguage,
    MediatorOffice,
    Office,
    Protocol,
    RequestStatus,
    Requirement,
    Roster,
    RosterStatus,
    Swap,
    SwapStatus,
)
from app.models.written import written
from app.services import withdrawals
from app.services.cover import skill_names
from app.services.cover_labels import in_words
from app.services.days_off import in_service
from app.services.horizon import Horizon, network_date
from app.services.rights import Actor, require_any_coordinator
from app.services.weeks import POSTING_DAYS

PROTOCOL_WEEKS = 4
"""A protocol that ends this many weeks after the week or sooner is told."""


class TodoKind(StrEnum):
    REQUESTS = "requests"
    SWAPS = "swaps"
    BROKEN = "broken"
    LAPSES = "lapses"
    PROTOCOL = "protocol"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to see to; `object_id` and `office` say where it is mended."""

    kind: TodoKind
    name: str = ""
    detail: str = ""
    date: dt.date | None = None
    count: int = 0
    object_id: int | None = None
    office: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """How the week stands to the legal posting date (CT 217)."""

    post_by: dt.date
    published: bool
    days_ahead: int
    """Days between publication, or today, and the week's first day."""
    days_left: int
    """Until the posting date; below 0 once it has passed."""
    late_changes: int
    """Changes of this week published with less notice than the law asks for."""

    @property
    def late(self) -> bool:
        return self.days_ahead < POSTING_DAYS


def notice_of(group_id: int, week: dt.date, now: dt.datetime) -> Notice:
    """The first publication counts: what is changed later is in the register of late changes."""
    today = network_date(now)
    first = (
        Roster.select(Roster.published_at)
        .where(
            Roster.group == group_id,
            Roster.week_starts_on == week,
            Roster.published_at.is_null(False),
        )
        .order_by(Roster.published_at)
        .first()
    )
    posted = network_date(first.published_at) if first else today
    post_by = week - dt.timedelta(days=POSTING_DAYS)
    return Notice(
        post_by=post_by,
        published=first is not None,
        days_ahead=(week - posted).days,
        days_left=(post_by - today).days,
        late_changes=LateChange.select()
        .join(Roster)
        .where(Roster.group == group_id, Roster.week_starts_on == week)
        .count(),
    )


def todo_at(actor: Actor, office_code: str, week: dt.date, now: dt.datetime) -> tuple[Todo, ...]:
    """What waits at one office."""
    return todo_of(actor, Office.select().where(Office.code == office_code), week, now)


def todo_of(
    actor: Actor, offices: Iterable[Office], week: dt.date, now: dt.datetime
) -> tuple[Todo, ...]:
    """What waits at these offices, which the actor coordinates, the most pressing first."""
    require_any_coordinator(actor)
    own = [one for one in offices if actor.office_ids is None or one.id in actor.office_ids]
    ids = [one.id for one in own]
    horizon = Horizon(week)
    people = list(
        Mediator.select()
        .where(Mediator.home_office.in_(ids), in_service(week, horizon.dates[-1]))
        .order_by(Mediator.name)
    )
    return (
        *_broken(actor, own, week, now),
        *_nobody(own, week),
        *_requests(ids, horizon),
        *_swaps(ids, horizon),
        *_lapses(people, week),
        *_protocols(people, week),
    )


def _broken(
    actor: Actor, offices: Iterable[Office], week: dt.date, now: dt.datetime
) -> Iterable[Todo]:
    at_work = (
        Assignment.select(Assignment.mediator)
        .join(Roster)
        .where(Roster.week_starts_on == week, Roster.status == RosterStatus.PUBLISHED)
    )
    withdrawn = Certification.select().where(
        Certification.withdrawn_at.is_null(False), Certification.mediator.in_(at_work)
    )
    if not withdrawn.exists():
        return
    for office in offices:
        for one in withdrawals.broken_shifts(actor, office.code, week, now):
            yield Todo(
                TodoKind.BROKEN,
                name=one.mediator_name,
                date=one.date,
                object_id=one.mediator_id,
                office=office.code,
            )


def _requests(ids: list[int], horizon: Horizon) -> Iterable[Todo]:
    waiting = (
        Absence.select()
        .join(Mediator)
        .where(
            Mediator.home_office.in_(ids),
            Absence.status == RequestStatus.ASKED,
            Absence.starts_at < horizon.ends_at,
            Absence.ends_at > horizon.starts_at,
        )
        .count()
    )
    if waiting:
        yield Todo(TodoKind.REQUESTS, count=waiting)


def _swaps(ids: list[int], horizon: Horizon) -> Iterable[Todo]:
    given = Assignment.alias()
    waiting = (
        Swap.select()
        .join(given, on=Swap.given == given.id)
        .where(
            Swap.status == SwapStatus.ACCEPTED,
            given.office.in_(ids),
            given.date.between(horizon.dates[0], horizon.dates[-1]),
        )
        .count()
    )
    if waiting:
        yield Todo(TodoKind.SWAPS, count=waiting)


def _lapses(people: Iterable[Mediator], week: dt.date) -> Iterable[Todo]:
    """Certifications whose last day is in the week, with none of the kind that goes on."""
    by_id = {one.id: one for one in people}
    names = skill_names()
    rows = list(
        Certification.select().where(
            Certification.mediator.in_(list(by_id)), Certification.withdrawn_at.is_null()
        )
    )
    sunday = week + dt.timedelta(days=6)
    for row in sorted(rows, key=lambda one: (one.valid_until or dt.date.max, one.id)):
        if row.valid_until is None or not week <= row.valid_until <= sunday:
            continue
        renewed = any(
            one.mediator_id == row.mediator_id
            and one.kind_id == row.kind_id
            and one.valid_from <= row.valid_until + dt.timedelta(days=1)
            and (one.valid_until is None or one.valid_until > row.valid_until)
            for one in rows
        )
        if not renewed:
            person = by_id[row.mediator_id]
            yield Todo(
                TodoKind.LAPSES,
                name=person.called_name or person.name,
                detail=names.get(f"cert:{row.kind_id}", str(row.kind_id)),
                date=row.valid_until,
                object_id=person.id,
            )


def _protocols(people: Iterable[Mediator], week: dt.date) -> Iterable[Todo]:
    """Protocols of these people's associations that end soon and have no successor."""
    concerned = {one.association_id for one in people}
    last = week + dt.timedelta(days=6, weeks=PROTOCOL_WEEKS)
    rows = list(
        Protocol.select(Protocol, Association)
        .join(Association)
        .where(Protocol.association.in_(list(concerned)))
        .order_by(Protocol.ends_on)
    )
    for row in rows:
        follows = any(
            one.association_id == row.association_id and one.ends_on > row.ends_on for one in rows
        )
        if week <= row.ends_on <= last and not follows:
            yield Todo(
                TodoKind.PROTOCOL,
                name=row.association.name,
                date=row.ends_on,
                object_id=row.association_id,
            )


def _nobody(offices: Iterable[Office], week: dt.date) -> Iterable[Todo]:
    """What is asked for in the week and held by nobody who may work there."""
    offices = list(offices)
    names = skill_names()
    asked: defaultdict[int, set[tuple[str, ...]]] = defaultdict(set)
    for office_id, needs in _asked([one.id for one in offices], week):
        asked[office_id].add(tuple(sorted(json.loads(needs))))
    held = _skills_at(offices, week)
    for office in offices:
        for needs in sorted(asked[office.id]):
            if not any(set(needs) <= skills for skills in held[office.id]):
                yield Todo(
                    TodoKind.NOBODY,
                    name=office.name,
                    detail=in_words(needs, names),
                    office=office.code,
                )


@written
def _asked(office_ids: Any, week: Any) -> Any:
    """(office, needs as text) of what is asked for in the week, each once."""
    query = Requirement.select(Requirement.office, Requirement.needs.cast("TEXT")).distinct()
    return query.where(
        Requirement.office.in_(office_ids),
        Requirement.week_starts_on == week,
        Requirement.count > 0,
    ).tuples()


def _skills_at(offices: list[Office], week: dt.date) -> dict[int, list[set[str]]]:
    """What each of those who may work at an office holds at some time of the week, by office."""
    sunday = week + dt.timedelta(days=6)
    ids = [one.id for one in offices]
    visits = MediatorOffice.select().where(MediatorOffice.office.in_(ids))
    chosen = Mediator.select(Mediator.id, Mediator.home_office).where(
        in_service(week, sunday),
        Mediator.home_office.in_(ids) | Mediator.id.in_(visits.select(MediatorOffice.mediator)),
    )
    people = {row.id: row.home_office_id for row in chosen}
    skills: dict[int, set[str]] = {one: set() for one in people}
    spoken: Any = MediatorLanguage.select(MediatorLanguage.mediator, MediatorLanguage.language)
    for who, code in spoken.where(MediatorLanguage.mediator.in_(list(people))).tuples():
        skills[who].add(f"lang:{code}")
    for row in Certification.select(Certification.mediator, Certification.kind).where(
        Certification.mediator.in_(list(people)),
        Certification.withdrawn_at.is_null(),
        Certification.valid_from <= sunday,
        Certification.valid_until.is_null() | (Certification.valid_until >= week),
    ):
        skills[row.mediator_id].add(f"cert:{row.kind_id}")
    works_at = set(people.items()) | {(row.mediator_id, row.office_id) for row in visits}
    held: dict[int, list[set[str]]] = {one: [] for one in ids}
    for mediator_id, office_id in works_at:
        if office_id in held and mediator_id in skills:
            held[office_id].append(skills[mediator_id])
    return held
