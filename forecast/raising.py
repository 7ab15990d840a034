"""Languages that fall short although every requirement is met are raised, by simulating.

Requirements are derived as if visitors waited in one queue (`staffing`), and languages only
divide its heads. Nobody can relieve a colleague whose language they do not speak, so a language
may wait longer than the pool. So each day is simulated with the roster that meets the requirements
exactly and no better: one mediator for each head asked for, who speaks what one of the office's
own people with that language speaks. A language of which then clearly fewer than the target are
received in time is asked for once more where it falls short. The heads of the pool are enough and
stay as many: one asked for in the commonest language (or in any) is asked for in this one instead,
as long as another is left. A presence is raised without taking any, and only where it falls far
short.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from forecast.arrays import BoolArray
from forecast.office import OfficeForecast
from forecast.requirements import (
    LANGUAGE_PREFIX,
    Desk,
    Kind,
    ServiceTimes,
    StaffingNeed,
    StaffingRules,
)
from forecast.staffing import ANY, StaffingPlan, at_reception, staff_office
from forecast.visitors import Manners, OfficeDay, ServingMediator
from forecast.waiting import WaitingReport, WaitingRow, simulate

REPLICATIONS = 40
RAISED_MOST = 1
"""By how many a count is raised at most; also how many times a day is tried."""
PRESENCE_TOLERANCE = 0.75
"""A presence is raised only below so much of the target: the telephone stands in for the rest."""
SEED = 20_261_126
_HEADS = frozenset({Kind.LANGUAGE, Kind.ANY})


def staff_office_raised(
    forecast: OfficeForecast,
    service: ServiceTimes,
    manners: Manners,
    repertoires: Sequence[frozenset[str]] = (),
    *,
    desks: Sequence[Desk] = (),
    rules: StaffingRules | None = None,
    straight: BoolArray | None = None,
) -> StaffingPlan:
    """`staff_office`, with the languages raised that fall short when a day is simulated.

    repertoires: the skills of each of the office's people; what nobody there speaks is taken to be
    spoken with the commonest language alone. `Reason.raised` tells by how much a count was changed.
    Desks are left as they are: their mediators are certified whatever they speak.
    """
    plan = staff_office(forecast, service, desks=desks, rules=rules, straight=straight)
    received = at_reception(forecast, straight)
    at_desk = {need for desk in desks for need in desk.needs}
    needs = [need for need in plan.needs if need.kind is Kind.DESK]
    by_day: defaultdict[date, list[StaffingNeed]] = defaultdict(list)
    day_of = {
        start: date.fromordinal(int(day))
        for start, day in zip(forecast.starts, forecast.grid.days, strict=True)
    }
    for need in plan.needs:
        if need.kind is not Kind.DESK:
            by_day[day_of[need.start]].append(need)
    for day, asked in sorted(by_day.items()):
        needs += _raised(_pooled(received, at_desk), day, asked, service, manners, repertoires)
    needs.sort(key=lambda need: (need.start, need.kind, need.id))
    return replace(plan, needs=tuple(needs))


def _pooled(forecast: OfficeForecast, at_desk: set[str]) -> OfficeForecast:
    """The forecast without the visitors whom a desk serves."""
    kept = [need not in at_desk for need in forecast.needs]
    return replace(forecast, mean=forecast.mean * kept)


def _raised(
    forecast: OfficeForecast,
    day: date,
    asked: list[StaffingNeed],
    service: ServiceTimes,
    manners: Manners,
    repertoires: Sequence[frozenset[str]],
) -> list[StaffingNeed]:
    """The needs of a day, those of languages that fall short raised."""
    common = commonest(forecast)
    for attempt in range(RAISED_MOST):
        met = meeting_exactly(asked, common, repertoires)
        simulated = OfficeDay.of_forecast(forecast, day, met, service=service, manners=manners)
        report = simulate(simulated, replications=REPLICATIONS, seed=SEED + attempt)
        counted = {need.id for need in asked if need.kind is Kind.LANGUAGE}
        short = {
            row.language: row.within.value
            for row in report.by_language
            if row.language != common
            and _clearly_short(row, report, 1.0 if row.language in counted else PRESENCE_TOLERANCE)
        }
        worst = _short_hours(report, short)
        higher = _one_more_each(asked, short, worst, common)
        if higher == asked:
            break
        asked = higher
    return asked


def commonest(forecast: OfficeForecast) -> str:
    """The language of most visitors, which every mediator there is taken to speak."""
    total = forecast.mean.sum(axis=(0, 2))
    return forecast.languages[int(total.argmax())]


def _clearly_short(row: WaitingRow, report: WaitingReport, tolerance: float) -> bool:
    """Below so much of the target by more than chance explains."""
    return not row.few and row.within.high < tolerance * report.target.share


def _short_hours(
    report: WaitingReport, short: Iterable[str | None]
) -> set[tuple[str | None, datetime | None]]:
    """The hours of arrival in which these languages miss the target."""
    return {
        (row.language, row.hour)
        for row in report.by_language_hour
        if row.language in short and row.within.value < report.target.share
    }


def _one_more_each(
    asked: Sequence[StaffingNeed],
    short: dict[str | None, float],
    worst: set[tuple[str | None, datetime | None]],
    common: str,
) -> list[StaffingNeed]:
    """One more of each language in the hours in which it falls short, the worst first."""
    counts = {(need.start, need.id): need.count for need in asked}
    for need in sorted(asked, key=lambda one: (one.start, short.get(one.id, 1.0), one.id)):
        hour = need.start.replace(minute=0, second=0, microsecond=0)
        if (need.id, hour) not in worst:
            continue
        if need.kind is Kind.LANGUAGE:
            giver = max((common, ANY), key=lambda name: counts.get((need.start, name), 0))
            if counts.get((need.start, giver), 0) <= 1:
                continue
            counts[need.start, giver] -= 1
        counts[need.start, need.id] += 1
    return [_with_count(need, counts[need.start, need.id], short.get(need.id)) for need in asked]


def _with_count(need: StaffingNeed, count: int, within: float | None) -> StaffingNeed:
    if count == need.count:
        return need
    reason = need.reason
    first = within if reason.simulated_within is None else reason.simulated_within
    changed = replace(reason, raised=reason.raised + count - need.count, simulated_within=first)
    return replace(need, count=count, minimum=min(need.minimum, count), reason=changed)


def meeting_exactly(
    needs: Sequence[StaffingNeed], common: str, repertoires: Sequence[frozenset[str]] = ()
) -> list[ServingMediator]:
    """Mediators who meet the needs of a day (not its desks') exactly and no better.

    One for each head asked for at once, with the skills of the repertoires that hold what is
    asked for, one after the other. What nobody there speaks as well as is asked is given to those
    who are there longest, until each half hour that asks for a presence has it.
    """
    slots: defaultdict[tuple[str, int], list[StaffingNeed]] = defaultdict(list)
    for need in needs:
        if need.kind in _HEADS:
            for number in range(need.count):
                slots[need.id, number].append(need)
    speaks = {}
    for (name, number), found in sorted(slots.items()):
        asked = {LANGUAGE_PREFIX + common, *found[0].needs}
        fitting = [one for one in repertoires if asked <= one] or [frozenset(asked)]
        speaks[name, number] = set(fitting[number % len(fitting)])
    there = {unit: {need.start for need in found} for unit, found in slots.items()}
    for language in sorted({need.id for need in needs if need.kind is Kind.PRESENCE}):
        _give_presence(LANGUAGE_PREFIX + language, language, needs, there, speaks)
    return [
        ServingMediator(f"{name}.{number}", frozenset(skills), _spans(slots[name, number]))
        for (name, number), skills in speaks.items()
    ]


def _give_presence(
    skill: str,
    language: str,
    needs: Sequence[StaffingNeed],
    there: dict[tuple[str, int], set[datetime]],
    speaks: dict[tuple[str, int], set[str]],
) -> None:
    lacking: Counter[datetime] = Counter(
        {
            need.start: need.count
            for need in needs
            if need.kind is Kind.PRESENCE and need.id == language
        }
    )
    for unit, starts in there.items():
        if skill in speaks[unit]:
            lacking.subtract(start for start in starts if start in lacking)
    free = [unit for unit in sorted(there) if skill not in speaks[unit]]
    while free and (open_slots := {start for start, left in lacking.items() if left > 0}):
        chosen = max(free, key=lambda unit: (len(there[unit] & open_slots), -len(speaks[unit])))
        if not there[chosen] & open_slots:
            return
        free.remove(chosen)
        speaks[chosen].add(skill)
        lacking.subtract(start for start in there[chosen] if start in lacking)


def _spans(needs: Sequence[StaffingNeed]) -> tuple[tuple[datetime, datetime], ...]:
    found: list[tuple[datetime, datetime]] = []
    for need in sorted(needs, key=lambda one: one.start):
        if found and found[-1][1] == need.start:
            found[-1] = (found[-1][0], need.end)
        else:
            found.append((need.start, need.end))
    return tuple(found)
