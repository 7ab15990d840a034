"""Training in figures: hours against the yearly right, results, satisfaction, and the export that
reports to the programme's funders ask for. The export names nobody."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.i18n import _
from app.models import (
    Association,
    Completion,
    CompletionResult,
    Course,
    Gender,
    Language,
    Mediator,
    MediatorLanguage,
    SessionOpinion,
    database,
)
from app.services import audit
from app.services.errors import Forbidden, NotFound
from app.services.horizon import network_date
from app.services.names import in_readers_language
from app.services.opinions import summed
from app.services.rights import Actor, require_coordinator
from app.services.session_parts import minutes_by_day, sessions_with_dates
from app.services.sheets_out import OutTable
from training.hours import (
    RIGHT_MINUTES,
    AssociationHours,
    Attendance,
    Engagement,
    PersonHours,
    YearOfHours,
    hours_of_year,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What training came to in a year, of a course or of a group of people."""

    name: str
    people: int
    passed: int
    failed: int
    minutes: int
    opinions: int | None = None
    """None where opinions cannot be told apart by it."""
    mean_tenths: int | None = None


@dataclass(frozen=True, slots=True)
class HoursPage:
    year: int
    this_year: int
    right_minutes: int
    people: tuple[PersonHours, ...]
    """Most owed first."""
    associations: tuple[AssociationHours, ...]
    names: dict[int, str]
    courses: tuple[Line, ...]
    """Empty for who may only see their own people."""
    may_export: bool


@dataclass(frozen=True, slots=True)
class _Attended:
    """What of a result lies in a year: its minutes then, and whether the result is of that year."""

    row: Completion
    on: dt.date
    minutes: int
    counts: bool


def hours_page(actor: Actor, year: int | None, now: dt.datetime) -> HoursPage:
    """A year of training: of all for the network's coordinators, of their offices' or association's
    people for others. Raises Forbidden for anyone else."""
    people = _people(actor)
    this_year = network_date(now).year
    year = year if year is not None and 2000 <= year <= this_year else this_year
    attended = _attended(year)
    found = _hours(year, people, attended)
    everything = actor.is_coordinator and actor.office_ids is None
    return HoursPage(
        year=year,
        this_year=this_year,
        right_minutes=RIGHT_MINUTES,
        people=found.people,
        associations=found.associations,
        names={one.id: one.called_name or one.name for one in people},
        courses=_by_course(attended) if everything else (),
        may_export=everything,
    )


def own_hours(actor: Actor, now: dt.datetime) -> PersonHours | None:
    """The actor's own year of training so far; None for who is no mediator or not engaged."""
    if actor.mediator_id is None:
        return None
    year = network_date(now).year
    rows = Mediator.select(Mediator, Association).join(Association)
    own = list(rows.where(Mediator.id == actor.mediator_id))
    return next(iter(_hours(year, own, _attended(year)).people), None)


def funders_tables(actor: Actor, year: int, now: dt.datetime) -> tuple[OutTable, ...]:
    """One table of everything, as CSV wants it, and then one by each of course, language, gender
    and association. Network coordinators only; noted in the audit log."""
    require_coordinator(actor)
    attended = _attended(year)
    parts = (
        (_("course"), _by_course(attended)),
        (_("language"), _by_language(attended)),
        (_("gender"), _by_gender(attended)),
        (_("association"), _by_association(attended)),
    )
    header = (
        _("year"),
        _("by"),
        _("what"),
        _("people"),
        _("passed"),
        _("not passed"),
        _("minutes attended"),
        _("opinions"),
        _("satisfaction, 1 to 5"),
    )
    rows = {title: tuple(_row(year, title, one) for one in lines) for title, lines in parts}
    with database.atomic():
        audit.record(actor, "training.export", "training", year, now)
    together = tuple(row for listed in rows.values() for row in listed)
    return (
        OutTable(_("Training"), header, together),
        *(OutTable(title, header, listed) for title, listed in rows.items()),
    )


def _hours(year: int, people: list[Mediator], attended: list[_Attended]) -> YearOfHours:
    return hours_of_year(
        year,
        [
            Engagement(one.id, one.association.name, one.starts_on, one.ends_on)
            for one in people
            if one.ends_on is None or one.ends_on >= one.starts_on
        ],
        [Attendance(one.row.mediator_id, one.on, one.minutes) for one in attended],
    )


def _row(year: int, title: str, one: Line) -> tuple[int | str | float | None, ...]:
    mean = None if one.mean_tenths is None else one.mean_tenths / 10
    return (year, title, one.name, one.people, one.passed, one.failed, one.minutes, one.opinions,
            mean)  # fmt: skip


