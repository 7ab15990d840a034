"""What those who may work at an office hold in a week."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.models import Certification, Mediator, MediatorLanguage, MediatorOffice, Office
from app.models.written import written
from app.services.days_off import in_service


def skills_at(offices: list[Office], week: dt.date) -> dict[int, list[set[str]]]:
    """What each of those who may work at an office holds at some time of the week, by office."""
    sunday = week + dt.timedelta(days=6)
    ids = [one.id for one in offices]
    visits = _visits(ids)
    people = dict(_may_work(ids, week, sunday))
    skills: dict[int, set[str]] = {one: set() for one in people}
    for who, code in _spoken(list(people)):
        skills[who].add(f"lang:{code}")
    for who, kind in _certified(list(people), week, sunday):
        skills[who].add(f"cert:{kind}")
    works_at = set(people.items()) | set(visits)
    held: dict[int, list[set[str]]] = {one: [] for one in ids}
    for mediator_id, office_id in works_at:
        if office_id in held and mediator_id in skills:
            held[office_id].append(skills[mediator_id])
    return held


@written
def _visits(office_ids: Any) -> Any:
    """(person, office) of those who may work at these offices besides their own."""
    query = MediatorOffice.select(MediatorOffice.mediator, MediatorOffice.office)
    return query.where(MediatorOffice.office.in_(office_ids)).tuples()


@written
def _may_work(office_ids: Any, first: Any, last: Any) -> Any:
    """(person, home office) of those who may work at these offices on these dates."""
    visits = MediatorOffice.select(MediatorOffice.mediator)
    visits = visits.where(MediatorOffice.office.in_(office_ids))
    query = Mediator.select(Mediator.id, Mediator.home_office).where(
        in_service(first, last),
        Mediator.home_office.in_(office_ids) | Mediator.id.in_(visits),
    )
    return query.tuples()


@written
def _spoken(mediator_ids: Any) -> Any:
    query = MediatorLanguage.select(MediatorLanguage.mediator, MediatorLanguage.language)
    return query.where(MediatorLanguage.mediator.in_(mediator_ids)).tuples()


@written
def _certified(mediator_ids: Any, first: Any, last: Any) -> Any:
    query = Certification.select(Certification.mediator, Certification.kind).where(
        Certification.mediator.in_(mediator_ids),
        Certification.withdrawn_at.is_null(),
        Certification.valid_from <= last,
        Certification.valid_until.is_null() | (Certification.valid_until >= first),
    )
    return query.tuples()
