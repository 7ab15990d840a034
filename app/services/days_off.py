"""Who is in service on which days, and that or why somebody of a week is off, as a coordinator may
read it."""

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
from app.services.session_clashes import may_know_why


def in_service(first: dt.date, last: dt.date) -> Expression:
    """The condition on a mediator: active, and under contract on a day from `first` to `last`."""
    condition: Expression = (
        Mediator.active
        & (Mediator.starts_on <= last)
        & (Mediator.ends_on.is_null() | (Mediator.ends_on >= first))
    )
    return condition


class DaysOff:
    """The approved absences of some people in a week, read at once for one reader.

    Why they are off is told to who may know it; of others' visitors no more than that they are.
    """

    def __init__(self, actor: Actor, mediators: Iterable[Mediator], horizon: Horizon) -> None:
        self._actor = actor
        self._horizon = horizon
        self._told: set[int] = set()
        self._absences: defaultdict[int, list[Absence]] = defaultdict(list)
        people = {one.id: one for one in mediators}
        self._known = {one.id for one in people.values() if may_know_why(actor, one)}
        for row in _approved(list(people), horizon.starts_at, horizon.ends_at):
            self._absences[row.mediator_id].append(row)

    def why(self, mediator_id: int, index: int) -> str:
        """The reason of an absence that touches the day, as far as the reader may know it; empty
        where there is none."""
        day = self._horizon.days[index]
        starts_at, ends_at = self._horizon.instant(day.start), self._horizon.instant(day.end)
        for one in self._absences[mediator_id]:
            if one.starts_at < ends_at and one.ends_at > starts_at:
                self._told.add(mediator_id)
                known = mediator_id in self._known
                return absence_words(one.kind if known else AbsenceKind.OTHER)
        return ""

    def note_reading(self, now: dt.datetime) -> None:
        """Write down of whom the reader was told that they are off."""
        audit.note_reading(self._actor, "absence", self._told, now)


@written
def _approved(mediator_ids: Any, since: Any, until: Any) -> Any:
    return Absence.select().where(
        Absence.mediator.in_(mediator_ids),
        Absence.status == RequestStatus.APPROVED,
        Absence.starts_at < until,
        Absence.ends_at > since,
    )


def absence_words(kind: AbsenceKind) -> str:
    """Why somebody is off, for who may know why alone: it may be health data."""
    words: dict[AbsenceKind, str] = {
        AbsenceKind.LEAVE: _("on leave"),
        AbsenceKind.SICKNESS: _("sick"),
        AbsenceKind.OTHER: _("away"),
    }
    return words[kind]
