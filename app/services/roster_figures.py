"""What a published roster came to, counted once and kept: cover by day, wishes and hours owed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.models import Office, Roster, RosterFigures, database
from app.services.cover import RowKey, demand_of
from app.services.cover_labels import languages_in
from app.services.cover_totals import places
from app.services.horizon import Horizon
from app.services.judging import Judged, judge
from app.services.lent_across import is_guest
from solver import problem as sp
from solver.costs.wishes import is_granted
from solver.view import whole_view

ANYONE = "any"
"""Of requirements that ask for no language: at a desk, or of anyone."""


def figures_of(roster: Roster) -> RosterFigures:
    """The kept figures of a roster that is published or was; counted at the first question."""
    found = RosterFigures.get_or_none(RosterFigures.roster == roster)
    if found is not None:
        return found
    judged = judge(roster)
    with database.atomic():
        RosterFigures.insert(
            roster=roster, cover=list(_cover(roster, judged)), wishes=list(_people(judged))
        ).on_conflict_ignore().execute()
    return RosterFigures.get(RosterFigures.roster == roster)


def label_of(key: RowKey) -> str:
    """The language that a requirement asks for; several joined; `any` for none."""
    return "+".join(sorted(languages_in(key.needs))) or ANYONE


def _cover(roster: Roster, judged: Judged) -> Iterable[list[str | int]]:
    """[office code, label, local date, needed minutes, missing minutes]."""
    horizon = Horizon(roster.week_starts_on, slot_minutes=judged.problem.slot_minutes)
    offices = {one.code: one for one in Office.select()}
    for office in (offices.get(one.id) for one in judged.problem.offices):
        if office is None:
            continue
        zone = ZoneInfo(office.zone)
        needed: Counter[tuple[str, str]] = Counter()
        missing: Counter[tuple[str, str]] = Counter()
        for key, slot, cover in places(demand_of(office, horizon, judged)):
            day = horizon.instant(slot).astimezone(zone).date().isoformat()
            needed[label_of(key), day] += cover.needed * horizon.slot_minutes
            missing[label_of(key), day] += (cover.missing or 0) * horizon.slot_minutes
        for (label, day), minutes in sorted(needed.items()):
            yield [office.code, label, day, minutes, missing[label, day]]


def _people(judged: Judged) -> Iterable[list[str | int]]:
    """[mediator code, wishes, met, minutes owed], as the judge counts wishes."""
    problem = judged.problem
    view = whole_view(problem, judged.assignments)
    asked: defaultdict[str, list[bool]] = defaultdict(list)
    for duty in view.duties:
        asked[duty.mediator.id] = [is_granted(wish, duty) for wish in duty.mediator.wishes]
    for one in problem.mediators:
        if is_guest(one, problem.days[-1].end):
            # Lent by another group, whose roster counts their week.
            continue
        yield [one.id, len(asked[one.id]), sum(asked[one.id]), _owed(one, problem)]


def _owed(mediator: sp.Mediator, problem: sp.Problem) -> int:
    return sum(week.min_slots for week in mediator.weeks) * problem.slot_minutes
