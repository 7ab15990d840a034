"""Drafts of one week beside one another: what each of them gives."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.models import Office, Roster, RosterStatus
from app.services import waiting
from app.services.cover import demand_of, skill_names
from app.services.cover_labels import LANGUAGE, languages_in
from app.services.cover_totals import CoverTotals, places, totals_of
from app.services.errors import NotFound
from app.services.horizon import Horizon
from app.services.judging import Judged, judge
from app.services.names import sorting_key
from app.services.office_choice import OfficeChoice, office_of
from app.services.rights import Actor, require_coordinator
from app.services.roster_changes import changes_between
from app.services.standing import current_roster, in_hand, versions_of
from solver.costs.wishes import is_granted
from solver.view import whole_view

MOST_COMPARED = 8
"""Scenarios that one table can hold."""
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Wait:
    """The simulated wait of a week at one office, over all visitors."""

    within_share: float
    """Of the visitors, those received within the target."""
    target_share: float
    target_minutes: int
    mean_minutes: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version and what it gives; times in mediator-minutes over the whole group."""

    id: int
    version: int
    name: str
    status: RosterStatus
    in_hand: bool
    created_at: dt.datetime
    options: dict[str, Any]
    """What it was asked for; empty when it was not built."""
    totals: CoverTotals
    missing_by_language: dict[str, int]
    """Language code → minutes missing; `""` for what asks for no language."""
    wait: Wait | None
    """At the office in view; None while it was not simulated."""
    worked_minutes: int
    unworked_minutes: int
    """Owed by contract and not given."""
    wishes_met: int
    wishes: int
    evenings: int
    saturdays: int
    most_unsocial: int
    """Evenings and Saturdays of whoever has most."""
    beyond_share: int
    """Evenings and Saturdays beyond anybody's fair share."""
    changed_people: int
    changed_days: int
    """From what is published; while nothing is, from the scenario in hand."""
    cost: int
    bound: int | None
    faults: int

    @property
    def needed_minutes(self) -> int:
        return self.totals.needed_minutes

    @property
    def missing_minutes(self) -> int:
        return self.totals.missing_minutes

    @property
    def gap_percent(self) -> float | None:
        """How much of the cost could be saved at most, in percent."""
        if self.bound is None:
            return None
        return 100 * max(0, self.cost - self.bound) / max(1, self.cost)


@dataclass(frozen=True, slots=True)
class ScenariosView:
    office: OfficeChoice
    """Whose waits are told."""
    group_id: int
    week: dt.date
    scenarios: tuple[Scenario, ...]
    """The one in hand first, then the newest."""
    languages: tuple[tuple[str, str], ...]
    """Code and name of each language missing in any, by name; `""` last."""
    published: int | None
    """The version that is published."""
    compared_with: int | None
    """The version that changes are counted from; None where there is none."""
    put_aside: tuple[Roster, ...]
    left_out: int
    """Scenarios beyond the most that are compared."""


def scenarios_view(actor: Actor, office_code: str | None, week: dt.date) -> ScenariosView:
    """The drafts and the published version of a week, compared. Network coordinators only."""
    require_coordinator(actor)
    office, _choices = office_of(actor, office_code)
    if week.weekday() != 0:
        raise NotFound
    versions = versions_of(office.group_id, week)
    standing = [
        one
        for one in versions
        if one.status != RosterStatus.SUPERSEDED and one.discarded_at is None
    ]
    held = in_hand(versions)
    standing.sort(key=lambda one: (one.id != (held.id if held else None), -one.version))
    published = current_roster(office.group_id, week)
    measure = published or held
    offices = list(
        Office.select()
        .where(Office.group == office.group_id, Office.active)
        .order_by(Office.position)
    )
    made = [
        _scenario(Roster.get_by_id(one.id), held, measure, offices, office)
        for one in standing[:MOST_COMPARED]
    ]
    return ScenariosView(
        office=OfficeChoice(office.code, office.name),
        group_id=office.group_id,
        week=week,
        scenarios=tuple(made),
        languages=_languages(made),
        published=published.version if published else None,
        compared_with=measure.version if measure else None,
        put_aside=tuple(one for one in versions if one.discarded_at is not None),
        left_out=max(0, len(standing) - MOST_COMPARED),
    )


