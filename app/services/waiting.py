"""What will the wait be? A roster of an office tried out on many simulated days of its week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.models import (
    ForecastSlot,
    Mediator,
    Office,
    Roster,
    RosterStatus,
    Run,
    RunStatus,
    database,
)
from app.models.written import written
from app.services import demand_view, office_choice, runs, waiting_basis
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.rights import Actor, require_coordinator
from app.services.waiting_basis import Changed

FACTORS = (1, 2)


@dataclass(frozen=True, slots=True)
class Question:
    """A roster, and what if: so many times the visitors, one mediator (by code) away."""

    office: str
    week: dt.date
    roster: int
    revision: int
    factor: int = 1
    away: str = ""

    @property
    def about(self) -> str:
        return f"{self.office}.{self.roster}"

    def parameters(self) -> dict[str, Any]:
        return {
            "office": self.office,
            "week": self.week.isoformat(),
            "roster": self.roster,
            "revision": self.revision,
            "factor": self.factor,
            "away": self.away,
        }


@dataclass(frozen=True, slots=True)
class RosterChoice:
    id: int
    version: int
    status: RosterStatus


@dataclass(frozen=True, slots=True)
class WaitView:
    office: office_choice.OfficeChoice
    offices: tuple[office_choice.OfficeChoice, ...]
    zone: str
    starts_on: dt.date
    rosters: tuple[RosterChoice, ...]
    question: Question | None
    """None while the week has no roster."""
    foreseen: bool
    people: tuple[tuple[str, str], ...]
    """Code and called name of those who serve here in the roster."""
    days: tuple[dict[str, Any], ...]
    """What was simulated of each day on which the office opens; empty when nothing was yet."""
    day: int
    run_id: int | None
    """A run that is on its way."""
    names: dict[str, str]
    made_at: dt.datetime | None
    """When it was simulated; None while nothing was."""
    forecast_made_at: dt.datetime | None
    """When the week's forecast that is kept was made, as it was then."""
    outdated: tuple[Changed, ...]
    """What it rests on that is not so any more."""

    @property
    def shown(self) -> dict[str, Any] | None:
        return next((one for one in self.days if one["day"] == self.day), None)


def wait_view(
    actor: Actor,
    office_code: str | None,
    week_starts_on: dt.date,
    *,
    roster_id: int | None = None,
    factor: int = 1,
    away: str = "",
    day: int | None = None,
) -> WaitView:
    """The wait of a week as it was last simulated. Raises NotFound, Forbidden."""
    office, choices = office_choice.office_of(actor, office_code)
    if week_starts_on.weekday() != 0:
        raise NotFound
    rosters = list(
        Roster.select()
        .where(Roster.group == office.group_id, Roster.week_starts_on == week_starts_on)
        .order_by(Roster.version.desc())
    )
    roster = _chosen(rosters, roster_id)
    question = _question(office, roster, factor, away) if roster else None
    found = _newest(question) if question else None
    days: list[dict[str, Any]] = list(found.result.get("days", [])) if found else []
    first = days[0]["day"] if days else 0
    return WaitView(
        office=office_choice.OfficeChoice(office.code, office.name),
        offices=choices,
        zone=office.zone,
        starts_on=week_starts_on,
        rosters=tuple(RosterChoice(one.id, one.version, one.status) for one in rosters),
        question=question,
        foreseen=is_foreseen(office, week_starts_on),
        people=_people(office, roster) if roster else (),
        days=tuple(days),
        day=day if day is not None and any(one["day"] == day for one in days) else first,
        run_id=_under_way(question) if question else None,
        names=demand_view.label_names(office),
        made_at=found.ended_at if found else None,
        forecast_made_at=waiting_basis.forecast_of(found.result) if found else None,
        outdated=waiting_basis.changed(found.result, office, week_starts_on) if found else (),
    )


def ask_simulation(
    actor: Actor,
    office_code: str,
    week_starts_on: dt.date,
    roster_id: int,
    factor: int,
    away: str,
    now: dt.datetime,
) -> int:
    """Queue the simulation of a roster at an office; the run's id. Raises Invalid, NotFound."""
    office, _choices = office_choice.office_of(actor, office_code)
    require_coordinator(actor, office.id)
    roster = Roster.get_or_none(
        Roster.id == roster_id,
        Roster.group == office.group_id,
        Roster.week_starts_on == week_starts_on,
    )
    if roster is None:
        raise NotFound
    faults = Faults()
    faults.one_of("factor", factor, FACTORS)
    if away and away not in {code for code, _name in _people(office, roster)}:
        faults.add("away", away, _("somebody who serves here that week"))
    faults.raise_any()
    question = _question(office, roster, factor, away)
    under_way = _under_way(question)
    if under_way is not None:
        return under_way
    asked = question.parameters()
    mediator = Mediator.get_or_none(Mediator.code == away) if away else None
    told = asked | {"away": mediator.id if mediator else None}
    with database.atomic():
        return runs.ask(actor, "waiting", asked, now, question.about, told=told)


def simulated(office: Office, roster: Roster) -> list[dict[str, Any]]:
    """What was last simulated of the days of a roster as it stands, as foreseen and nobody away;
    empty when nothing was."""
    found = _newest(_question(office, roster, 1, ""))
    return list(found.result.get("days", [])) if found else []


def under_way(office: Office, roster: Roster) -> int | None:
    """The id of the run that simulates a roster as it stands, as foreseen and nobody away."""
    return _under_way(_question(office, roster, 1, ""))


def is_foreseen(office: Office, week_starts_on: dt.date) -> bool:
    return bool(_a_slot(office.id, week_starts_on))


@written
def _a_slot(office_id: Any, week_starts_on: Any) -> Any:
    query = ForecastSlot.select(ForecastSlot.id).where(
        ForecastSlot.office == office_id, ForecastSlot.week_starts_on == week_starts_on
    )
    return query.limit(1).tuples()


def _chosen(rosters: list[Roster], roster_id: int | None) -> Roster | None:
    if roster_id is not None:
        for one in rosters:
            if one.id == roster_id:
                return one
        raise NotFound
    current = [one for one in rosters if one.status != RosterStatus.SUPERSEDED]
    return next(iter(current or rosters), None)


def _question(office: Office, roster: Roster, factor: int, away: str) -> Question:
    return Question(office.code, roster.week_starts_on, roster.id, roster.revision, factor, away)


def _people(office: Office, roster: Roster) -> tuple[tuple[str, str], ...]:
    query = (
        Mediator.select()
        .where(
            Mediator.id.in_([row.mediator_id for row in roster.assignments if
                             row.office_id == office.id])
        )
        .order_by(Mediator.name)
    )  # fmt: skip
    return tuple((one.code, one.called_name or one.name) for one in query)


def _newest(question: Question) -> Run | None:
    return _run(question, (RunStatus.DONE,))


def _under_way(question: Question) -> int | None:
    run = _run(question, (RunStatus.QUEUED, RunStatus.RUNNING))
    return int(run.id) if run else None


def _run(question: Question, statuses: tuple[RunStatus, ...]) -> Run | None:
    return runs.newest("waiting", question.about, statuses, question.parameters())
