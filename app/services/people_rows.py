"""The rows that bound a planning group's week, each table read when it is first asked for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

from app.models import (
    Absence,
    Availability,
    Certification,
    Loan,
    LoanStatus,
    Mediator,
    MediatorLanguage,
    MediatorOffice,
    Office,
    PlanningGroup,
    RequestStatus,
    Wish,
)
from app.models.people import ContractRegime
from app.models.written import written
from app.services import lent_across
from app.services.field_busy import field_spans
from app.services.horizon import Horizon
from app.services.hours import Times
from app.services.own_calendars import busy_times
from app.services.problem_history import by_mediator
from app.services.training_busy import training_spans


class PeopleRows:
    """The people of a group's offices in a week, who is lent to it, and what is kept of them, by
    mediator. A look at a week asks for less than a build."""

    def __init__(
        self,
        group: PlanningGroup,
        offices: list[Office],
        horizon: Horizon,
        only: Collection[str] | None = None,
    ) -> None:
        """`only` are codes: of the group's own people, no others are read."""
        self.group = group
        self.horizon = horizon
        self.offices = {office.id: office for office in offices}
        last = horizon.date(horizon.day_count - 1)
        codes = None if only is None else sorted(only)
        self.own = _at_home(list(self.offices), horizon.starts_on, last, codes)
        abroad = lent_across.standing(horizon)
        self.away = by_mediator(one for one in abroad if one.home_group_id == group.id)
        self.guests = by_mediator(one for one in abroad if one.group_id == group.id)
        self.rows = [
            *self.own,
            *(_guests(sorted(self.guests)) if self.guests else ()),
        ]

    @cached_property
    def homes(self) -> dict[int, Office]:
        ids = {row.home_office_id for row in self.rows}
        return {row.id: row for row in _offices(ids)}

    @cached_property
    def _ids(self) -> list[int]:
        return [row.id for row in self.rows]

    @cached_property
    def languages(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for mediator_id, code in _spoken(self._ids):
            found[mediator_id].append(code)
        return found

    @cached_property
    def other_offices(self) -> dict[int, list[MediatorOffice]]:
        offices = MediatorOffice.office.in_(list(self.offices))
        return by_mediator(MediatorOffice.select().where(offices))

    @cached_property
    def certifications(self) -> dict[int, list[Certification]]:
        return by_mediator(_certifications(self._ids))

    @cached_property
    def patterns(self) -> dict[int, list[Availability]]:
        return by_mediator(Availability.select().where(Availability.mediator.in_(self._ids)))

    @cached_property
    def absences(self) -> dict[int, list[Absence]]:
        return by_mediator(
            Absence.select().where(
                Absence.status == RequestStatus.APPROVED,
                Absence.starts_at < self.horizon.ends_at,
                Absence.ends_at > self.horizon.starts_at,
            )
        )

    @cached_property
    def own_busy(self) -> dict[int, list[Times]]:
        return _by_person(busy_times(self._ids, self.horizon.starts_at, self.horizon.ends_at))

    @cached_property
    def wishes(self) -> dict[int, list[Wish]]:
        since, until = self.horizon.starts_at, self.horizon.ends_at
        return by_mediator(Wish.select().where(Wish.starts_at < until, Wish.ends_at > since))

    @cached_property
    def training(self) -> dict[int, list[Times]]:
        spans = training_spans(self.horizon.starts_at, self.horizon.ends_at, self._ids)
        return _by_person((one.mediator_id, one.starts_at, one.ends_at) for one in spans)

    @cached_property
    def loans(self) -> dict[int, list[Loan]]:
        dates = Loan.date.in_(list(self.horizon.dates))
        return by_mediator(Loan.select().where(Loan.status == LoanStatus.AGREED, dates))

    @cached_property
    def outings(self) -> dict[int, list[Times]]:
        return _by_person(field_spans(self.horizon.starts_at, self.horizon.ends_at, self._ids))


def _by_person(rows: Iterable[tuple[int, dt.datetime, dt.datetime]]) -> dict[int, list[Times]]:
    found: dict[int, list[Times]] = defaultdict(list)
    for mediator_id, start, end in rows:
        found[mediator_id].append((start, end))
    return found


@written
def _at_home(office_ids: Any, first: Any, last: Any, codes: Any) -> Any:
    """Who of these offices works on some of these dates, by code; only `codes`, where given."""
    query = Mediator.select(Mediator, ContractRegime).join(ContractRegime)
    return query.where(
        Mediator.home_office.in_(office_ids),
        Mediator.active,
        Mediator.starts_on <= last,
        Mediator.ends_on.is_null() | (Mediator.ends_on >= first),
        *(() if codes is None else (Mediator.code.in_(codes),)),
    ).order_by(Mediator.code)


@written
def _guests(mediator_ids: Any) -> Any:
    query = Mediator.select(Mediator, ContractRegime).join(ContractRegime)
    return query.where(Mediator.id.in_(mediator_ids), Mediator.active).order_by(Mediator.code)


@written
def _offices(office_ids: Any) -> Any:
    return Office.select().where(Office.id.in_(office_ids))


@written
def _spoken(mediator_ids: Any) -> Any:
    query = MediatorLanguage.select(MediatorLanguage.mediator, MediatorLanguage.language)
    return query.where(MediatorLanguage.mediator.in_(mediator_ids)).tuples()


@written
def _certifications(mediator_ids: Any) -> Any:
    query = Certification.select().where(Certification.mediator.in_(mediator_ids))
    return query.order_by(Certification.valid_from)