def _people(actor: Actor) -> list[Mediator]:
    query = Mediator.select(Mediator, Association).join(Association)
    if actor.is_coordinator:
        if actor.office_ids is not None:
            query = query.where(Mediator.home_office.in_(list(actor.office_ids)))
    elif actor.association_ids:
        query = query.where(Mediator.association.in_(list(actor.association_ids)))
    else:
        raise Forbidden
    return list(query.order_by(Mediator.name))


def _attended(year: int) -> list[_Attended]:
    """What was attended in a year; corrected results count as corrected, who did not come does
    not. Dates of a session that lie in the year have their share of its minutes. Raises NotFound
    for a year that no calendar has."""
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise NotFound
    query = Completion.select(Completion, Course, Mediator).join(Course)
    query = query.switch(Completion).join(Mediator)
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    of_year = (Completion.completed_on >= first) & (Completion.completed_on <= last)
    rows = list(
        query.where(
            Completion.replaced_at.is_null(),
            Completion.result != CompletionResult.ABSENT,
            of_year | Completion.session.in_(sessions_with_dates(first, last)),
        )
    )
    days = minutes_by_day({row.session_id for row in rows if row.session_id is not None})
    found = (_share(row, year, days.get(row.session_id, {})) for row in rows)
    return [one for one in found if one is not None]


def _share(row: Completion, year: int, days: dict[dt.date, int]) -> _Attended | None:
    """What of a result lies in the year; `days` are the minutes of its session's dates, empty
    where it has but one."""
    counts = row.completed_on.year == year
    if not days:
        return _Attended(row, row.completed_on, _minutes(row), counts)
    on = max((day for day in days if day.year == year), default=None)
    if on is None and not counts:
        return None
    # From the beginning up to the year and through it, so that the years add up to the whole.
    before, through = (
        _minutes(row)
        * sum(minutes for day, minutes in days.items() if day.year < until)
        // sum(days.values())
        for until in (year, year + 1)
    )
    return _Attended(row, on or row.completed_on, through - before, counts)


def _minutes(row: Completion) -> int:
    """Attended where somebody counted; else as long as the course for who has passed it, and
    nothing for others: who failed may have left, and a right is not met by a guess."""
    if row.minutes is not None:
        return int(row.minutes)
    return int(row.course.minutes) if row.result == CompletionResult.PASSED else 0


def _by_course(attended: list[_Attended]) -> tuple[Line, ...]:
    titles = {
        row.id: f"{row.code} v{row.version} {in_readers_language(row.title_pt, row.title_en)}"
        for row in Course.select()
    }
    groups: dict[int, list[_Attended]] = defaultdict(list)
    for one in attended:
        groups[one.row.course_id].append(one)
    lines = []
    for course_id, rows in groups.items():
        sessions = {
            one.row.session_id for one in rows if one.counts and one.row.session_id is not None
        }
        opinions = SessionOpinion.select().where(SessionOpinion.session.in_(list(sessions)))
        thought = summed(list(opinions))
        line = _line(titles[course_id], rows, thought.count, thought.mean_tenths)
        lines.append(line)
    return tuple(sorted(lines, key=lambda one: one.name))


def _by_language(attended: list[_Attended]) -> tuple[Line, ...]:
    """A person counts for each of their languages."""
    names = {row.code: in_readers_language(row.name_pt, row.name_en) for row in Language.select()}
    spoken: dict[int, list[str]] = defaultdict(list)
    for row in MediatorLanguage.select():
        spoken[row.mediator_id].append(row.language_id)
    return _grouped((names[code], one) for one in attended for code in spoken[one.row.mediator_id])


def _by_gender(attended: list[_Attended]) -> tuple[Line, ...]:
    words: dict[str, str] = {
        Gender.WOMAN: _("woman"),
        Gender.MAN: _("man"),
        Gender.OTHER: _("other"),
    }
    given = ((words.get(one.row.mediator.gender), one) for one in attended)
    return _grouped((name or _("not given"), one) for name, one in given)


def _by_association(attended: list[_Attended]) -> tuple[Line, ...]:
    names = {row.id: row.name for row in Association.select()}
    return _grouped((names[one.row.mediator.association_id], one) for one in attended)


def _grouped(pairs: Iterable[tuple[str, _Attended]]) -> tuple[Line, ...]:
    groups: dict[str, list[_Attended]] = defaultdict(list)
    for name, one in pairs:
        groups[name].append(one)
    lines = [_line(name, rows) for name, rows in groups.items()]
    return tuple(sorted(lines, key=lambda one: one.name))


def _line(
    name: str, rows: list[_Attended], opinions: int | None = None, mean_tenths: int | None = None
) -> Line:
    results = [one.row.result for one in rows if one.counts]
    passed = sum(one == CompletionResult.PASSED for one in results)
    return Line(
        name=name,
        people=len({one.row.mediator_id for one in rows}),
        passed=passed,
        failed=len(results) - passed,
        minutes=sum(one.minutes for one in rows),
        opinions=opinions,
        mean_tenths=mean_tenths,
    )
