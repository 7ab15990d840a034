"""When a session could be: the place is open, the trainers are free; and who cannot come when.

What the times that come of it tell of somebody's leave is told to whoever reads them. So leave
shapes the times only where the asker may know of it (`leave_of`). Of anyone else it counts,
together with field routes, hours not worked, other calendars and wishes, in the ranking and nowhere
else, and only among `LEAST_TO_BLUR` such people or more: of fewer, the order of the times would
tell on them, and so would what a time costs, since who is on leave is missed at no desk. Times for
so few are told in the order of the clock, and nothing is weighed. They keep their place in the
session; only their coordinators read who is on leave then.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import (
    CourseSession,
    CourseTrainer,
    Language,
    Mediator,
    Office,
    PlanningGroup,
    SessionTrainer,
    User,
)
from app.services.checks import SLOT_MINUTES, Faults
from app.services.horizon import monday_of
from app.services.openings import opening_calendar
from app.services.rights import Actor
from app.services.session_clashes import clashes_of, may_know_why, shifts_between
from app.services.session_parts import parts_by_session
from app.services.session_rows import same_place, zone_of_place
from app.services.time_away import leave_between, times_away
from app.services.training_busy import training_spans
from training.placing import candidate_times
from training.records import Interval

A_DAY = dt.timedelta(days=1)
MOST_PEOPLE = 60
MOST_WEEKS = 12
STEP_MINUTES = 60
LEAST_TO_BLUR = 5
"""So many people at least whose leave the asker may not know, for it to count in the ranking."""
EARLIEST, LATEST = 8 * 60, 20 * 60
"""Hours of the wall clock in which an online session may be."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A session to be placed: how long, for whom, within which days, and where."""

    course_id: int
    minutes: int
    first_day: dt.date
    last_day: dt.date
    people: tuple[int, ...]
    office_id: int | None = None
    link: str = ""
    trainer_ids: tuple[int, ...] = ()
    may_split: bool = True
    languages: tuple[str, ...] = ()
    """Codes of the languages it is given in."""
    leave_of: frozenset[int] = frozenset()
    """Mediators whose leave may shape the times, since the asker may know of it."""


def knowable(actor: Actor, wanted: Wanted) -> frozenset[int]:
    """Of the people and the trainers who are mediators, those whose leave the actor may know."""
    rows = Mediator.select().where(
        Mediator.id.in_([*wanted.people, *_mediators_among(wanted.trainer_ids)])
    )
    return frozenset(one.id for one in rows if may_know_why(actor, one))


def check(wanted: Wanted, now: dt.datetime) -> None:
    faults = Faults()
    faults.whole("minutes", wanted.minutes, SLOT_MINUTES, 12 * 60, SLOT_MINUTES)
    today = now.astimezone(ZoneInfo(zone_of_place(wanted.office_id))).date()
    if wanted.first_day <= today:
        faults.add("first_day", wanted.first_day, _("a day to come"))
    if wanted.last_day < wanted.first_day:
        expected = _("not before %(date)s", date=wanted.first_day.isoformat())
        faults.add("last_day", wanted.last_day, expected)
    elif len(weeks_of(wanted)) > MOST_WEEKS:
        faults.add("last_day", wanted.last_day, _("at most %(n)d weeks", n=MOST_WEEKS))
    if wanted.office_id is None and not wanted.link.strip():
        faults.add("office_id", "", _("an office or a link"))
    if wanted.office_id is not None and not Office.get_or_none(Office.id == wanted.office_id):
        faults.add("office_id", wanted.office_id, _("an office"))
    known = Mediator.select().where(Mediator.id.in_(list(wanted.people)), Mediator.active)
    if not wanted.people or known.count() != len(set(wanted.people)):
        faults.add("people", len(wanted.people), _("at least one active mediator"))
    known_languages = {row.code for row in Language.select(Language.code)}
    for index, code in enumerate(wanted.languages):
        faults.one_of(f"languages.{index}", code, known_languages)
    if len(wanted.people) > MOST_PEOPLE:
        faults.add("people", len(wanted.people), _("at most %(n)d people", n=MOST_PEOPLE))
    _check_trainers(faults, wanted)
    faults.raise_any()
    if not candidates_of(wanted):
        faults.add("last_day", wanted.last_day, _("days on which the place is open long enough"))
    faults.raise_any()


def _check_trainers(faults: Faults, wanted: Wanted) -> None:
    """The course's own: the times left over tell when whoever is named works or gives sessions."""
    rows = CourseTrainer.select(CourseTrainer.user).where(CourseTrainer.course == wanted.course_id)
    known = {row.user_id for row in rows}
    for index, user_id in enumerate(wanted.trainer_ids):
        if user_id not in known:
            faults.add(f"trainer_ids.{index}", user_id, _("a trainer of the course"))


def weeks_of(wanted: Wanted) -> list[dt.date]:
    first = monday_of(wanted.first_day)
    count = (monday_of(wanted.last_day) - first).days // 7 + 1
    return [first + dt.timedelta(weeks=index) for index in range(count)]


