"""Forecast against what came: the weeks that were foreseen, and past weeks foreseen again."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.models import ForecastSlot, Office, Run, RunStatus, database
from app.runs import Commit, RunContext
from app.services import bands, demand_view, office_choice, planning, runs
from app.services.bands import BandWeek, HalfHour
from app.services.openings import opening_calendar
from app.services.rights import Actor, require_coordinator
from app.services.weeks import this_monday
from forecast.accuracy import Accuracy, AccuracyReport, Week, compare_slots
from forecast.network import forecast_network, stands_alone
from forecast.office import SlotForecast
from forecast.series import ArrivalSeries

WEEKS_SHOWN = 12
BACK_TEST_WEEKS = 8


@dataclass(frozen=True, slots=True)
class AccuracyView:
    office: office_choice.OfficeChoice
    offices: tuple[office_choice.OfficeChoice, ...]
    zone: str
    planning_week: dt.date
    kept: dict[str, Any] | None
    """What the forecasts that were kept came to; None while none of a past week is."""
    tested: dict[str, Any] | None
    """The newest back-test: `total`, `languages`, `weeks`, `made_at`."""
    band: BandWeek | None
    """The week chosen, half hour by half hour; by default the newest of which something came."""
    band_kept: bool
    """Whether it was foreseen at the time, or again since."""
    late: tuple[dt.date, ...]
    """Weeks whose forecast was made when they had begun: no measure of it, and left out."""
    band_weeks: tuple[dt.date, ...]
    run_id: int | None
    """A back-test on its way."""
    names: dict[str, str]


def accuracy_view(
    actor: Actor, office_code: str | None, now: dt.datetime, week: dt.date | None = None
) -> AccuracyView:
    """What was foreseen of an office against what came. Raises NotFound, Forbidden."""
    office, choices = office_choice.office_of(actor, office_code)
    done = _run(office, (RunStatus.DONE,))
    under_way = _run(office, (RunStatus.QUEUED, RunStatus.RUNNING))
    in_time, late = _kept_slots(office, now)
    kept, half_hours = _kept(office, in_time, now) or (None, [])
    zone = ZoneInfo(office.zone)
    at_the_time = bands.weeks_of(half_hours, zone)
    again = (
        bands.weeks_of(map(HalfHour.read, done.result.get("half_hours", [])), zone) if done else {}
    )
    weeks = {**again, **at_the_time}
    chosen = week if week in weeks else max(weeks, default=None)
    return AccuracyView(
        office=office_choice.OfficeChoice(office.code, office.name),
        offices=choices,
        zone=office.zone,
        planning_week=this_monday(now) + dt.timedelta(weeks=1),
        kept=kept,
        tested=dict(done.result) if done else None,
        band=weeks[chosen] if chosen else None,
        band_kept=chosen in at_the_time,
        late=late,
        band_weeks=tuple(sorted(weeks)),
        run_id=under_way.id if under_way else None,
        names=demand_view.label_names(office),
    )


def ask_back_test(actor: Actor, office_code: str, now: dt.datetime) -> int:
    """Queue the back-test of an office; the run's id."""
    office, _choices = office_choice.office_of(actor, office_code)
    require_coordinator(actor, office.id)
    under_way = _run(office, (RunStatus.QUEUED, RunStatus.RUNNING))
    if under_way is not None:
        return int(under_way.id)
    until = this_monday(now).isoformat()
    with database.atomic():
        return runs.ask(
            actor, "backtest", {"office": office.code, "until": until}, now, office.code
        )


