"""What will the wait be? A roster of an office tried out on many simulated days of its week."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import (
    Desk,
    ForecastSlot,
    Mediator,
    Office,
    OfficeKind,
    Roster,
    RosterStatus,
    Run,
    RunStatus,
    database,
)
from app.runs import Commit, RunContext
from app.services import demand_view, planning, requirements, runs
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.horizon import Horizon
from app.services.judging import Judged, judge
from app.services.rights import Actor, require_coordinator
from forecast.erlang import Target
from forecast.waiting import (
    Estimate,
    Manners,
    MediatorLoad,
    OfficeDay,
    ServingMediator,
    WaitingReport,
    WaitingRow,
    simulate,
)
from solver.cover_count import CoverCount

REPLICATIONS = 200
FACTORS = (1, 2)
RUNS_LOOKED_AT = 60
PATIENCE_MINUTES = 60.0
PHONE_AFTER_MINUTES = 30.0
SEED = 20_260_301
DAYS = 7


@dataclass(frozen=True, slots=True)
class Question:
    """A roster, and what if: so many times the visitors, one mediator (by code) away."""

    office: str
    week: dt.date
    roster: int
    revision: int
    factor: int = 1
    away: str = ""

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
    office: demand_view.OfficeChoice
    offices: tuple[demand_view.OfficeChoice, ...]
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
    office, choices = demand_view.office_of(actor, office_code)
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
        office=demand_view.OfficeChoice(office.code, office.name),
        offices=choices,
        zone=office.zone,
        starts_on=week_starts_on,
        rosters=tuple(RosterChoice(one.id, one.version, one.status) for one in rosters),
        question=question,
        foreseen=ForecastSlot.select()
        .where(ForecastSlot.office == office, ForecastSlot.week_starts_on == week_starts_on)
        .exists(),
        people=_people(office, roster) if roster else (),
        days=tuple(days),
        day=day if day is not None and any(one["day"] == day for one in days) else first,
        run_id=_under_way(question) if question else None,
        names=demand_view.label_names(office),
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
    office, _choices = demand_view.office_of(actor, office_code)
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
    with database.atomic():
        return runs.ask(actor, "waiting", question.parameters(), now)


def simulated(office: Office, roster: Roster) -> list[dict[str, Any]]:
    """What was last simulated of the days of a roster as it stands, as foreseen and nobody away;
    empty when nothing was."""
    found = _newest(_question(office, roster, 1, ""))
    return list(found.result.get("days", [])) if found else []


def simulate_week(context: RunContext) -> Commit:
    """The run: every day of the week on which the office opens, REPLICATIONS times."""
    asked = context.parameters
    office = Office.get(Office.code == asked["office"])
    roster = Roster.get_by_id(asked["roster"])
    week = dt.date.fromisoformat(asked["week"])
    forecast = planning.forecast_of(office, week)
    serving = serving_mediators(office, roster.week_starts_on, judge(roster))
    days = []
    for index in range(DAYS):
        if context.should_stop():
            break
        date = week + dt.timedelta(days=index)
        day = OfficeDay.of_forecast(
            forecast,
            date,
            _on_day(serving, date, ZoneInfo(office.zone)),
            service=requirements.service_times(office, week),
            manners=_manners(office),
        ).with_demand(float(asked["factor"]))
        if asked["away"]:
            day = day.without(asked["away"])
        if day.starts:
            report = simulate(day, replications=REPLICATIONS, seed=SEED + index)
            days.append({"day": index, "date": date.isoformat(), **_told(report)})
        context.report(step="waiting", done=index + 1, of=DAYS)
    return lambda: {"days": days}


def serving_mediators(
    office: Office, week_starts_on: dt.date, judged: Judged
) -> tuple[ServingMediator, ...]:
    """Who receives visitors at the reception of an office, and when.

    A shift less its breaks and training, and less the slots in which the exact counting of cover
    has them at a desk of their own: a desk's mediator does not receive.
    """
    problem = judged.problem
    horizon = Horizon(week_starts_on)
    place = next(index for index, one in enumerate(problem.offices) if one.id == office.code)
    where = {one.id: index for index, one in enumerate(problem.mediators)}
    at: defaultdict[int, list[int]] = defaultdict(list)
    for one in judged.assignments:
        shift = problem.shift_by_id.get(one.shift)
        if shift is None or shift.office != office.code or one.mediator not in where:
            continue
        busy = problem.mediator_by_id[one.mediator].busy_slots
        for slot in shift.worked:
            if slot not in busy:
                at[slot].append(where[one.mediator])
    desks = {one.need for one in Desk.select(Desk.need).where(Desk.office == office)}
    counting = CoverCount(problem)
    receiving: defaultdict[int, list[int]] = defaultdict(list)
    for slot, servers in sorted(at.items()):
        table = counting.tables.get((place, slot))
        for server, met in counting.serves(place, slot, servers).items():
            if met is None or table is None or label_of(table.exclusive[met].id) not in desks:
                receiving[servers[server]].append(slot)
    return tuple(
        ServingMediator(
            problem.mediators[index].id,
            frozenset(problem.mediators[index].skills),
            tuple((horizon.instant(start), horizon.instant(end)) for start, end in _spans(slots)),
        )
        for index, slots in sorted(receiving.items())
    )


def label_of(requirement_id: str) -> str:
    """The label inside the id that `problems` gives a requirement: `lisbon.20.legal.7`."""
    parts = requirement_id.split(".")
    return parts[2] if len(parts) == 4 else ""


def _spans(slots: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for slot in slots:
        if found and found[-1][1] == slot:
            found[-1] = (found[-1][0], slot + 1)
        else:
            found.append((slot, slot + 1))
    return found


def _on_day(
    serving: Iterable[ServingMediator], date: dt.date, zone: ZoneInfo
) -> list[ServingMediator]:
    found = []
    for one in serving:
        spans = tuple(span for span in one.serving if span[0].astimezone(zone).date() == date)
        if spans:
            found.append(ServingMediator(one.id, one.skills, spans))
    return found


def _manners(office: Office) -> Manners:
    telephone = office.kind == OfficeKind.TELEPHONE
    return Manners(
        target=Target(office.target_share_percent / 100, float(office.target_wait_minutes)),
        patience_minutes=PATIENCE_MINUTES,
        phone_after_minutes=None if telephone else PHONE_AFTER_MINUTES,
    )


def _told(report: WaitingReport) -> dict[str, Any]:
    """A report as the run keeps it; estimates are [value, low, high]."""
    return {
        "replications": report.replications,
        "target_share": report.target.share,
        "target_minutes": report.target.wait_minutes,
        "overall": _row(report.overall),
        "by_language": [_row(one) for one in report.by_language if one.visitors > 0],
        "by_hour": [_row(one) for one in report.by_hour],
        "by_language_hour": [_row(one) for one in report.by_language_hour],
        "mediators": [_load(one) for one in report.mediators],
    }


def _row(row: WaitingRow) -> dict[str, Any]:
    return {
        "language": row.language,
        "hour": row.hour.isoformat() if row.hour else None,
        "visitors": round(row.visitors, 2),
        "wait": _estimate(row.mean_wait, 2),
        "within": _estimate(row.within, 4),
        "phone": _estimate(row.phone, 4),
        "left": _estimate(row.left, 4),
        "unserved": _estimate(row.unserved, 4),
        "few": row.few,
    }


def _load(load: MediatorLoad) -> dict[str, Any]:
    return {
        "mediator": load.id,
        "minutes": round(load.serving_minutes),
        "visitors": round(load.visitors, 1),
        "utilisation": _estimate(load.utilisation, 4),
    }


def _estimate(one: Estimate, digits: int) -> list[float | None]:
    """[value, low, high]; an end that is not known is None."""
    known = (one.value, one.low, one.high)
    return [round(value, digits) if value < float("inf") else None for value in known]


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
    recent = (
        Run.select(Run.id, Run.parameters)
        .where(Run.kind == "waiting", Run.status.in_(statuses))
        .order_by(Run.id.desc())
        .limit(RUNS_LOOKED_AT)
    )
    for one in recent:
        if one.parameters == question.parameters():
            return Run.get_by_id(one.id)
    return None
