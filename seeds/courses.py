"""The demonstration's courses, what its people have completed, and the sessions to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from dateutil.relativedelta import relativedelta

from app.models import CompletionResult, Office
from app.services import training
from app.services.openings import opening_calendar
from app.services.rights import Actor
from app.services.training import CourseFacts, SessionFacts
from app.services.training_records import rule_book
from seeds.accounts import Login
from seeds.days import working_day
from seeds.staff import Person, wall_instant
from seeds.tables import Row, monday_after, read_table

SEED = 40
"""Hours of training a year (CT 131)."""
RECEPTION = "reception"
CENTRES = ("lisbon", "porto", "faro")
REFERRALS = ("violence", "trafficking", "fgm")
"""Whoever answers the telephone holds all three (the case, question 10), and so does a third of
the centres' other people: in quiet hours they can help it from where they are."""
NEEDS_FIRST = {"indebted": "social", "entrepreneurship": "employment"}
FGM_COMMUNITIES = ("guinea", "guinea-fula", "guinea-mandinka", "senegal")
SOON_SHARE, EXPIRED_SHARE, FAILED_FIRST_SHARE = 0.12, 0.08, 0.05
DAYS_TO_FIRST_COURSE = 20
DAYS_TO_OTHERS = 60
RENEWED_AHEAD_DAYS = 60


@dataclass(frozen=True, slots=True)
class _Kind:
    code: str
    course: str
    months: int | None


def load_courses(actor: Actor, logins: tuple[Login, ...], now: dt.datetime) -> dict[str, int]:
    """Every course with its trainer; ids by code."""
    users = {login.email: login.user_id for login in logins}
    ids = {}
    for row in read_table("courses"):
        course = CourseFacts(
            code=row["code"],
            title_pt=row["title_pt"],
            title_en=row["title_en"],
            minutes=int(row["minutes"]),
            outcomes=row["outcomes"],
            certification=row["certification"],
            programme=row["programme"],
            requires=tuple(row["requires"].split()),
            trainer_ids=(users[row["trainer"]],),
        )
        ids[row["code"]] = training.create_course(actor, course, now)
    return ids


def load_certifications(
    actor: Actor, courses: dict[str, int], staff: list[Person], today: dt.date, now: dt.datetime
) -> int:
    """Completions of everyone, which issue and renew certifications; how many were recorded.

    About one in eight certifications ends within six weeks, one in twelve has ended; the
    telephone service's referrals stand. One legal certification in Lisbon ends on the Wednesday
    of the coming week.
    """
    rng = np.random.Generator(np.random.PCG64(SEED))
    kinds, book = _kinds(), rule_book()
    recorded = 0
    for person, place in _places(staff):
        for code in _held_by(person, place):
            kind = kinds[code]
            for completed_on, result in _history(rng, person, place, kind, today):
                training.record_completion(
                    actor, courses[kind.course], person.id, completed_on, result, now, book=book
                )
                recorded += 1
    return recorded


def load_sessions(
    actor: Actor,
    courses: dict[str, int],
    offices: dict[str, int],
    staff: list[Person],
    today: dt.date,
    now: dt.datetime,
) -> int:
    """Sessions of the coming weeks with who is enrolled; how many."""
    by_code = {person.code: person for person in staff}
    for row in read_table("sessions"):
        session = session_of(row, courses, offices, today)
        session_id = training.create_session(actor, session, now)
        for code in row["mediators"].split():
            training.enrol(actor, session_id, by_code[code].id, now)
    return len(read_table("sessions"))


def session_of(
    row: Row, courses: dict[str, int], offices: dict[str, int], today: dt.date
) -> SessionFacts:
    """What a row of the sessions' tables says, its day counted from the coming Monday.

    On a holiday of a centre nobody is trained: the session is on the next working day, or, of
    those held already, on the last one before.
    """
    monday = monday_after(today)
    calendars = [opening_calendar(Office.get_by_id(offices[one])) for one in CENTRES]
    date = monday + dt.timedelta(days=int(row["day"]))
    date = working_day(date, calendars, 1 if date >= today else -1)
    day = (date - monday).days
    return SessionFacts(
        course_id=courses[row["course"]],
        starts_at=wall_instant(monday, day, row["from"]),
        ends_at=wall_instant(monday, day, row["until"]),
        office_id=offices.get(row["office"]),
        link=row["link"],
        capacity=int(row["capacity"]),
        languages=("pt",),
    )