def ask_waits(actor: Actor, office_code: str, week: dt.date, now: dt.datetime) -> int:
    """Queue the simulated wait at an office of every scenario that has none; how many were."""
    view = scenarios_view(actor, office_code, week)
    wanted = [one.id for one in view.scenarios if one.wait is None]
    for roster_id in wanted:
        waiting.ask_simulation(actor, office_code, week, roster_id, 1, "", now)
    return len(wanted)


def _scenario(
    roster: Roster,
    held: Roster | None,
    measure: Roster | None,
    offices: Iterable[Office],
    office: Office,
) -> Scenario:
    judged = judge(roster)
    totals, missing = _cover(judged, roster.week_starts_on, offices)
    people = _people(judged)
    changes = changes_between(measure, roster) if measure and measure.id != roster.id else ()
    return Scenario(
        id=roster.id,
        version=roster.version,
        name=roster.name,
        status=roster.status,
        in_hand=held is not None and held.id == roster.id,
        created_at=roster.created_at,
        options=dict(roster.options),
        totals=totals,
        missing_by_language=missing,
        wait=_wait(office, roster),
        cost=judged.judgement.cost,
        bound=roster.bound,
        faults=len(judged.faults),
        changed_people=len({one.mediator_id for one in changes}),
        changed_days=len(changes),
        **people,
    )


def _cover(
    judged: Judged, week: dt.date, offices: Iterable[Office]
) -> tuple[CoverTotals, dict[str, int]]:
    horizon = Horizon(week)
    built_for = {one.id for one in judged.problem.offices}
    totals = CoverTotals()
    missing: Counter[str] = Counter()
    for office in offices:
        if office.code not in built_for:
            continue
        demand = demand_of(office, horizon, judged)
        totals += totals_of(demand)
        for key, _slot, cover in places(demand):
            missing[next(iter(languages_in(key.needs)), "")] += cover.missing or 0
    step = horizon.slot_minutes
    return totals, {code: slots * step for code, slots in missing.items() if slots}


def _people(judged: Judged) -> dict[str, int]:
    """What the roster gives its people, added up."""
    problem = judged.problem
    view = whole_view(problem, judged.assignments)
    found: Counter[str] = Counter()
    most = 0
    for duty in view.duties:
        own = duty.mediator
        worked = sum(len(shift.worked) for shift in duty.shifts)
        owed = own.weeks[0].min_slots
        found["worked_minutes"] += worked * problem.slot_minutes
        found["unworked_minutes"] += (
            max(0, owed - duty.slots_in(range(view.facts.day_count))) * problem.slot_minutes
        )
        found["wishes"] += len(own.wishes)
        found["wishes_met"] += sum(is_granted(wish, duty) for wish in own.wishes)
        unsocial = [shift for shift in duty.shifts if shift.unsocial]
        dates = [dt.date.fromisoformat(problem.days[one.day].date) for one in unsocial]
        weekend = sum(date.weekday() >= SATURDAY for date in dates)
        found["saturdays"] += weekend
        found["evenings"] += len(unsocial) - weekend
        found["beyond_share"] += max(0, len(unsocial) - own.unsocial.free)
        most = max(most, len(unsocial))
    names = [
        "worked_minutes",
        "unworked_minutes",
        "wishes",
        "wishes_met",
        "saturdays",
        "evenings",
        "beyond_share",
    ]
    return {**{name: found[name] for name in names}, "most_unsocial": most}


def _wait(office: Office, roster: Roster) -> Wait | None:
    days = waiting.simulated(office, roster)
    visitors = sum(one["overall"]["visitors"] for one in days)
    if not visitors:
        return None

    def mean(name: str) -> float:
        total = sum(one["overall"]["visitors"] * (one["overall"][name][0] or 0) for one in days)
        return float(total / visitors)

    return Wait(
        within_share=mean("within"),
        target_share=days[0]["target_share"],
        target_minutes=days[0]["target_minutes"],
        mean_minutes=mean("wait"),
    )


def _languages(made: Iterable[Scenario]) -> tuple[tuple[str, str], ...]:
    names = skill_names()
    found = {code for one in made for code in one.missing_by_language}
    told = [(code, names.get(f"{LANGUAGE}{code}", code)) for code in found if code]
    told.sort(key=lambda one: sorting_key(one[1]))
    return tuple(told) + ((("", ""),) if "" in found else ())