def back_test(context: RunContext) -> Commit:
    """The run: each of the last weeks foreseen from what was known before it, then compared.

    Weeks before the office stood on its own history are left out.
    """
    office = Office.get(Office.code == context.parameters["office"])
    until = dt.date.fromisoformat(context.parameters["until"])
    end = opening_calendar(office).instant(until, 0)
    request = planning.office_request(office, until, planning.language_codes(), end)
    events = planning.known_events()
    rows: list[SlotForecast] = []
    aside: set[dt.date] = set()
    for done, before in enumerate(range(BACK_TEST_WEEKS, 0, -1), start=1):
        if context.should_stop():
            break
        monday = until - dt.timedelta(weeks=before)
        known = request.history.before(monday)
        if stands_alone(known, events):
            forecast = forecast_network([request], monday, planning.WEEK_DAYS, events=events)
            rows += forecast[office.code].rows()
            aside |= set(forecast[office.code].set_aside)
        context.report(step="backtest", done=done, of=BACK_TEST_WEEKS)
    report = compare_slots(
        rows, request.history, ZoneInfo(office.zone), until=end, set_aside=sorted(aside)
    )
    half_hours = bands.half_hours(rows, request.history, end)
    return lambda: {
        **_told(report),
        "half_hours": [one.told() for one in half_hours],
        "made_at": dt.datetime.now(dt.UTC).isoformat(),
    }


def _kept_slots(office: Office, now: dt.datetime) -> tuple[list[SlotForecast], tuple[dt.date, ...]]:
    """The forecasts kept of the last weeks that were made before each began; the other weeks."""
    last = this_monday(now)
    first = last - dt.timedelta(weeks=WEEKS_SHOWN - 1)
    openings = opening_calendar(office)
    slots, late = [], set()
    for one in (
        ForecastSlot.select()
        .where(ForecastSlot.office == office, ForecastSlot.week_starts_on.between(first, last))
        .order_by(ForecastSlot.starts_at)
    ):
        if one.made_at >= openings.instant(one.week_starts_on, 0):
            late.add(one.week_starts_on)
            continue
        levels = (one.q50, one.q80, one.q90, one.q95)
        slots.append(SlotForecast(one.starts_at, one.language_id, one.mean, levels))
    return slots, tuple(sorted(late))


def _kept(
    office: Office, slots: list[SlotForecast], now: dt.datetime
) -> tuple[dict[str, Any], list[HalfHour]] | None:
    """Forecasts of weeks that have begun, against what came by now; None without any."""
    if not any(one.start < now for one in slots):
        return None
    since = min(one.start for one in slots)
    came = _came(office, since, now)
    report = compare_slots(slots, came, ZoneInfo(office.zone), until=now)
    return _told(report), bands.half_hours(slots, came, now)


def _came(office: Office, since: dt.datetime, until: dt.datetime) -> ArrivalSeries:
    calendar = planning.forecast_calendar(
        opening_calendar(office), since.date(), until.date() + dt.timedelta(days=1)
    )
    return planning.logged(office, since, until, calendar, planning.language_codes())


def _told(report: AccuracyReport) -> dict[str, Any]:
    return {
        "total": _accuracy(report.total),
        "languages": sorted(
            (_accuracy(one) for one in report.by_language if one.actual or one.forecast >= 1),
            key=lambda one: -one["actual"],
        ),
        "weeks": [_week(one) for one in report.weeks],
    }


def _accuracy(one: Accuracy) -> dict[str, Any]:
    return {
        "language": one.language,
        "forecast": round(one.forecast, 1),
        "actual": round(one.actual),
        "wape": _number(one.wape),
        "bias": _number(one.bias),
        "covered": [_number(value) for value in one.covered],
    }


def _week(one: Week) -> dict[str, Any]:
    return {
        "monday": one.monday.isoformat(),
        "forecast": round(one.forecast, 1),
        "actual": round(one.actual),
        "low": round(one.low, 1),
        "high": round(one.high, 1),
        "outside": round(one.outside),
        "doubts": [str(doubt) for doubt in one.doubts],
        "days": [day.isoformat() for day in one.days],
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _run(office: Office, statuses: tuple[RunStatus, ...]) -> Run | None:
    """The newest back-test of the office in one of those states."""
    return runs.newest("backtest", office.code, statuses)