def _kinds() -> dict[str, _Kind]:
    months = {row["code"]: row["validity_months"] for row in read_table("certification_kinds")}
    return {
        row["certification"]: _Kind(
            row["certification"], row["code"], int(months[row["certification"]] or 0) or None
        )
        for row in read_table("courses")
    }


def _places(staff: list[Person]) -> Iterator[tuple[Person, int]]:
    """Everyone with their place in the home office's list, counted from 0."""
    seen: dict[str, int] = {}
    for person in staff:
        place = seen.get(person.home, 0)
        seen[person.home] = place + 1
        yield person, place


def _held_by(person: Person, place: int) -> list[str]:
    """Kinds of certification, each after those it requires."""
    if person.home == "telephone":
        return [RECEPTION, *REFERRALS, *(["legal"] if place % 2 else ["social"])]
    if person.home in CENTRES:
        return [RECEPTION, *_centre_kinds(person, place)]
    desk = ["social", "violence"] if place % 2 else ["legal", "trafficking"]
    return [RECEPTION, *desk]


def _centre_kinds(person: Person, place: int) -> list[str]:
    kinds = [("legal", "social", "employment")[place % 3]]
    kinds += [after for after, first in NEEDS_FIRST.items() if first in kinds and place % 2]
    if place % 4 == 0:
        kinds.append("education")
    if person.answers or place % 3 == 0:
        return [*kinds, *REFERRALS]
    if place % 2 == 0:
        kinds.append("violence")
    if place % 4 == 1:
        kinds.append("trafficking")
    if place % 5 == 3 or person.community in FGM_COMMUNITIES:
        kinds.append("fgm")
    return kinds


def _history(
    rng: np.random.Generator, person: Person, place: int, kind: _Kind, today: dt.date
) -> list[tuple[dt.date, CompletionResult]]:
    """The days on which a person completed a kind's course, the earliest first."""
    passed, failed = CompletionResult.PASSED, CompletionResult.FAILED
    luck, spread, failure = rng.random(3).tolist()
    if kind.code == RECEPTION:
        return [(person.starts_on + dt.timedelta(days=DAYS_TO_FIRST_COURSE), passed)]
    first_day = person.starts_on + dt.timedelta(days=DAYS_TO_OTHERS)
    if kind.code in NEEDS_FIRST:
        return [(today - dt.timedelta(days=5 + int(spread * 20)), passed)]
    months = relativedelta(months=kind.months or 0)
    completed_on, ahead = _last_completion(luck, spread, person, place, kind, today)
    completed_on = max(first_day, completed_on)
    results = [(completed_on, passed)]
    earlier = completed_on - months + dt.timedelta(days=ahead)
    if earlier >= first_day:
        results.insert(0, (earlier, passed))
    elif failure < FAILED_FIRST_SHARE and completed_on - dt.timedelta(days=40) >= first_day:
        results.insert(0, (completed_on - dt.timedelta(days=40), failed))
    return results


def _last_completion(
    luck: float, spread: float, person: Person, place: int, kind: _Kind, today: dt.date
) -> tuple[dt.date, int]:
    """When the last completion was, and how many days before its end it renewed an earlier one:
    most in the last years, some so that it ends soon or has ended."""
    if (person.home, place, kind.code) == ("lisbon", 3, "legal"):
        wednesday = monday_after(today) + dt.timedelta(days=2)
        return _completed_for(wednesday, kind), 0
    if luck < SOON_SHARE:
        return _completed_for(today + dt.timedelta(days=3 + int(spread * 40)), kind), 0
    if luck < SOON_SHARE + EXPIRED_SHARE and not person.answers:
        return _completed_for(today - dt.timedelta(days=10 + int(spread * 110)), kind), 0
    ahead = int(spread * RENEWED_AHEAD_DAYS)
    return today - dt.timedelta(days=30 + int(spread * 540)), ahead


def _completed_for(last_day: dt.date, kind: _Kind) -> dt.date:
    """The completion whose certification counts through `last_day`."""
    completed_on: dt.date = last_day + dt.timedelta(days=1) - relativedelta(months=kind.months or 0)
    return completed_on