def groups_of(people: Iterable[int]) -> list[PlanningGroup]:
    """The planning groups in whose rosters these people are."""
    rows = Mediator.select(Mediator, Office).join(Office).where(Mediator.id.in_(list(people)))
    ids = {row.home_office.group_id for row in rows}
    return list(PlanningGroup.select().where(PlanningGroup.id.in_(ids)).order_by(PlanningGroup.id))


def candidates_of(wanted: Wanted) -> tuple[Interval, ...]:
    """Times at which the place is open; online, weekdays from eight to eight."""
    zone = ZoneInfo(zone_of_place(wanted.office_id))
    days = [
        wanted.first_day + dt.timedelta(days=n)
        for n in range((wanted.last_day - wanted.first_day).days + 1)
    ]
    openings: list[Interval] = []
    if wanted.office_id is not None:
        calendar = opening_calendar(Office.get_by_id(wanted.office_id))
        openings = [Interval(start, end) for day in days for start, end in calendar.intervals(day)]
    else:
        for day in days:
            if day.weekday() < 5:
                midnight = dt.datetime.combine(day, dt.time(), zone)
                edges = (midnight + dt.timedelta(minutes=one) for one in (EARLIEST, LATEST))
                start, end = (one.astimezone(dt.UTC) for one in edges)
                openings.append(Interval(start, end))
    times = candidate_times(openings, wanted.minutes, STEP_MINUTES)
    same = CourseSession.select().where(CourseSession.course == wanted.course_id)
    taken = [one.session for one in _given(wanted.trainer_ids)]
    taken += [one for one in same if same_place(one, wanted.office_id, wanted.trainer_ids)]
    given = [Interval(*part.span) for parts in parts_by_session(taken).values() for part in parts]
    if days:
        given += _own_time(wanted, days[0], days[-1])
    return tuple(time for time in times if not any(time.overlaps(one) for one in given))


def _given(trainer_ids: Iterable[int]) -> list[SessionTrainer]:
    """Sessions that the trainers give anyway."""
    query = SessionTrainer.select(SessionTrainer, CourseSession).join(CourseSession)
    return list(query.where(SessionTrainer.user.in_(list(trainer_ids))))


def _mediators_among(trainer_ids: Iterable[int]) -> list[int]:
    users = User.select().where(User.id.in_(list(trainer_ids)), User.mediator.is_null(False))
    return [one.mediator_id for one in users]


def _own_time(wanted: Wanted, first: dt.date, last: dt.date) -> list[Interval]:
    """Published shifts and training of trainers who are mediators themselves; leave where the
    asker may know of it."""
    own = _mediators_among(wanted.trainer_ids)
    since, until = _around(first, last)
    known = [one for one in own if one in wanted.leave_of]
    found = clashes_of(0, known, [(since, until)])
    spans = [
        (one.starts_at, one.ends_at)
        for clashes in found.values()
        for one in clashes
        if one.starts_at is not None and one.ends_at is not None
    ]
    others = [one for one in own if one not in wanted.leave_of]
    spans += [(one.starts_at, one.ends_at) for one in shifts_between(others, since, until)]
    spans += [(one.starts_at, one.ends_at) for one in training_spans(since, until, others)]
    return [Interval(*one) for one in spans]


def busy_of(wanted: Wanted) -> dict[int, list[Interval]]:
    """When people cannot come at all: other sessions, had or given, and approved leave where the
    asker may know of it. Why is not told."""
    since, until = _around(wanted.first_day, wanted.last_day)
    found: dict[int, list[Interval]] = defaultdict(list)
    known = [one for one in wanted.people if one in wanted.leave_of]
    for one in leave_between(known, since, until):
        found[one.mediator_id].append(Interval(one.starts_at, one.ends_at))
    for row in training_spans(since, until, wanted.people):
        found[row.mediator_id].append(Interval(row.starts_at, row.ends_at))
    return found


def away_of(wanted: Wanted) -> dict[int, list[Interval]]:
    """When others could not come, for whatever reason: for the ranking alone, and empty where
    they are too few to hide one among them."""
    if tells_on_few(wanted):
        return {}
    blurred = [one for one in wanted.people if one not in wanted.leave_of]
    found = times_away(blurred, *_around(wanted.first_day, wanted.last_day))
    return {one: [Interval(*span) for span in spans] for one, spans in found.items()}


def tells_on_few(wanted: Wanted) -> bool:
    """Whether the asker may not know of the leave of some, who are too few to hide one among
    them."""
    return 0 < len(set(wanted.people) - wanted.leave_of) < LEAST_TO_BLUR


def _around(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Instants that hold these days on any clock."""
    since = dt.datetime.combine(first, dt.time(), dt.UTC) - A_DAY
    return since, dt.datetime.combine(last, dt.time(), dt.UTC) + 2 * A_DAY
