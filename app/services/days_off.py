"""Who is in service on which days, and why somebody of a week is off, as a coordinator reads it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from peewee import Expression

from app.i18n import _
from app.models import Absence, AbsenceKind, Mediator, RequestStatus
from app.models.written import written
from app.services import audit
from app.services.horizon import Horizon
from app.services.rights import Actor


def in_service(first: dt.date, last: dt.date) -> Expression:
    """The condition on a mediator: active, and under contract on a day from `first` to `last`."""
    condition: Expression = (
        Mediator.active
        & (Mediator.starts_on <= last)
        & (Mediator.ends_on.is_null() | (Mediator.ends_on >= first))
    )
    return condition


class DaysOff:
    """The approved absences of some people in a week, read at once."""

    def __init__(self, mediator_ids: Iterable[int], horizon: Horizon) -> None:
        self._horizon = horizon
        self._told: set[int] = set()
        self._absences: defaultdict[int, list[Absence]] = defaultdict(list)
        for row in _approved(list(mediator_ids), horizon.starts_at, horizon.ends_at):
            self._absences[row.mediator_id].append(row)

    def why(self, mediator_id: int, index: int) -> str:
        """The reason of an absence that touches the day; empty where there is none."""
        day = self._horizon.days[index]
        starts_at, ends_at = self._horizon.instant(day.start), self._horizon.instant(day.end)
        for one in self._absences[mediator_id]:
            if one.starts_at < ends_at and one.ends_at > starts_at:
                self._told.add(mediator_id)
                return absence_words(one.kind)
        return ""

    def note_reading(self, actor: Actor, now: dt.datetime) -> None:
        """Write down whose reasons the actor was told."""
        audit.note_reading(actor, "absence", self._told, now)


@written
def _approved(mediator_ids: Any, since: Any, until: Any) -> Any:
    return Absence.select().where(
        Absence.mediator.in_(mediator_ids),
        Absence.status == RequestStatus.APPROVED,
        Absence.starts_at < until,
        Absence.ends_at > since,
    )


def absence_words(kind: AbsenceKind) -> str:
    """Why somebody is off, for coordinators alone: it may be health data."""
    words: dict[AbsenceKind, str] = {
        AbsenceKind.LEAVE: _("on leave"),
        AbsenceKind.SICKNESS: _("sick"),
        AbsenceKind.OTHER: _("away"),
    }
    return words[kind]
