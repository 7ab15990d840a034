"""The run that tries a roster out: an office's week simulated day by day, and what it tells."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from app.models import Desk, Office, Roster
from app.runs import Commit, RunContext
from app.services import planning, reception, waiting_basis, waiting_desks
from app.services.desk_hours import straight_to_desks
from app.services.field_riders import Rider, aboard
from app.services.horizon import Horizon
from app.services.hours import Times, merged, without
from app.services.judging import Judged, judge
from app.services.time_away import leave_between
from forecast.staffing import at_reception
from forecast.waiting import (
    Estimate,
    MediatorLoad,
    OfficeDay,
    ServingMediator,
    WaitingReport,
    WaitingRow,
    simulate,
)
from solver.view import whole_view

REPLICATIONS = 200
SEED = 20_260_301
DAYS = 7
RECEPTION = ""
"""Where one serves who sits at no desk."""


def simulate_week(context: RunContext) -> Commit:
    """The run: every day of the week on which the office opens, REPLICATIONS times."""
    asked = context.parameters
    office = Office.get(Office.code == asked["office"])
    roster = Roster.get_by_id(asked["roster"])
    week = dt.date.fromisoformat(asked["week"])
    now, basis = dt.datetime.now(dt.UTC), waiting_basis.basis(office, week)
    forecast = planning.forecast_of(office, week, now)
    received = at_reception(forecast, straight_to_desks(office, week, forecast))
    judged = judge(roster)
    serving = serving_mediators(office, roster.week_starts_on, judged)
    at_desks = serving_at_desks(office, roster.week_starts_on, judged)
    asked_there = waiting_desks.desk_forecasts(office, week, forecast)
    days = []
    for index in range(DAYS):
        if context.should_stop():
            break
        date = week + dt.timedelta(days=index)
        day = OfficeDay.of_forecast(
            received,
            date,
            on_day(serving, date, ZoneInfo(office.zone)),
            service=reception.service_times(office, week),
            manners=reception.manners(office),
        ).with_demand(float(asked["factor"]))
        if asked["away"]:
            day = day.without(asked["away"])
        if day.starts:
            report = simulate(day, replications=REPLICATIONS, seed=SEED + index)
            desks = [
                _desk_told(
                    need,
                    waiting_desks.desk_day(
                        office,
                        week,
                        need,
                        there,
                        date,
                        tuple(on_day(at_desks.get(need, ()), date, ZoneInfo(office.zone))),
                    ),
                    asked,
                    SEED + index,
                )
                for need, there in asked_there.items()
                if there.mean[there.grid.days == date.toordinal()].any()
            ]
            told = {"day": index, "date": date.isoformat(), **_told(report), "desks": desks}
            days.append(told)
        context.report(step="waiting", done=index + 1, of=DAYS)
    return lambda: {"days": days, "basis": basis}


def _desk_told(need: str, day: OfficeDay, asked: Mapping[str, Any], seed: int) -> dict[str, Any]:
    day = day.with_demand(float(asked["factor"]))
    if asked["away"]:
        day = day.without(asked["away"])
    report = simulate(day, replications=REPLICATIONS, seed=seed)
    loads = [_load(one) for one in report.mediators]
    return waiting_desks.told_of_desk(need, _row(report.overall), loads)


def serving_mediators(
    office: Office, week_starts_on: dt.date, judged: Judged
) -> tuple[ServingMediator, ...]:
    """Who receives visitors at the reception of an office, and when.

    A shift less its breaks and training, and less the slots in which the exact counting of cover
    has them at a desk of their own: a desk's mediator does not receive.
    """
    problem = judged.problem
    horizon = Horizon(week_starts_on)
    spans = _times_served(office, horizon, judged).get(RECEPTION, {})
    for code, theirs in _along(office, horizon, spans).items():
        if code in problem.mediator_by_id:
            spans[code] = theirs
    return tuple(
        ServingMediator(code, frozenset(problem.mediator_by_id[code].skills), tuple(theirs))
        for code, theirs in spans.items()
        if theirs
    )


def serving_at_desks(
    office: Office, week_starts_on: dt.date, judged: Judged
) -> dict[str, tuple[ServingMediator, ...]]:
    """Who sits at each desk of an office and when, as the exact counting of cover has them, by the
    desk's need."""
    served = _times_served(office, Horizon(week_starts_on), judged)
    known = judged.problem.mediator_by_id
    return {
        need: tuple(
            ServingMediator(code, frozenset(known[code].skills), tuple(theirs))
            for code, theirs in spans.items()
        )
        for need, spans in served.items()
        if need != RECEPTION
    }


def _times_served(
    office: Office, horizon: Horizon, judged: Judged
) -> dict[str, dict[str, list[Times]]]:
    """Where each mediator at an office serves, as the exact counting of cover has them: a desk's
    need or RECEPTION → their codes → when."""
    problem = judged.problem
    view = whole_view(problem, judged.assignments)
    place, counting = view.facts.office_index[office.code], view.facts.cover
    desks = {one.need for one in Desk.select(Desk.need).where(Desk.office == office)}
    slots: defaultdict[str, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (where, slot), servers in sorted(view.places.items()):
        if where != place:
            continue
        table = counting.tables.get((place, slot))
        for server, met in counting.serves(place, slot, servers).items():
            label = "" if met is None or table is None else _label_of(table.exclusive[met].id)
            slots[label if label in desks else RECEPTION][servers[server]].append(slot)
    return {
        at: {
            problem.mediators[index].id: [
                (horizon.instant(start), horizon.instant(end)) for start, end in _spans(theirs)
            ]
            for index, theirs in sorted(found.items())
        }
        for at, found in slots.items()
    }


def _along(
    office: Office, horizon: Horizon, spans: Mapping[str, list[Times]]
) -> dict[str, list[Times]]:
    """When those who go along on the unit's routes receive: at the stops, unless they are absent,
    and by `spans`, their shifts at the unit, while they are not out.

    The unit is where its route is, and so are its visitors.
    """
    week = (horizon.starts_at, horizon.ends_at)
    riders: defaultdict[str, list[Rider]] = defaultdict(list)
    for rider in aboard(*week):
        if rider.office_id == office.id:
            riders[rider.code].append(rider)
    absent: defaultdict[int, list[Times]] = defaultdict(list)
    for one in leave_between([theirs[0].mediator_id for theirs in riders.values()], *week):
        absent[one.mediator_id].append((one.starts_at, one.ends_at))
    found = {}
    for code, theirs in riders.items():
        out = [(one.leaves_at, one.back_at) for one in theirs]
        stops = [stop for one in theirs for stop in one.at_stops]
        there = without(stops, absent[theirs[0].mediator_id])
        found[code] = merged([*without(spans.get(code, ()), out), *there])
    return found


def _label_of(requirement_id: str) -> str:
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


def on_day(
    serving: Iterable[ServingMediator], date: dt.date, zone: ZoneInfo
) -> list[ServingMediator]:
    """Those who receive on a day, with that day's times alone."""
    found = []
    for one in serving:
        spans = tuple(span for span in one.serving if span[0].astimezone(zone).date() == date)
        if spans:
            found.append(ServingMediator(one.id, one.skills, spans))
    return found


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
