"""The support desks of an office on one page: what each asks, who may sit there, what is kept."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from app.models import Arrival, Certification, CertificationKind, Office, OfficeKind
from app.services.cover import serving
from app.services.field_cover import missing_of
from app.services.horizon import Horizon, monday_of
from app.services.judging import Judged, judge
from app.services.mediators import MediatorView, list_mediators
from app.services.names import in_readers_language
from app.services.office_pages import office_to_edit
from app.services.places import DeskFacts, OfficeView
from app.services.requirements import REFERRALS
from app.services.rights import Actor
from app.services.standing import latest_roster
from solver import problem as sp
from solver.view import facts_of

VISITS_WEEKS = 4


@dataclass(frozen=True, slots=True)
class DeskLine:
    desk: DeskFacts
    certification: str
    """By name; empty where anyone may sit there."""
    holders: tuple[str, ...]
    """Who may work at the office and holds it today, by name."""
    needed_minutes: int
    """Mediator-minutes that the week's roster asks for at the desk; of no roster, none."""
    missing_minutes: int
    visits: int
    """Visitors with that need in the last four weeks."""

    @property
    def kept_share(self) -> float | None:
        if not self.needed_minutes:
            return None
        return 1 - self.missing_minutes / self.needed_minutes


@dataclass(frozen=True, slots=True)
class Compulsory:
    """A certification that everybody at a telephone service holds."""

    name: str
    holders: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskPage:
    office: OfficeView
    week: dt.date
    has_roster: bool
    lines: tuple[DeskLine, ...]
    compulsory: tuple[Compulsory, ...]
    people: int
    """Who may work at the office."""


def desk_page(actor: Actor, office_id: int, now: dt.datetime) -> DeskPage:
    """The desks of an office the actor coordinates, with this week's cover, or the next week's
    where this one has no roster. Raises NotFound, Forbidden."""
    view = office_to_edit(actor, office_id)
    office = Office.get_by_id(office_id)
    week, judged = _roster(office, now)
    people = list_mediators(actor, office_id)
    held = _held(people, _today(office, now))
    names = {
        row.code: in_readers_language(row.name_pt, row.name_en)
        for row in CertificationKind.select()
    }
    cover = _cover(office, week, judged) if judged else {}
    visits = _visits(office, now)

    def holders(kind: str) -> tuple[str, ...]:
        return tuple(one.called_name or one.name for one in people if one.id in held[kind])

    return DeskPage(
        office=view,
        week=week,
        has_roster=judged is not None,
        lines=tuple(
            DeskLine(
                desk=desk,
                certification=names.get(desk.certification or "", ""),
                holders=holders(desk.certification) if desk.certification else (),
                needed_minutes=cover.get(desk.need, (0, 0))[0],
                missing_minutes=cover.get(desk.need, (0, 0))[1],
                visits=visits[desk.need],
            )
            for desk in sorted(view.desks, key=lambda one: bool(one.partner))
        ),
        compulsory=_compulsory(view, people, held, names),
        people=len(people),
    )


def _compulsory(
    office: OfficeView,
    people: Iterable[MediatorView],
    held: defaultdict[str, set[int]],
    names: dict[str, str],
) -> tuple[Compulsory, ...]:
    if office.kind != OfficeKind.TELEPHONE:
        return ()
    made = []
    for skill in REFERRALS:
        kind = skill.removeprefix("cert:")
        told: dict[bool, list[str]] = {True: [], False: []}
        for one in people:
            told[one.id in held[kind]].append(one.called_name or one.name)
        made.append(Compulsory(names.get(kind, kind), tuple(told[True]), tuple(told[False])))
    return tuple(made)


def _roster(office: Office, now: dt.datetime) -> tuple[dt.date, Judged | None]:
    this_week = monday_of(_today(office, now))
    for week in (this_week, this_week + dt.timedelta(days=7)):
        roster = latest_roster(office.group_id, week)
        if roster is not None and roster.problem_json:
            return week, judge(roster)
    return this_week, None


def _today(office: Office, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(office.zone)).date()


def _held(people: Iterable[MediatorView], today: dt.date) -> defaultdict[str, set[int]]:
    """Kind → who of the people holds it today."""
    query = Certification.select(Certification.mediator, Certification.kind).where(
        Certification.mediator.in_([one.id for one in people]),
        Certification.withdrawn_at.is_null(),
        Certification.valid_from <= today,
        Certification.valid_until.is_null() | (Certification.valid_until >= today),
    )
    found: defaultdict[str, set[int]] = defaultdict(set)
    for row in query:
        found[row.kind_id].add(row.mediator_id)
    return found


def _cover(office: Office, week: dt.date, judged: Judged) -> dict[str, tuple[int, int]]:
    """Label → minutes asked for and missing at the office, by the counting of least cost.

    Two desks may ask for the same certification, so that they are told apart by what each
    requirement is for, which its id says (`app.services.problems`).
    """
    problem = judged.problem
    place = next(
        (index for index, one in enumerate(problem.offices) if one.id == office.code), None
    )
    if place is None:
        return {}
    counting = facts_of(problem).cover
    served = serving(problem, judged.assignments)[office.code]
    asked: defaultdict[int, list[tuple[str, sp.Requirement]]] = defaultdict(list)
    for need in problem.requirements:
        if need.office == office.code and need.exclusive:
            label = need.id.split(".")[2]
            for slot in range(need.start, need.end):
                asked[slot].append((label, need))
    minutes = Horizon(week).slot_minutes
    needed, missing = Counter[str](), Counter[str]()
    for slot, needs in asked.items():
        met = Counter(counting.serves(place, slot, served.get(slot, [])).values())
        for index, (label, need) in enumerate(needs):
            needed[label] += need.count * minutes
            missing[label] += missing_of(need, met[index]) * minutes
    return {label: (needed[label], missing[label]) for label in needed}


def _visits(office: Office, now: dt.datetime) -> Counter[str]:
    rows: Any = (
        Arrival.select(Arrival.need, fn.SUM(Arrival.count))
        .where(
            Arrival.office == office,
            Arrival.starts_at >= now - dt.timedelta(weeks=VISITS_WEEKS),
            Arrival.starts_at < now,
        )
        .group_by(Arrival.need)
    )
    return Counter({need: int(count) for need, count in rows.tuples()})
